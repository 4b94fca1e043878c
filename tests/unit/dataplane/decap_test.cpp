// From the tunnel: rx -> classify -> l2tp_decap -> ppp_input -> ip_forward -> eth_output -> tx.
#include "lns.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

using abi::Drop;
using nodes::Handoff;

const Bytes kData(40, 0xa5);
const Bytes kFf03{0xff, 0x03};

// A packet of the subscriber's, and the frame that leaves for the core because of it.
Bytes user_packet(int family, unsigned ttl = 64) {
  return family == 4 ? ip(kUser4, kCore4, udp(5000, 6000, kData), {.ttl = ttl, .id = 0x1234})
                     : ip(kUser6, kCore6, udp(5000, 6000, kData), {.ttl = ttl});
}
Bytes core_frame(int family) {
  return ethernet(kCoreMac, kPort1, family == 4 ? 0x0800 : 0x86dd) + user_packet(family, 63);
}
Bytes ppp(int family, const Bytes& packet) { return kFf03 + be16(family == 4 ? 0x21 : 0x57) + packet; }

class Decap : public testing::TestWithParam<std::pair<int, int>> {
 protected:
  Lns lns{GetParam().first};
  int inner = GetParam().second;
};
INSTANTIATE_TEST_SUITE_P(OuterAndInner, Decap,
                         testing::Values(std::pair{4, 4}, std::pair{4, 6}, std::pair{6, 4}, std::pair{6, 6}),
                         [](const auto& test) {
                           return "Outer" + std::to_string(test.param.first) + "Inner" +
                                  std::to_string(test.param.second);
                         });

TEST_P(Decap, ForwardsTheSubscribersPacketAndCountsIt) {
  EXPECT_EQ(lns.receive(lns.from_user(ppp(inner, user_packet(inner)))), sent(1, core_frame(inner)));
  EXPECT_EQ(lns.session_counters(), (std::vector<std::uint64_t>{1, user_packet(inner).size(), 0, 0}));
}

TEST_P(Decap, TakesEveryFormOfTheL2tpHeader) {
  const Bytes frame = ppp(inner, user_packet(inner));
  unsigned ns = 17;
  for (const unsigned length : {0u, 0x4000u})
    for (const unsigned sequence : {0u, 0x0800u})
      for (const unsigned offset : {0u, 0x0200u})
        for (const unsigned priority : {0u, 0x0100u})
          for (const unsigned padding : {0u, 1u, 5u}) {
            if (offset == 0 && padding != 0) continue;
            Bytes rest = be16(kTunnel.raw) + be16(kSession.raw);
            if (sequence != 0) rest = rest + be16(ns++) + be16(0);
            if (offset != 0) rest = rest + be16(padding) + Bytes(padding, 0xee);
            rest = rest + frame;
            const Bytes message =
                be16(2 | length | sequence | offset | priority) + (length != 0 ? be16(size(rest) + 4) : Bytes{}) + rest;
            EXPECT_EQ(lns.receive(lns.from_peer(message)), sent(1, core_frame(inner))) << hex(message);
          }
}

TEST_P(Decap, TakesEveryFormOfThePppHeader) {
  const auto protocol = static_cast<std::uint8_t>(inner == 4 ? 0x21 : 0x57);
  for (const Bytes& header :
       {Bytes{0xff, 0x03, 0, protocol}, Bytes{0, protocol}, Bytes{0xff, 0x03, protocol}, Bytes{protocol}})
    EXPECT_EQ(lns.receive(lns.from_user(header + user_packet(inner))), sent(1, core_frame(inner))) << hex(header);
}

TEST_P(Decap, CutsWhatFollowsTheInnerPacket) {
  EXPECT_EQ(lns.receive(lns.from_user(ppp(inner, user_packet(inner) + Bytes(7, 0)))), sent(1, core_frame(inner)));
}

TEST_P(Decap, GoesByTheLengthFieldOfTheL2tpHeader) {
  const Bytes frame = ppp(inner, user_packet(inner));
  const auto message = [&](unsigned length) {
    return be16(0x4002) + be16(length) + be16(kTunnel.raw) + be16(kSession.raw) + frame + Bytes(9, 0xee);
  };
  EXPECT_EQ(lns.receive(lns.from_peer(message(8 + size(frame)))), sent(1, core_frame(inner)));
  EXPECT_EQ(lns.receive(lns.from_peer(message(7))), dropped(Drop::l2tp_bad_length));
  EXPECT_EQ(lns.receive(lns.from_peer(message(8 + size(frame) + 10))), dropped(Drop::l2tp_bad_length));
}

