// PPP that does not end here: between a circuit and its tunnel, and from one tunnel into another.
#include "access.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

using abi::Drop;
using nodes::Handoff;

const Bytes kFf03{0xff, 0x03};
// IPv4, IPv6, LCP Echo-Request, a protocol that nobody knows, a protocol field of one octet.
const std::vector<Bytes> kFrames{
    be16(0x21) + ip(kUser4, kCore4, udp(1, 2, Bytes(40, 1))), be16(0x57) + ip(kUser6, kCore6, udp(1, 2, Bytes(40, 2))),
    be16(0xc021) + Bytes{9, 7, 0, 8, 1, 2, 3, 4}, be16(0x4321) + Bytes(17, 3), Bytes{0x21} + Bytes(30, 4)};

struct Path {
  int outer;
  Vlans vlans;
};

class Lac : public testing::TestWithParam<Path> {
 protected:
  Access lac{kTunnel, GetParam().vlans, GetParam().outer};
};
INSTANTIATE_TEST_SUITE_P(OuterAndTags, Lac,
                         testing::Values(Path{4, {}}, Path{6, {}}, Path{4, {.outer = 100}},
                                         Path{4, {.outer = 4094, .outer_type = 0x88a8}},
                                         Path{4, {.outer = 100, .inner = 200}},
                                         Path{6, {.outer = 7, .inner = 4094, .outer_type = 0x88a8}}),
                         [](const auto& test) {
                           const Vlans& v = test.param.vlans;
                           return "Outer" + std::to_string(test.param.outer) + "Vlan" + std::to_string(v.outer) + "x" +
                                  std::to_string(v.inner) + (v.outer_type == 0x88a8 ? "Service" : "");
                         });

TEST_P(Lac, SendsEveryFrameOfTheCircuitIntoItsTunnelAndCountsIt) {
  unsigned id = 0;
  std::uint64_t octets = 0;
  for (const Bytes& frame : kFrames) {
    EXPECT_EQ(lac.receive(lac.from_circuit(frame), 1), sent(0, lac.to_user(kFf03 + frame, id++)));
    octets += frame.size();
  }
  EXPECT_EQ(lac.session_counters(), (std::vector<std::uint64_t>{kFrames.size(), octets, 0, 0}));
}

TEST_P(Lac, SendsEveryFrameOfTheTunnelToItsCircuitAndCountsIt) {
  std::uint64_t octets = 0;
  for (const Bytes& frame : kFrames) {
    EXPECT_EQ(lac.receive(lac.from_user(kFf03 + frame)), sent(1, lac.to_circuit(frame)));
    EXPECT_EQ(lac.receive(lac.from_user(frame)), sent(1, lac.to_circuit(frame)));
    octets += 2 * frame.size();
  }
  EXPECT_EQ(lac.session_counters(), (std::vector<std::uint64_t>{0, 0, 2 * kFrames.size(), octets}));
}

TEST_P(Lac, LeavesOutAddressAndControlFieldWhereThePeerWantsThat) {
  auto row = lac.access_row();
  row.flags |= abi::kSessionOmitFf03;
  lac.put(row);
  EXPECT_EQ(lac.receive(lac.from_circuit(kFrames[0]), 1), sent(0, lac.to_user(kFrames[0])));
}

TEST_P(Lac, CutsThePaddingOfShortFrames) {
  EXPECT_EQ(lac.receive(lac.from_circuit(kFrames[2]) + Bytes(24, 0), 1), sent(0, lac.to_user(kFf03 + kFrames[2])));
}

// RFC 2661 5.4: as the LNS does it, if it does.
TEST_P(Lac, NumbersDataMessagesAsItsPeerDoes) {
  auto row = lac.access_row();
  row.flags |= abi::kSessionMirrorSequence;
  lac.put(row);
  const Bytes frame = kFf03 + kFrames[0];
  EXPECT_EQ(lac.receive(lac.from_circuit(kFrames[0]), 1), sent(0, lac.to_user(frame)));
  const Bytes numbered = be16(0x0802) + be16(7) + be16(9) + be16(0) + be16(0) + frame;
  EXPECT_EQ(lac.receive(lac.from_peer(numbered)), sent(1, lac.to_circuit(kFrames[0])));
  const Bytes answer = be16(0x0802) + be16(77) + be16(99) + be16(0) + be16(0) + frame;
  EXPECT_EQ(lac.receive(lac.from_circuit(kFrames[0]), 1), sent(0, lac.to_peer(answer, 1)));
}

TEST_P(Lac, LetsEarlyDataMessagesWaitForTheirTurn) {
  auto row = lac.access_row();
  row.reorder_packets = 4;
  row.reorder_milliseconds = 10;
  lac.put(row);
  const auto numbered = [&](unsigned ns) {
    return lac.from_peer(be16(0x0802) + be16(7) + be16(9) + be16(ns) + be16(0) + kFf03 + kFrames[ns]);
  };
  EXPECT_EQ(lac.receive(numbered(0)), sent(1, lac.to_circuit(kFrames[0])));
  EXPECT_EQ(lac.receive(numbered(2)), Outcome{});
  Outcome both = sent(1, lac.to_circuit(kFrames[1]));
  both.sent.emplace_back(1, lac.to_circuit(kFrames[2]));
  EXPECT_EQ(lac.receive(numbered(1)), both);
  EXPECT_EQ(lac.receive(numbered(4)), Outcome{});
  EXPECT_EQ(lac.wait(10), sent(1, lac.to_circuit(kFrames[4])));
}

