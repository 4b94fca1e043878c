#include "dataplane/table_agent.hpp"

#include "access.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::test {
namespace {

using abi::TableOp;
using abi::TableOpKind;

TableOp sweep(TableOpKind kind, std::uint64_t generation) {
  TableOp op;
  op.kind = kind;
  op.generation = generation;
  return op;
}
TableOp put_session(const abi::SessionRow& row) {
  TableOp op;
  op.kind = TableOpKind::put_session;
  op.session = row;
  return op;
}
TableOp put_route(const IpAddress& address, unsigned length, abi::NextHopKind kind, unsigned tunnel = 0,
                  unsigned session = 0) {
  TableOp op;
  op.kind = TableOpKind::put_route;
  op.route.prefix = {address, static_cast<std::uint8_t>(length)};
  op.route.kind = kind;
  op.route.tunnel = TunnelId(static_cast<std::uint16_t>(tunnel));
  op.route.session = SessionId(static_cast<std::uint16_t>(session));
  return op;
}

class Agent : public testing::Test {
 protected:
  Lns lns;
  dataplane::TableAgent& agent = lns.agent;
  tables::Tables& tables = lns.tables;
  const Bytes frame = ethernet(kPort1, kCoreMac, 0x0800) + ip(kCore4, kUser4, Bytes(8));
};

TEST_F(Agent, RemovesWhatASweepDidNotPut) {
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::begin_sweep, 5)));
  lns.put(lns.tunnel_row());
  lns.put_route(kLocal4, 32, abi::NextHopKind::kernel);
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::end_sweep, 5)));
  agent.settle();
  EXPECT_EQ(agent.tunnels(), 1u);
  EXPECT_EQ(agent.routes(), 1u);
  EXPECT_EQ(tables.sessions.size(), 0u);
  EXPECT_FALSE(tables.neighbours.at(NeighbourId(0)));
  EXPECT_EQ(tables.route4.lookup(kUser4.v4_value()), tables::NextHop{});
  EXPECT_EQ(tables.route4.lookup(kLocal4.v4_value()).kind(), tables::HopKind::local);
  EXPECT_EQ(tables.tunnels.at(kTunnel).family.load(), 4u);
}

// Control came back and puts every row again: packets in between must not notice.
TEST_F(Agent, ForwardsOnDuringASweep) {
  const auto expect_forwarding = [&] { EXPECT_EQ(lns.receive(frame, 1).sent.size(), 1u); };
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::begin_sweep, 6)));
  expect_forwarding();
  lns.put(lns.tunnel_row());
  expect_forwarding();
  lns.put(lns.session_row());
  expect_forwarding();
  lns.put_route(kUser4, 32, abi::NextHopKind::session);
  lns.put_route(kPeer4, 32, abi::NextHopKind::neighbour, 0);
  TableOp neighbour;
  neighbour.kind = TableOpKind::put_neighbour;
  neighbour.neighbour = {NeighbourId(0), PortId(0), kPeerMac, {}};
  EXPECT_TRUE(agent.apply(neighbour));
  expect_forwarding();
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::end_sweep, 6)));
  agent.settle();
  expect_forwarding();
}

TEST_F(Agent, IgnoresTheEndOfAnotherSweep) {
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::begin_sweep, 7)));
  EXPECT_FALSE(agent.apply(sweep(TableOpKind::end_sweep, 8)));
  EXPECT_EQ(tables.sessions.size(), 1u);
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::end_sweep, 7)));
  EXPECT_EQ(tables.sessions.size(), 0u);
  EXPECT_FALSE(agent.apply(sweep(TableOpKind::end_sweep, 7)));
}

TEST_F(Agent, GivesARowToAnotherTunnelOnlyWhenItsSessionIsStale) {
  auto row = lns.session_row();
  row.tunnel = TunnelId(8);  // the same bank, so the same row
  EXPECT_FALSE(agent.apply(put_session(row)));
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::begin_sweep, 9)));
  EXPECT_TRUE(agent.apply(put_session(row)));
  EXPECT_FALSE(agent.apply(put_session(lns.session_row())));
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::end_sweep, 9)));
  EXPECT_EQ(tables.sessions.at(SessionIndex{9}).identity().tunnel, TunnelId(8));
}

TEST_F(Agent, RefusesWhatMakesNoSense) {
  auto tunnel = lns.tunnel_row();
  tunnel.local = kLocal6;
  TableOp op;
  op.kind = TableOpKind::put_tunnel;
  op.tunnel = tunnel;
  EXPECT_FALSE(agent.apply(op));  // two families
  auto session = lns.session_row();
  session.session = SessionId(0);
  EXPECT_FALSE(agent.apply(put_session(session)));
  session = lns.session_row();
  session.ipv6.length = 129;
  EXPECT_FALSE(agent.apply(put_session(session)));
  EXPECT_FALSE(agent.apply(put_route(kUser4, 33, abi::NextHopKind::kernel)));
  EXPECT_FALSE(agent.apply(put_route(kUser6, 129, abi::NextHopKind::kernel)));
  EXPECT_FALSE(agent.apply(put_route(kUser4, 32, abi::NextHopKind::session)));
  EXPECT_FALSE(agent.apply(put_route(kUser4, 32, static_cast<abi::NextHopKind>(99))));
  op = {};
  op.kind = TableOpKind::put_neighbour;
  op.neighbour = {NeighbourId(0), PortId(2), kPeerMac, {}};
  EXPECT_FALSE(agent.apply(op));
  op.neighbour = {NeighbourId(65536), PortId(0), kPeerMac, {}};
  EXPECT_FALSE(agent.apply(op));
  op.kind = static_cast<TableOpKind>(77);
  EXPECT_FALSE(agent.apply(op));
}

