// Routes. Digits are captured from Linux 6.18; the command that made it tell is beside them. Link 3 is v0.
#include "canned.hpp"
#include "kmod-glue/attributes.hpp"
#include "kmod-glue/decode.hpp"

#include <gtest/gtest.h>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace holdfast::glue {
namespace {

const IpAddress kGateway = IpAddress::v4(192, 0, 2, 2);
const IpAddress kGateway6 = v6({0x2001, 0xdb8}, 2);

// ip route add 203.0.113.0/24 nexthop via 192.0.2.2 weight 2 nexthop via inet6 2001:db8::2 dev v0
constexpr std::string_view kMultipath =
    "60000000180000063b05036b7a42000002180000fe0300010000000008000f00fe00000008000100cb00710034000900100000010300000008"
    "00"
    "0500c00002022000000003000000160012000a0020010db80000000000000000000000020000";
// ip -6 route add 2001:db8:1::/48 nexthop via 2001:db8::2 nexthop via 2001:db8::3
constexpr std::string_view kMultipath6 =
    "a8000000180000043d05036b864200000a300000fe0300010000000008000f00fe0000001400010020010db800010000000000000000000008"
    "00"
    "0600000400003c0009001c000000030000001400050020010db80000000000000000000000021c000000030000001400050020010db8000000"
    "00"
    "000000000000000324000c0000000000000000000000000000000000000000000000000000000000000000000500140000000000";
// ip route replace 10.0.0.0/8 via 192.0.2.2 mtu 1400 src 192.0.2.1 metric 7 proto bgp
constexpr std::string_view kWithMetrics =
    "58000000180000067e05036b7e42000002080000feba00010000000008000f00fe000000080001000a00000008000600070000000c00080008"
    "00"
    "02007805000008000700c000020108000500c00002020800040003000000";
// ip route replace 10.0.0.0/8 via 192.0.2.10 metric 7, where there was one
constexpr std::string_view kReplacing =
    "44000000180000013c05036b8242000002080000fe0300010000000008000f00fe000000080001000a000000080006000700000008000500c0"
    "00"
    "020a0800040003000000";
// ip -6 route add default via 2001:db8::2
constexpr std::string_view kDefault6 =
    "74000000180000063e05036b8e4200000a000000fe0300010000000008000f00fe00000008000600000400001400050020010db80000000000"
    "00"
    "000000000002080004000300000024000c00000000000000000000000000000000000000000000000000000000000000000005001400000000"
    "00";
// ip route add default via 192.0.2.2
constexpr std::string_view kDefault =
    "34000000180000063f05036b9642000002000000fe0300010000000008000f00fe00000008000500c00002020800040003000000";
// ip route add blackhole 10.9.0.0/16
constexpr std::string_view kBlackhole =
    "2c000000180000063e05036b9042000002100000fe0300060000000008000f00fe000000080001000a090000";
// ip -6 route add unreachable 2001:db8:9::/48
constexpr std::string_view kUnreachable6 =
    "74000000180000063e05036b924200000a300000fe0300070000000008000f00fe0000001400010020010db800090000000000000000000008"
    "00"
    "060000040000080004000100000024000c00000000000000000000000000000000000000000000000000000000000000000005001400000000"
    "00";
// ip addr add 192.0.2.1/24 dev v0 (the local route)
constexpr std::string_view kLocal =
    "3c00000018000006000000000000000002200000ff02fe020000000008000f00ff00000008000100c000020108000700c00002010800040003"
    "00"
    "0000";
// ip -6 route add unreachable ::ffff:0:0/96
constexpr std::string_view kMapsIpv4 =
    "74000000180000063f05036b944200000a600000fe0300070000000008000f00fe0000001400010000000000000000000000ffff0000000008"
    "00"
    "060000040000080004000100000024000c00000000000000000000000000000000000000000000000000000000000000000005001400000000"
    "00";
// ip route add 10.8.0.0/16 tos 0x10 via 192.0.2.2
constexpr std::string_view kTypeOfService =
    "3c000000180000063f05036b9842000002100010fe0300010000000008000f00fe000000080001000a08000008000500c00002020800040003"
    "00"
    "0000";

Route decoded(std::string_view digits) {
  Route route{.mtu = 77, .next_hops = std::vector<NextHop>(3)};  // what the message before left there
  const auto bytes = from_hex(digits);
  EXPECT_EQ(decode_route(header_of(bytes), route), Decoded::value);
  return route;
}

TEST(DecodeRoute, TakesMetricMtuSourceProtocolAndGateway) {
  EXPECT_EQ(decoded(kWithMetrics), (Route{.prefix = {IpAddress::v4(10, 0, 0, 0), 8},
                                          .type = RouteType::unicast,
                                          .protocol = RTPROT_BGP,
                                          .metric = 7,
                                          .mtu = 1400,
                                          .preferred_source = IpAddress::v4(192, 0, 2, 1),
                                          .next_hops = {{.gateway = kGateway, .link = 3}}}));
}

TEST(DecodeRoute, TakesAllNextHopsAlsoThoseOfTheOtherFamily) {
  EXPECT_EQ(decoded(kMultipath), (Route{.prefix = {IpAddress::v4(203, 0, 113, 0), 24},
                                        .type = RouteType::unicast,
                                        .protocol = RTPROT_BOOT,
                                        .next_hops = {{.gateway = kGateway, .link = 3, .weight = 2},
                                                      {.gateway = kGateway6, .link = 3, .weight = 1}}}));
  EXPECT_EQ(decoded(kMultipath6),
            (Route{.prefix = {v6({0x2001, 0xdb8, 1}, 0), 48},
                   .type = RouteType::unicast,
                   .protocol = RTPROT_BOOT,
                   .metric = 1024,
                   .next_hops = {{.gateway = kGateway6, .link = 3}, {.gateway = v6({0x2001, 0xdb8}, 3), .link = 3}}}));
}

TEST(DecodeRoute, KeepsTheFamilyOfDefaultRoutes) {
  EXPECT_EQ(decoded(kDefault), (Route{.prefix = {IpAddress::v4(0), 0},
                                      .type = RouteType::unicast,
                                      .protocol = RTPROT_BOOT,
                                      .next_hops = {{.gateway = kGateway, .link = 3}}}));
  EXPECT_EQ(decoded(kDefault6), (Route{.prefix = {},
                                       .type = RouteType::unicast,
                                       .protocol = RTPROT_BOOT,
                                       .metric = 1024,
                                       .next_hops = {{.gateway = kGateway6, .link = 3}}}));
}

TEST(DecodeRoute, HasNoNextHopWhereItLeadsNowhere) {
  EXPECT_EQ(decoded(kBlackhole),
            (Route{.prefix = {IpAddress::v4(10, 9, 0, 0), 16}, .type = RouteType::blackhole, .protocol = RTPROT_BOOT}));
  EXPECT_EQ(decoded(kUnreachable6), (Route{.prefix = {v6({0x2001, 0xdb8, 9}, 0), 48},
                                           .type = RouteType::unreachable,
                                           .protocol = RTPROT_BOOT,
                                           .metric = 1024}));
}

TEST(DecodeRoute, TakesTheLocalTable) {
  EXPECT_EQ(decoded(kLocal), (Route{.prefix = {IpAddress::v4(192, 0, 2, 1), 32},
                                    .type = RouteType::local,
                                    .table = Table::local,
                                    .protocol = RTPROT_KERNEL,
                                    .preferred_source = IpAddress::v4(192, 0, 2, 1),
                                    .next_hops = {{.link = 3}}}));
}

TEST(DecodeRoute, IgnoresWhatLooksAtMoreThanTheDestinationAndWhatItCouldNotName) {
  Route route;
  EXPECT_EQ(decode_route(header_of(from_hex(kTypeOfService)), route), Decoded::ignored);
  EXPECT_EQ(decode_route(header_of(from_hex(kMapsIpv4)), route), Decoded::ignored);
  const auto with = [&](auto change) {
    rtmsg header{};
    header.rtm_family = AF_INET6;
    header.rtm_type = RTN_UNICAST;
    header.rtm_table = RT_TABLE_MAIN;
    change(header);
    return decode_route(header_of(message(RTM_NEWROUTE, 0, as_bytes(header) + attribute(RTA_OIF, little_endian(3)))),
                        route);
  };
  EXPECT_EQ(with([](rtmsg&) {}), Decoded::value);
  EXPECT_EQ(with([](rtmsg& header) { header.rtm_src_len = 64; }), Decoded::ignored);
  EXPECT_EQ(with([](rtmsg& header) { header.rtm_flags = RTM_F_CLONED; }), Decoded::ignored);
  EXPECT_EQ(with([](rtmsg& header) { header.rtm_table = 10; }), Decoded::ignored);
  EXPECT_EQ(with([](rtmsg& header) { header.rtm_family = AF_MPLS; }), Decoded::ignored);
}

TEST(DecodeRoute, BelievesTheTableAttributeMoreThanTheHeader) {
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_type = RTN_UNICAST;
  header.rtm_table = RT_TABLE_MAIN;
  Route route;
  const auto bytes = message(RTM_NEWROUTE, 0, as_bytes(header) + attribute(RTA_TABLE, little_endian(1000)));
  EXPECT_EQ(decode_route(header_of(bytes), route), Decoded::ignored);
}

TEST(DecodeRoute, MarksNextHopsThatAreDeadOrThatOnlyTheKernelCanReach) {
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_type = RTN_UNICAST;
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_flags = RTNH_F_DEAD;
  const auto body = attribute(RTA_OIF, little_endian(3)) + attribute(RTA_ENCAP_TYPE, {1, 0});
  Route route;
  ASSERT_EQ(decode_route(header_of(message(RTM_NEWROUTE, 0, as_bytes(header) + body)), route), Decoded::value);
  EXPECT_EQ(route.next_hops, (std::vector<NextHop>{{.link = 3, .usable = false, .encapsulated = true}}));
}

TEST(DecodeRoute, RefusesLengthsOutOfTheirRules) {
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_type = RTN_UNICAST;
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_dst_len = 24;
  Route route;
  const auto decode = [&](const Bytes& attributes) {
    return decode_route(header_of(message(RTM_NEWROUTE, 0, as_bytes(header) + attributes)), route);
  };
  const auto destination = attribute(RTA_DST, {10, 1, 2, 0});
  EXPECT_EQ(decode(destination), Decoded::value);
  EXPECT_EQ(decode({}), Decoded::malformed) << "a length without destination";
  EXPECT_EQ(decode(attribute(RTA_DST, Bytes(16, 1))), Decoded::malformed);
  EXPECT_EQ(decode(destination + attribute(RTA_OIF, {3, 0, 0})), Decoded::malformed);
  EXPECT_EQ(decode(destination + attribute(RTA_GATEWAY, Bytes(16, 1))), Decoded::malformed);
  EXPECT_EQ(decode(destination + attribute(RTA_VIA, {10, 0, 1, 2, 3, 4})), Decoded::malformed) << "IPv6 of 4 octets";
  EXPECT_EQ(decode(destination + attribute(RTA_METRICS, attribute(RTAX_MTU, {1, 2}))), Decoded::malformed);
  EXPECT_EQ(decode(destination + Bytes{3, 0, 4, 0}), Decoded::malformed) << "an attribute shorter than its header";
  EXPECT_EQ(decode(destination + Bytes{9, 0, 4, 0, 1, 2, 3, 4}), Decoded::malformed) << "and one past the end";
  header.rtm_dst_len = 33;
  EXPECT_EQ(decode(destination), Decoded::malformed);
}

TEST(DecodeRoute, RefusesNextHopsOutOfTheirNest) {
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_type = RTN_UNICAST;
  header.rtm_table = RT_TABLE_MAIN;
  Route route;
  const auto decode = [&](const Bytes& next_hops) {
    return decode_route(header_of(message(RTM_NEWROUTE, 0, as_bytes(header) + attribute(RTA_MULTIPATH, next_hops))),
                        route);
  };
  EXPECT_EQ(decode({8, 0, 0, 0, 3, 0, 0, 0}), Decoded::value);
  EXPECT_EQ(decode({7, 0, 0, 0, 3, 0, 0, 0}), Decoded::malformed) << "shorter than its header";
  EXPECT_EQ(decode({0, 0, 0, 0, 3, 0, 0, 0}), Decoded::malformed) << "no step forward";
  EXPECT_EQ(decode({12, 0, 0, 0, 3, 0, 0, 0}), Decoded::malformed) << "past the end";
  EXPECT_EQ(decode({8, 0, 0, 0, 3, 0, 0, 0, 8, 0}), Decoded::malformed) << "half a next hop";
}

TEST(DecodeRoute, RefusesWhatIsCutInsideAnAttribute) {
  for (const auto digits : {kMultipath, kMultipath6, kWithMetrics, kDefault6, kLocal}) {
    const auto whole = from_hex(digits);
    for (std::size_t length = sizeof(nlmsghdr); length < whole.size(); ++length) {
      Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));  // its end is where memory ends
      const auto announced = static_cast<std::uint32_t>(length);
      std::memcpy(cut.data(), &announced, sizeof announced);
      Attributes attributes;
      const auto attributes_begin = sizeof(nlmsghdr) + sizeof(rtmsg);
      const bool between = length >= attributes_begin &&
                           attributes.parse(std::span<const std::uint8_t>(cut).subspan(attributes_begin), {});
      Route route;
      if (between) continue;
      EXPECT_EQ(decode_route(header_of(cut), route), Decoded::malformed) << digits << " cut to " << length;
    }
  }
}

