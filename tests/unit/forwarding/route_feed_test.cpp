#include "forwarding/route_feed.hpp"

#include <gtest/gtest.h>

#include <map>

namespace holdfast::forwarding {
namespace {

using glue::Change;

constexpr std::uint32_t kGe0 = 3, kOther = 9;
const glue::MacAddress kMac{2, 0, 0, 0, 0, 1};

IpPrefix prefix(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint8_t length) {
  return {IpAddress::v4(a, b, c, d), length};
}

// The tables as the operations leave them.
struct Tables {
  std::map<IpPrefix, abi::RouteRow> routes;
  std::map<std::uint32_t, abi::NeighbourRow> neighbours;

  void put(const abi::TableOp& op) {
    switch (op.kind) {
      case abi::TableOpKind::put_route: {
        const bool leads = op.route.kind == abi::NextHopKind::neighbour;
        ASSERT_TRUE(!leads || neighbours.contains(op.route.neighbour.value()))
            << "a route to a neighbour that is not there";
        routes[op.route.prefix] = op.route;
        break;
      }
      case abi::TableOpKind::remove_route: routes.erase(op.route.prefix); break;
      case abi::TableOpKind::put_neighbour: neighbours[op.neighbour.id.value()] = op.neighbour; break;
      case abi::TableOpKind::remove_neighbour:
        for (const auto& [p, route] : routes)
          ASSERT_FALSE(route.kind == abi::NextHopKind::neighbour && route.neighbour == op.neighbour.id)
              << "a neighbour goes while a route leads to it";
        neighbours.erase(op.neighbour.id.value());
        break;
      default: FAIL() << "no operation of a route feed";
    }
  }
  abi::NextHopKind kind(const IpPrefix& p) const {
    const auto found = routes.find(p);
    return found != routes.end() ? found->second.kind : abi::NextHopKind{};
  }
};

struct Feed : ::testing::Test {
  Tables tables;
  RouteFeed feed{[this](const abi::TableOp& op) { tables.put(op); }, 1, 100};

