// To the tunnel: rx -> classify -> ip_forward -> ppp_output -> l2tp_encap -> eth_output -> tx.
#include "lns.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

using abi::Drop;
using nodes::Handoff;

const Bytes kData(40, 0x5a);
const Bytes kFf03{0xff, 0x03};

Bytes packet_to_user(int family, unsigned ttl = 64, const Bytes& data = kData) {
  return family == 4 ? ip(kCore4, kUser4, udp(6000, 5000, data), {.ttl = ttl, .id = 0xbeef})
                     : ip(kCore6, kUser6, udp(6000, 5000, data), {.ttl = ttl});
}
Bytes from_core(int family, const Bytes& packet) {
  return ethernet(kPort1, kCoreMac, family == 4 ? 0x0800 : 0x86dd) + packet;
}
Bytes ppp(int family, const Bytes& packet) { return kFf03 + be16(family == 4 ? 0x21 : 0x57) + packet; }

class Encap : public testing::TestWithParam<std::pair<int, int>> {
 protected:
  Lns lns{GetParam().first};
  int inner = GetParam().second;
  Bytes frame = from_core(inner, packet_to_user(inner));
};
INSTANTIATE_TEST_SUITE_P(OuterAndInner, Encap,
                         testing::Values(std::pair{4, 4}, std::pair{4, 6}, std::pair{6, 4}, std::pair{6, 6}),
                         [](const auto& test) {
                           return "Outer" + std::to_string(test.param.first) + "Inner" +
                                  std::to_string(test.param.second);
                         });

TEST_P(Encap, SendsThePacketToThePeerAndCountsIt) {
  EXPECT_EQ(lns.receive(frame, 1), sent(0, lns.to_user(ppp(inner, packet_to_user(inner, 63)))));
  EXPECT_EQ(lns.receive(frame, 1), sent(0, lns.to_user(ppp(inner, packet_to_user(inner, 63)), 1)));
  EXPECT_EQ(lns.session_counters(), (std::vector<std::uint64_t>{0, 0, 2, 2 * packet_to_user(inner).size()}));
}

TEST_P(Encap, LeavesOutThePaddingOfEthernet) {
  EXPECT_EQ(lns.receive(frame + Bytes(6, 0), 1), sent(0, lns.to_user(ppp(inner, packet_to_user(inner, 63)))));
}

TEST_P(Encap, CompressesWhatThePeerTakesCompressed) {
  const auto protocol = static_cast<std::uint8_t>(inner == 4 ? 0x21 : 0x57);
  auto row = lns.session_row();
  row.flags |= abi::kSessionOmitFf03;
  lns.put(row);
  EXPECT_EQ(lns.receive(frame, 1), sent(0, lns.to_user(Bytes{0, protocol} + packet_to_user(inner, 63))));
  row.flags |= abi::kSessionCompressProtocol;
  lns.put(row);
  EXPECT_EQ(lns.receive(frame, 1), sent(0, lns.to_user(Bytes{protocol} + packet_to_user(inner, 63), 1)));
}

// RFC 2661 5.4: Ns counts from 0 for each session; Nr is reserved.
TEST_P(Encap, NumbersDataMessagesOfASessionThatWantsIt) {
  auto row = lns.session_row();
  row.flags |= abi::kSessionSendSequence;
  lns.put(row);
  for (const unsigned ns : {0u, 1u, 2u}) {
    const Bytes message =
        be16(0x0802) + be16(77) + be16(99) + be16(ns) + be16(0) + ppp(inner, packet_to_user(inner, 63));
    EXPECT_EQ(lns.receive(frame, 1), sent(0, lns.to_peer(message, ns)));
  }
}

TEST_P(Encap, ComputesTheOuterChecksumWhereTheTunnelWantsIt) {
  auto row = lns.tunnel_row();
  row.flags = abi::kTunnelUdpChecksum;
  lns.put(row);
  const Bytes message = l2tp(77, 99, ppp(inner, packet_to_user(inner, 63)));
  EXPECT_EQ(lns.receive(frame, 1), sent(0, lns.to_peer(message, 0, true)));
}