TEST(Deliver, SaysWhetherARouteIsNewOrReplacesOrIsGone) {
  Recorder recorder;
  Route scratch;
  auto removed = from_hex(kReplacing);
  removed[4] = RTM_DELROUTE;
  for (const auto& bytes : {from_hex(kWithMetrics), from_hex(kReplacing), removed})
    EXPECT_EQ(deliver(header_of(bytes), scratch, recorder), Decoded::value);
  ASSERT_EQ(recorder.told.size(), 3u);
  EXPECT_EQ(recorder.told[0], (Told{decoded(kWithMetrics), Change::added}));
  EXPECT_EQ(recorder.told[1], (Told{decoded(kReplacing), Change::replaced}));
  EXPECT_EQ(recorder.told[2], (Told{decoded(kReplacing), Change::removed}));
}

TEST(Deliver, PassesOverMessagesOfOtherKinds) {
  Recorder recorder;
  Route scratch;
  EXPECT_EQ(deliver(header_of(message(RTM_NEWRULE, 0, Bytes(12))), scratch, recorder), Decoded::ignored);
  EXPECT_EQ(recorder.told, std::vector<Told>{});
}

TEST(Messages, FollowOneAnotherAndEndBeforeWhatIsNone) {
  const auto bytes = from_hex(kBlackhole) + from_hex(kDefault);
  Messages whole(bytes);
  EXPECT_EQ(whole.next(), &header_of(bytes));
  ASSERT_NE(whole.next(), nullptr);
  EXPECT_EQ(whole.next(), nullptr);
  EXPECT_FALSE(whole.malformed());

  Messages cut(std::span<const std::uint8_t>(bytes).first(bytes.size() - 4));
  EXPECT_NE(cut.next(), nullptr);
  EXPECT_EQ(cut.next(), nullptr);
  EXPECT_TRUE(cut.malformed());

  for (const std::uint32_t length : {0u, 15u, 45u, 0x80000000u, 0xffffffffu}) {
    auto wrong = from_hex(kBlackhole);
    std::memcpy(wrong.data(), &length, sizeof length);
    Messages none(wrong);
    EXPECT_EQ(none.next(), nullptr) << length;
    EXPECT_TRUE(none.malformed()) << length;
  }
}

}  // namespace
}  // namespace holdfast::glue
