// Entropy that is the same in every run: for tests, fuzzing and benchmarks alone.
#pragma once

#include "wire/env.hpp"

namespace holdfast {

// first, first + 1, and so on.
class CountingEntropy final : public Entropy {
 public:
  explicit CountingEntropy(std::uint8_t first = 1) : next_(first) {}
  void fill(MutableOctets out) override {
    for (auto& octet : out) octet = next_++;
  }

 private:
  std::uint8_t next_;
};

// Octets of which neighbours have nothing in common.
class SteppingEntropy final : public Entropy {
 public:
  void fill(MutableOctets out) override {
    for (auto& octet : out) octet = static_cast<std::uint8_t>(++last_ * 167 + 13);
  }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace holdfast