// The outer lengths are right each time, so that every layer inside meets its own end.
TEST_P(Decap, DropsAMessageCutAtAnyLength) {
  const Bytes whole = l2tp(kTunnel.raw, kSession.raw, ppp(inner, user_packet(inner)));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto outcome = lns.receive(lns.from_peer(Bytes(whole.begin(), whole.begin() + static_cast<long>(length))));
    EXPECT_TRUE(outcome.sent.empty() && outcome.to_agent.empty()) << length;
    EXPECT_EQ(outcome.drops.size(), 1u) << length;
  }
}

TEST_P(Decap, DropsAFrameCutAtAnyLength) {
  const Bytes whole = lns.from_user(ppp(inner, user_packet(inner)));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto outcome = lns.receive(Bytes(whole.begin(), whole.begin() + static_cast<long>(length)));
    EXPECT_TRUE(outcome.sent.empty() && outcome.to_agent.empty()) << length;
    EXPECT_EQ(outcome.drops.size(), 1u) << length;
  }
}

TEST_P(Decap, DropsWhatIsNotFromThePeer) {
  const Bytes message = l2tp(kTunnel.raw, kSession.raw, ppp(inner, user_packet(inner)));
  const Bytes header = ethernet(kPort0, kPeerMac, GetParam().first == 4 ? 0x0800 : 0x86dd);
  const IpAddress other = GetParam().first == 4 ? IpAddress::v4(192, 0, 2, 3) : v6({0x2001, 0xdb8, 2}, {3});
  EXPECT_EQ(lns.receive(header + ip(other, lns.local(), udp(1701, 1701, message))), dropped(Drop::l2tp_wrong_peer));
  EXPECT_EQ(lns.receive(header + ip(lns.peer(), lns.local(), udp(1702, 1701, message))),
            dropped(Drop::l2tp_wrong_peer));
}

TEST_P(Decap, DropsAnotherSessionOrTunnel) {
  const Bytes frame = ppp(inner, user_packet(inner));
  EXPECT_EQ(lns.receive(lns.from_peer(l2tp(7, 10, frame))), dropped(Drop::l2tp_no_session));
  EXPECT_EQ(lns.receive(lns.from_peer(l2tp(8, 9, frame))), dropped(Drop::l2tp_no_session));
  EXPECT_EQ(lns.receive(lns.from_peer(l2tp(0, 0, frame))), dropped(Drop::l2tp_no_session));
}

TEST_P(Decap, DropsOtherVersionsOfL2tp) {
  const Bytes rest = be16(7) + be16(9) + ppp(inner, user_packet(inner));
  EXPECT_EQ(lns.receive(lns.from_peer(be16(1) + rest)), dropped(Drop::l2tp_bad_version));
  EXPECT_EQ(lns.receive(lns.from_peer(be16(3) + rest)), dropped(Drop::l2tp_bad_version));
}

TEST_P(Decap, DropsAForeignSource) {
  const IpAddress stranger = inner == 4 ? IpAddress::v4(10, 0, 0, 8) : v6({0x2001, 0xdb8, 8}, {5});
  const Bytes packet = ip(stranger, inner == 4 ? kCore4 : kCore6, udp(1, 2, kData));
  EXPECT_EQ(lns.receive(lns.from_user(ppp(inner, packet))), dropped(Drop::ppp_source_spoofed));
}

TEST_P(Decap, DropsAFamilyThatIsNotOpen) {
  auto row = lns.session_row();
  row.flags = inner == 4 ? abi::kSessionIpv6 : abi::kSessionIpv4;
  lns.put(row);
  EXPECT_EQ(lns.receive(lns.from_user(ppp(inner, user_packet(inner)))),
            dropped(inner == 4 ? Drop::ppp_ipv4_not_open : Drop::ppp_ipv6_not_open));
}

