// Integers in network byte order, as they lie on the wire. Converting is explicit both ways.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace holdfast {

// An unsigned integer stored most significant octet first, without alignment.
template <class Native>
class BigEndian {
 public:
  constexpr BigEndian() = default;
  constexpr explicit BigEndian(Native value) : octets_(std::bit_cast<Octets>(swapped(value))) {}
  constexpr Native value() const { return swapped(std::bit_cast<Native>(octets_)); }
  friend constexpr bool operator==(const BigEndian&, const BigEndian&) = default;

 private:
  using Octets = std::array<std::uint8_t, sizeof(Native)>;

  // One instruction; a loop over the octets is not always found to be one.
  static constexpr Native swapped(Native value) {
    static_assert(std::endian::native == std::endian::little);
    if constexpr (sizeof(Native) == 2) return __builtin_bswap16(value);
    if constexpr (sizeof(Native) == 4) return __builtin_bswap32(value);
    if constexpr (sizeof(Native) == 8) return __builtin_bswap64(value);
  }

  Octets octets_{};
};

using Be16 = BigEndian<std::uint16_t>;
using Be32 = BigEndian<std::uint32_t>;
using Be64 = BigEndian<std::uint64_t>;

static_assert(sizeof(Be16) == 2 && alignof(Be16) == 1);
static_assert(sizeof(Be32) == 4 && alignof(Be32) == 1);
static_assert(Be16(0x1701).value() == 0x1701);

}  // namespace holdfast
