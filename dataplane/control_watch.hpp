// How long the control process is away, and when that is too long: an alarm, in the counters and for the log. Packets
// are forwarded all the same.
#pragma once

#include "abi/counters.hpp"

#include <cstdint>

namespace holdfast::dataplane {

class ControlWatch {
 public:
  // Times are CLOCK_MONOTONIC nanoseconds. No process has attached yet. alarm_after: 0: never.
  ControlWatch(abi::ControlAbsence& counters, std::uint64_t alarm_after, std::uint64_t now)
      : counters_(counters), alarm_after_(alarm_after) {
    set(counters_.away_since_ns, now);
  }

  void detached(std::uint64_t now) {
    set(counters_.away_since_ns, now);
    set(counters_.absences, get(counters_.absences) + 1);
  }
  // Whether that ends an alarm.
  bool attached(std::uint64_t now) {
    if (const std::uint64_t since = get(counters_.away_since_ns); since != 0)
      set(counters_.last_ms, (now - since) / 1'000'000);
    set(counters_.away_since_ns, 0);
    const bool ends = get(counters_.alarm) != 0;
    set(counters_.alarm, 0);
    return ends;
  }
  // To be asked from time to time. True once an absence: it has just become an alarm.
  bool check(std::uint64_t now) {
    const std::uint64_t since = get(counters_.away_since_ns);
    if (alarm_after_ == 0 || since == 0 || get(counters_.alarm) != 0 || now - since < alarm_after_) return false;
    set(counters_.alarm, 1);
    set(counters_.alarms, get(counters_.alarms) + 1);
    return true;
  }

 private:
  static std::uint64_t get(const abi::Counter& counter) { return counter.load(std::memory_order_relaxed); }
  static void set(abi::Counter& counter, std::uint64_t value) { counter.store(value, std::memory_order_relaxed); }

  abi::ControlAbsence& counters_;
  std::uint64_t alarm_after_;
};

}  // namespace holdfast::dataplane
