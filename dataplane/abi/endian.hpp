// Integers in network byte order, as they lie on the wire. Converting is explicit both ways.
#pragma once

#include <bit>
#include <cstdint>

namespace holdfast {

// An unsigned integer stored most significant octet first, without alignment.
template <class Native>
class BigEndian {
 public:
  constexpr BigEndian() = default;
  constexpr explicit BigEndian(Native value) {
    for (unsigned i = 0; i < sizeof(Native); ++i)
      octets_[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(Native) - 1 - i)));
  }
  constexpr Native value() const {
    Native result = 0;
    for (const auto octet : octets_) result = static_cast<Native>((result << 8) | octet);
    return result;
  }
  friend constexpr bool operator==(const BigEndian&, const BigEndian&) = default;

 private:
  std::uint8_t octets_[sizeof(Native)]{};
};

using Be16 = BigEndian<std::uint16_t>;
using Be32 = BigEndian<std::uint32_t>;
using Be64 = BigEndian<std::uint64_t>;

static_assert(sizeof(Be16) == 2 && alignof(Be16) == 1);
static_assert(sizeof(Be32) == 4 && alignof(Be32) == 1);
static_assert(Be16(0x1701).value() == 0x1701);

}  // namespace holdfast
