// A router for the fuzz target of the packet path: two ports, a subscriber behind a tunnel over IPv4 and one behind a
// tunnel over IPv6; behind PPPoE, one whose PPP goes into the first tunnel and one whose PPP ends here; a session of
// each tunnel that are one; and packet buffers whose octets beyond the packet are poisoned, so that ASan sees what is
// read there.
#pragma once

#include "abi/counters.hpp"
#include "abi/hang_ups.hpp"
#include "abi/packets.hpp"
#include "dataplane/punter.hpp"
#include "dataplane/table_agent.hpp"
#include "nodes/context.hpp"
#include "nodes/graph.hpp"
#include "nodes/handoff.hpp"
#include "tables/tables.hpp"

#include <rte_eal.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sanitizer/asan_interface.h>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::fuzz {

inline void require(bool condition) {
  if (!condition) std::abort();
}

inline constexpr wire_format::Mac kPortMac[2]{{2, 0, 0, 0, 0, 0x10}, {2, 0, 0, 0, 0, 0x11}},
    kOtherMac[2]{{2, 0, 0, 0, 0, 0x20}, {2, 0, 0, 0, 0, 0x21}}, kUserMac{2, 0, 0, 0, 0, 0x30};

// The bits of one bank's circuits.
struct HangUpsMemory {
  HangUpsMemory() { region().circuits = 65536; }
  abi::HangUpsRegion& region() { return *reinterpret_cast<abi::HangUpsRegion*>(octets.data()); }
  abi::HangUps view() { return abi::HangUps(&region()); }

  alignas(64) std::array<std::uint8_t, abi::hang_ups_size(65536)> octets{};
};

inline IpAddress v6(std::uint8_t network, std::uint8_t host) {
  IpAddress a;
  a.octets = {0x20, 0x01, 0x0d, 0xb8, 0, network, 0, 0, 0, 0, 0, 0, 0, 0, 0, host};
  return a;
}

// What lies before the packet and may be written to: 76 octets of headers (ppp_output). The rest stays closed.
inline constexpr std::uint16_t kOpenHeadroom = 80;

