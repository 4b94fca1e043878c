// Packets that control handles, as they lie in a slot of the rings `punt` (dataplane to control) and `inject` (control
// to dataplane): a header of 64 octets, then `length` octets.
#pragma once

#include "abi/ids.hpp"
#include "abi/ip_address.hpp"
#include "abi/region.hpp"
#include "abi/ring.hpp"

#include <cstdint>
#include <type_traits>

namespace holdfast::abi {

enum class PuntKind : std::uint16_t {
  // Payload: what UDP carried, beginning with the L2TP header. Addresses and ports say from whom and to which of ours.
  l2tp_control = 1,
  // Payload: a PPP frame from an installed session, beginning with the protocol field (2 octets; ff 03 removed, a
  // compressed protocol field widened). tunnel and session are ours. Control protocols, and IPv6 ICMP for the router
  // itself (router solicitations: protocol 0x0057) come this way.
  // From a circuit whose PPP ends here, tunnel is access_tunnel() of the session's bank.
  ppp = 2,
  // Payload: a PPPoE discovery frame (ethertype 0x8863, RFC 2516 5) to the port's MAC address or to all, from the
  // destination address on, VLAN tags included. port says where it came in.
  pppoe_discovery = 3,
};

enum class InjectKind : std::uint16_t {
  // Payload: a UDP payload; the dataplane adds UDP and IP from the addresses and ports here and routes it.
  l2tp_control = 1,
  // Payload: a PPP frame beginning with the protocol field; goes out on the session tunnel/session (ours).
  ppp = 2,
  // Payload: an Ethernet frame from the destination address on; goes out of `port` as it is.
  pppoe_discovery = 3,
};

struct PacketHeader {
  std::uint16_t kind;    // PuntKind or InjectKind
  std::uint16_t length;  // octets after this header, <= kMaxPacket
  TunnelId tunnel;       // ppp only
  SessionId session;     // ppp only
  IpAddress source;      // l2tp_control only: punt: the peer's address; inject: ours
  IpAddress destination;
  std::uint16_t source_port;
  std::uint16_t destination_port;
  PortId port;  // punt: where it came in; inject: pppoe_discovery only: where it goes out
  std::uint16_t reserved;
  std::uint64_t received_ns;  // punt: CLOCK_MONOTONIC when the dataplane took it
  std::uint64_t reserved2;
};
static_assert(sizeof(PacketHeader) == 64);
static_assert(std::is_trivially_copyable_v<PacketHeader>);

inline constexpr std::uint32_t kPacketSlot = 2048;
inline constexpr std::uint32_t kMaxPacket = kPacketSlot - sizeof(PacketHeader);
inline constexpr std::uint32_t kPacketSlots =
    8192;  // a minute of a thousand tunnels' HELLOs, and a storm's first second

struct PacketRegion {
  RegionHeader header;
  RingHeader ring;
  // slots follow
};
inline constexpr std::uint64_t kPacketLayout = layout_hash(sizeof(PacketHeader), sizeof(RingHeader), kPacketSlot);

}  // namespace holdfast::abi
