// How long coming back took: from the start of the process to each milestone, for show checkpoint and the benchmarks.
#pragma once

#include "wire/time.hpp"

#include <cstdint>

namespace holdfast::io {

struct RestartTimes {
  TimePoint started;            // of the process: as its first instruction of main() saw it
  TimePoint restored = kNever;  // records read, indexes rebuilt, timers armed
  TimePoint attached = kNever;  // the dataplane has every row
  TimePoint answered = kNever;  // the first control message that came in was answered
  std::uint64_t tunnels = 0;    // found in the checkpoint
  std::uint64_t sessions = 0;
};

}  // namespace holdfast::io
