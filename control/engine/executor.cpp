#include "engine/executor.hpp"

#include <stdexcept>

namespace holdfast::engine {
namespace {

// Better to end in words and be started again than by SIGBUS in the middle of a commit.
constexpr const char* kNoMemory =
    "no shared memory is left for the checkpoint: free some in the file system of --shm-dir (usually /dev/shm)";

}  // namespace

void Executor::apply(const Step& step) {
  changes_.clear();
  for (const RecordChange& change : step.changes) {
    const auto table = static_cast<std::uint16_t>(change.table);
    if (!change.bytes.empty() && !store_.reserve(table, change.index)) throw std::runtime_error(kNoMemory);
    changes_.push_back({table, change.index, change.bytes});
  }

  const checkpoint::Committed done = store_.commit(changes_);  // a crash before this line: the event never happened
  if (follower_ != nullptr && !changes_.empty()) follower_->committed(store_.last_transaction(), done);
  forwarder_.apply({step.table_ops.begin(), step.table_ops.size()}, done);
  for (const Send& send : step.sends) wire_.send(send, done);  // a crash before this line: restoring sends it again
  for (const Timer& timer : step.timers) timers_.arm(timer);
  for (const Notice& notice : step.notices) reporter_.report(notice);
}

}  // namespace holdfast::engine