class AccessAgent : public testing::Test {
 protected:
  static TableOp put(const abi::CircuitRow& row) {
    TableOp op;
    op.kind = TableOpKind::put_circuit;
    op.circuit = row;
    return op;
  }
  Access access{kAccess};
  dataplane::TableAgent& agent = access.agent;
  tables::CircuitTable& circuits = access.tables.circuits;
};

TEST_F(AccessAgent, RefusesCircuitsThatMakeNoSense) {
  const auto refused = [&](auto change) {
    auto row = access.circuit_row();
    change(row);
    return !agent.apply(put(row));
  };
  const auto id = [](unsigned raw) { return CircuitId(raw); };
  EXPECT_TRUE(refused([&](auto& row) { row.circuit = id(0); }));
  EXPECT_TRUE(refused([&](auto& row) { row.circuit = id(0xffff); }));
  EXPECT_TRUE(refused([&](auto& row) { row.circuit = id(0x10001); })) << "no such bank";
  EXPECT_TRUE(refused([](auto& row) { row.port = PortId(2); }));
  EXPECT_TRUE(refused([](auto& row) { row.mac[0] = 1; })) << "multicast";
  EXPECT_TRUE(refused([](auto& row) { row.tunnel = {}; }));
  EXPECT_TRUE(refused([](auto& row) { row.session = {}; }));
  EXPECT_TRUE(refused([](auto& row) { row.inner_vlan = 5; })) << "an inner tag alone";
  EXPECT_TRUE(refused([](auto& row) { row.outer_vlan = 4095; }));
  EXPECT_TRUE(refused([](auto& row) { row.outer_vlan = 1, row.inner_vlan = 4095; }));
  EXPECT_TRUE(refused([](auto& row) { row.outer_vlan = 1, row.outer_type = 0x9100; }));
  EXPECT_EQ(circuits.size(), 1u);
  EXPECT_EQ(circuits.at(kCircuit).session().tunnel, kAccess);
}

TEST_F(AccessAgent, RefusesSessionsThatLeadNowhere) {
  const auto refused = [&](auto change) {
    auto row = access.access_row();
    change(row);
    return !agent.apply(put_session(row));
  };
  EXPECT_TRUE(refused([](auto& row) { row.onward = 65536; }));
  EXPECT_TRUE(refused([](auto& row) { row.flags |= abi::kSessionToSession; }));
  EXPECT_TRUE(refused([](auto& row) { row.flags = 0; })) << "an access tunnel has nothing but circuits";
  auto tunnel = access.tunnel_row();
  tunnel.tunnel = kAccess;
  TableOp op;
  op.kind = TableOpKind::put_tunnel;
  op.tunnel = tunnel;
  EXPECT_FALSE(agent.apply(op)) << "an access tunnel has no peer";
}

TEST_F(AccessAgent, GivesACircuitToAnotherSubscriber) {
  auto row = access.circuit_row();
  row.mac[1] = 0x77;
  EXPECT_TRUE(agent.apply(put(row)));
  EXPECT_EQ(circuits.size(), 1u);
  const Bytes frame = access.from_circuit(be16(0xc021) + Bytes{9, 7, 0, 8, 1, 2, 3, 4});
  EXPECT_EQ(access.receive(frame, 1), dropped(abi::Drop::pppoe_wrong_source));
  access.put_circuit(access.circuit_row());
  EXPECT_EQ(access.receive(frame, 1).sent.size(), 1u);
  access.remove_circuit();
  access.remove_circuit();
  EXPECT_EQ(circuits.size(), 0u);
  EXPECT_EQ(access.receive(frame, 1), dropped(abi::Drop::pppoe_no_session));
}

TEST_F(AccessAgent, KeepsCircuitsThroughASweepThatPutsThemAndRemovesTheRest) {
  auto other = access.circuit_row();
  other.circuit = circuit_id(kUserMac[5], 7, 0);
  access.put_circuit(other);
  const Bytes frame = access.from_circuit(be16(0xc021) + Bytes{9, 7, 0, 8, 1, 2, 3, 4});
  const auto expect_forwarding = [&] { EXPECT_EQ(access.receive(frame, 1).sent.size(), 1u); };
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::begin_sweep, 3)));
  access.put_circuit(access.circuit_row());
  expect_forwarding();
  access.put(access.access_row());
  expect_forwarding();
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::end_sweep, 3)));
  expect_forwarding();
  EXPECT_EQ(circuits.size(), 1u);
  EXPECT_EQ(circuits.at(other.circuit).id(), CircuitId{});
}

