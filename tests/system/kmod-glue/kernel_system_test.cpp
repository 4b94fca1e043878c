// Requests against the real kernel, in a namespace of their own; what came of them is read back, and by iproute2 too.
#include "inventory.hpp"
#include "kmod-glue/mirror.hpp"
#include "kmod-glue/route_sweep.hpp"
#include "namespace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

namespace holdfast::glue {
namespace {

class KernelInNamespace : public InNamespace {
 protected:
  void SetUp() override {
    InNamespace::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto opened = Kernel::open();
    ASSERT_TRUE(opened) << opened.error();
    kernel_.emplace(std::move(*opened));
  }

  std::vector<Route> ours() {
    auto routes = kernel_->routes(kRouteProtocol);
    EXPECT_TRUE(routes) << routes.error();
    std::ranges::sort(*routes, {}, &Route::prefix);
    return *routes;
  }

  std::optional<Kernel> kernel_;
};

IpAddress ipv6(std::uint8_t last) {
  IpAddress address;
  address.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
  return address;
}

Route as_installed(const SubscriberRoute& route) {
  return {.prefix = route.prefix,
          .type = RouteType::unicast,
          .protocol = kRouteProtocol,
          .metric = kRouteMetric,
          .mtu = route.mtu,
          .next_hops = {{.link = route.link}}};
}

TEST_F(KernelInNamespace, FindsALinkByNameOrSaysThatThereIsNone) {
  const auto link = kernel_->link_by_name("v0");
  ASSERT_TRUE(link) << link.error();
  EXPECT_EQ(link->name, "v0");
  EXPECT_EQ(link->mac, (MacAddress{2, 0, 0, 0, 0, 1}));
  EXPECT_TRUE(link->up);
  EXPECT_EQ(kernel_->link_by_name("v9").error(), "link v9: No such device");
  EXPECT_EQ(kernel_->link_by_name("sixteen-octets-x").error(), "link sixteen-octets-x: No such device");
}

TEST_F(KernelInNamespace, SetsALinkUpAndDownAndItsMtu) {
  ASSERT_TRUE(kernel_->set_up(v0_, false));
  EXPECT_FALSE(kernel_->link_by_name("v0")->up);
  ASSERT_TRUE(kernel_->set_up(v0_, true));
  EXPECT_TRUE(kernel_->link_by_name("v0")->up);
  ASSERT_TRUE(kernel_->set_mtu(v0_, 1492));
  EXPECT_EQ(kernel_->link_by_name("v0")->mtu, 1492u);
  EXPECT_EQ(kernel_->set_up(9999, true).error(), "link 9999 up: No such device");
  const auto refused = kernel_->set_mtu(v0_, 10);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().starts_with("MTU 10 of link " + std::to_string(v0_) + ": Invalid argument"))
      << refused.error();
}

TEST_F(KernelInNamespace, AddsAndRemovesAddressesAsOftenAsAsked) {
  const IpPrefix ipv4{IpAddress::v4(192, 0, 2, 1), 24};
  const IpPrefix ipv6_prefix{ipv6(1), 64};
  for (int twice = 0; twice < 2; ++twice)
    for (const auto& prefix : {ipv4, ipv6_prefix}) ASSERT_TRUE(kernel_->add_address(v0_, prefix)) << to_text(prefix);
  auto addresses = kernel_->addresses(v0_);
  ASSERT_TRUE(addresses);
  std::erase_if(*addresses, [](const Address& address) { return address.prefix.address.octets[0] == 0xfe; });
  ASSERT_EQ(addresses->size(), 2u);
  EXPECT_EQ((*addresses)[0].prefix, ipv4);
  EXPECT_EQ((*addresses)[1].prefix, ipv6_prefix);
  for (int twice = 0; twice < 2; ++twice)
    for (const auto& prefix : {ipv4, ipv6_prefix}) ASSERT_TRUE(kernel_->remove_address(v0_, prefix)) << to_text(prefix);
  EXPECT_TRUE(kernel_->remove_address(9999, ipv4)) << "what was on a link that is gone is gone";
  EXPECT_EQ(kernel_->add_address(v0_, {ipv4.address, 33}).error(),
            "address 192.0.2.1/33 on link " + std::to_string(v0_) + ": Invalid argument (ipv4: Invalid prefix length)");
}

TEST_F(KernelInNamespace, ReplacesAndRemovesSubscriberRoutes) {
  const SubscriberRoute ipv4{.prefix = {IpAddress::v4(10, 0, 0, 1), 32}, .link = v0_, .mtu = 1492};
  const SubscriberRoute moved{.prefix = ipv4.prefix, .link = v1_};
  IpAddress delegated;
  delegated.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 7};
  const SubscriberRoute prefix{.prefix = {delegated, 56}, .link = v0_, .mtu = 1400};
  ASSERT_TRUE(kernel_->replace_route(ipv4));
  ASSERT_TRUE(kernel_->replace_route(prefix));
  EXPECT_EQ(ours(), (std::vector<Route>{as_installed(ipv4), as_installed(prefix)}));
  ASSERT_TRUE(kernel_->replace_route(moved));
  EXPECT_EQ(ours(), (std::vector<Route>{as_installed(moved), as_installed(prefix)}));
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_TRUE(kernel_->remove_route(moved));
    ASSERT_TRUE(kernel_->remove_route(prefix));
  }
  EXPECT_EQ(ours(), std::vector<Route>{});
  const auto refused = kernel_->replace_route({.prefix = {IpAddress::v4(10, 0, 0, 1), 24}, .link = v0_});
  EXPECT_EQ(refused.error(), "route 10.0.0.1/24 on link " + std::to_string(v0_) +
                                 ": Invalid argument (Invalid prefix for given prefix length)");
}

