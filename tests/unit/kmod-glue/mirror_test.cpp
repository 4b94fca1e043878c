// What the mirror makes of what it is told. That the kernel really behaves so is shown in tests/system/kmod-glue.
#include "kmod-glue/mirror.hpp"

#include "canned.hpp"

#include <gtest/gtest.h>

#include <linux/rtnetlink.h>

namespace holdfast::glue {
namespace {

constexpr std::uint32_t kV0 = 3;
constexpr std::uint32_t kV1 = 4;
const IpPrefix kNet10{IpAddress::v4(10, 0, 0, 0), 8};
const IpPrefix kDocumentation{v6({0x2001, 0xdb8, 0x99}, 0), 48};

Link up(std::uint32_t index) { return {.index = index, .name = index == kV0 ? "v0" : "v1", .up = true}; }
Link down(std::uint32_t index) { return {.index = index, .name = index == kV0 ? "v0" : "v1"}; }
NextHop via4(std::uint8_t last, std::uint32_t link) {
  return {.gateway = IpAddress::v4(192, 0, 2, last), .link = link};
}
NextHop via6(std::uint16_t last, std::uint32_t link = kV0) {
  return {.gateway = v6({0x2001, 0xdb8}, last), .link = link};
}
NextHop dead(NextHop hop) {
  hop.usable = false;
  return hop;
}
Route unicast(const IpPrefix& prefix, std::vector<NextHop> next_hops, std::uint32_t metric = 0) {
  return {.prefix = prefix,
          .type = RouteType::unicast,
          .protocol = RTPROT_BOOT,
          .metric = metric,
          .next_hops = std::move(next_hops)};
}
Address address4(std::uint8_t last, std::uint32_t link, std::uint8_t length = 24) {
  return {.link = link, .prefix = {IpAddress::v4(192, 0, 2, last), length}, .usable = true};
}

class MirrorTest : public ::testing::Test {
 protected:
  MirrorTest() {
    mirror.resynchronizing();
    for (const auto link : {kV0, kV1}) mirror.link(up(link), Change::added);
    mirror.address(address4(1, kV0), Change::added);
    mirror.address(address4(129, kV1), Change::added);
    mirror.resynchronized();
    recorder.told.clear();
  }

  // What the observer was told since the last call.
  std::vector<Told> told() { return std::exchange(recorder.told, {}); }
  const Route* best(const IpPrefix& prefix) { return mirror.best_route(prefix, Table::main); }

