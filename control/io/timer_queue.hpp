// Deadlines by key: one each, the earliest first.
#pragma once

#include "engine/executor.hpp"

#include <set>
#include <unordered_map>
#include <utility>

namespace holdfast::io {

class TimerQueue final : public engine::Timers {
 public:
  void arm(const engine::Timer& timer) override {
    const std::uint64_t key = pack(timer.key);
    const auto known = due_.find(key);
    if (known == due_.end()) {
      if (timer.due == kNever) return;
      due_.emplace(key, timer.due);
      order_.emplace(timer.due, key);
      return;
    }
    if (known->second == timer.due) return;
    auto place = order_.extract({known->second, key});
    if (timer.due == kNever) {
      due_.erase(known);
      return;
    }
    // Moved as it is: a tunnel's deadline changes with each message.
    place.value().first = timer.due;
    order_.insert(std::move(place));
    known->second = timer.due;
  }

  TimePoint next() const { return order_.empty() ? kNever : order_.begin()->first; }
  std::size_t size() const { return order_.size(); }

  // The key whose deadline passed first, disarmed. Call only when next() <= now.
  engine::TimerKey take() {
    const std::uint64_t key = order_.begin()->second;
    order_.erase(order_.begin());
    due_.erase(key);
    return {static_cast<engine::TimerKey::Kind>(key >> 32), static_cast<std::uint32_t>(key)};
  }

 private:
  static std::uint64_t pack(const engine::TimerKey& key) {
    return std::uint64_t{static_cast<std::uint8_t>(key.kind)} << 32 | key.index;
  }

  std::set<std::pair<TimePoint, std::uint64_t>> order_;
  std::unordered_map<std::uint64_t, TimePoint> due_;
};

}  // namespace holdfast::io