TEST_F(KernelInNamespace, SparesTheRoutesOfOthersForTheSamePrefix) {
  ASSERT_TRUE(
      ip("route add 10.0.0.1/32 dev v1 metric 20 proto zebra\n"
         "route add 2001:db8::1/128 dev v1 metric 20 proto zebra\n"));
  const SubscriberRoute ipv4{.prefix = {IpAddress::v4(10, 0, 0, 1), 32}, .link = v0_};
  const SubscriberRoute ipv6_route{.prefix = {ipv6(1), 128}, .link = v0_};
  for (const auto& route : {ipv4, ipv6_route}) {
    ASSERT_TRUE(kernel_->replace_route(route));
    ASSERT_TRUE(kernel_->remove_route(route));
    ASSERT_TRUE(kernel_->remove_route(route)) << "ours is gone, and theirs is not taken for it";
  }
  EXPECT_EQ(kernel_->routes(11)->size(), 2u);
}

TEST_F(KernelInNamespace, AppliesABatchAndNamesWhatWasRefused) {
  const auto change = [&](std::uint32_t last, std::uint8_t length, std::uint32_t link) {
    return RouteChange{.kind = RouteChange::Kind::replace,
                       .route = {.prefix = {IpAddress::v4(0x0a000000u + last), length}, .link = link}};
  };
  std::vector<RouteChange> changes;
  for (std::uint32_t i = 0; i < 2000; ++i) changes.push_back(change(i, 32, v0_));
  changes[3] = change(3, 31, v0_);         // host bits
  changes[1500] = change(1500, 32, 9999);  // no such link
  changes.push_back({.kind = RouteChange::Kind::remove, .route = {.prefix = {IpAddress::v4(172, 16, 0, 1), 32}}});
  const auto outcome = kernel_->apply(changes);
  ASSERT_TRUE(outcome) << outcome.error();
  EXPECT_EQ(outcome->applied, 1999u);
  ASSERT_EQ(outcome->refused.size(), 2u);
  EXPECT_EQ(outcome->refused[0].index, 3u);
  EXPECT_EQ(outcome->refused[0].error, EINVAL);
  EXPECT_EQ(outcome->refused[1].index, 1500u);
  EXPECT_EQ(describe(changes[1500], outcome->refused[1].error), "route 10.0.5.220/32 on link 9999: No such device");
  EXPECT_EQ(ours().size(), 1998u);
}

