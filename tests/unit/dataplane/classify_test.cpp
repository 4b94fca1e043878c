// What is ours, what is the kernel's, and what is nobody's.
#include "lns.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

using abi::Drop;
using nodes::Handoff;

const Bytes kData(40, 0x33);
const Bytes kHello = be16(0xc802) + be16(20) + be32(0x00070000) + be32(0) + Bytes{0x80, 8, 0, 0, 0, 0, 0, 6};

TEST(Classify, GivesTheKernelWhatIsNotIp) {
  Lns lns;
  const wire_format::Mac everyone{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const std::vector<Bytes> frames{
      ethernet(everyone, kPeerMac, 0x0806) + Bytes(46, 1),               // ARP
      ethernet(kPort0, kPeerMac, 0x0806) + Bytes(46, 1),                 // ARP, to us
      ethernet({0x33, 0x33, 0, 0, 0, 1}, kPeerMac, 0x86dd) + Bytes(60),  // IPv6 multicast
      ethernet(kPort0, kPeerMac, 0x8100) + Bytes(46, 0),                 // a VLAN
      ethernet(kPort0, kPeerMac, 0x88cc) + Bytes(46, 0),                 // LLDP
  };
  for (const Bytes& frame : frames) EXPECT_EQ(lns.receive(frame), handed(Handoff::to_tap, frame)) << hex(frame);
  EXPECT_EQ(lns.port_counters[0].to_kernel.load(), frames.size());
}

TEST(Classify, DropsWhatIsForAnotherMacAddress) {
  Lns lns;
  EXPECT_EQ(lns.receive(ethernet(kCoreMac, kPeerMac, 0x0800) + Bytes(46)), dropped(Drop::eth_not_for_us));
}

TEST(Classify, GivesTheKernelWhatIsForTheRoutersAddresses) {
  Lns lns;
  for (const Bytes& frame : {ethernet(kPort0, kPeerMac, 0x0800) + ip(kPeer4, kLocal4, Bytes(8), {.protocol = 1}),
                             ethernet(kPort0, kPeerMac, 0x86dd) + ip(kPeer6, kLocal6, Bytes(8), {.protocol = 58})})
    EXPECT_EQ(lns.receive(frame), handed(Handoff::to_tap, frame));
}

TEST(Classify, GivesTheKernelIpv4WithOptions) {
  Lns lns;
  Bytes packet = ip(kPeer4, kCore4, Bytes{1, 1, 1, 0} + kData);
  packet[0] = 0x46;
  packet[10] = packet[11] = 0;
  const Bytes checksum = be16(internet_checksum(Bytes(packet.begin(), packet.begin() + 24)));
  packet[10] = checksum[0];
  packet[11] = checksum[1];
  const Bytes frame = ethernet(kPort0, kPeerMac, 0x0800) + packet;
  EXPECT_EQ(lns.receive(frame), handed(Handoff::to_tap, frame));
}

TEST(Classify, DropsBadIpHeaders) {
  Lns lns;
  const auto v4_with = [&](std::size_t at, std::uint8_t value) {
    Bytes packet = ip(kPeer4, kCore4, kData);
    packet[at] = value;
    return lns.receive(ethernet(kPort0, kPeerMac, 0x0800) + packet);
  };
  EXPECT_EQ(v4_with(10, 0x77), dropped(Drop::ipv4_bad_checksum));
  EXPECT_EQ(v4_with(0, 0x55), dropped(Drop::ipv4_bad_header));
  EXPECT_EQ(v4_with(3, 19), dropped(Drop::ipv4_bad_length));
  EXPECT_EQ(v4_with(2, 1), dropped(Drop::ipv4_bad_length));
  const auto v6_with = [&](std::size_t at, std::uint8_t value) {
    Bytes packet = ip(kPeer6, kCore6, kData);
    packet[at] = value;
    return lns.receive(ethernet(kPort0, kPeerMac, 0x86dd) + packet);
  };
  EXPECT_EQ(v6_with(0, 0x40), dropped(Drop::ipv6_bad_header));
  EXPECT_EQ(v6_with(5, 41), dropped(Drop::ipv6_bad_length));
}

TEST(Classify, PuntsL2tpControlForTheRoutersAddressesFromAnyone) {
  for (const int outer : {4, 6}) {
    Lns lns(outer);
    const IpAddress stranger = outer == 4 ? IpAddress::v4(203, 0, 113, 5) : v6({0x2001, 0xdb8, 0x77}, {5});
    const Bytes packet = ip(stranger, lns.local(), udp(40000, 1701, kHello, stranger, lns.local()));
    EXPECT_EQ(lns.receive(ethernet(kPort0, kPeerMac, outer == 4 ? 0x0800 : 0x86dd) + packet),
              handed(Handoff::punt_l2tp, packet));
    EXPECT_EQ(lns.port_counters[0].punted.load(), 1u);
  }
}

TEST(Classify, LetsL2tpBetweenOthersPass) {
  Lns lns;
  const IpAddress far = IpAddress::v4(203, 0, 113, 5);
  for (const Bytes& message : {kHello, l2tp(7, 9, Bytes{0xff, 3, 0, 0x21} + kData), Bytes{}, Bytes{0}}) {
    const auto packet = [&](unsigned ttl) { return ip(kPeer4, far, udp(1701, 1701, message), {.ttl = ttl}); };
    EXPECT_EQ(lns.receive(ethernet(kPort0, kPeerMac, 0x0800) + packet(64)),
              sent(1, ethernet(kCoreMac, kPort1, 0x0800) + packet(63)));
  }
}

TEST(Classify, DropsABadUdpLengthOfL2tp) {
  Lns lns;
  for (const std::uint8_t length : {std::uint8_t{7}, std::uint8_t{200}}) {
    Bytes datagram = udp(1701, 1701, l2tp(7, 9, Bytes{0xff, 3, 0, 0x21} + kData));
    datagram[5] = length;
    EXPECT_EQ(lns.receive(ethernet(kPort0, kPeerMac, 0x0800) + ip(kPeer4, kLocal4, datagram)),
              dropped(Drop::udp_bad_length));
  }
}

TEST(Classify, ForwardsBetweenPorts) {
  Lns lns;
  for (const int family : {4, 6}) {
    const auto packet = [&](unsigned ttl) {
      return family == 4 ? ip(kPeer4, kCore4, kData, {.ttl = ttl, .protocol = 6})
                         : ip(kPeer6, kCore6, kData, {.ttl = ttl, .protocol = 6});
    };
    const unsigned type = family == 4 ? 0x0800 : 0x86dd;
    EXPECT_EQ(lns.receive(ethernet(kPort0, kPeerMac, type) + packet(2)),
              sent(1, ethernet(kCoreMac, kPort1, type) + packet(1)));
    const Bytes last = ethernet(kPort0, kPeerMac, type) + packet(1);
    EXPECT_EQ(lns.receive(last), handed(Handoff::to_tap, last));
  }
}

TEST(Classify, CountsDownTheTtlWithoutLosingTheChecksum) {
  Lns lns;
  for (unsigned ttl = 2; ttl < 256; ++ttl)
    for (const unsigned id : {0u, 1u, 0x7fffu, 0xfeffu, 0xff00u, 0xffffu}) {
      const auto packet = [&](unsigned t) { return ip(kPeer4, kCore4, kData, {.ttl = t, .id = id}); };
      EXPECT_EQ(lns.receive(ethernet(kPort0, kPeerMac, 0x0800) + packet(ttl)),
                sent(1, ethernet(kCoreMac, kPort1, 0x0800) + packet(ttl - 1)));
    }
}

TEST(Classify, DropsWhatABlackholeTakes) {
  Lns lns;
  lns.put_route(IpAddress::v4(203, 0, 113, 0), 24, abi::NextHopKind::blackhole);
  EXPECT_EQ(lns.receive(ethernet(kPort0, kPeerMac, 0x0800) + ip(kPeer4, IpAddress::v4(203, 0, 113, 9), kData)),
            dropped(Drop::ip_blackhole));
}

TEST(Classify, GivesTheKernelEverythingWhileNoRouteIsInstalled) {
  Lns lns;
  abi::TableOp sweep;
  sweep.kind = abi::TableOpKind::begin_sweep;
  ASSERT_TRUE(lns.agent.apply(sweep));
  sweep.kind = abi::TableOpKind::end_sweep;
  ASSERT_TRUE(lns.agent.apply(sweep));
  const Bytes frame = ethernet(kPort0, kPeerMac, 0x0800) + ip(kPeer4, kCore4, kData);
  EXPECT_EQ(lns.receive(frame), handed(Handoff::to_tap, frame));
  const Bytes packet = ip(kPeer4, kLocal4, udp(1701, 1701, kHello));
  EXPECT_EQ(lns.receive(ethernet(kPort0, kPeerMac, 0x0800) + packet), handed(Handoff::punt_l2tp, packet));
}

TEST(Classify, SendsFramesOfTheKernelAsTheyAre) {
  Lns lns;
  const Bytes frame = ethernet(kPeerMac, kPort0, 0x0806) + Bytes(28, 1);
  EXPECT_EQ(lns.hand({.kind = Handoff::from_tap, .port = PortId(0)}, frame), sent(0, frame));
  EXPECT_EQ(lns.hand({.kind = Handoff::from_tun}, Bytes{0x12, 0, 0}), dropped(Drop::ipv4_bad_header));
}

}  // namespace
}  // namespace holdfast::test