// The PPPoE header's 6 octets are part of what the port's MTU bounds; tags are not.
TEST_P(Lac, DropsWhatIsTooLongForThePort) {
  const Bytes fits(1494, 1);
  EXPECT_EQ(lac.receive(lac.from_user(kFf03 + fits)), sent(1, lac.to_circuit(fits)));
  EXPECT_EQ(lac.receive(lac.from_user(kFf03 + fits + Bytes{1})), dropped(Drop::pppoe_too_big));
}

TEST_P(Lac, DropsFramesWithNothingInThem) {
  EXPECT_EQ(lac.receive(lac.from_circuit({}), 1), dropped(Drop::pppoe_bad_length));
  EXPECT_EQ(lac.receive(lac.from_circuit(kFf03), 1), dropped(Drop::ppp_too_short));
  EXPECT_EQ(lac.receive(lac.from_user(kFf03)), dropped(Drop::ppp_too_short));
}

TEST_P(Lac, DropsFramesWhoseRowsDoNotNameEachOther) {
  const Bytes up = lac.from_circuit(kFrames[0]), down = lac.from_user(kFrames[0]);
  auto circuit = lac.circuit_row();
  circuit.session = SessionId(10);
  lac.put_circuit(circuit);
  EXPECT_EQ(lac.receive(up, 1), dropped(Drop::pppoe_no_session));
  EXPECT_EQ(lac.receive(down), dropped(Drop::pppoe_no_session));

  lac.put_circuit(lac.circuit_row());
  auto session = lac.access_row();
  session.onward = kCircuit.raw + 1;
  lac.put(session);
  EXPECT_EQ(lac.receive(up, 1), dropped(Drop::pppoe_no_session));
  EXPECT_EQ(lac.receive(down), dropped(Drop::pppoe_no_session));

  session = lac.session_row();
  session.flags = 0;
  lac.put(session);
  EXPECT_EQ(lac.receive(up, 1), dropped(Drop::pppoe_no_session));

  lac.put(lac.access_row());
  lac.remove_circuit();
  EXPECT_EQ(lac.receive(up, 1), dropped(Drop::pppoe_no_session));
  EXPECT_EQ(lac.receive(down), dropped(Drop::pppoe_no_session));
}

// Session 9 of tunnel 7 and session 10 of tunnel 8 are one: 192.0.2.2 behind port 0 and 198.51.100.2 behind port 1.
class Switch : public testing::Test {
 protected:
  void SetUp() override {
    auto tunnel = lns.tunnel_row();
    tunnel.tunnel = TunnelId(8);
    tunnel.peer = kCore4;
    tunnel.peer_tunnel = PeerTunnelId(88);
    lns.put(tunnel);
    auto row = lns.session_row();
    row.flags = abi::kSessionToSession;
    row.onward = 10;
    lns.put(row);
    lns.put(other_row());
  }
  abi::SessionRow other_row() const {
    auto row = lns.session_row();
    row.tunnel = TunnelId(8);
    row.session = SessionId(10);
    row.peer_tunnel = PeerTunnelId(88);
    row.peer_session = PeerSessionId(100);
    row.flags = abi::kSessionToSession | abi::kSessionOmitFf03;
    row.onward = 9;
    return row;
  }
  Bytes to_other(const Bytes& message, unsigned id) const {
    return ethernet(kCoreMac, kPort1, 0x0800) + ip(kLocal4, kCore4, udp(1701, 1701, message), {.id = id});
  }
  Bytes from_other(const Bytes& message) const {
    return ethernet(kPort1, kCoreMac, 0x0800) + ip(kCore4, kLocal4, udp(1701, 1701, message));
  }
  Lns lns;
};

TEST_F(Switch, SendsFramesOnInTheOtherTunnelAndBackAndCountsThem) {
  unsigned id = 0;
  for (const Bytes& frame : kFrames) {
    EXPECT_EQ(lns.receive(lns.from_user(kFf03 + frame)), sent(1, to_other(l2tp(88, 100, frame), id++)));
    EXPECT_EQ(lns.receive(from_other(l2tp(8, 10, frame)), 1), sent(0, lns.to_user(kFf03 + frame, id++)));
  }
  const std::uint64_t count = lns.all_session_counters[10].rx_packets, octets = lns.all_session_counters[10].rx_octets;
  EXPECT_EQ(count, kFrames.size());
  EXPECT_EQ(lns.session_counters(), (std::vector<std::uint64_t>{count, octets, count, octets}));
}

TEST_F(Switch, DropsFramesForASessionThatDoesNotLeadBack) {
  auto row = other_row();
  row.onward = 11;
  lns.put(row);
  EXPECT_EQ(lns.receive(lns.from_user(kFrames[0])), dropped(Drop::l2tp_no_session));
  row = other_row();
  row.flags = 0;
  lns.put(row);
  EXPECT_EQ(lns.receive(lns.from_user(kFrames[0])), dropped(Drop::l2tp_no_session));
  abi::TableOp op;
  op.kind = abi::TableOpKind::remove_session;
  op.session = other_row();
  ASSERT_TRUE(lns.agent.apply(op));
  EXPECT_EQ(lns.receive(lns.from_user(kFrames[0])), dropped(Drop::l2tp_no_session));
}

}  // namespace
}  // namespace holdfast::test
