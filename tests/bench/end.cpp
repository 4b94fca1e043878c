#include "end.hpp"

#include <array>

namespace holdfast::bench {
namespace {

constexpr std::uint32_t kBank = 65536;

std::array<PlainRecords::Shape, 6> shapes(const engine::Capacity& c) {
  return {{{sizeof(TunnelRecord), c.tunnels},
           {sizeof(MessageRecord), c.tunnels * l2tp::kSlots},
           {sizeof(SessionRecord), kBank << c.bank_bits},
           {sizeof(SubscriberRecord), kBank << c.bank_bits},
           {sizeof(SpecRecord), c.tunnels},
           {sizeof(CallRecord), c.calls}}};
}

checkpoint::Store store(const engine::Capacity& capacity) {
  constexpr std::array kNames{"tunnel", "message", "session", "subscriber", "spec", "call"};
  std::vector<checkpoint::TableSpec> tables;
  for (std::size_t i = 0; const auto& shape : shapes(capacity))
    tables.push_back({kNames[i++], static_cast<std::uint32_t>(shape.octets), shape.capacity});
  return checkpoint::Store::in_memory({.tables = tables, .hash = kRecordsLayout, .major = 1, .minor = 0});
}

}  // namespace

End::End(const config::Config& config, Keep keep, const engine::Capacity& capacity) : config_(config) {
  if (keep == Keep::checkpoint) {
    store_.emplace(store(capacity));
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
  if (executor_ != nullptr) return executor_->apply(step);
  for (const auto& change : step.changes) plain_->apply(change);
  for (const auto& send : step.sends) keep(send);
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
