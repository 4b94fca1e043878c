// An IP address of either family in 16 octets, network byte order. IPv4 is kept as ::ffff:a.b.c.d (RFC 4291 2.5.5.2),
// so that records and table keys have one form without padding.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

namespace holdfast {

struct IpAddress {
  std::array<std::uint8_t, 16> octets{};  // all zero: no address

  static constexpr IpAddress v4(std::uint32_t host_order) {
    IpAddress a;
    a.octets[10] = a.octets[11] = 0xff;
    for (unsigned i = 0; i < 4; ++i) a.octets[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    return a;
  }
  static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return v4(std::uint32_t{a} << 24 | std::uint32_t{b} << 16 | std::uint32_t{c} << 8 | d);
  }
  constexpr bool is_v4() const {
    for (unsigned i = 0; i < 10; ++i)
      if (octets[i] != 0) return false;
    return octets[10] == 0xff && octets[11] == 0xff;
  }
  constexpr bool is_none() const { return octets == std::array<std::uint8_t, 16>{}; }
  constexpr explicit operator bool() const { return !is_none(); }
  // Host byte order; meaningful only for IPv4.
  constexpr std::uint32_t v4_value() const {
    return std::uint32_t{octets[12]} << 24 | std::uint32_t{octets[13]} << 16 | std::uint32_t{octets[14]} << 8 |
           octets[15];
  }
  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;
};
static_assert(sizeof(IpAddress) == 16);

// A prefix; length counts the bits of its own family: 0..32 for IPv4, 0..128 for IPv6.
struct IpPrefix {
  IpAddress address;
  std::uint8_t length{};
  friend constexpr auto operator<=>(const IpPrefix&, const IpPrefix&) = default;
};
static_assert(sizeof(IpPrefix) == 17);

}  // namespace holdfast

template <>
struct std::hash<holdfast::IpAddress> {
  std::size_t operator()(const holdfast::IpAddress& a) const noexcept {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(a.octets.data()), a.octets.size()});
  }
};
