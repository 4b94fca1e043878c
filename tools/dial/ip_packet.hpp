// The IP packets of subscribers, built and taken apart: ICMP echo (RFC 792, RFC 4443), UDP, and of neighbour discovery
// (RFC 4861) what a host behind PPP needs, Router Solicitation and the prefix of a Router Advertisement.
#pragma once

#include "abi/ip_address.hpp"
#include "wire/octets.hpp"

#include <cstdint>
#include <optional>

namespace holdfast::dial {

enum class PacketKind : std::uint8_t { echo_request, echo_reply, udp, router_advertisement };

struct IpPacket {
  IpAddress source;
  IpAddress destination;
  PacketKind kind{};
  std::uint16_t first = 0;   // echo: Identifier; UDP: source port
  std::uint16_t second = 0;  // echo: Sequence Number; UDP: destination port
  Octets payload;            // behind the header of ICMP or UDP; of an advertisement, its options
};

// Packets of other kinds, fragments, and those with a wrong length or checksum give nothing. The family is that of the
// first octet.
std::optional<IpPacket> parse_ip(Octets packet);

// Writes an echo request, an echo reply or a UDP datagram. Both addresses must be of one family. Empty when out is too
// small.
Octets build_ip(MutableOctets out, const IpPacket& packet);

// Router Solicitation from the link-local address with this interface identifier.
Octets build_router_solicitation(MutableOctets out, std::uint64_t interface_id);

// The first 64 bits of the first autonomous /64 among the options of a Router Advertisement; 0: none.
std::uint64_t prefix_in(Octets options);

// prefix: the upper 64 bits.
IpAddress ipv6_address(std::uint64_t prefix, std::uint64_t interface_id);

inline constexpr std::uint64_t kLinkLocal = 0xfe80'0000'0000'0000;

}  // namespace holdfast::dial
