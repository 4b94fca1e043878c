#include "graph_router.hpp"

#include "../unit/dataplane/packets.hpp"
#include "nodes/checksum.hpp"
#include "nodes/packet.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>

namespace holdfast::bench {
namespace {

using test::Bytes;
using test::operator+;

constexpr wire_format::Mac kPort[2]{{2, 0, 0, 0, 0, 0x10}, {2, 0, 0, 0, 0, 0x11}},
    kNext[2]{{2, 0, 0, 0, 0, 0x20}, {2, 0, 0, 0, 0, 0x21}};
constexpr std::uint32_t kSessionsOfTunnel = 1024;
constexpr std::uint16_t kPeerTunnel = 501;

bool is_lac(Way way) { return way == Way::lac_up || way == Way::lac_down; }
unsigned bank_bits(const Case& c) {
  return static_cast<unsigned>(std::countr_zero(std::bit_ceil(c.sessions / 65535 + 1)));
}

IpAddress local(unsigned family) { return family == 4 ? IpAddress::v4(192, 0, 2, 1) : test::v6({0x2001, 0xdb8}, {1}); }
IpAddress peer(unsigned family) { return family == 4 ? IpAddress::v4(192, 0, 2, 2) : test::v6({0x2001, 0xdb8}, {2}); }
IpAddress host(unsigned family) {
  return family == 4 ? IpAddress::v4(198, 51, 100, 9) : test::v6({0x2001, 0xdb8, 9}, {9});
}
constexpr std::uint32_t kFirstSubscriber = 10u << 24;
IpAddress subscriber4(std::uint32_t n) { return IpAddress::v4(kFirstSubscriber + 256 + n); }
IpAddress subscriber6(std::uint32_t n) { return test::v6({0x2001, 0xdb8, 0x64 + (n >> 16), n & 0xffff}, {1}); }
wire_format::Mac subscriber_mac(std::uint32_t n, CircuitId circuit) {
  return {2,
          1,
          static_cast<std::uint8_t>(n >> 16),
          static_cast<std::uint8_t>(n >> 8),
          static_cast<std::uint8_t>(n),
          static_cast<std::uint8_t>(circuit.raw >> 16)};
}

void put16(std::uint8_t* at, std::uint16_t value) {
  const Be16 wire(value);
  std::memcpy(at, &wire, sizeof(wire));
}

Bytes inner_packet(const Case& c, const IpAddress& from, const IpAddress& to) {
  return test::ip(from, to, test::udp(4000, 4001, Bytes(c.size - 8 - (c.inner == 4 ? 20 : 40))));
}

}  // namespace

void FreeMemory::operator()(void* memory) const { ::munmap(memory, octets); }

Router::Router(const Case& c) : case_(c), bank_bits_(bank_bits(c)), tables_(1, bank_bits_) {
  for (const auto& mac : kPort) ports_.push_back({.mac = mac});
  // As the dataplane has them: shared memory.
  const std::size_t rows = std::size_t{65536} << bank_bits_;
  const std::size_t octets = rows * (sizeof(abi::SessionCounters) + sizeof(abi::SequenceCounters));
  void* memory = ::mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  counters_ = {memory, FreeMemory{octets}};
  auto* sessions = static_cast<abi::SessionCounters*>(memory);
  context_.reset(new nodes::Context{.tables = tables_,
                                    .ports = ports_,
                                    .drops = &drops_,
                                    .port_counters = port_counters_.data(),
                                    .session_counters = sessions,
                                    .sequence_counters = reinterpret_cast<abi::SequenceCounters*>(sessions + rows),
                                    .tx = std::vector<nodes::Outbox>(2),
                                    .agent = {},
                                    .ticks_per_millisecond = 1});
  tables_.readers.online(0);
  tables_.readers.offline(0);  // the writer must not wait for this very thread
  put_ways();
  put_tunnels();
  for (std::uint32_t n = 0; n < c.sessions; ++n) put_session(n);
  agent_.settle();
  template_ = make_template();
  next_ns_.resize(c.sequence ? c.sessions : 0);
}

std::uint64_t Router::dropped() const {
  std::uint64_t sum = 0;
  for (const auto& drop : drops_.drops) sum += drop;
  return sum;
}

// So many that each bank has equally many.
std::uint32_t Router::tunnels() const {
  const std::uint32_t banks = 1u << bank_bits_;
  const std::uint32_t enough = case_.sessions <= 65535 ? 1 : case_.sessions / kSessionsOfTunnel;
  return (enough + banks - 1) / banks * banks;
}

Router::Place Router::place(std::uint32_t n) const {
  const std::uint32_t count = tunnels(), tunnel = n % count;
  const std::uint32_t row = n / count * (count >> bank_bits_) + (tunnel >> bank_bits_);
  return {TunnelId(static_cast<std::uint16_t>(1 + tunnel)), SessionId(static_cast<std::uint16_t>(1 + row))};
}

void Router::apply(const abi::TableOp& op) {
  if (agent_.apply(op)) return;
  std::fprintf(stderr, "the table agent refuses a row\n");
  std::abort();
}

void Router::put_route(const IpAddress& address, unsigned length, abi::NextHopKind kind, unsigned neighbour, Place to) {
  abi::TableOp op;
  op.kind = abi::TableOpKind::put_route;
  op.route.prefix = {address, static_cast<std::uint8_t>(length)};
  op.route.kind = kind;
  op.route.neighbour = NeighbourId(neighbour);
  op.route.tunnel = to.tunnel;
  op.route.session = to.session;
  apply(op);
}

void Router::put_ways() {
  for (std::uint16_t port = 0; port < 2; ++port) {
    abi::TableOp op;
    op.kind = abi::TableOpKind::put_neighbour;
    op.neighbour = {NeighbourId(port), PortId(port), kNext[port], {}};
    apply(op);
  }
  const unsigned to_peer = case_.way == Way::lac_up || case_.way == Way::lac_down ? 1 : 0;
  for (const unsigned family : {4u, 6u}) {
    const unsigned longest = family == 4 ? 32 : 128;
    put_route(local(family), longest, abi::NextHopKind::kernel, 0);
    put_route(peer(family), longest, abi::NextHopKind::neighbour, to_peer);
    put_route(host(family), longest, abi::NextHopKind::neighbour, 1);
  }
}

void Router::put_tunnels() {
  for (std::uint32_t i = 0; i < tunnels(); ++i) {
    abi::TableOp op;
    op.kind = abi::TableOpKind::put_tunnel;
    op.tunnel = {.local = local(case_.outer),
                 .peer = peer(case_.outer),
                 .local_port = 1701,
                 .peer_port = 1701,
                 .tunnel = TunnelId(static_cast<std::uint16_t>(1 + i)),
                 .peer_tunnel = PeerTunnelId(kPeerTunnel),
                 .flags = static_cast<std::uint16_t>(case_.udp_checksum ? abi::kTunnelUdpChecksum : 0),
                 .traffic_class = 0,
                 .reserved = 0};
    apply(op);
  }
}

void Router::put_session(std::uint32_t n) {
  const Place at = place(n);
  abi::TableOp op;
  op.kind = abi::TableOpKind::put_session;
  op.session = {.tunnel = at.tunnel,
                .session = at.session,
                .peer_tunnel = PeerTunnelId(kPeerTunnel),
                .peer_session = PeerSessionId(at.session.raw),
                .flags = case_.sequence ? std::uint32_t{abi::kSessionSendSequence} : 0,
                .magic = 0x11223344,
                .mtu = 1500,
                .reorder_packets = 0,
                .reorder_milliseconds = 0,
                .onward = 0,
                .ipv4 = subscriber4(n),
                .ipv6 = {subscriber6(n), 64},
                .reserved = 0,
                .mss = 0,
                .reserved2 = {}};
  if (!is_lac(case_.way)) {
    op.session.flags |= abi::kSessionIpv4 | abi::kSessionIpv6 | abi::kSessionAnswerEcho;
    apply(op);
    put_route(subscriber4(n), 32, abi::NextHopKind::session, 0, at);
    put_route(subscriber6(n), 64, abi::NextHopKind::session, 0, at);
    return;
  }
  const CircuitId circuit(tables_.sessions.index(at.tunnel, at.session).raw);
  op.session.flags |= abi::kSessionToCircuit | abi::kSessionMirrorSequence;
  op.session.onward = circuit.raw;
  apply(op);
  op.kind = abi::TableOpKind::put_circuit;
  op.circuit = {.circuit = circuit,
                .port = PortId(0),
                .mac = subscriber_mac(n, circuit),
                .outer_vlan = 0,
                .inner_vlan = 0,
                .outer_type = wire_format::kEtherVlan,
                .tunnel = at.tunnel,
                .session = at.session,
                .reserved = {}};
  apply(op);
}

// RFC 2661 3.1, RFC 2516 4.
Template Router::make_template() const {
  Template t;
  const unsigned ip_size = case_.inner == 4 ? 20 : 40;
  const bool from_user = case_.way != Way::lns_encap && case_.way != Way::lac_down;
  const IpAddress user = case_.inner == 4 ? subscriber4(0) : subscriber6(0);
  const Bytes packet =
      from_user ? inner_packet(case_, user, host(case_.inner)) : inner_packet(case_, host(case_.inner), user);
  const Bytes ppp = test::be16(case_.inner == 4 ? 0x0021 : 0x0057) + packet;
  const auto mac = [&](unsigned port, unsigned type) { return test::ethernet(kPort[port], kNext[port], type); };
  if (case_.way == Way::lns_encap) {
    t.frame = mac(1, case_.inner == 4 ? 0x0800 : 0x86dd) + packet;
    t.inner = 14;
  } else if (case_.way == Way::lac_up) {
    t.frame = mac(0, 0x8864) + Bytes{0x11, 0} + test::be16(0) + test::be16(test::size(ppp)) + ppp;
    t.mac = 6;
    t.pppoe_session = 16;
    t.inner = 22;
  } else {
    Bytes message = test::be16(case_.sequence ? 0x0802 : 2) + test::be32(0);
    if (case_.sequence) message = message + test::be32(0);
    message = message + Bytes{0xff, 3} + ppp;
    const auto from = peer(case_.outer), to = local(case_.outer);
    const Bytes datagram = case_.udp_checksum || case_.outer == 6 ? test::udp(1701, 1701, message, from, to)
                                                                  : test::udp(1701, 1701, message);
    t.frame = mac(is_lac(case_.way) ? 1 : 0, case_.outer == 4 ? 0x0800 : 0x86dd) + test::ip(from, to, datagram);
    const unsigned l2tp = 14 + (case_.outer == 4 ? 20 : 40) + 8;
    t.tunnel = l2tp + 2;
    t.session = l2tp + 4;
    if (case_.sequence) t.ns = l2tp + 6;
    t.inner = l2tp + 10 + (case_.sequence ? 4 : 0);
  }
  const bool is_source = from_user;
  t.address = t.inner + (case_.inner == 4 ? (is_source ? 12 : 16) : (is_source ? 8 : 24));
  if (ip_size == 40) t.inner = Template::kNowhere;
  return t;
}

void Router::make(rte_mbuf* mbuf, std::uint32_t n, std::uint32_t seed) {
  const Place at = place(n);
  rte_pktmbuf_reset(mbuf);
  mbuf->data_len = static_cast<std::uint16_t>(template_.frame.size());
  mbuf->pkt_len = mbuf->data_len;
  std::uint8_t* frame = nodes::octets(mbuf);
  std::memcpy(frame, template_.frame.data(), template_.frame.size());
  const auto& t = template_;
  if (t.tunnel != Template::kNowhere) put16(frame + t.tunnel, at.tunnel.raw);
  if (t.session != Template::kNowhere) put16(frame + t.session, at.session.raw);
  if (t.ns != Template::kNowhere) put16(frame + t.ns, next_ns_[n]++);
  if (t.mac != Template::kNowhere) {
    const CircuitId circuit(tables_.sessions.index(at.tunnel, at.session).raw);
    const auto mac = subscriber_mac(n, circuit);
    std::memcpy(frame + t.mac, mac.data(), mac.size());
    put16(frame + t.pppoe_session, pppoe_session(circuit));
  }
  const IpAddress user = case_.inner == 4 ? subscriber4(n) : subscriber6(n);
  const unsigned skipped = case_.inner == 4 ? 12 : 0;
  std::memcpy(frame + t.address, user.octets.data() + skipped, 16 - skipped);
  if (t.inner != Template::kNowhere) {
    put16(frame + t.inner + 10, 0);
    const auto sum = static_cast<std::uint16_t>(~nodes::fold(nodes::sum_words(frame + t.inner, 20)));
    std::memcpy(frame + t.inner + 10, &sum, sizeof(sum));
  }
  if (seed % 100 >= case_.garbage) return;
  // One octet of the headers is not what it was, or the end is missing.
  const std::uint32_t how = seed / 100;
  if (how % 4 == 0)
    nodes::shorten_to(mbuf, how / 4 % mbuf->data_len);
  else
    frame[how / 4 % std::min<std::uint32_t>(mbuf->data_len, 64)] ^= static_cast<std::uint8_t>(1 + how / 1024 % 255);
}

}  // namespace holdfast::bench