// The memory of the packets; EAL can be started once a process.
inline rte_mempool* make_pool() {
  std::vector<std::string> arguments{"fuzz", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
                                     "-m",   "64",        "--lcores",    "0",        "--log-level=*:error"};
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  require(rte_eal_init(static_cast<int>(argv.size()), argv.data()) >= 0);
  rte_mempool* pool =
      rte_pktmbuf_pool_create("fuzz", 127, 0, sizeof(nodes::HandoffNote), RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  require(pool != nullptr);
  return pool;
}

// A ring of packets in plain memory.
class PuntMemory {
 public:
  PuntMemory() : lines_((4096 + std::size_t{64} * abi::kPacketSlot) / 64) {
    header().slots = 64;
    header().slot_size = abi::kPacketSlot;
    header().slots_offset = 4096;
  }
  abi::Ring ring() { return {lines_.data(), &header()}; }

 private:
  struct alignas(64) Line {
    std::array<std::uint8_t, 64> octets;
  };
  abi::RingHeader& header() { return *reinterpret_cast<abi::RingHeader*>(lines_.data()); }
  std::vector<Line> lines_;
};

class Router {
 public:
  // Tunnel and session of the subscriber over IPv4, and over IPv6. The peers are .2, the core is 198.51.100.2.
  // Early data messages wait in the second one's session, so long; a tick is a millisecond.
  static constexpr std::uint8_t kPatience = 10;
  static constexpr std::uint16_t kTunnel[2]{7, 8}, kSession[2]{9, 10};
  // Sessions in tunnel 7, in the access tunnel, in tunnel 7 and in tunnel 8. The circuits are on port 0, the second one
  // in VLAN 6 of VLAN 5.
  static constexpr std::uint16_t kLacSession = 19, kAccessSession = 20, kSwitched[2]{21, 22};
  static constexpr std::uint16_t kLacCircuit = 0x31, kAccessCircuit = 0x32;

  // common_path: whether packets may take it, or the nodes alone (nodes/common_path.hpp).
  Router(rte_mempool* packets, bool common_path) : pool(packets) {
    context.common_path = common_path;
    tables.readers.online(0);
    tables.readers.offline(0);  // the writer must not wait for this very thread
    for (std::uint16_t port = 0; port < 2; ++port) {
      abi::TableOp op;
      op.kind = abi::TableOpKind::put_neighbour;
      op.neighbour = {NeighbourId(port), PortId(port), kOtherMac[port], {}};
      apply(op);
    }
    put_route(IpAddress::v4(192, 0, 2, 1), 32, abi::NextHopKind::kernel, 0);
    put_route(v6(2, 1), 128, abi::NextHopKind::kernel, 0);
    put_route(IpAddress::v4(192, 0, 2, 2), 32, abi::NextHopKind::neighbour, 0);
    put_route(v6(2, 2), 128, abi::NextHopKind::neighbour, 0);
    put_route(IpAddress::v4(0), 0, abi::NextHopKind::neighbour, 1);
    put_route({}, 0, abi::NextHopKind::neighbour, 1);
    for (unsigned which = 0; which < 2; ++which) put_subscriber(which);
    put_session(kTunnel[0], kLacSession, abi::kSessionToCircuit | abi::kSessionMirrorSequence, kLacCircuit);
    put_session(access_tunnel(0).raw, kAccessSession,
                abi::kSessionToCircuit | abi::kSessionIpv4 | abi::kSessionIpv6 | abi::kSessionAnswerEcho,
                kAccessCircuit);
    put_session(kTunnel[0], kSwitched[0], abi::kSessionToSession, kSwitched[1]);
    put_session(kTunnel[1], kSwitched[1], abi::kSessionToSession | abi::kSessionOmitFf03, kSwitched[0]);
    put_circuit(kLacCircuit, 0, 0, TunnelId(kTunnel[0]), kLacSession);
    put_circuit(kAccessCircuit, 5, 6, access_tunnel(0), kAccessSession);
    agent.settle();
  }

  void put_subscriber(unsigned which) {
    const auto host = static_cast<std::uint8_t>(kSession[which]);
    abi::TableOp op;
    op.kind = abi::TableOpKind::put_tunnel;
    op.tunnel = {.local = which == 0 ? IpAddress::v4(192, 0, 2, 1) : v6(2, 1),
                 .peer = which == 0 ? IpAddress::v4(192, 0, 2, 2) : v6(2, 2),
                 .local_port = 1701,
                 .peer_port = 1701,
                 .tunnel = TunnelId(kTunnel[which]),
                 .peer_tunnel = PeerTunnelId(77),
                 .flags = 0,
                 .traffic_class = 0,
                 .reserved = 0};
    apply(op);
    op.kind = abi::TableOpKind::put_session;
    op.session = session_row(which);
    apply(op);
    put_route(IpAddress::v4(10, 0, 0, host), 32, abi::NextHopKind::session, which);
    put_route(v6(host, 0), 64, abi::NextHopKind::session, which);
  }

  static abi::SessionRow session_row(unsigned which) {
    const auto host = static_cast<std::uint8_t>(kSession[which]);
    return {.tunnel = TunnelId(kTunnel[which]),
            .session = SessionId(kSession[which]),
            .peer_tunnel = PeerTunnelId(77),
            .peer_session = PeerSessionId(99),
            .flags = abi::kSessionIpv4 | abi::kSessionIpv6 | abi::kSessionAnswerEcho,
            .magic = 0x11223344,
            .mtu = 1460,
            .reorder_packets = static_cast<std::uint8_t>(which == 0 ? 0 : 4),
            .reorder_milliseconds = kPatience,
            .onward = 0,
            .ipv4 = IpAddress::v4(10, 0, 0, host),
            .ipv6 = {v6(host, 0), 64},
            .reserved = 0,
            .mss = 0,
            .reserved2 = {}};
  }

  void put_session(std::uint16_t tunnel, std::uint16_t session, std::uint32_t flags, std::uint32_t onward) {
    abi::TableOp op;
    op.kind = abi::TableOpKind::put_session;
    op.session = session_row(1);
    op.session.tunnel = TunnelId(tunnel);
    op.session.session = SessionId(session);
    op.session.flags = flags;
    op.session.onward = onward;
    op.session.mss = 1400;
    apply(op);
  }
  void put_circuit(std::uint16_t id, std::uint16_t outer, std::uint16_t inner, TunnelId tunnel, std::uint16_t session) {
    abi::TableOp op;
    op.kind = abi::TableOpKind::put_circuit;
    op.circuit = {.circuit = circuit_id(kUserMac[5], id, 0),
                  .port = PortId(0),
                  .mac = kUserMac,
                  .outer_vlan = outer,
                  .inner_vlan = inner,
                  .outer_type = wire_format::kEtherQinq,
                  .tunnel = tunnel,
                  .session = SessionId(session),
                  .reserved = {}};
    apply(op);
  }

  void apply(const abi::TableOp& op) { require(agent.apply(op)); }
  void put_route(const IpAddress& address, std::uint8_t length, abi::NextHopKind kind, unsigned to) {
    abi::TableOp op;
    op.kind = abi::TableOpKind::put_route;
    op.route.prefix = {address, length};
    op.route.kind = kind;
    op.route.neighbour = NeighbourId(to);
    op.route.tunnel = TunnelId(kTunnel[to]);
    op.route.session = SessionId(kSession[to]);
    apply(op);
  }

  // The others are written behind the first fragment of a datagram.
  static bool is_first_fragment(std::span<const std::uint8_t> frame) {
    const auto at = [&](std::size_t i) { return i < frame.size() ? frame[i] : 0u; };
    if (at(12) == 0x08) return (at(20) & 0x3f) == 0x20 && at(21) == 0;
    return at(12) == 0x86 && at(20) == 44 && at(56) == 0 && (at(57) & 0xf8) == 0;
  }

  rte_mbuf* make_packet(std::span<const std::uint8_t> content) {
    rte_mbuf* mbuf = rte_pktmbuf_alloc(pool);
    require(mbuf != nullptr);
    ASAN_UNPOISON_MEMORY_REGION(mbuf->buf_addr, mbuf->buf_len);  // what the drop node freed is still closed
    std::ranges::copy(content, rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(content.size())));
    auto* begin = static_cast<std::uint8_t*>(mbuf->buf_addr);
    const std::size_t end = mbuf->data_off + content.size();
    ASAN_POISON_MEMORY_REGION(begin, mbuf->data_off - kOpenHeadroom);
    if (!is_first_fragment(content)) ASAN_POISON_MEMORY_REGION(begin + end, mbuf->buf_len - end);
    return mbuf;
  }
  // As if the calls were new, with sequence numbers from the first.
  void forget_sequences() {
    for (const unsigned session : {kSession[0], kSession[1], kLacSession, kSwitched[0], kSwitched[1]}) {
      new (&tables.sessions.sequence(SessionIndex{session})) tables::SequenceState{};  // one bank: the id is the index
      tables.sessions.note_peer_numbers(SessionIndex{session}, false);
    }
  }

  std::uint64_t take_drops() {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < abi::kDrops; ++i) {
      const std::uint64_t dropped = drops->drops[i].exchange(0);
      seen.drops[i] += dropped;
      count += dropped;
    }
    return count;
  }

  // What came out, apart from the order of packets that came in one burst and the ids that they got by it.
  struct Seen {
    std::vector<std::vector<std::uint8_t>> packets;  // the first octet: the port, or 2 and what the agent is told
    std::array<std::uint64_t, abi::kDrops> drops{};
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  Seen take_seen() {
    std::ranges::sort(seen.packets);
    return std::exchange(seen, {});
  }
  Seen seen;

  rte_mempool* pool;
  tables::Tables tables{1, 0};
  dataplane::TableAgent agent{tables, 2};
  std::array<nodes::PortFacts, 2> ports{nodes::PortFacts{.mac = kPortMac[0]}, nodes::PortFacts{.mac = kPortMac[1]}};
  std::unique_ptr<abi::DropCounters> drops = std::make_unique<abi::DropCounters>();
  std::vector<abi::PortCounters> port_counters{2};
  std::vector<abi::SessionCounters> session_counters{65536};
  std::vector<abi::SequenceCounters> sequence_counters{65536};
  HangUpsMemory hang_ups;
  nodes::Context context{.tables = tables,
                         .ports = ports,
                         .drops = drops.get(),
                         .port_counters = port_counters.data(),
                         .session_counters = session_counters.data(),
                         .sequence_counters = sequence_counters.data(),
                         .hang_ups = hang_ups.view(),
                         .tx = std::vector<nodes::Outbox>(2),
                         .agent = {}};
  PuntMemory punt_memory;
  abi::Ring punt_ring = punt_memory.ring();
  dataplane::Punter punter{punt_ring, *drops};
};

}  // namespace holdfast::fuzz
