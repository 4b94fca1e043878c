// Links, addresses and neighbours. Digits are captured from Linux 6.18; the command that made it tell is beside them.
#include "kmod-glue/decode.hpp"

#include "canned.hpp"

#include <gtest/gtest.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string>
#include <sys/socket.h>

namespace holdfast::glue {
namespace {

constexpr MacAddress kMac{2, 0, 0, 0, 0, 2};
const Bytes kMacBytes(kMac.begin(), kMac.end());

ifinfomsg link_header(int index, unsigned flags) {
  ifinfomsg header{};
  header.ifi_index = index;
  header.ifi_flags = flags;
  return header;
}

Bytes link_name(std::string_view name) { return attribute(IFLA_IFNAME, Bytes(name.begin(), name.end()) + Bytes{0}); }

ndmsg neighbour_header(std::uint8_t family, std::uint16_t state, std::uint8_t flags = 0) {
  ndmsg header{};
  header.ndm_family = family;
  header.ndm_ifindex = 3;
  header.ndm_state = state;
  header.ndm_flags = flags;
  return header;
}

TEST(DecodeLink, TakesNameStateMtuAndMac) {
  const auto bytes = message(RTM_NEWLINK, 0,
                             as_bytes(link_header(3, IFF_UP | IFF_RUNNING | IFF_BROADCAST)) + link_name("v0") +
                                 attribute(IFLA_MTU, little_endian(1500)) + attribute(IFLA_ADDRESS, kMacBytes));
  Link link;
  ASSERT_EQ(decode_link(header_of(bytes), link), Decoded::value);
  EXPECT_EQ(link, (Link{.index = 3, .name = "v0", .up = true, .running = true, .mtu = 1500, .mac = kMac}));
}

TEST(DecodeLink, TellsUpFromRunning) {
  const auto bytes = message(RTM_NEWLINK, 0, as_bytes(link_header(3, IFF_UP)) + link_name("v0"));
  Link link;
  ASSERT_EQ(decode_link(header_of(bytes), link), Decoded::value);
  EXPECT_EQ(link, (Link{.index = 3, .name = "v0", .up = true, .running = false}));
}

TEST(DecodeLink, LeavesTheMacEmptyWhereALinkLayerHasAnotherLength) {
  Link link{.mac = kMac};
  const auto bytes =
      message(RTM_NEWLINK, 0, as_bytes(link_header(3, 0)) + link_name("tun0") + attribute(IFLA_ADDRESS, Bytes(4, 7)));
  ASSERT_EQ(decode_link(header_of(bytes), link), Decoded::value);
  EXPECT_EQ(link.mac, MacAddress{});
}

TEST(DecodeLink, IgnoresBridgePortsAndEventsWithoutName) {
  auto header = link_header(3, IFF_UP);
  Link link;
  EXPECT_EQ(decode_link(header_of(message(RTM_NEWLINK, 0, as_bytes(header))), link), Decoded::ignored);
  header.ifi_family = AF_BRIDGE;
  const auto port = message(RTM_DELLINK, 0, as_bytes(header) + link_name("v0"));
  EXPECT_EQ(decode_link(header_of(port), link), Decoded::ignored);
}

TEST(DecodeLink, RefusesNamesWithoutEndAndEmptyOnes) {
  Link link;
  const auto header = as_bytes(link_header(3, 0));
  for (const auto& name : {Bytes(16, 'x'), Bytes{0, 0}, Bytes(17, 0)})
    EXPECT_EQ(decode_link(header_of(message(RTM_NEWLINK, 0, header + attribute(IFLA_IFNAME, name))), link),
              Decoded::malformed)
        << name.size();
}

TEST(DecodeAddress, TakesOursAndNotThePeers) {
  // ip addr add 192.0.2.1/24 dev v0
  const auto subnet = from_hex(
      "4c000000140000003905036b20420000021880000300000008000100c000020108000200c000020107000300763000000800080080000000"
      "1400"
      "0600ffffffffffffffffe82a0300e82a0300");
  Address address;
  ASSERT_EQ(decode_address(header_of(subnet), address), Decoded::value);
  EXPECT_EQ(address, (Address{.link = 3, .prefix = {IpAddress::v4(192, 0, 2, 1), 24}, .usable = true}));
  // ip addr add 198.51.100.1 peer 198.51.100.2/32 dev v0
  const auto point_to_point = from_hex(
      "4c000000140000003905036b22420000022080000300000008000100c633640208000200c633640107000300763000000800080080000000"
      "1400"
      "0600ffffffffffffffff062b0300062b0300");
  ASSERT_EQ(decode_address(header_of(point_to_point), address), Decoded::value);
  EXPECT_EQ(address, (Address{.link = 3, .prefix = {IpAddress::v4(198, 51, 100, 1), 32}, .usable = true}));
}

TEST(DecodeAddress, SaysWhetherDuplicateAddressDetectionIsOver) {
  // ip -6 addr add 2001:db8::1/64 dev v0 nodad
  const auto usable = from_hex(
      "480000001400000000000000000000000a408200030000001400010020010db800000000000000000000000114000600ffffffffffffffff"
      "252b"
      "0300252b03000800080082000000");
  Address address;
  ASSERT_EQ(decode_address(header_of(usable), address), Decoded::value);
  EXPECT_EQ(address, (Address{.link = 3, .prefix = {v6({0x2001, 0xdb8}, 1), 64}, .usable = true}));

  ifaddrmsg header{};
  header.ifa_family = AF_INET6;
  header.ifa_prefixlen = 64;
  header.ifa_index = 3;
  const auto with_flags = [&](std::uint32_t flags) {
    const auto octets = v6({0x2001, 0xdb8}, 1).octets;
    return message(RTM_NEWADDR, 0,
                   as_bytes(header) + attribute(IFA_ADDRESS, Bytes(octets.begin(), octets.end())) +
                       attribute(IFA_FLAGS, little_endian(flags)));
  };
  const auto is_usable = [&](std::uint32_t flags) {
    EXPECT_EQ(decode_address(header_of(with_flags(flags)), address), Decoded::value);
    return address.usable;
  };
  EXPECT_FALSE(is_usable(IFA_F_TENTATIVE));
  EXPECT_TRUE(is_usable(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC));
  EXPECT_FALSE(is_usable(IFA_F_DADFAILED | IFA_F_PERMANENT));
}

TEST(DecodeAddress, RefusesLengthsThatAreNotOfItsFamily) {
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  header.ifa_index = 3;
  Address address;
  const auto decode = [&](std::uint8_t length, const Bytes& octets) {
    header.ifa_prefixlen = length;
    return decode_address(header_of(message(RTM_NEWADDR, 0, as_bytes(header) + attribute(IFA_LOCAL, octets))), address);
  };
  EXPECT_EQ(decode(32, Bytes(4, 1)), Decoded::value);
  EXPECT_EQ(decode(33, Bytes(4, 1)), Decoded::malformed);
  EXPECT_EQ(decode(32, Bytes(16, 1)), Decoded::malformed);
  EXPECT_EQ(decode(32, Bytes(5, 1)), Decoded::malformed);
  EXPECT_EQ(decode(32, {}), Decoded::malformed);
}

TEST(DecodeNeighbour, TakesAddressAndMac) {
  // ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0
  const auto ipv4 = from_hex(
      "4c0000001c000000000000003642000002000000030000008000000108000100c00002020a00020002000000000200000800040000000000"
      "140003"
      "0000000000000000000000000001000000");
  Neighbour neighbour;
  ASSERT_EQ(decode_neighbour(header_of(ipv4), neighbour), Decoded::value);
  EXPECT_EQ(neighbour, (Neighbour{.link = 3, .address = IpAddress::v4(192, 0, 2, 2), .mac = kMac, .usable = true}));
  // ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev v0
  const auto ipv6 = from_hex(
      "580000001c00000000000000524200000a00000003000000800000011400010020010db80000000000000000000000020a00020002000000"
      "000200"
      "0008000400000000001400030000000000000000000000000001000000");
  ASSERT_EQ(decode_neighbour(header_of(ipv6), neighbour), Decoded::value);
  EXPECT_EQ(neighbour, (Neighbour{.link = 3, .address = v6({0x2001, 0xdb8}, 2), .mac = kMac, .usable = true}));
}

TEST(DecodeNeighbour, IsUsableInTheStatesThatHaveAMacOfEthernet) {
  Neighbour neighbour;
  const auto usable = [&](std::uint16_t state, const Bytes& mac) {
    const auto bytes = message(
        RTM_NEWNEIGH, 0,
        as_bytes(neighbour_header(AF_INET, state)) + attribute(NDA_DST, {192, 0, 2, 2}) + attribute(NDA_LLADDR, mac));
    EXPECT_EQ(decode_neighbour(header_of(bytes), neighbour), Decoded::value);
    return neighbour.usable;
  };
  for (const auto state : {NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE, NUD_PERMANENT})
    EXPECT_TRUE(usable(static_cast<std::uint16_t>(state), kMacBytes)) << state;
  for (const auto state : {NUD_INCOMPLETE, NUD_FAILED, NUD_NOARP, NUD_NONE})
    EXPECT_FALSE(usable(static_cast<std::uint16_t>(state), kMacBytes)) << state;
  EXPECT_FALSE(usable(NUD_REACHABLE, Bytes(20, 1))) << "InfiniBand";
  EXPECT_FALSE(usable(NUD_REACHABLE, {}));
}

TEST(DecodeNeighbour, IgnoresProxiesAndBridgeForwarding) {
  Neighbour neighbour;
  const auto decode = [&](const ndmsg& header) {
    return decode_neighbour(header_of(message(RTM_NEWNEIGH, 0, as_bytes(header) + attribute(NDA_DST, {192, 0, 2, 2}))),
                            neighbour);
  };
  EXPECT_EQ(decode(neighbour_header(AF_INET, NUD_PERMANENT, NTF_PROXY)), Decoded::ignored);
  EXPECT_EQ(decode(neighbour_header(AF_BRIDGE, NUD_PERMANENT)), Decoded::ignored);
}

TEST(DecodeError, GivesErrnoAndTheKernelsWords) {
  nlmsgerr error{};
  error.error = -EINVAL;
  const std::string words = "ipv4: Invalid prefix length";
  const auto bytes =
      message(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS,
              as_bytes(error) + attribute(NLMSGERR_ATTR_MSG, Bytes(words.begin(), words.end()) + Bytes{0}));
  EXPECT_EQ(decode_error(header_of(bytes)), EINVAL);
  EXPECT_EQ(decode_error_words(header_of(bytes)), words);
  EXPECT_EQ(decode_error_words(header_of(message(NLMSG_ERROR, 0, as_bytes(error)))), "");
}

TEST(DecodeError, RefusesWhatIsNoErrno) {
  EXPECT_EQ(decode_error(header_of(message(NLMSG_DONE, 0, little_endian(0)))), 0);
  EXPECT_EQ(decode_error(header_of(message(NLMSG_DONE, 0, {0, 0}))), std::nullopt);
  EXPECT_EQ(decode_error(header_of(message(NLMSG_ERROR, 0, little_endian(22)))), std::nullopt);
  EXPECT_EQ(decode_error(header_of(message(NLMSG_ERROR, 0, little_endian(0x80000000u)))), std::nullopt);
}

}  // namespace
}  // namespace holdfast::glue
