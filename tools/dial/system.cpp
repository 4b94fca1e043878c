#include "dial/system.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sys/random.h>
#include <time.h>

namespace holdfast::dial {

TimePoint clock_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return TimePoint{std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec)};
}

void KernelEntropy::fill(MutableOctets out) {
  for (auto& octet : out) {
    while (left_ == 0) {
      const auto got = ::getrandom(pool_.data(), pool_.size(), 0);
      if (got > 0) left_ = static_cast<std::size_t>(got);
      if (got < 0 && errno != EINTR) std::abort();
    }
    octet = pool_[--left_];
  }
}

}  // namespace holdfast::dial
