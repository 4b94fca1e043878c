// The packets of subscribers, and the deadlines of many things.
#include "dial/ip_packet.hpp"

#include "dial/deadlines.hpp"
#include "fixture.hpp"

#include <gtest/gtest.h>

#include <array>

namespace holdfast::dial::test {
namespace {

using namespace std::chrono_literals;

TEST(IpPacket, CarriesAnEchoRequestWithItsChecksums) {
  std::array<std::uint8_t, 64> room{};
  const Bytes payload{0x61, 0x62, 0x63};
  const auto octets =
      build_ip(room, {IpAddress::v4(10, 0, 0, 9), IpAddress::v4(10, 0, 0, 1), PacketKind::echo_request, 1, 2, payload});
  EXPECT_EQ(Bytes(octets.begin(), octets.end()),
            (Bytes{0x45, 0, 0, 31, 0, 0, 0x40, 0,    64, 1, 0x26, 0xd5, 10,   0,    0,   9,
                   10,   0, 0, 1,  8, 0, 0x33, 0x9a, 0,  1, 0,    2,    0x61, 0x62, 0x63}));
  const auto back = parse_ip(octets);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->kind, PacketKind::echo_request);
  EXPECT_EQ(back->source, IpAddress::v4(10, 0, 0, 9));
  EXPECT_EQ(Bytes(back->payload.begin(), back->payload.end()), payload);
}

TEST(IpPacket, IsReadAsItWasWrittenInBothFamiliesAndRefusedWhenDamaged) {
  const IpAddress v6a = ipv6_address(0x2001'0db8'0000'0000, 1), v6b = ipv6_address(0x2001'0db8'0000'0001, 2);
  const IpAddress v4a = IpAddress::v4(10, 0, 0, 9), v4b = IpAddress::v4(192, 0, 2, 1);
  const Bytes payload(21, 0x5a);
  for (const auto kind : {PacketKind::echo_request, PacketKind::echo_reply, PacketKind::udp}) {
    for (const auto& [from, to] : {std::pair{v4a, v4b}, {v6a, v6b}}) {
      std::array<std::uint8_t, 128> room{};
      const auto octets = build_ip(room, {from, to, kind, 20000, 7, payload});
      const auto back = parse_ip(octets);
      ASSERT_TRUE(back);
      EXPECT_EQ(back->kind, kind);
      EXPECT_EQ(back->source, from);
      EXPECT_EQ(back->destination, to);
      EXPECT_EQ(back->first, 20000);
      EXPECT_EQ(back->second, 7);
      Bytes damaged(octets.begin(), octets.end());
      damaged.back() ^= 1;
      EXPECT_FALSE(parse_ip(damaged));
      EXPECT_FALSE(parse_ip(octets.first(octets.size() - 1)));
    }
  }
}

// RFC 4861 4.6.2.
TEST(IpPacket, FindsThePrefixAmongTheOptionsOfAnAdvertisement) {
  Bytes options{5, 1, 0, 0, 0, 0, 5, 0xb4, 3, 4, 64, 0xc0};
  options.resize(options.size() + 12);
  for (const int octet : {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 5}) options.push_back(static_cast<std::uint8_t>(octet));
  options.resize(options.size() + 8);
  EXPECT_EQ(prefix_in(options), 0x2001'0db8'0000'0005u);
  options[10] = 56;
  EXPECT_EQ(prefix_in(options), 0u);
  EXPECT_EQ(prefix_in(Bytes{3, 0}), 0u);  // an option without length would never end
}

TEST(Deadlines, GivesThingsInTheirOrderAndForgetsThem) {
  Deadlines deadlines;
  deadlines.set(3, at(30ms));
  deadlines.set(1, at(10ms));
  deadlines.set(2, at(20ms));
  EXPECT_EQ(deadlines.next(), at(10ms));
  EXPECT_EQ(deadlines.take(at(9ms)), -1);
  EXPECT_EQ(deadlines.take(at(25ms)), 1);
  EXPECT_EQ(deadlines.take(at(25ms)), 2);
  EXPECT_EQ(deadlines.take(at(25ms)), -1);
  EXPECT_EQ(deadlines.next(), at(30ms));
}

TEST(Deadlines, FollowsADeadlineThatMoves) {
  Deadlines deadlines;
  deadlines.set(1, at(10ms));
  deadlines.set(1, at(50ms));
  EXPECT_EQ(deadlines.take(at(49ms)), -1);
  deadlines.set(1, at(40ms));
  EXPECT_EQ(deadlines.take(at(49ms)), 1);
  EXPECT_EQ(deadlines.take(at(99ms)), -1);
  deadlines.set(2, at(100ms));
  deadlines.set(2, kNever);
  EXPECT_EQ(deadlines.take(at(200ms)), -1);
}

}  // namespace
}  // namespace holdfast::dial::test