  void SetUp() override {
    feed.add_port("ge0", PortId(0));
    feed.link({kGe0, "ge0", true, true, 1500, {}}, Change::added);
    feed.link({kOther, "eth9", true, true, 1500, {}}, Change::added);
  }
  static glue::Route route(const IpPrefix& p, const IpAddress& gateway, std::uint32_t link, std::uint32_t metric = 0) {
    glue::Route r;
    r.prefix = p;
    r.type = glue::RouteType::unicast;
    r.protocol = 3;
    r.metric = metric;
    r.next_hops.push_back({gateway, link});
    return r;
  }
  void neighbour(const IpAddress& address, bool usable, const glue::MacAddress& mac = kMac) {
    feed.neighbour({kGe0, address, mac, usable}, Change::added);
  }
};

TEST_F(Feed, LeadsARouteToTheKernelUntilItsGatewayIsUsable) {
  feed.route(route(prefix(10, 0, 0, 0, 8), IpAddress::v4(192, 0, 2, 9), kGe0), Change::added);
  EXPECT_EQ(tables.kind(prefix(10, 0, 0, 0, 8)), abi::NextHopKind::kernel);
  neighbour(IpAddress::v4(192, 0, 2, 9), true);
  EXPECT_EQ(tables.kind(prefix(10, 0, 0, 0, 8)), abi::NextHopKind::neighbour);
  EXPECT_EQ(tables.kind(prefix(192, 0, 2, 9, 32)), abi::NextHopKind::neighbour);
  neighbour(IpAddress::v4(192, 0, 2, 9), false);
  EXPECT_EQ(tables.kind(prefix(10, 0, 0, 0, 8)), abi::NextHopKind::kernel);
  EXPECT_FALSE(tables.routes.contains(prefix(192, 0, 2, 9, 32)));
  EXPECT_TRUE(tables.neighbours.empty());
}

TEST_F(Feed, ChangesTheAddressOfANeighbourInPlace) {
  neighbour(IpAddress::v4(192, 0, 2, 9), true);
  const auto id = tables.neighbours.begin()->first;
  neighbour(IpAddress::v4(192, 0, 2, 9), true, {2, 0, 0, 0, 0, 2});
  ASSERT_EQ(tables.neighbours.size(), 1u);
  EXPECT_EQ(tables.neighbours.at(id).mac, (glue::MacAddress{2, 0, 0, 0, 0, 2}));
}

TEST_F(Feed, UsesTheRouteWithTheLowestMetricAndFallsBackToTheNext) {
  neighbour(IpAddress::v4(192, 0, 2, 9), true);
  const auto worse = route(prefix(10, 0, 0, 0, 8), {}, kOther, 20);
  const auto better = route(prefix(10, 0, 0, 0, 8), IpAddress::v4(192, 0, 2, 9), kGe0, 10);
  feed.route(worse, Change::added);
  feed.route(better, Change::added);
  EXPECT_EQ(tables.kind(prefix(10, 0, 0, 0, 8)), abi::NextHopKind::neighbour);
  feed.route(better, Change::removed);
  EXPECT_EQ(tables.kind(prefix(10, 0, 0, 0, 8)), abi::NextHopKind::kernel);
  feed.route(worse, Change::removed);
  EXPECT_TRUE(!tables.routes.contains(prefix(10, 0, 0, 0, 8)));
}

TEST_F(Feed, PrefersALocalAddressToAnyRoute) {
  glue::Route local = route(prefix(192, 0, 2, 1, 32), {}, kGe0);
  local.type = glue::RouteType::local;
  local.table = glue::Table::local;
  feed.route(route(prefix(192, 0, 2, 1, 32), IpAddress::v4(192, 0, 2, 9), kGe0), Change::added);
  feed.route(local, Change::added);
  neighbour(IpAddress::v4(192, 0, 2, 9), true);
  EXPECT_EQ(tables.kind(prefix(192, 0, 2, 1, 32)), abi::NextHopKind::kernel);
}

TEST_F(Feed, LearnsNothingBackThatWeInstalled) {
  auto ours = route(prefix(10, 0, 0, 2, 32), {}, kGe0);
  ours.protocol = glue::kRouteProtocol;
  feed.route(ours, Change::added);
  EXPECT_TRUE(tables.routes.empty());
}

TEST_F(Feed, UsesALinkLocalGatewayButMakesNoRouteOfIt) {
  const IpAddress gateway{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  const IpPrefix everything{IpAddress{}, 0};
  neighbour(gateway, true);
  feed.route(route(everything, gateway, kGe0), Change::added);
  EXPECT_EQ(tables.kind(everything), abi::NextHopKind::neighbour);
  EXPECT_EQ(tables.routes.size(), 1u);
}

TEST_F(Feed, PutsEveryRowAgainWhenAskedTo) {
  neighbour(IpAddress::v4(192, 0, 2, 9), true);
  feed.route(route(prefix(10, 0, 0, 0, 8), IpAddress::v4(192, 0, 2, 9), kGe0), Change::added);
  const auto before = tables.routes.size();
  tables = {};
  feed.resend();
  EXPECT_EQ(tables.routes.size(), before);
  EXPECT_EQ(tables.neighbours.size(), 1u);
}

TEST_F(Feed, LeavesNeighboursBeyondTheTableToTheKernel) {
  RouteFeed small([this](const abi::TableOp& op) { tables.put(op); }, 1, 1);
  small.add_port("ge0", PortId(0));
  small.link({kGe0, "ge0", true, true, 1500, {}}, Change::added);
  small.neighbour({kGe0, IpAddress::v4(192, 0, 2, 9), kMac, true}, Change::added);
  small.neighbour({kGe0, IpAddress::v4(192, 0, 2, 10), kMac, true}, Change::added);
  EXPECT_EQ(tables.neighbours.size(), 1u);
  EXPECT_FALSE(tables.routes.contains(prefix(192, 0, 2, 10, 32)));
}

}  // namespace
}  // namespace holdfast::forwarding
