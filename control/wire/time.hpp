// Time as the core sees it: an argument. Only io/ reads a clock; tests move a number.
#pragma once

#include <chrono>
#include <cstdint>

namespace holdfast {

using Duration = std::chrono::nanoseconds;

// CLOCK_MONOTONIC of the running system; deliberately without now().
struct MonotonicClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using TimePoint = MonotonicClock::time_point;
static_assert(sizeof(TimePoint) == 8);

// A deadline that is not set. TimePoint{} (zero) would be in the past.
inline constexpr TimePoint kNever = TimePoint::max();

}  // namespace holdfast
