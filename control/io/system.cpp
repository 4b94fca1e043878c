#include "io/system.hpp"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <sys/random.h>

namespace holdfast::io {

TimePoint now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return TimePoint(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

checkpoint::Clocks clocks() {
  timespec monotonic{};
  timespec realtime{};
  ::clock_gettime(CLOCK_MONOTONIC, &monotonic);
  ::clock_gettime(CLOCK_REALTIME, &realtime);
  const auto nanoseconds = [](const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
  return {nanoseconds(monotonic), nanoseconds(realtime)};
}

void SystemEntropy::fill(MutableOctets out) {
  for (auto& octet : out) {
    if (left_ == 0) {
      if (::getrandom(pool_.data(), pool_.size(), 0) != static_cast<ssize_t>(pool_.size())) std::abort();
      left_ = pool_.size();
    }
    octet = std::exchange(pool_[--left_], std::uint8_t{0});  // what was given out is not kept
  }
}

std::optional<checkpoint::BootId> boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  std::getline(file, text);
  return checkpoint::BootId::parse(text);
}

}  // namespace holdfast::io
