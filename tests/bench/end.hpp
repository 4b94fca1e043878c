// One end of the benchmark of calls: the engine, with the executor over a checkpoint or over plain memory, and the
// deadlines as the daemon keeps them. What it sends waits until it is taken.
#pragma once

#include "engine/engine.hpp"
#include "engine/executor.hpp"
#include "io/timer_queue.hpp"
#include "plain_records.hpp"
#include "wire/counting_entropy.hpp"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace holdfast::bench {

enum class Keep : std::uint8_t { checkpoint, plain };

// Where the records are. Of a checkpoint: the region's file, which goes with the end; its memory is taken beforehand,
// or when it is touched.
struct Place {
  Keep keep = Keep::checkpoint;
  std::filesystem::path file{};
  checkpoint::Pages pages = checkpoint::Pages::up_front;
};

class End final : public engine::Forwarder, public engine::Wire, public engine::Timers, public engine::Reporter {
 public:
  End(const config::Config& config, const Place& place, const engine::Capacity& capacity);
  ~End() override;
  End(const End&) = delete;

  void handle(TimePoint now, const engine::Event& event);
  void expire(TimePoint now);
  TimePoint next_due() const { return timers_.next(); }

  // Control messages in the order in which they were sent; valid until clear_sent().
  struct Sent {
    std::uint32_t offset;
    std::uint32_t length;
  };
  bool silent() const { return sent_.empty(); }
  std::size_t sent() const { return sent_.size(); }
  Octets sent(std::size_t i) const { return Octets(octets_).subspan(sent_[i].offset, sent_[i].length); }
  void clear_sent() {
    sent_.clear();
    octets_.clear();
  }
  // From now on every commit is timed, in nanoseconds; empty steps commit nothing and are left out.
  void time_commits() { timing_ = true; }
  const std::vector<std::uint32_t>& commit_times() const { return commit_times_; }
  // The memory behind the region's file.
  std::uint64_t region_memory() const;
  std::uint64_t messages() const { return messages_; }
  std::uint64_t sessions_up() const { return sessions_up_; }

  void apply(std::span<const abi::TableOp>, const checkpoint::Committed&) override {}
  void send(const engine::Send& send, const checkpoint::Committed&) override { keep(send); }
  void arm(const engine::Timer& timer) override { timers_.arm(timer); }
  void report(const engine::Notice& notice) override {
    if (notice.kind == engine::NoticeKind::session_up) ++sessions_up_;
  }

 private:
  void keep(const engine::Send& send);
  void apply_timed(const engine::Step& step);

  config::Config config_;
  std::optional<checkpoint::Store> store_;
  std::unique_ptr<PlainRecords> plain_;
  std::unique_ptr<engine::StoredRecords> stored_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Executor> executor_;
  SteppingEntropy entropy_;
  io::TimerQueue timers_;
  std::vector<Sent> sent_;
  std::vector<std::uint8_t> octets_;
  std::filesystem::path file_;
  bool timing_ = false;
  std::vector<std::uint32_t> commit_times_;
  std::vector<checkpoint::Change> changes_;
  std::uint64_t messages_ = 0;
  std::uint64_t sessions_up_ = 0;
};

}  // namespace holdfast::bench
