// Stores to a region by a process that dies after so many of them (checkpoint/stores.hpp).
#pragma once

#include "wire/octets.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

namespace holdfast::sim {

struct Killed {};

// Does the first `left` stores, then throws Killed. A copy or a clear is many stores, of 1 to `most` octets, and they
// happen in any order, as memcpy is free to do them; the same for the same seed.
class CrashingStores {
 public:
  CrashingStores(std::size_t left, unsigned seed, std::size_t most = 16) : left_(left), most_(most), random_(seed) {}

  void copy(std::uint8_t* to, Octets from) {
    for (const auto& [at, size] : pieces(from.size())) {
      step();
      std::memcpy(to + at, from.data() + at, size);
    }
  }
  void clear(MutableOctets all) {
    for (const auto& [at, size] : pieces(all.size())) {
      step();
      std::memset(all.data() + at, 0, size);
    }
  }
  void publish(std::uint64_t& at, std::uint64_t value) {
    step();
    at = value;
  }
  std::size_t done() const { return done_; }

 private:
  void step() {
    if (left_-- == 0) throw Killed{};
    ++done_;
  }
  std::vector<std::pair<std::size_t, std::size_t>> pieces(std::size_t size) {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    for (std::size_t at = 0; at < size;) {
      const std::size_t piece = std::min<std::size_t>(1 + random_() % most_, size - at);
      out.emplace_back(at, piece);
      at += piece;
    }
    std::ranges::shuffle(out, random_);
    return out;
  }

  std::size_t left_;
  std::size_t done_ = 0;
  std::size_t most_;
  std::minstd_rand random_;
};

}  // namespace holdfast::sim
