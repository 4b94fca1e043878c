// Operations on the forwarding tables, control to dataplane, in the ring `tables`. The dataplane's table agent is the
// only writer of the tables themselves. An operation is complete in itself and idempotent: put replaces, remove of what
// is not there does nothing. After a restart of either side control sends begin_sweep, a put for every row that shall
// be, and end_sweep, which removes every row that was not put in between.
//
// Order: operations take effect in ring order, and before any packet that control puts into `inject` after them.
#pragma once

#include "abi/ids.hpp"
#include "abi/ip_address.hpp"
#include "abi/region.hpp"
#include "abi/ring.hpp"

#include <array>
#include <cstdint>
#include <type_traits>

namespace holdfast::abi {

enum class TableOpKind : std::uint32_t {
  begin_sweep = 1,
  end_sweep,
  put_tunnel,
  remove_tunnel,
  put_session,
  remove_session,
  put_route,
  remove_route,
  put_neighbour,
  remove_neighbour,
  put_circuit,
  remove_circuit,
};

// The two ends of an L2TP tunnel, and how its data messages look outside. Key: tunnel.
struct TunnelRow {
  IpAddress local;
  IpAddress peer;
  std::uint16_t local_port;
  std::uint16_t peer_port;
  TunnelId tunnel;
  PeerTunnelId peer_tunnel;
  std::uint16_t flags;         // TunnelFlag
  std::uint8_t traffic_class;  // TOS or traffic class of the outer header
  std::uint8_t reserved;
};
enum TunnelFlag : std::uint16_t {
  kTunnelUdpChecksum = 1,  // compute the outer UDP checksum of data messages (always done over IPv6, RFC 2661 8.1)
};
static_assert(sizeof(TunnelRow) == 44);

// A session. Key: tunnel and session. A session's row exists from the moment PPP frames are to be taken from it.
struct SessionRow {
  TunnelId tunnel;
  SessionId session;
  PeerTunnelId peer_tunnel;
  PeerSessionId peer_session;
  std::uint32_t flags;  // SessionFlag
  std::uint32_t magic;  // our LCP magic number, for Echo-Reply (RFC 1661 5.8)
  std::uint16_t mtu;    // largest IP packet to the subscriber, octets
  // Data messages that come before their turn (RFC 2661 5.4) wait for those that are missing: so many at most, 1..255,
  // and so long. 0 packets: none waits, and one that comes after its turn is dropped.
  std::uint8_t reorder_packets;
  std::uint8_t reorder_milliseconds;
  // With kSessionToCircuit: CircuitId::raw; with kSessionToSession: SessionIndex::raw. Else 0.
  std::uint32_t onward;
  IpAddress ipv4;  // the subscriber's: packets from another source are dropped; none: no IPv4
  IpPrefix ipv6;   // the subscriber's prefix, likewise; link-local is always allowed
  std::uint8_t reserved;
  std::uint16_t mss;  // the largest TCP segment over IPv4 that a SYN of this PPP link may announce, in either
                      // direction; over IPv6 20 octets less. 0: as it is
  std::array<std::uint8_t, 4> reserved2;
};
enum SessionFlag : std::uint32_t {
  kSessionIpv4 = 1,               // IPCP is open: forward IPv4
  kSessionIpv6 = 2,               // IPV6CP is open: forward IPv6
  kSessionAnswerEcho = 4,         // LCP is open: answer Echo-Request in the fast path
  kSessionSendSequence = 8,       // data messages carry Ns and Nr (RFC 2661 5.4): demanded by the LAC, or our choice as
                                  // LNS. Set again after a while without, Ns goes on where it was
  kSessionOmitFf03 = 16,          // send PPP frames without address and control field
  kSessionCompressProtocol = 32,  // the peer takes one-octet protocol fields (PFC)
  kSessionMirrorSequence = 64,    // as LAC: data messages carry Ns and Nr if the latest from the LNS did (5.4)
  kSessionIgnoreSequence = 128,   // take what comes as it comes, whatever its Ns
  kSessionSendLength = 256,       // data messages carry their length (3.1)
  // The session has a circuit behind it: the rows name each other, or frames are dropped. In an L2TP tunnel we are the
  // LAC: PPP frames from the tunnel go to the circuit untouched but for ff 03, those of the circuit into the tunnel. In
  // an access tunnel PPP ends here.
  kSessionToCircuit = 512,
  kSessionToSession = 1024,  // tunnel switching: PPP frames go on in another session, whose row leads back here
};
static_assert(sizeof(SessionRow) == 64);

// A subscriber's PPPoE session on a port (RFC 2516). Key: circuit. Frames are taken from this port, address and VLAN
// alone. Where its session's row is not there (yet), frames are dropped.
struct CircuitRow {
  CircuitId circuit;
  PortId port;
  std::array<std::uint8_t, 6> mac;  // the subscriber's
  std::uint16_t outer_vlan;         // 1..4094; 0: no tag
  std::uint16_t inner_vlan;         // 1..4094; 0: no second tag
  std::uint16_t outer_type;         // of the outer tag: 0x8100 or 0x88a8; the inner one's is 0x8100
  TunnelId tunnel;                  // the session of its PPP frames: in an L2TP tunnel or in an access tunnel
  SessionId session;
  std::array<std::uint8_t, 10> reserved;
};
static_assert(sizeof(CircuitRow) == 32);

enum class NextHopKind : std::uint32_t {
  kernel = 1,  // the kernel handles it: our own addresses, and what has no usable neighbour yet
  neighbour,   // NeighbourId in `neighbour`
  session,     // the subscriber of tunnel/session
  blackhole,
};
struct RouteRow {
  IpPrefix prefix;
  std::uint8_t reserved;
  std::uint16_t mtu;  // of a subscriber's route: what the kernel is told; the dataplane goes by the session's own
  NextHopKind kind;
  NeighbourId neighbour;
  TunnelId tunnel;
  SessionId session;
};
static_assert(sizeof(RouteRow) == 32);

struct NeighbourRow {
  NeighbourId id;
  PortId port;
  std::array<std::uint8_t, 6> mac;
  std::uint16_t reserved[2];
};
static_assert(sizeof(NeighbourRow) == 16);

struct TableOp {
  TableOp() : octets{} {}

  TableOpKind kind{};
  std::uint32_t reserved{};
  std::uint64_t generation{};  // begin_sweep and end_sweep: any number, the same in both
  union {
    TunnelRow tunnel;        // remove_tunnel: only its key is read
    SessionRow session;      // remove_session: only its key is read
    RouteRow route;          // remove_route: only the prefix is read
    NeighbourRow neighbour;  // remove_neighbour: only the id is read
    CircuitRow circuit;      // remove_circuit: only its key is read
    std::array<std::uint8_t, 112> octets;
  };
};
static_assert(sizeof(TableOp) == 128);
static_assert(std::is_trivially_copyable_v<TableOp>);

inline constexpr std::uint32_t kTableOps = 32768;  // slots of the ring

struct TablesRegion {
  RegionHeader header;
  RingHeader ring;
  std::uint32_t bank_bits;   // of the session table: 2^bank_bits banks of 65,536 rows (abi/ids.hpp)
  std::uint32_t neighbours;  // NeighbourId is below this
  std::uint32_t reserved[14];
  // slots follow
};
inline constexpr std::uint64_t kTablesLayout = layout_hash(sizeof(TableOp), sizeof(TunnelRow), sizeof(SessionRow),
                                                           sizeof(RouteRow), sizeof(NeighbourRow), sizeof(CircuitRow));

}  // namespace holdfast::abi
