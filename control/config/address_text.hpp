// IP addresses as people write them: dotted decimal (RFC 1123 2.1) and RFC 4291 2.2, printed as RFC 5952 wants it.
#pragma once

#include "abi/ip_address.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::config {

// Nothing when text is not exactly one address of that family. ::ffff:0:0/96 is refused as IPv6: it is how IpAddress
// keeps IPv4.
std::optional<IpAddress> parse_ipv4(std::string_view text);
std::optional<IpAddress> parse_ipv6(std::string_view text);

// ADDRESS/LENGTH, length 0..32 or 0..128. Bits beyond the length are kept.
std::optional<IpPrefix> parse_ipv4_prefix(std::string_view text);
std::optional<IpPrefix> parse_ipv6_prefix(std::string_view text);

// The length that a contiguous mask such as 255.255.255.0 stands for.
std::optional<std::uint8_t> parse_mask(std::string_view text);

// IPv4 as a.b.c.d, all else (also no address, "::") as IPv6.
std::string to_text(const IpAddress& address);
std::string to_text(const IpPrefix& prefix);

// Whether no bit of the address is set beyond the length of the prefix.
bool is_network(const IpPrefix& prefix);

// Whether a host may have this address: not 0/8, 127/8 or 224/3 (RFC 1122 3.2.1.3), not ::, ::1 or ff00::/8 (RFC
// 4291 2.4).
bool is_unicast(const IpAddress& address);

// Whether address is of the family of prefix and lies in it.
bool contains(const IpPrefix& prefix, const IpAddress& address);

// "02:00:00:00:01:02"
std::string mac_text(const std::array<std::uint8_t, 6>& mac);

}  // namespace holdfast::config