TEST_P(Decap, GivesTheKernelWhatIsForTheRouterItself) {
  const Bytes packet = ip(inner == 4 ? kUser4 : kUser6, inner == 4 ? kLocal4 : kLocal6, udp(1, 2, kData), {.ttl = 1});
  EXPECT_EQ(lns.receive(lns.from_user(ppp(inner, packet))), handed(Handoff::to_tun, packet));
}

TEST_P(Decap, GivesTheKernelWhatHasNoHopLeftUnchanged) {
  const Bytes packet = user_packet(inner, 1);
  EXPECT_EQ(lns.receive(lns.from_user(ppp(inner, packet))), handed(Handoff::to_tun, packet));
}

TEST_P(Decap, GivesTheKernelWhatHasNoNeighbour) {
  abi::TableOp op;
  op.kind = abi::TableOpKind::remove_neighbour;
  op.neighbour.id = NeighbourId(1);
  ASSERT_TRUE(lns.agent.apply(op));
  EXPECT_EQ(lns.receive(lns.from_user(ppp(inner, user_packet(inner)))), handed(Handoff::to_tun, user_packet(inner)));
}

TEST_P(Decap, DropsMulticast) {
  const IpAddress group = inner == 4 ? IpAddress::v4(224, 0, 0, 5) : v6({0xff02}, {1});
  const Bytes packet = ip(inner == 4 ? kUser4 : kUser6, group, udp(1, 2, kData));
  EXPECT_EQ(lns.receive(lns.from_user(ppp(inner, packet))), dropped(Drop::ppp_multicast));
}

TEST(DecapIpv4, DropsABadInnerHeader) {
  Lns lns;
  const auto with = [&](std::size_t at, std::uint8_t value) {
    Bytes packet = user_packet(4);
    packet[at] = value;
    return lns.receive(lns.from_user(ppp(4, packet)));
  };
  EXPECT_EQ(with(10, 0x77), dropped(Drop::ipv4_bad_checksum));
  EXPECT_EQ(with(0, 0x65), dropped(Drop::ipv4_bad_header));
  EXPECT_EQ(with(0, 0x44), dropped(Drop::ipv4_bad_header));
  EXPECT_EQ(with(2, 0x7f), dropped(Drop::ipv4_bad_length));
}

TEST(DecapIpv4, GivesTheKernelPacketsWithOptions) {
  Lns lns;
  Bytes packet = ip(kUser4, kCore4, Bytes{1, 1, 1, 0} + udp(1, 2, kData));
  packet[0] = 0x46;  // the first four octets of what was the payload are options now
  packet[10] = packet[11] = 0;
  const Bytes checksum = be16(internet_checksum(Bytes(packet.begin(), packet.begin() + 24)));
  packet[10] = checksum[0];
  packet[11] = checksum[1];
  EXPECT_EQ(lns.receive(lns.from_user(ppp(4, packet))), handed(Handoff::to_tun, packet));
}

// RFC 4861: a subscriber asks for its prefix; control knows it.
TEST(DecapIpv6, PuntsRouterSolicitations) {
  Lns lns;
  const Bytes solicitation = Bytes{133, 0, 0x7b, 0xb8} + be32(0);
  for (const IpAddress& source : {v6({0xfe80}, {5}), IpAddress{}}) {
    const Bytes packet = ip(source, v6({0xff02}, {2}), solicitation, {.ttl = 255, .protocol = 58});
    EXPECT_EQ(lns.receive(lns.from_user(ppp(6, packet))), handed(Handoff::punt_ppp, packet));
  }
}

TEST(DecapIpv6, PuntsIcmpForTheLinkLocalAddressOfTheRouterAlone) {
  Lns lns;
  const Bytes echo = Bytes{128, 0, 0, 0} + be32(1);
  const Bytes packet = ip(v6({0xfe80}, {5}), v6({0xfe80}, {1}), echo, {.protocol = 58});
  EXPECT_EQ(lns.receive(lns.from_user(ppp(6, packet))), handed(Handoff::punt_ppp, packet));
  const Bytes other = ip(v6({0xfe80}, {5}), v6({0xfe80}, {1}), udp(1, 2, kData));
  EXPECT_EQ(lns.receive(lns.from_user(ppp(6, other))), dropped(Drop::ip_no_route));
}

TEST(DecapIpv6, KeepsALinkLocalSourceOnItsLink) {
  Lns lns;
  const Bytes packet = ip(v6({0xfe80}, {5}), kCore6, udp(1, 2, kData));
  EXPECT_EQ(lns.receive(lns.from_user(ppp(6, packet))), dropped(Drop::ppp_source_spoofed));
}

