// What a pure function may know of the world: the time it is, and octets nobody can foretell.
#pragma once

#include "wire/octets.hpp"
#include "wire/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast {

class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(MutableOctets out) = 0;  // every octet of out; never fails

  std::uint32_t u32() {
    std::array<std::uint8_t, 4> o{};
    fill(o);
    return std::uint32_t{o[0]} << 24 | std::uint32_t{o[1]} << 16 | std::uint32_t{o[2]} << 8 | o[3];
  }
};

struct Env {
  TimePoint now;
  Entropy& entropy;
};

}  // namespace holdfast
