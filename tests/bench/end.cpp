#include "end.hpp"

#include "checkpoint/record_tables.hpp"

#include <array>
#include <cstdint>
#include <stdexcept>
#include <sys/stat.h>
#include <time.h>

namespace holdfast::bench {
namespace {

constexpr std::uint32_t kBank = 65536;

auto tables_of(const engine::Capacity& c) { return record_tables({c.tunnels, kBank << c.bank_bits, c.calls}); }

auto shapes(const engine::Capacity& capacity) {
  std::array<PlainRecords::Shape, std::tuple_size_v<decltype(record_tables({}))>> out;
  for (std::size_t i = 0; const auto& table : tables_of(capacity)) out[i++] = {table.record_octets, table.capacity};
  return out;
}

checkpoint::Store store(const engine::Capacity& capacity, const Place& place) {
  const auto tables = tables_of(capacity);
  std::filesystem::remove(place.file);
  auto made = checkpoint::Store::create(place.file, {.tables = tables, .hash = kRecordsLayout, .major = 1, .minor = 0},
                                        {}, {.pages = place.pages});
  if (!made) throw std::runtime_error(made.error());
  return std::move(*made);
}

std::uint64_t now_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(t.tv_nsec);
}

}  // namespace

End::End(const config::Config& config, const Place& place, const engine::Capacity& capacity)
    : config_(config), file_(place.file) {
  if (place.keep == Keep::checkpoint) {
    store_.emplace(store(capacity, place));
    stored_ = std::make_unique<engine::StoredRecords>(*store_);
    engine_ = std::make_unique<engine::Engine>(config_, *stored_, capacity);
    executor_ = std::make_unique<engine::Executor>(*store_, *this, *this, *this, *this);
  } else {
    plain_ = std::make_unique<PlainRecords>(shapes(capacity));
    engine_ = std::make_unique<engine::Engine>(config_, *plain_, capacity);
  }
  engine_->rebuild();
}

void End::handle(TimePoint now, const engine::Event& event) {
  const engine::Step& step = engine_->step(event, Env{now, entropy_});
  if (executor_ != nullptr) return timing_ ? apply_timed(step) : executor_->apply(step);
  for (const auto& change : step.changes) plain_->apply(change);
  for (const auto& send : step.sends) keep(send);
  for (const auto& timer : step.timers) arm(timer);
  for (const auto& notice : step.notices) report(notice);
}

End::~End() {
  std::error_code ignored;  // there is none when the records were in plain memory
  std::filesystem::remove(file_, ignored);
}

std::uint64_t End::region_memory() const {
  struct stat status {};
  return ::stat(file_.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * 512 : 0;
}

// As the executor does it, with a watch on the commit.
void End::apply_timed(const engine::Step& step) {
  changes_.clear();
  for (const auto& change : step.changes) {
    const auto table = static_cast<std::uint16_t>(change.table);
    if (!change.bytes.empty() && !store_->reserve(table, change.index)) throw std::runtime_error("out of memory");
    changes_.push_back({table, change.index, change.bytes});
  }
  const std::uint64_t start = now_ns();
  const checkpoint::Committed done = store_->commit(changes_);
  if (!changes_.empty()) commit_times_.push_back(static_cast<std::uint32_t>(now_ns() - start));
  for (const auto& s : step.sends) send(s, done);
  for (const auto& timer : step.timers) arm(timer);
  for (const auto& notice : step.notices) report(notice);
}

void End::expire(TimePoint now) {
  while (timers_.next() <= now) handle(now, engine::TimerExpired{timers_.take()});
}

// PPP frames have nobody to go to here: the calls are counted, not the subscribers.
void End::keep(const engine::Send& send) {
  if (send.header.kind != static_cast<std::uint16_t>(abi::InjectKind::l2tp_control)) return;
  sent_.push_back({static_cast<std::uint32_t>(octets_.size()), static_cast<std::uint32_t>(send.payload.size())});
  octets_.insert(octets_.end(), send.payload.begin(), send.payload.end());
  ++messages_;
}

}  // namespace holdfast::bench
