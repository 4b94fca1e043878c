#include "dataplane/tsc.hpp"

#include <rte_cycles.h>

#include <time.h>

namespace holdfast::dataplane {
namespace {

constexpr std::uint64_t kLongEnough = 10'000'000;  // nanoseconds: an error of 1 us at each end is 0.02 %
constexpr int kTries = 5;

TscSample g_begin{};  // DPDK's function takes no argument

// The clock between two looks at the counter, and of some such tries the one that was interrupted least.
TscSample sample() {
  TscSample best{};
  std::uint64_t shortest = ~std::uint64_t{0};
  for (int i = 0; i < kTries; ++i) {
    timespec now{};
    const std::uint64_t before = rte_rdtsc();
    ::clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    const std::uint64_t took = rte_rdtsc() - before;
    if (took >= shortest) continue;
    shortest = took;
    best = {before + took / 2,
            static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec)};
  }
  return best;
}

std::uint64_t measure() {
  const std::uint64_t enough = g_begin.nanoseconds + kLongEnough;
  TscSample end = sample();
  while (end.nanoseconds < enough) {
    const timespec rest{.tv_sec = 0, .tv_nsec = static_cast<long>(enough - end.nanoseconds)};
    ::nanosleep(&rest, nullptr);
    end = sample();
  }
  return tsc_hz(g_begin, end);
}

}  // namespace

void begin_tsc_measurement() { g_begin = sample(); }

}  // namespace holdfast::dataplane

// The linker's --wrap puts this in place of DPDK's get_tsc_freq(); nothing refers to it where DPDK is shared.
extern "C" {
std::uint64_t __wrap_get_tsc_freq();   // NOLINT(bugprone-reserved-identifier): the linker's name
std::uint64_t __wrap_get_tsc_freq() {  // NOLINT(bugprone-reserved-identifier)
  return holdfast::dataplane::measure();
}
}
