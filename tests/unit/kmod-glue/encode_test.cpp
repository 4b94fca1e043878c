#include "kmod-glue/encode.hpp"

#include "canned.hpp"
#include "kmod-glue/decode.hpp"

#include <gtest/gtest.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace holdfast::glue {
namespace {

template <class Encode>
Bytes written(Encode encode) {
  Bytes room(kRequestCapacity, 0xee);  // what is not written must not be sent
  room.resize(encode(Room(room)));
  return room;
}

const IpPrefix kSubscriber{IpAddress::v4(10, 1, 2, 3), 32};
const IpPrefix kSubscriber6{v6({0x2001, 0xdb8, 0xffff, 0xffff}, 0), 64};

TEST(EncodeRoute, WritesAReplacementAsTheKernelReadsIt) {
  const RouteChange change{.kind = RouteChange::Kind::replace,
                           .route = {.prefix = kSubscriber, .link = 7, .mtu = 1400}};
  const auto bytes = written([&](Room room) { return encode_route(room, 9, change, Acknowledge::no); });
  EXPECT_EQ(bytes, from_hex("40000000"  // 64 octets
                            "1800"
                            "0105"  // RTM_NEWROUTE; REQUEST, REPLACE, CREATE
                            "09000000"
                            "00000000"
                            "02200000"  // AF_INET, 32 bits
                            "feaafd01"  // main, 170, link scope, unicast
                            "00000000"
                            "080001000a010203"  // RTA_DST
                            "0800060005000000"  // RTA_PRIORITY
                            "0800040007000000"  // RTA_OIF
                            "0c00088008000200"  // RTA_METRICS { RTAX_MTU }
                            "78050000"));
}

TEST(EncodeRoute, WritesARemovalThatSparesTheRoutesOfOthers) {
  const RouteChange change{.kind = RouteChange::Kind::remove, .route = {.prefix = kSubscriber}, .metric = 12};
  const auto bytes = written([&](Room room) { return encode_route(room, 9, change, Acknowledge::yes); });
  EXPECT_EQ(bytes, from_hex("2c000000"
                            "1900"
                            "0500"  // RTM_DELROUTE; REQUEST, ACK
                            "09000000"
                            "00000000"
                            "02200000"
                            "feaaff00"  // protocol 170, any scope and type
                            "00000000"
                            "080001000a010203"
                            "080006000c000000"));
}

TEST(EncodeRoute, IsDecodedToWhatWasWanted) {
  const RouteChange change{.kind = RouteChange::Kind::replace,
                           .route = {.prefix = kSubscriber6, .link = 7, .mtu = 1400}};
  const auto bytes = written([&](Room room) { return encode_route(room, 1, change, Acknowledge::yes); });
  Route route;
  ASSERT_EQ(decode_route(header_of(bytes), route), Decoded::value);
  EXPECT_EQ(route, (Route{.prefix = kSubscriber6,
                          .type = RouteType::unicast,
                          .protocol = kRouteProtocol,
                          .metric = kRouteMetric,
                          .mtu = 1400,
                          .next_hops = {{.link = 7}}}));
}

TEST(EncodeAddress, IsDecodedToTheSameAddress) {
  for (const auto& prefix : {IpPrefix{IpAddress::v4(192, 0, 2, 1), 24}, IpPrefix{v6({0x2001, 0xdb8}, 1), 64}}) {
    const auto bytes = written([&](Room room) { return encode_address(room, 1, AddressRequest::add, 3, prefix); });
    Address address;
    ASSERT_EQ(decode_address(header_of(bytes), address), Decoded::value);
    EXPECT_EQ(address, (Address{.link = 3, .prefix = prefix, .usable = true}));
    EXPECT_EQ(header_of(bytes).nlmsg_type, RTM_NEWADDR);
    const auto removal = written([&](Room room) { return encode_address(room, 1, AddressRequest::remove, 3, prefix); });
    EXPECT_EQ(header_of(removal).nlmsg_type, RTM_DELADDR);
    EXPECT_EQ(header_of(removal).nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK) << "DELADDR takes no other flags";
  }
}

TEST(EncodeLink, ChangesTheUpFlagAndNoOther) {
  const auto flags = [](bool up) {
    const auto bytes = written([&](Room room) { return encode_link_up(room, 1, 3, up); });
    ifinfomsg header{};
    std::memcpy(&header, bytes.data() + sizeof(nlmsghdr), sizeof header);
    EXPECT_EQ(header.ifi_index, 3);
    EXPECT_EQ(header.ifi_change, IFF_UP);
    return header.ifi_flags;
  };
  EXPECT_EQ(flags(true), IFF_UP);
  EXPECT_EQ(flags(false), 0u);
}

TEST(EncodeResolve, AsksAsIfAPacketHadBeenSent) {
  const auto bytes = written([](Room room) { return encode_resolve(room, 1, 3, IpAddress::v4(192, 0, 2, 2)); });
  ndmsg header{};
  header.ndm_family = AF_INET;
  header.ndm_ifindex = 3;
  header.ndm_flags = NTF_USE;
  auto expected = message(RTM_NEWNEIGH, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
                          as_bytes(header) + attribute(NDA_DST, {192, 0, 2, 2}));
  expected[8] = 1;  // the sequence number
  EXPECT_EQ(bytes, expected);
}

TEST(EncodeDump, PutsTheFiltersWhereEachKindHasThem) {
  const auto addresses = written([](Room room) { return encode_dump(room, 1, {.type = RTM_GETADDR, .link = 7}); });
  ifaddrmsg address{};
  std::memcpy(&address, addresses.data() + sizeof(nlmsghdr), sizeof address);
  EXPECT_EQ(address.ifa_index, 7u);

  const auto routes = written([](Room room) {
    return encode_dump(room, 1, {.type = RTM_GETROUTE, .family = AF_INET6, .table = RT_TABLE_MAIN, .protocol = 170});
  });
  rtmsg route{};
  std::memcpy(&route, routes.data() + sizeof(nlmsghdr), sizeof route);
  EXPECT_EQ(route.rtm_family, AF_INET6);
  EXPECT_EQ(route.rtm_table, RT_TABLE_MAIN);
  EXPECT_EQ(route.rtm_protocol, 170);
  EXPECT_EQ(header_of(routes).nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
}

TEST(Encode, NeverNeedsMoreThanItsCapacity) {
  const RouteChange longest{.kind = RouteChange::Kind::replace,
                            .route = {.prefix = kSubscriber6, .link = 7, .mtu = 1400}};
  EXPECT_LE(written([&](Room room) { return encode_route(room, 1, longest, Acknowledge::yes); }).size(),
            kRequestCapacity);
  EXPECT_LE(written([](Room room) { return encode_link_query(room, 1, "fifteen-octets-"); }).size(), kRequestCapacity);
  EXPECT_LE(written([](Room room) { return encode_address(room, 1, AddressRequest::add, 1, kSubscriber6); }).size(),
            kRequestCapacity);
}

}  // namespace
}  // namespace holdfast::glue
