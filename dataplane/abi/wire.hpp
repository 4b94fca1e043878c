// Headers as they lie on the wire, for casting over packets of checked length: network byte order, no alignment.
#pragma once

#include "abi/endian.hpp"

#include <array>
#include <cstdint>

namespace holdfast::wire_format {

using Mac = std::array<std::uint8_t, 6>;

struct Ethernet {
  Mac destination;
  Mac source;
  Be16 type;
};
static_assert(sizeof(Ethernet) == 14);
inline constexpr std::uint16_t kEtherIpv4 = 0x0800, kEtherArp = 0x0806, kEtherVlan = 0x8100, kEtherIpv6 = 0x86dd,
                               kEtherQinq = 0x88a8, kEtherPppoeDiscovery = 0x8863, kEtherPppoeSession = 0x8864;

struct VlanTag {  // IEEE 802.1Q, behind a type of kEtherVlan or kEtherQinq
  Be16 control;   // priority (3 bits), drop eligible (1), VLAN id (12)
  Be16 type;
};
static_assert(sizeof(VlanTag) == 4);

struct Pppoe {  // RFC 2516 4
  std::uint8_t version_type;
  std::uint8_t code;
  Be16 session;
  Be16 length;  // of what follows
};
static_assert(sizeof(Pppoe) == 6);
inline constexpr std::uint8_t kPppoeVersionType = 0x11, kPppoePadi = 0x09, kPppoePadt = 0xa7;

struct Ipv4 {  // RFC 791
  std::uint8_t version_ihl;
  std::uint8_t tos;
  Be16 total_length;
  Be16 id;
  Be16 flags_fragment;  // 0x4000 DF, 0x2000 MF
  std::uint8_t ttl;
  std::uint8_t protocol;
  Be16 checksum;
  Be32 source;
  Be32 destination;
};
static_assert(sizeof(Ipv4) == 20);

struct Ipv6 {  // RFC 8200
  Be32 version_class_flow;
  Be16 payload_length;
  std::uint8_t next_header;
  std::uint8_t hop_limit;
  std::array<std::uint8_t, 16> source;
  std::array<std::uint8_t, 16> destination;
};
static_assert(sizeof(Ipv6) == 40);
inline constexpr std::uint8_t kProtocolUdp = 17, kProtocolFragment = 44, kProtocolIcmpv6 = 58;

struct Ipv6Fragment {  // RFC 8200 4.5
  std::uint8_t next_header;
  std::uint8_t reserved;
  Be16 offset_more;  // the offset in units of 8 octets (13 bits), 2 bits reserved, 1 if more follow
  Be32 id;
};
static_assert(sizeof(Ipv6Fragment) == 8);

struct Udp {
  Be16 source;
  Be16 destination;
  Be16 length;
  Be16 checksum;
};
static_assert(sizeof(Udp) == 8);

inline constexpr std::uint16_t kL2tpPort = 1701;
inline constexpr std::uint16_t kL2tpControl = 0x8000, kL2tpLength = 0x4000, kL2tpSequence = 0x0800,
                               kL2tpOffset = 0x0200, kL2tpPriority = 0x0100,
                               kL2tpVersion = 0x000f;  // RFC 2661 3.1, first 16 bits

inline constexpr std::uint16_t kPppIpv4 = 0x0021, kPppIpv6 = 0x0057, kPppLcp = 0xc021, kPppAddressControl = 0xff03;
inline constexpr std::uint8_t kLcpEchoRequest = 9, kLcpEchoReply = 10;  // RFC 1661 5.8

}  // namespace holdfast::wire_format
