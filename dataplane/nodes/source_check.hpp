// Whether an IPv6 address is of the prefix that a subscriber was given.
#pragma once

#include "tables/session_table.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace holdfast::nodes {

inline bool is_within_prefix(const tables::SessionSlot& session, const std::array<std::uint8_t, 16>& address) {
  std::uint64_t halves[2];
  std::memcpy(halves, address.data(), sizeof(halves));
  const unsigned length = session.ipv6_length();
  const auto mask = [](unsigned bits) { return bits == 0 ? 0 : ~std::uint64_t{0} << (64 - bits); };
  const auto differs = [](std::uint64_t a, std::uint64_t b) { return __builtin_bswap64(a ^ b); };
  if (length == 0) return false;
  if ((differs(halves[0], session.ipv6_high()) & mask(length < 64 ? length : 64)) != 0) return false;
  return length <= 64 || (differs(halves[1], session.ipv6_low()) & mask(length < 128 ? length - 64 : 64)) == 0;
}

}  // namespace holdfast::nodes