TEST(DecapIpv6, ChecksPrefixesThatEndInsideOfAnyOctet) {
  Lns lns;
  auto row = lns.session_row();
  for (unsigned length = 1; length <= 128; ++length) {
    row.ipv6 = {kUser6, static_cast<std::uint8_t>(length)};
    lns.put(row);
    IpAddress inside = kUser6, outside = kUser6;
    const auto flip = [](IpAddress& a, unsigned bit) {
      a.octets[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    };
    if (length < 128) flip(inside, length);
    flip(outside, length - 1);
    const Bytes good = ip(inside, kCore6, udp(1, 2, kData)), bad = ip(outside, kCore6, udp(1, 2, kData));
    EXPECT_EQ(lns.receive(lns.from_user(ppp(6, good))).sent.size(), 1u) << length;
    EXPECT_TRUE(lns.receive(lns.from_user(ppp(6, bad))).sent.empty()) << length;
  }
}

TEST(DecapLcp, AnswersEchoRequestWithOurMagicNumber) {
  Lns lns;
  const Bytes request = Bytes{9, 0x42, 0, 12} + be32(0xcafef00d) + Bytes{'p', 'i', 'n', 'g'};
  const Bytes reply = Bytes{10, 0x42, 0, 12} + be32(kMagic) + Bytes{'p', 'i', 'n', 'g'};
  EXPECT_EQ(lns.receive(lns.from_user(kFf03 + be16(0xc021) + request)),
            sent(0, lns.to_user(kFf03 + be16(0xc021) + reply)));
  // What is behind the packet is padding (RFC 1661 5); a peer without ff 03 gets none.
  EXPECT_EQ(lns.receive(lns.from_user(be16(0xc021) + request + Bytes(3, 0))),
            sent(0, lns.to_user(be16(0xc021) + reply, 1)));
}

TEST(DecapLcp, LeavesEverythingElseToControl) {
  Lns lns;
  const std::vector<Bytes> packets{
      Bytes{9, 1, 0, 8} + be32(kMagic),  // our own magic number: a loop
      Bytes{9, 1, 0, 4},                 // too short for an echo
      Bytes{9, 1, 0, 9} + be32(1),       // longer than it is
      Bytes{9, 1, 0, 7} + be32(1),       // shorter than an echo
      Bytes{10, 1, 0, 8} + be32(1),      // Echo-Reply
      Bytes{5, 1, 0, 4},                 // Terminate-Request
  };
  for (const Bytes& packet : packets)
    EXPECT_EQ(lns.receive(lns.from_user(kFf03 + be16(0xc021) + packet)), handed(Handoff::punt_ppp, packet));
  auto row = lns.session_row();
  row.flags &= ~std::uint32_t{abi::kSessionAnswerEcho};
  lns.put(row);
  const Bytes echo = Bytes{9, 1, 0, 8} + be32(1);
  EXPECT_EQ(lns.receive(lns.from_user(kFf03 + be16(0xc021) + echo)), handed(Handoff::punt_ppp, echo));
}

TEST(DecapPpp, PuntsOtherProtocols) {
  Lns lns;
  for (const unsigned protocol : {0x8021u, 0x8057u, 0xc023u, 0xc223u, 0x80fdu})
    EXPECT_EQ(lns.receive(lns.from_user(kFf03 + be16(protocol) + Bytes{1, 1, 0, 4})),
              handed(Handoff::punt_ppp, Bytes{1, 1, 0, 4}));
}

TEST(DecapBurst, KeepsTheOrderOfABurst) {
  Lns lns;
  std::vector<Bytes> frames;
  Outcome expected;
  for (unsigned i = 0; i < 32; ++i) {
    const auto packet = [&](unsigned ttl) { return ip(kUser4, kCore4, udp(5000, i, kData), {.ttl = ttl}); };
    frames.push_back(lns.from_user(ppp(4, packet(64))));
    expected.sent.emplace_back(1, ethernet(kCoreMac, kPort1, 0x0800) + packet(63));
  }
  EXPECT_EQ(lns.receive(frames, 0), expected);
}

}  // namespace
}  // namespace holdfast::test
