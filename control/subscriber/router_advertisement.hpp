// Router Advertisements for subscribers (RFC 4861 4.1, 4.2; RFC 8106 5.1): how a host behind PPP learns its IPv6
// prefix, its default router, MTU and DNS servers after IPV6CP gave both ends an interface identifier.
#pragma once

#include "abi/ip_address.hpp"
#include "wire/octets.hpp"

#include <cstdint>

namespace holdfast::subscriber {

// Whether this is a Router Solicitation that a router must answer (RFC 4861 6.1.1): hop limit 255, checksum and every
// length right. ipv6_packet begins with the IPv6 header.
bool is_router_solicitation(Octets ipv6_packet);

// Lifetimes in seconds, as they go on the wire.
struct RouterAdvertisement {
  std::uint64_t our_interface_id{};           // the source is fe80:: with this identifier
  IpPrefix prefix{};                          // a /64, on-link and autonomous; none: no prefix option
  IpAddress dns1{}, dns2{};                   // IPv6 servers (RDNSS); none and IPv4: left out
  std::uint16_t mtu = 0;                      // 0: no MTU option
  std::uint16_t router_lifetime = 1800;       // 0: not a default router
  std::uint32_t valid_lifetime = 2592000;     // of the prefix
  std::uint32_t preferred_lifetime = 604800;  // of the prefix; at most the valid one
  std::uint32_t dns_lifetime = 1800;
};

// What the longest advertisement needs: IPv6 and ICMPv6 headers, prefix, MTU and two servers.
inline constexpr std::size_t kMaxRouterAdvertisement = 40 + 16 + 32 + 8 + 40;

// Writes an IPv6 packet to ff02::1 and returns it, the first octets of out. Empty when out is too small
// (kMaxRouterAdvertisement always suffices) or the prefix is neither none nor an IPv6 /64.
Octets build_router_advertisement(MutableOctets out, const RouterAdvertisement& advertisement);

}  // namespace holdfast::subscriber