TEST_P(Encap, LeavesTheChecksumToAPortThatComputesIt) {
  lns.ports[0].udp_checksum_offload = true;
  auto row = lns.tunnel_row();
  row.flags = abi::kTunnelUdpChecksum;
  lns.put(row);
  const Bytes message = l2tp(77, 99, ppp(inner, packet_to_user(inner, 63)));
  Bytes expected = lns.to_peer(message);
  const std::size_t at = 14 + (GetParam().first == 4 ? 20 : 40) + 6;
  const Bytes pseudo_header = octets_of(lns.local()) + octets_of(lns.peer()) + be16(17) + be16(8 + size(message));
  const Bytes sum = be16(~internet_checksum(pseudo_header) & 0xffff);  // not complemented: the port adds the rest
  expected[at] = sum[0];
  expected[at + 1] = sum[1];
  EXPECT_EQ(lns.receive(frame, 1), sent(0, expected));
}

TEST_P(Encap, GivesTheKernelTheWholeFrameOfWhatHasNoHopLeft) {
  const Bytes last = from_core(inner, packet_to_user(inner, 1));
  EXPECT_EQ(lns.receive(last, 1), handed(Handoff::to_tap, last));
}

TEST_P(Encap, GivesTheKernelTheWholeFrameOfWhatIsTooBig) {
  const std::size_t overhead = inner == 4 ? 28 : 48;
  const Bytes fits = packet_to_user(inner, 64, Bytes(1460 - overhead, 1));
  ASSERT_EQ(fits.size(), 1460u);
  EXPECT_EQ(lns.receive(from_core(inner, fits), 1).sent.size(), GetParam().first == 4 ? 1u : 0u);  // 1500 and 1518
  const Bytes big = from_core(inner, packet_to_user(inner, 64, Bytes(1461 - overhead, 1)));
  EXPECT_EQ(lns.receive(big, 1), handed(Handoff::to_tap, big));
}

TEST_P(Encap, GivesTheKernelTheOuterPacketWhenThePeerHasNoNeighbour) {
  abi::TableOp op;
  op.kind = abi::TableOpKind::remove_neighbour;
  op.neighbour.id = NeighbourId(0);
  ASSERT_TRUE(lns.agent.apply(op));
  const Bytes whole = lns.to_user(ppp(inner, packet_to_user(inner, 63)));
  EXPECT_EQ(lns.receive(frame, 1), handed(Handoff::to_tun, Bytes(whole.begin() + 14, whole.end())));
}

TEST_P(Encap, DropsAFamilyThatIsNotOpen) {
  auto row = lns.session_row();
  row.flags = inner == 4 ? abi::kSessionIpv6 : abi::kSessionIpv4;
  lns.put(row);
  EXPECT_EQ(lns.receive(frame, 1), dropped(inner == 4 ? Drop::ppp_ipv4_not_open : Drop::ppp_ipv6_not_open));
}

TEST_P(Encap, DropsWhatIsForASessionThatHasGone) {
  abi::TableOp op;
  op.kind = abi::TableOpKind::remove_session;
  op.session.tunnel = kTunnel;
  op.session.session = kSession;
  ASSERT_TRUE(lns.agent.apply(op));
  EXPECT_EQ(lns.receive(frame, 1), dropped(Drop::ip_no_route));
}

// The kernel has counted the hop already, and what it can't place must not come back to it.
TEST_P(Encap, TakesPacketsOfTheKernelAsTheyAre) {
  const nodes::HandoffNote from_tun{.kind = Handoff::from_tun};
  EXPECT_EQ(lns.hand(from_tun, packet_to_user(inner)), sent(0, lns.to_user(ppp(inner, packet_to_user(inner)))));
  const Bytes elsewhere = inner == 4 ? ip(kCore4, kLocal4, udp(1, 2, kData)) : ip(kCore6, kLocal6, udp(1, 2, kData));
  EXPECT_EQ(lns.hand(from_tun, elsewhere), dropped(Drop::ip_no_route));
  const Bytes outside = inner == 4 ? ip(kCore4, kPeer4, udp(1, 2, kData)) : ip(kCore6, kPeer6, udp(1, 2, kData));
  EXPECT_EQ(lns.hand(from_tun, outside), dropped(Drop::ip_no_route));
  const Bytes big = packet_to_user(inner, 64, Bytes(1461 - (inner == 4 ? 28 : 48), 1));
  EXPECT_EQ(lns.hand(from_tun, big), dropped(Drop::ppp_too_big));
}

