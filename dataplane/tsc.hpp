// How fast the time stamp counter runs. Where neither the processor nor the hypervisor says so, DPDK sleeps for 100 ms
// to find out, with packets waiting. Where DPDK is linked into the program (option static_dpdk), it asks here instead,
// and the time that the start has taken anyway is what is measured.
#pragma once

#include <cstdint>

namespace holdfast::dataplane {

struct TscSample {
  std::uint64_t ticks;
  std::uint64_t nanoseconds;  // CLOCK_MONOTONIC_RAW
};

// Ticks a second between the two, to 10 MHz as DPDK has it. 0: no time has passed.
constexpr std::uint64_t tsc_hz(const TscSample& from, const TscSample& to) {
  constexpr std::uint64_t kTenMegahertz = 10'000'000;
  if (to.nanoseconds <= from.nanoseconds || to.ticks <= from.ticks) return 0;
  const double hz =
      static_cast<double>(to.ticks - from.ticks) * 1e9 / static_cast<double>(to.nanoseconds - from.nanoseconds);
  return static_cast<std::uint64_t>(hz / kTenMegahertz + 0.5) * kTenMegahertz;
}

// To be called first of all in main().
void begin_tsc_measurement();

}  // namespace holdfast::dataplane
