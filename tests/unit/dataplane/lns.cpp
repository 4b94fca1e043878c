#include "lns.hpp"

#include "nodes/graph.hpp"

#include <rte_eal.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace holdfast::test {
namespace {

rte_mempool* pool = nullptr;

// EAL can be started once a process.
class Dpdk : public testing::Environment {
 public:
  void SetUp() override {
    std::vector<std::string> arguments{"test", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
                                       "-m",   "256",       "--lcores",    "0",        "--log-level=*:error"};
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    ASSERT_GE(rte_eal_init(static_cast<int>(argv.size()), argv.data()), 0);
    pool =
        rte_pktmbuf_pool_create("test", 2047, 0, sizeof(nodes::HandoffNote), RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    ASSERT_NE(pool, nullptr);
  }
};
[[maybe_unused]] testing::Environment* const dpdk = testing::AddGlobalTestEnvironment(new Dpdk);

Bytes content(rte_mbuf* mbuf) {
  const std::uint8_t* data = nodes::octets(mbuf);
  return Bytes(data, data + mbuf->data_len);
}

}  // namespace

rte_mbuf* make_mbuf(const Bytes& content) {
  rte_mbuf* mbuf = rte_pktmbuf_alloc(pool);
  std::copy(content.begin(), content.end(), rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(content.size())));
  return mbuf;
}

unsigned mbufs_in_use() { return rte_mempool_in_use_count(pool); }

Outcome sent(unsigned port, Bytes frame) { return {.sent = {{port, std::move(frame)}}, .to_agent = {}, .drops = {}}; }
Outcome handed(nodes::Handoff kind, Bytes data) {
  return {.sent = {}, .to_agent = {{kind, std::move(data)}}, .drops = {}};
}
Outcome dropped(abi::Drop reason) {
  return {.sent = {}, .to_agent = {}, .drops = {{std::string(abi::kDropNames[static_cast<std::size_t>(reason)]), 1}}};
}

Lns::Lns(int outer)
    : outer_(outer),
      context{.tables = tables,
              .ports = ports,
              .drops = drops.get(),
              .port_counters = port_counters.data(),
              .session_counters = all_session_counters.data(),
              .sequence_counters = all_sequence_counters.data(),
              .hang_ups = hang_ups.view(),
              .tx = std::vector<nodes::Outbox>(2),
              .agent = {},
              .common_path = std::getenv("HOLDFAST_NODES_ALONE") == nullptr} {
  tables.readers.online(0);
  tables.readers.offline(0);  // the writer must not wait for this very thread
  abi::TableOp op;
  op.kind = abi::TableOpKind::put_neighbour;
  op.neighbour = {NeighbourId(0), PortId(0), kPeerMac, {}};
  EXPECT_TRUE(agent.apply(op));
  op.neighbour = {NeighbourId(1), PortId(1), kCoreMac, {}};
  EXPECT_TRUE(agent.apply(op));
  put_route(kLocal4, 32, abi::NextHopKind::kernel);
  put_route(kLocal6, 128, abi::NextHopKind::kernel);
  put_route(kPeer4, 32, abi::NextHopKind::neighbour, 0);
  put_route(kPeer6, 128, abi::NextHopKind::neighbour, 0);
  put_route(IpAddress::v4(0), 0, abi::NextHopKind::neighbour, 1);
  put_route(kNone, 0, abi::NextHopKind::neighbour, 1);
  put(tunnel_row());
  put(session_row());
  put_route(kUser4, 32, abi::NextHopKind::session);
  put_route(v6({0x2001, 0xdb8, 9}), 64, abi::NextHopKind::session);
}

Lns::~Lns() { EXPECT_EQ(mbufs_in_use(), 0u); }

abi::TunnelRow Lns::tunnel_row() const {
  return {.local = local(),
          .peer = peer(),
          .local_port = 1701,
          .peer_port = 1701,
          .tunnel = kTunnel,
          .peer_tunnel = PeerTunnelId(77),
          .flags = 0,
          .traffic_class = 0,
          .reserved = 0};
}

abi::SessionRow Lns::session_row() const {
  return {.tunnel = kTunnel,
          .session = kSession,
          .peer_tunnel = PeerTunnelId(77),
          .peer_session = PeerSessionId(99),
          .flags = abi::kSessionIpv4 | abi::kSessionIpv6 | abi::kSessionAnswerEcho,
          .magic = kMagic,
          .mtu = 1460,
          .reorder_packets = 0,
          .reorder_milliseconds = 0,
          .onward = 0,
          .ipv4 = kUser4,
          .ipv6 = {v6({0x2001, 0xdb8, 9}), 64},
          .reserved = 0,
          .mss = 0,
          .reserved2 = {}};
}

