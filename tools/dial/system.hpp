// Clock and random octets of the machine.
#pragma once

#include "wire/env.hpp"
#include "wire/time.hpp"

#include <array>

namespace holdfast::dial {

TimePoint clock_now();  // CLOCK_MONOTONIC

// From the kernel, fetched a page at a time.
class KernelEntropy : public Entropy {
 public:
  void fill(MutableOctets out) override;

 private:
  std::array<std::uint8_t, 4096> pool_{};
  std::size_t left_ = 0;
};

}  // namespace holdfast::dial
