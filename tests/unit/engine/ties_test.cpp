// Two ends that ask each other for a tunnel at the same time (RFC 2661 4.4.3, Tie Breaker AVP).
#include "l2tp/builder.hpp"
#include "pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::engine::test {
namespace {

using l2tp::AvpType;
using l2tp::TunnelState;
using std::chrono::seconds;

const IpAddress kLns = address_of(false, 1);
const IpAddress kLac = address_of(false, 2);

struct Ties : ::testing::Test {
  Pair p;

  Ties() { (void)p.lns.entropy.u32(); }  // so that the two draw different values

  // Both SCCRQs are on the wire before either arrives.
  void ask_each_other(bool lac_breaks, bool lns_breaks) {
    TunnelSpec from_lac = p.to_lns();
    TunnelSpec from_lns = p.to_lac();
    from_lac.tie_breaker = lac_breaks;
    from_lns.tie_breaker = lns_breaks;
    p.lac.handle(PlaceCall{from_lac, Pair::incoming()});
    p.lns.handle(PlaceCall{from_lns, Pair::outgoing()});
  }
  static std::size_t up(const Lns& node) {
    return static_cast<std::size_t>(std::ranges::count_if(
        node.tunnels(), [](const TunnelRecord& t) { return t.l2tp.state == TunnelState::established; }));
  }
  // One of the LNS's name, with this value.
  static Octets sccrq(MutableOctets room, std::uint64_t tie_breaker) {
    l2tp::MessageBuilder b(room, l2tp::MessageType::sccrq, PeerTunnelId{}, PeerSessionId{});
    b.u16(AvpType::protocol_version, 0x0100).text(AvpType::host_name, "lns").u32(AvpType::framing_capabilities, 3);
    b.u16(AvpType::assigned_tunnel_id, 666).u64(AvpType::tie_breaker, tie_breaker);
    return b.finish();
  }
  static std::uint64_t count(const Lns& node, Count what) { return node.engine->counters()[what]; }
};

TEST_F(Ties, LeaveBothTunnelsWhereNobodyAskedForOne) {
  ask_each_other(false, false);
  p.deliver();
  EXPECT_EQ(up(p.lac), 2u);
  EXPECT_EQ(up(p.lns), 2u);
}

TEST_F(Ties, AreWonByTheOnlyEndThatAsksForOneTunnel) {
  ask_each_other(true, false);
  p.deliver();
  EXPECT_EQ(p.lac.sessions().size(), 1u) << "the winner's call";
  p.pass(seconds(1));
  EXPECT_EQ(up(p.lac), 1u);
  EXPECT_EQ(up(p.lns), 1u);
  EXPECT_EQ(p.lac.tunnels().size(), 1u);
  EXPECT_EQ(p.lns.tunnels().size(), 1u);
  EXPECT_EQ(p.lac.tunnels().front().l2tp.initiated, 1);
  EXPECT_EQ(count(p.lac, Count::ties_won), 1u);
  EXPECT_EQ(count(p.lns, Count::ties_lost), 1u);
  ASSERT_NE(p.lns.last(NoticeKind::call_failed), nullptr) << "the loser's call";
}

TEST_F(Ties, LeaveOneTunnelOfTwoThatAskForOne) {
  ask_each_other(true, true);
  p.pass(seconds(1));
  EXPECT_EQ(p.lac.tunnels().size(), 1u);
  EXPECT_EQ(p.lns.tunnels().size(), 1u);
  EXPECT_EQ(up(p.lac), 1u);
  EXPECT_EQ(count(p.lac, Count::ties_won) + count(p.lns, Count::ties_won), 1u);
  EXPECT_EQ(count(p.lac, Count::ties_lost) + count(p.lns, Count::ties_lost), 1u);
  EXPECT_EQ(p.lac.sessions().size(), p.lns.sessions().size());
}

// Whoever sends from the peer's address may say that it wins; only the peer knows the secret.
TEST_F(Ties, AreNotLostToAnSccrqThatNobodyStandsBehind) {
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  std::array<std::uint8_t, 256> room{};
  p.lac.handle(ControlDatagram{kLns, kLac, 1701, 1701, sccrq(room, 0)});
  std::erase_if(p.lac.sent, [](const Sent& s) { return l2tp::parse(s.payload, {})->header.tunnel.value() == 666; });
  p.deliver();
  EXPECT_EQ(up(p.lac), 1u);
  EXPECT_EQ(p.lac.sessions().size(), 1u);
  EXPECT_EQ(count(p.lac, Count::ties_lost), 0u);
}

// RFC 2661 4.4.3: with equal values both give up their own.
TEST_F(Ties, WithEqualValuesLeaveNoTunnel) {
  TunnelSpec from_lac = p.to_lns();
  from_lac.tie_breaker = 1;
  p.lac.handle(PlaceCall{from_lac, Pair::incoming()});
  const auto sent = l2tp::parse(p.lac.sent.front().payload, {});
  ASSERT_TRUE(sent && sent->u64(AvpType::tie_breaker));
  std::array<std::uint8_t, 256> room{};
  p.lac.handle(ControlDatagram{kLns, kLac, 1701, 1701, sccrq(room, *sent->u64(AvpType::tie_breaker))});
  p.lac.pass(seconds(1));
  EXPECT_TRUE(p.lac.tunnels().empty());
  EXPECT_TRUE(p.lac.sessions().empty());
}

TEST_F(Ties, AreSettledTheSameWayByAProcessThatStartedInBetween) {
  ask_each_other(true, false);
  p.deliver_one();  // the LAC's SCCRQ has arrived at the LNS
  p.lns.restart();
  p.pass(seconds(1));
  EXPECT_EQ(p.lac.tunnels().size(), 1u);
  EXPECT_EQ(p.lns.tunnels().size(), 1u);
  EXPECT_EQ(up(p.lns), 1u);
}

}  // namespace
}  // namespace holdfast::engine::test