void Lns::put(const abi::TunnelRow& row) {
  abi::TableOp op;
  op.kind = abi::TableOpKind::put_tunnel;
  op.tunnel = row;
  EXPECT_TRUE(agent.apply(op));
}

void Lns::put(const abi::SessionRow& row) {
  abi::TableOp op;
  op.kind = abi::TableOpKind::put_session;
  op.session = row;
  EXPECT_TRUE(agent.apply(op));
}

void Lns::put_route(const IpAddress& address, unsigned length, abi::NextHopKind kind, unsigned neighbour) {
  abi::TableOp op;
  op.kind = abi::TableOpKind::put_route;
  op.route.prefix = {address, static_cast<std::uint8_t>(length)};
  op.route.kind = kind;
  op.route.neighbour = NeighbourId(neighbour);
  op.route.tunnel = kTunnel;
  op.route.session = kSession;
  EXPECT_TRUE(agent.apply(op));
  agent.settle();
}

Outcome Lns::receive(const Bytes& frame, unsigned port) { return receive(std::vector<Bytes>{frame}, port); }

Outcome Lns::receive(const std::vector<Bytes>& frames, unsigned port) {
  std::vector<rte_mbuf*> mbufs;
  for (const auto& frame : frames) mbufs.push_back(make_mbuf(frame));
  nodes::run_frames(context, PortId(static_cast<std::uint16_t>(port)), mbufs);
  return collect();
}

Outcome Lns::hand(nodes::HandoffNote note, const Bytes& data) {
  rte_mbuf* mbuf = make_mbuf(data);
  nodes::note(mbuf) = note;
  nodes::run_handoffs(context, {&mbuf, 1});
  return collect();
}

Outcome Lns::wait(unsigned milliseconds) {
  context.now += milliseconds;
  return collect();
}

Outcome Lns::collect() {
  Outcome outcome;
  take(outcome);
  nodes::expire_fragments(context);
  take(outcome);
  while (context.reorder.has_work(context.now)) {
    nodes::run_ready(context);
    take(outcome);
  }
  return outcome;
}

void Lns::take(Outcome& outcome) {
  for (unsigned port = 0; port < ports.size(); ++port) {
    auto& out = context.tx[port];
    for (unsigned i = 0; i < out.count; ++i) {
      outcome.sent.emplace_back(port, content(out.packets[i]));
      rte_pktmbuf_free(out.packets[i]);
    }
    out.count = 0;
  }
  for (unsigned i = 0; i < context.agent.count; ++i) {
    outcome.to_agent.emplace_back(nodes::note(context.agent.packets[i]).kind, content(context.agent.packets[i]));
    rte_pktmbuf_free(context.agent.packets[i]);
  }
  context.agent.count = 0;
  for (std::size_t i = 0; i < abi::kDrops; ++i)
    if (const auto count = drops->drops[i].exchange(0)) outcome.drops[std::string(abi::kDropNames[i])] += count;
}

Bytes Lns::from_peer(const Bytes& l2tp_message) const {
  return ethernet(kPort0, kPeerMac, outer_ == 4 ? 0x0800 : 0x86dd) +
         ip(peer(), local(), udp(1701, 1701, l2tp_message, peer(), local()));
}

Bytes Lns::to_peer(const Bytes& l2tp_message, unsigned id, bool checksum) const {
  const bool with_checksum = checksum || outer_ == 6;
  const Bytes datagram = with_checksum ? udp(1701, 1701, l2tp_message, local(), peer()) : udp(1701, 1701, l2tp_message);
  return ethernet(kPeerMac, kPort0, outer_ == 4 ? 0x0800 : 0x86dd) + ip(local(), peer(), datagram, {.id = id});
}

std::vector<std::uint64_t> Lns::session_counters() const {
  const auto& counters = all_session_counters[kSession.raw];
  return {counters.rx_packets, counters.rx_octets, counters.tx_packets, counters.tx_octets};
}

Lns::Sequence Lns::sequence_counters() const {
  const auto& counters = all_sequence_counters[kSession.raw];
  return {counters.lost, counters.late, counters.reordered, counters.restarts};
}

}  // namespace holdfast::test