TEST_F(KernelInNamespace, SurvivesABatchOfWhichAllIsRefused) {
  std::vector<RouteChange> changes(
      20000, {.kind = RouteChange::Kind::replace, .route = {.prefix = {IpAddress::v4(10, 0, 0, 1), 32}, .link = 9999}});
  const auto outcome = kernel_->apply(changes);
  ASSERT_TRUE(outcome) << outcome.error();
  EXPECT_EQ(outcome->applied, 0u);
  EXPECT_EQ(outcome->refused.size(), changes.size());
}

TEST_F(KernelInNamespace, SweepsWhatAnEarlierLifeLeft) {
  const auto route = [&](std::uint32_t i, std::uint32_t mtu) {
    return SubscriberRoute{.prefix = {IpAddress::v4(0x0a000000u + i), 32}, .link = v0_, .mtu = mtu};
  };
  std::vector<RouteChange> before;
  std::vector<SubscriberRoute> wanted;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    before.push_back({.kind = RouteChange::Kind::replace, .route = route(i, 1400)});
    wanted.push_back(route(i + 100, i % 50 == 0 ? 1492 : 1400));
  }
  before.push_back({.kind = RouteChange::Kind::replace, .route = route(500, 1400), .metric = 99});
  ASSERT_EQ(kernel_->apply(before)->applied, before.size());
  const auto changes = sweep_routes(ours(), wanted);
  EXPECT_EQ(changes.size(), 100u + 100u + 18u + 1u) << "new, old, of another MTU, of another metric";
  ASSERT_EQ(kernel_->apply(changes)->applied, changes.size());
  std::vector<Route> expected;
  for (const auto& one : wanted) expected.push_back(as_installed(one));
  EXPECT_EQ(ours(), expected);
}

TEST_F(KernelInNamespace, HasTheKernelFindANeighbour) {
  auto monitor = Monitor::open();
  ASSERT_TRUE(monitor);
  Inventory inventory;
  Mirror mirror(inventory);
  ASSERT_TRUE(synchronize(*monitor, mirror));
  ASSERT_TRUE(ip("addr add fe80::1/64 dev v0 nodad\naddr add fe80::2/64 dev v1 nodad\n"));
  IpAddress other;
  other.octets = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
  ASSERT_TRUE(kernel_->resolve(v0_, other));
  EXPECT_TRUE(receive_until(*monitor, mirror, [&] {
    const auto* found = mirror.find_neighbour(v0_, other);
    return found != nullptr && found->usable && found->mac == MacAddress{2, 0, 0, 0, 0, 2};
  }));
  EXPECT_FALSE(kernel_->resolve(9999, other));
}

double seconds_of(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST_F(KernelInNamespace, TakesSixtyFiveThousandRoutesInAFewSeconds) {
  for (const std::uint32_t count : {10000u, 65536u}) {
    std::vector<RouteChange> in;
    for (std::uint32_t i = 0; i < count; ++i)
      in.push_back({.kind = RouteChange::Kind::replace,
                    .route = {.prefix = {IpAddress::v4(0x0a000000u + i), 32}, .link = v0_, .mtu = 1492}});
    auto out = in;
    for (auto& change : out) change.kind = RouteChange::Kind::remove;

    auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(kernel_->apply(in)->applied, count);
    const double in_s = seconds_of(begin);
    begin = std::chrono::steady_clock::now();
    EXPECT_EQ(ours().size(), count);
    const double dump_s = seconds_of(begin);
    begin = std::chrono::steady_clock::now();
    ASSERT_EQ(kernel_->apply(out)->applied, count);
    const double out_s = seconds_of(begin);
    EXPECT_EQ(ours().size(), 0u);
    std::printf("%u routes: installed in %.3f s, read in %.3f s, removed in %.3f s\n", count, in_s, dump_s, out_s);
    EXPECT_LT(in_s + out_s, 20.0);  // a fraction of a second on any machine; more means a pause for every route
  }
}

}  // namespace
}  // namespace holdfast::glue