// Every bank has its own circuit of one PPPoE session id.
TEST(CircuitTable, FindsACircuitByTheLastOctetOfItsMacAddress) {
  tables::Tables tables{1, 2};
  dataplane::TableAgent agent{tables, 2};
  for (std::uint8_t last = 0; last < 8; ++last) {
    TableOp op;
    op.kind = TableOpKind::put_circuit;
    op.circuit.circuit = circuit_id(last, 42, 2);
    op.circuit.mac = {2, 0, 0, 0, 0, last};
    op.circuit.tunnel = access_tunnel(0);
    op.circuit.session = SessionId(static_cast<std::uint16_t>(last + 1u));
    EXPECT_TRUE(agent.apply(op));
  }
  EXPECT_EQ(tables.circuits.size(), 4u) << "of a bank's two, the later one has the row";
  for (std::uint8_t last = 4; last < 8; ++last)
    EXPECT_EQ(tables.circuits.at(tables.circuits.id(last, 42)).session().id.raw, last + 1u);
}

TEST_F(Agent, TakesRemovalsOfWhatIsNotThere) {
  for (const auto kind : {TableOpKind::remove_tunnel, TableOpKind::remove_session, TableOpKind::remove_route,
                          TableOpKind::remove_neighbour, TableOpKind::remove_circuit}) {
    TableOp op;
    op.kind = kind;
    EXPECT_TRUE(agent.apply(op));
  }
}

TEST_F(Agent, FollowsTheRoutesToThePeer) {
  const IpAddress peer_network = IpAddress::v4(192, 0, 2, 0);
  lns.put_route(peer_network, 24, abi::NextHopKind::neighbour, 1);
  EXPECT_EQ(lns.receive(frame, 1).sent.at(0).first, 0u);
  TableOp remove;
  remove.kind = TableOpKind::remove_route;
  remove.route.prefix = {kPeer4, 32};
  EXPECT_TRUE(agent.apply(remove));
  agent.settle();
  EXPECT_EQ(lns.receive(frame, 1).sent.at(0).first, 1u);
  lns.put_route(peer_network, 24, abi::NextHopKind::kernel);
  EXPECT_EQ(lns.receive(frame, 1).to_agent.at(0).first, nodes::Handoff::to_tun);
}

TEST_F(Agent, ChangesASessionInPlace) {
  auto row = lns.session_row();
  row.peer_session = PeerSessionId(0x1111);
  row.mtu = 1400;
  lns.put(row);
  const auto& slot = tables.sessions.at(SessionIndex{9});
  EXPECT_EQ(slot.identity().peer_session, PeerSessionId(0x1111));
  EXPECT_EQ(slot.mtu(), 1400u);
  EXPECT_EQ(tables.sessions.size(), 1u);
}

// As many sessions as a bank holds, each with its two routes: all installed, all found, all gone.
TEST_F(Agent, HoldsAFullBankOfSessions) {
  const auto row_of = [&](unsigned id) {
    auto row = lns.session_row();
    row.session = SessionId(static_cast<std::uint16_t>(id));
    row.peer_session = PeerSessionId(static_cast<std::uint16_t>(id));
    row.ipv4 = IpAddress::v4(100u << 24 | 64u << 16 | id);
    row.ipv6 = {v6({0x2001, 0xdb8, 0x8000, id}), 64};
    return row;
  };
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::begin_sweep, 1)));
  for (unsigned id = 1; id < 65536; ++id) {
    const auto row = row_of(id);
    ASSERT_TRUE(agent.apply(put_session(row)));
    ASSERT_TRUE(agent.apply(put_route(row.ipv4, 32, abi::NextHopKind::session, kTunnel.raw, id)));
    ASSERT_TRUE(agent.apply(put_route(row.ipv6.address, 64, abi::NextHopKind::session, kTunnel.raw, id)));
  }
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::end_sweep, 1)));
  EXPECT_EQ(tables.sessions.size(), 65535u);
  for (unsigned id = 1; id < 65536; ++id) {
    const auto row = row_of(id);
    IpAddress host = row.ipv6.address;
    host.octets[15] = 7;
    ASSERT_EQ(tables.route4.lookup(row.ipv4.v4_value()), tables::to_session(SessionIndex{id}));
    ASSERT_EQ(tables.route6.lookup(host.octets.data()), tables::to_session(SessionIndex{id}));
    ASSERT_EQ(tables.sessions.at(SessionIndex{id}).identity().peer_session, row.peer_session);
  }
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::begin_sweep, 2)));
  EXPECT_TRUE(agent.apply(sweep(TableOpKind::end_sweep, 2)));
  EXPECT_EQ(tables.sessions.size(), 0u);
  EXPECT_EQ(agent.routes(), 0u);
  EXPECT_TRUE(tables.route4.empty() && tables.route6.empty());
}

}  // namespace
}  // namespace holdfast::test
