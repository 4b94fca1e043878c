// What only the operating system knows: the time, random octets, which boot this is. The rest of control gets these as
// arguments.
#pragma once

#include "checkpoint/copy.hpp"
#include "checkpoint/region.hpp"
#include "wire/env.hpp"

#include <array>
#include <optional>

namespace holdfast::io {

TimePoint now();  // CLOCK_MONOTONIC
checkpoint::Clocks clocks();

// Octets of the kernel's generator, fetched many at a time.
class SystemEntropy final : public Entropy {
 public:
  void fill(MutableOctets out) override;  // aborts when the kernel gives none

 private:
  std::array<std::uint8_t, 4096> pool_{};
  std::size_t left_ = 0;
};

std::optional<checkpoint::BootId> boot_id();

}  // namespace holdfast::io