TEST_P(Encap, SendsFromOneSubscriberToAnother) {
  auto row = lns.session_row();
  row.session = SessionId(10);
  row.peer_session = PeerSessionId(100);
  row.ipv4 = IpAddress::v4(10, 0, 0, 10);
  row.ipv6 = {v6({0x2001, 0xdb8, 10}), 64};
  lns.put(row);
  const auto packet = [&](unsigned ttl) {
    return inner == 4 ? ip(row.ipv4, kUser4, udp(1, 2, kData), {.ttl = ttl})
                      : ip(v6({0x2001, 0xdb8, 10}, {1}), kUser6, udp(1, 2, kData), {.ttl = ttl});
  };
  EXPECT_EQ(lns.receive(lns.from_peer(l2tp(7, 10, ppp(inner, packet(64))))),
            sent(0, lns.to_user(ppp(inner, packet(63)))));
}

TEST_P(Encap, SendsPppFramesOfControl) {
  const nodes::HandoffNote ppp_frame{
      .kind = Handoff::inject_ppp, .tunnel = kTunnel, .session = kSession, .protocol = 0xc021};
  const Bytes request{1, 1, 0, 4};
  EXPECT_EQ(lns.hand(ppp_frame, request), sent(0, lns.to_user(kFf03 + be16(0xc021) + request)));
  EXPECT_EQ(lns.session_counters(), (std::vector<std::uint64_t>{0, 0, 0, 0}));  // of IP packets
  auto row = lns.session_row();
  row.flags |= abi::kSessionOmitFf03 | abi::kSessionCompressProtocol;
  lns.put(row);
  // RFC 1661 6.5, 6.6: LCP is never compressed, and only data protocols have a protocol of one octet.
  EXPECT_EQ(lns.hand(ppp_frame, request), sent(0, lns.to_user(kFf03 + be16(0xc021) + request, 1)));
  auto ipcp = ppp_frame;
  ipcp.protocol = 0x8021;
  EXPECT_EQ(lns.hand(ipcp, request), sent(0, lns.to_user(be16(0x8021) + request, 2)));
}

TEST_P(Encap, RefusesPppFramesForSessionsThatAreNotThere) {
  const nodes::HandoffNote other{
      .kind = Handoff::inject_ppp, .tunnel = kTunnel, .session = SessionId(10), .protocol = 0xc021};
  EXPECT_EQ(lns.hand(other, Bytes{1, 1, 0, 4}), dropped(Drop::inject_no_session));
  const nodes::HandoffNote other_tunnel{
      .kind = Handoff::inject_ppp, .tunnel = TunnelId(8), .session = kSession, .protocol = 0xc021};
  EXPECT_EQ(lns.hand(other_tunnel, Bytes{1, 1, 0, 4}), dropped(Drop::inject_no_session));
}

TEST_P(Encap, RoutesControlMessagesToThePeerOrThroughTheKernel) {
  const nodes::HandoffNote message{.kind = Handoff::inject_ip};
  const int outer = GetParam().first;
  const Bytes packet = ip(lns.local(), lns.peer(), udp(1701, 1701, kData, lns.local(), lns.peer()));
  EXPECT_EQ(lns.hand(message, packet), sent(0, ethernet(kPeerMac, kPort0, outer == 4 ? 0x0800 : 0x86dd) + packet));
  const IpAddress& unresolved = outer == 4 ? kLocal4 : kLocal6;
  const Bytes other = ip(lns.local(), unresolved, udp(1701, 1701, kData));
  EXPECT_EQ(lns.hand(message, other), handed(Handoff::to_tun, other));
}

}  // namespace
}  // namespace holdfast::test
