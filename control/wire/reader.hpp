// Reads octets in network byte order. The one place where a length from outside is checked: a read past the end yields
// zeros and makes the reader bad for good, so a decoder reads all it wants and asks ok() once.
#pragma once

#include "wire/octets.hpp"

#include <cstdint>

namespace holdfast {

class Reader {
 public:
  explicit constexpr Reader(Octets input) : rest_(input) {}

  constexpr bool ok() const { return ok_; }
  constexpr std::size_t left() const { return rest_.size(); }
  constexpr Octets rest() const { return rest_; }

  constexpr std::uint8_t u8() { return integer<std::uint8_t>(); }
  constexpr std::uint16_t u16() { return integer<std::uint16_t>(); }
  constexpr std::uint32_t u32() { return integer<std::uint32_t>(); }
  constexpr std::uint64_t u64() { return integer<std::uint64_t>(); }
  // The next n octets, in place. Empty and bad when there are fewer.
  constexpr Octets take(std::size_t n) {
    if (n > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Octets out = rest_.first(n);
    rest_ = rest_.subspan(n);
    return out;
  }
  constexpr void skip(std::size_t n) { (void)take(n); }
  constexpr void fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  template <class Native>
  constexpr Native integer() {
    Native value = 0;
    for (const auto octet : take(sizeof(Native))) value = static_cast<Native>(std::uint64_t{value} << 8 | octet);
    return value;
  }

  Octets rest_;
  bool ok_ = true;
};

}  // namespace holdfast
