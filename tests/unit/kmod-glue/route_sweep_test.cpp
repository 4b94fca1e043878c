#include "kmod-glue/route_sweep.hpp"

#include "kmod-glue/text.hpp"

#include <gtest/gtest.h>

namespace holdfast::glue {
namespace {

IpPrefix subscriber(std::uint8_t i) { return {IpAddress::v4(10, 0, 0, i), 32}; }

Route installed(const SubscriberRoute& route) {
  return {.prefix = route.prefix,
          .type = RouteType::unicast,
          .protocol = kRouteProtocol,
          .metric = kRouteMetric,
          .mtu = route.mtu,
          .next_hops = {{.link = route.link}}};
}

RouteChange replace(const SubscriberRoute& route) { return {.kind = RouteChange::Kind::replace, .route = route}; }
RouteChange remove(const SubscriberRoute& route, std::uint32_t metric = kRouteMetric) {
  return {.kind = RouteChange::Kind::remove, .route = route, .metric = metric};
}

using Changes = std::vector<RouteChange>;
using Kernel = std::vector<Route>;
using Wanted = std::vector<SubscriberRoute>;

const SubscriberRoute kFirst{.prefix = subscriber(1), .link = 7, .mtu = 1400};
const SubscriberRoute kSecond{.prefix = subscriber(2), .link = 7, .mtu = 1400};

TEST(RouteSweep, ChangesNothingWhereAllIsAsWanted) {
  EXPECT_EQ(sweep_routes(Kernel{installed(kSecond), installed(kFirst)}, Wanted{kFirst, kSecond}), Changes{});
  EXPECT_EQ(sweep_routes({}, {}), Changes{});
}

TEST(RouteSweep, AddsWhatIsMissingAndThenRemovesWhatIsNotWanted) {
  const SubscriberRoute gone{.prefix = subscriber(9), .link = 7, .mtu = 1400};
  EXPECT_EQ(sweep_routes(Kernel{installed(gone), installed(kSecond)}, Wanted{kFirst, kSecond}),
            (Changes{replace(kFirst), remove(gone)}));
}

TEST(RouteSweep, ReplacesWhatDiffersWithoutRemovingIt) {
  auto other_link = installed(kFirst);
  other_link.next_hops[0].link = 8;
  auto other_mtu = installed(kSecond);
  other_mtu.mtu = 0;
  EXPECT_EQ(sweep_routes(Kernel{other_link, other_mtu}, Wanted{kFirst, kSecond}),
            (Changes{replace(kFirst), replace(kSecond)}));
}

TEST(RouteSweep, RemovesAnOlderMetricExactly) {
  auto older = installed(kFirst);
  older.metric = 20;
  EXPECT_EQ(sweep_routes(Kernel{older, installed(kFirst)}, Wanted{kFirst}), Changes{remove(kFirst, 20)});
  EXPECT_EQ(sweep_routes(Kernel{older}, Wanted{kFirst}), (Changes{replace(kFirst), remove(kFirst, 20)}));
}

TEST(RouteSweep, LeavesTheRoutesOfOthersAlone) {
  auto by_hand = installed(kFirst);
  by_hand.protocol = 3;
  auto elsewhere = installed(kSecond);
  elsewhere.table = Table::local;
  EXPECT_EQ(sweep_routes(Kernel{by_hand, elsewhere}, {}), Changes{});
  EXPECT_EQ(sweep_routes(Kernel{by_hand}, Wanted{kFirst}), Changes{replace(kFirst)});
}

TEST(RouteSweep, TakesTheLastOfAPrefixThatIsWantedTwice) {
  const SubscriberRoute moved{.prefix = kFirst.prefix, .link = 8, .mtu = 0};
  EXPECT_EQ(sweep_routes({}, Wanted{kFirst, moved}), Changes{replace(moved)});
  EXPECT_EQ(sweep_routes(Kernel{installed(moved)}, Wanted{kFirst, moved}), Changes{});
}

TEST(RouteSweep, TellsAnIpv4PrefixFromAnIpv6OneOfTheSameLength) {
  const SubscriberRoute v4_default{.prefix = {IpAddress::v4(0), 0}, .link = 7};
  const SubscriberRoute v6_default{.prefix = {{}, 0}, .link = 7};
  EXPECT_EQ(sweep_routes(Kernel{installed(v4_default)}, Wanted{v6_default}),
            (Changes{replace(v6_default), remove(v4_default)}));
}

TEST(Text, IsWhatAnOperatorWrites) {
  EXPECT_EQ(to_text(IpAddress{}), "none");
  EXPECT_EQ(to_text(IpAddress::v4(192, 0, 2, 1)), "192.0.2.1");
  EXPECT_EQ(to_text(IpPrefix{}), "::/0");
  EXPECT_EQ(to_text(IpPrefix{IpAddress::v4(0), 0}), "0.0.0.0/0");
}

}  // namespace
}  // namespace holdfast::glue