  Recorder recorder;
  Mirror mirror{recorder};
};

TEST_F(MirrorTest, PassesOnDifferencesAndNoRepetitions) {
  const auto route = unicast(kNet10, {via4(2, kV0)});
  const Neighbour neighbour{.link = kV0, .address = IpAddress::v4(192, 0, 2, 2), .mac = {2}, .usable = true};
  for (int twice = 0; twice < 2; ++twice) {
    mirror.link(up(kV0), Change::added);
    mirror.address(address4(1, kV0), Change::added);
    mirror.neighbour(neighbour, Change::added);
    mirror.route(route, Change::added);
  }
  EXPECT_EQ(told(), (std::vector<Told>{{neighbour}, {route}}));
  for (int twice = 0; twice < 2; ++twice) {
    mirror.route(route, Change::removed);
    mirror.neighbour(neighbour, Change::removed);
  }
  EXPECT_EQ(told(), (std::vector<Told>{{route, Change::removed}, {neighbour, Change::removed}}));
}

TEST_F(MirrorTest, PassesOnTheFirstDumpAsSuchAndLaterOnesAsDifferences) {
  Recorder fresh;
  Mirror first(fresh);
  const auto stays = unicast(kNet10, {via4(2, kV0)});
  const auto goes = unicast(kNet10, {via4(3, kV0)}, 7);
  first.resynchronizing();
  first.resynchronizing();  // it began again
  first.link(up(kV0), Change::added);
  first.link(up(kV1), Change::added);
  first.route(stays, Change::added);
  first.route(goes, Change::added);
  first.resynchronized();
  EXPECT_EQ(fresh.told, (std::vector<Told>{{DumpBegan{}}, {up(kV0)}, {up(kV1)}, {stays}, {goes}, {DumpEnded{}}}));
  fresh.told.clear();
  first.resynchronizing();
  first.link(up(kV0), Change::added);
  first.route(stays, Change::added);
  first.resynchronized();
  EXPECT_EQ(fresh.told, (std::vector<Told>{{goes, Change::removed}, {up(kV1), Change::removed}}));
}

TEST_F(MirrorTest, ForgetsAtTheEndOfADumpWhatARuleTouchedButNobodyTold) {
  const auto route = unicast(kDocumentation, {via6(2)}, 1024);
  mirror.route(route, Change::added);
  mirror.resynchronizing();
  mirror.link(down(kV0), Change::added);  // went down while notifications were lost, and took the route with it
  mirror.resynchronized();
  EXPECT_EQ(best(kDocumentation), nullptr);
}

TEST_F(MirrorTest, TakesAwayTheIpv4RoutesOfALinkThatGoesDown) {
  const auto single = unicast(kNet10, {via4(2, kV0)});
  const auto local = Route{.prefix = {IpAddress::v4(192, 0, 2, 1), 32},
                           .type = RouteType::local,
                           .table = Table::local,
                           .next_hops = {{.link = kV0}}};
  const auto other = unicast({IpAddress::v4(172, 16, 0, 0), 12}, {via4(130, kV1)});
  for (const auto& route : {single, local, other}) mirror.route(route, Change::added);
  (void)told();
  mirror.link(down(kV0), Change::added);
  EXPECT_EQ(told(), (std::vector<Told>{{down(kV0)}, {single, Change::removed}}));
  mirror.link(up(kV0), Change::added);
  EXPECT_EQ(told(), (std::vector<Told>{{up(kV0)}})) << "a route that is gone does not come back with its link";
}

TEST_F(MirrorTest, KeepsARouteWhoseOtherNextHopLives) {
  const auto both = unicast(kNet10, {via4(2, kV0), via4(130, kV1)});
  const auto half = unicast(kNet10, {dead(via4(2, kV0)), via4(130, kV1)});
  mirror.route(both, Change::added);
  (void)told();
  mirror.link(down(kV0), Change::added);
  EXPECT_EQ(told(), (std::vector<Told>{{down(kV0)}, {both, Change::removed}, {half}}));
  mirror.link(up(kV0), Change::added);
  EXPECT_EQ(told(), (std::vector<Told>{{up(kV0)}, {half, Change::removed}, {both}}));
  mirror.link(down(kV0), Change::added);
  mirror.link(down(kV1), Change::added);
  EXPECT_EQ(best(kNet10), nullptr);
}

TEST_F(MirrorTest, LeavesItToTheKernelToTakeIpv6RoutesOutByName) {
  const auto route = unicast(kDocumentation, {via6(2)}, 1024);
  mirror.route(route, Change::added);
  mirror.link(down(kV0), Change::added);
  ASSERT_NE(best(kDocumentation), nullptr);
  EXPECT_FALSE(best(kDocumentation)->next_hops[0].usable);
  mirror.route(route, Change::removed);
  EXPECT_EQ(best(kDocumentation), nullptr);
}

TEST_F(MirrorTest, TakesAwayTheIpv4RoutesOfALinkWithItsLastAddress) {
  const auto both = unicast(kNet10, {via4(2, kV0), via4(130, kV1)});
  const auto single = unicast({IpAddress::v4(172, 16, 0, 0), 12}, {{.link = kV0}});
  mirror.address(address4(2, kV0), Change::added);
  for (const auto& route : {both, single}) mirror.route(route, Change::added);
  mirror.address(address4(2, kV0), Change::removed);
  EXPECT_NE(best(single.prefix), nullptr) << "there is another address";
  mirror.address(address4(1, kV0), Change::removed);
  EXPECT_EQ(best(single.prefix), nullptr);
  EXPECT_EQ(best(kNet10)->next_hops[0], dead(via4(2, kV0)));
  mirror.address(address4(1, kV0), Change::added);
  EXPECT_EQ(best(kNet10)->next_hops[0], via4(2, kV0));
}

TEST_F(MirrorTest, DoesNotReviveNextHopsByAnAddressWhileTheLinkIsDown) {
  mirror.route(unicast(kNet10, {via4(2, kV0), via4(130, kV1)}), Change::added);
  mirror.link(down(kV0), Change::added);
  mirror.address(address4(2, kV0), Change::added);
  EXPECT_EQ(best(kNet10)->next_hops[0], dead(via4(2, kV0)));
}

TEST_F(MirrorTest, TakesAwayTheRoutesThatPreferAnAddressThatNoLinkHasAnyMore) {
  auto route = unicast(kNet10, {via4(130, kV1)});
  route.preferred_source = IpAddress::v4(192, 0, 2, 7);
  mirror.address(address4(7, kV0, 32), Change::added);
  mirror.address(address4(7, kV1, 32), Change::added);
  mirror.route(route, Change::added);
  mirror.address(address4(7, kV1, 32), Change::removed);
  EXPECT_NE(best(kNet10), nullptr) << "it is still an address of ours";
  mirror.address(address4(7, kV0, 32), Change::removed);
  EXPECT_EQ(best(kNet10), nullptr);
}

TEST_F(MirrorTest, ForgetsALinkWithAllThatIsOnIt) {
  const Neighbour neighbour{.link = kV0, .address = IpAddress::v4(192, 0, 2, 2), .mac = {2}, .usable = true};
  const auto both = unicast(kNet10, {via4(2, kV0), via4(130, kV1)});
  mirror.neighbour(neighbour, Change::added);
  mirror.route(both, Change::added);
  (void)told();
  mirror.link(up(kV0), Change::removed);
  EXPECT_EQ(told(), (std::vector<Told>{{both, Change::removed},
                                       {neighbour, Change::removed},
                                       {address4(1, kV0), Change::removed},
                                       {up(kV0), Change::removed}}));
  EXPECT_EQ(mirror.find_link(kV0), nullptr);
  EXPECT_EQ(mirror.find_neighbour(kV0, neighbour.address), nullptr);
}

TEST_F(MirrorTest, FollowsAnIpv6RouteThatGrowsAndShrinks) {
  mirror.route(unicast(kDocumentation, {via6(2), via6(3)}, 1024), Change::added);
  mirror.route(unicast(kDocumentation, {via6(4), via6(2), via6(3)}, 1024), Change::added);  // the kernel turns the list
  ASSERT_EQ(mirror.route_count(), 1u);
  mirror.route(unicast(kDocumentation, {via6(3)}, 1024), Change::removed);
  EXPECT_EQ(*best(kDocumentation), unicast(kDocumentation, {via6(4), via6(2)}, 1024));
  mirror.route(unicast(kDocumentation, {via6(2), via6(4)}, 1024), Change::removed);
  EXPECT_EQ(mirror.route_count(), 0u);
}

TEST_F(MirrorTest, KeepsIpv6RoutesThatDoNotJoinApart) {
  const IpPrefix link_local{v6({0xfe80}, 0), 64};
  const auto on = [&](std::uint32_t link) {
    auto route = unicast(link_local, {{.link = link}}, 256);
    route.protocol = RTPROT_KERNEL;
    return route;
  };
  mirror.route(on(kV0), Change::added);
  mirror.route(on(kV1), Change::added);
  EXPECT_EQ(mirror.route_count(), 2u);
  mirror.route(on(kV0), Change::removed);
  EXPECT_EQ(*best(link_local), on(kV1));
}

TEST_F(MirrorTest, ReplacesTheRouteOfTheSameMetric) {
  const auto before = unicast(kNet10, {via4(2, kV0)});
  const auto after = unicast(kNet10, {via4(3, kV0)});
  mirror.route(before, Change::added);
  mirror.route(unicast(kNet10, {via4(9, kV0)}, 7), Change::added);
  (void)told();
  mirror.route(after, Change::replaced);
  EXPECT_EQ(told(), (std::vector<Told>{{before, Change::removed}, {after}}));
  EXPECT_EQ(mirror.route_count(), 2u);
  EXPECT_FALSE(mirror.in_doubt());
}

TEST_F(MirrorTest, IsInDoubtWhereAReplacementCouldMeanSeveralUntilADumpBegins) {
  mirror.route(unicast(kNet10, {via4(2, kV0)}), Change::added);
  mirror.route(unicast(kNet10, {via4(3, kV0)}), Change::added);
  mirror.route(unicast(kNet10, {via4(4, kV0)}), Change::replaced);
  EXPECT_TRUE(mirror.in_doubt());
  mirror.resynchronizing();
  EXPECT_FALSE(mirror.in_doubt());
}

TEST_F(MirrorTest, PrefersTheLowestMetricAndThenTheOldest) {
  const auto worse = unicast(kNet10, {via4(2, kV0)}, 20);
  const auto first = unicast(kNet10, {via4(3, kV0)}, 7);
  const auto second = unicast(kNet10, {via4(4, kV0)}, 7);
  for (const auto& route : {worse, first, second}) mirror.route(route, Change::added);
  EXPECT_EQ(*best(kNet10), first);
  mirror.route(first, Change::removed);
  EXPECT_EQ(*best(kNet10), second);
  mirror.route(second, Change::removed);
  EXPECT_EQ(*best(kNet10), worse);
  EXPECT_EQ(mirror.best_route(kNet10, Table::local), nullptr);
}

}  // namespace
}  // namespace holdfast::glue
