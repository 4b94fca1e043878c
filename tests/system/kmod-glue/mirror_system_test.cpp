// The mirror against the real kernel: after whatever has happened it must show what a fresh dump shows.
#include "inventory.hpp"
#include "kmod-glue/mirror.hpp"
#include "namespace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <random>

namespace holdfast::glue {
namespace {

class MirrorInNamespace : public InNamespace {
 protected:
  void SetUp() override {
    InNamespace::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    watch();
  }

  void watch(std::uint32_t receive_buffer = 16u << 20) {
    auto opened = Monitor::open(receive_buffer);
    ASSERT_TRUE(opened) << opened.error();
    shown_ = {};
    monitor_.emplace(std::move(*opened));
    mirror_.emplace(shown_);
    ASSERT_TRUE(synchronize(*monitor_, *mirror_));
  }

  static std::vector<std::string> fresh() {
    auto monitor = Monitor::open();
    Inventory inventory;
    Mirror mirror(inventory);
    EXPECT_TRUE(monitor && synchronize(*monitor, mirror));
    return inventory.lines();
  }

  // Some things take the kernel a moment (carrier, duplicate address detection): then it tells of them too.
  void expect_agreement(const std::string& after) {
    std::vector<std::string> expected;
    const bool agrees = receive_until(*monitor_, *mirror_, [&] {
      if (!monitor_->synchronized()) return false;
      expected = fresh();
      return shown_.lines() == expected;
    });
    if (agrees) return;
    const auto shown = shown_.lines();
    std::vector<std::string> wrong;
    std::vector<std::string> missing;
    std::ranges::set_difference(shown, expected, std::back_inserter(wrong));
    std::ranges::set_difference(expected, shown, std::back_inserter(missing));
    ADD_FAILURE() << "shown but not there: " << ::testing::PrintToString(wrong)
                  << "\nthere but not shown: " << ::testing::PrintToString(missing) << "\nafter\n"
                  << after;
  }

  void expect_agreement_after(const std::string& commands) {
    EXPECT_TRUE(ip(commands)) << commands;
    expect_agreement(commands);
  }

  Inventory shown_;
  std::optional<Monitor> monitor_;
  std::optional<Mirror> mirror_;
};

constexpr const char* kAddresses =
    "addr add 192.0.2.1/24 dev v0\n"
    "addr add 198.51.100.1/24 dev v1\n"
    "addr add 2001:db8::1/64 dev v0 nodad\n"
    "addr add 2001:db8:1::1/64 dev v1 nodad\n";

TEST_F(MirrorInNamespace, ShowsAddressesNeighboursAndRoutes) {
  expect_agreement_after(kAddresses);
  expect_agreement_after(
      "neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0\n"
      "neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev v0\n"
      "route add 203.0.113.0/24 nexthop via 192.0.2.2 weight 2 nexthop via inet6 2001:db8::2 dev v0\n"
      "route add default via 198.51.100.2 metric 20 mtu 1400\n"
      "route add blackhole 10.0.0.0/8\n"
      "route add 2001:db8:99::/48 nexthop via 2001:db8::2 nexthop via 2001:db8:1::2\n"
      "route add default via 2001:db8::2\n");
  ASSERT_NE(mirror_->find_neighbour(v0_, IpAddress::v4(192, 0, 2, 2)), nullptr);
  EXPECT_EQ(mirror_->find_neighbour(v0_, IpAddress::v4(192, 0, 2, 2))->mac, (MacAddress{2, 0, 0, 0, 0, 2}));
  ASSERT_NE(mirror_->best_route({IpAddress::v4(203, 0, 113, 0), 24}, Table::main), nullptr);
  EXPECT_EQ(mirror_->best_route({IpAddress::v4(203, 0, 113, 0), 24}, Table::main)->next_hops.size(), 2u);
  expect_agreement_after(
      "neigh del 192.0.2.2 dev v0\n"
      "route del 203.0.113.0/24\n"
      "route del 2001:db8:99::/48\n"
      "addr del 2001:db8::1/64 dev v0\n");
  EXPECT_EQ(mirror_->find_neighbour(v0_, IpAddress::v4(192, 0, 2, 2)), nullptr);
  EXPECT_EQ(shown_.completions(), 1);
}

TEST_F(MirrorInNamespace, LosesTheIpv4RoutesOfALinkThatGoesDownThoughTheKernelDoesNotTell) {
  expect_agreement_after(kAddresses);
  expect_agreement_after(
      "route add 203.0.113.0/24 via 192.0.2.2\n"
      "route add 10.0.0.0/8 nexthop via 192.0.2.2 nexthop via 198.51.100.2\n"
      "route add 2001:db8:99::/48 nexthop via 2001:db8::2 nexthop via 2001:db8:1::2\n");
  expect_agreement_after("link set v0 down\n");
  EXPECT_EQ(mirror_->best_route({IpAddress::v4(203, 0, 113, 0), 24}, Table::main), nullptr);
  ASSERT_NE(mirror_->best_route({IpAddress::v4(10, 0, 0, 0), 8}, Table::main), nullptr);
  EXPECT_FALSE(mirror_->best_route({IpAddress::v4(10, 0, 0, 0), 8}, Table::main)->next_hops[0].usable);
  expect_agreement_after("link set v0 up\n");
  EXPECT_TRUE(mirror_->best_route({IpAddress::v4(10, 0, 0, 0), 8}, Table::main)->next_hops[0].usable);
  expect_agreement_after("link set v0 down\nlink set v1 down\n");
  EXPECT_EQ(mirror_->best_route({IpAddress::v4(10, 0, 0, 0), 8}, Table::main), nullptr);
}

TEST_F(MirrorInNamespace, LosesTheRoutesOfALinkWithItsLastIpv4Address) {
  expect_agreement_after(kAddresses);
  expect_agreement_after(
      "route add 203.0.113.0/24 dev v0\n"
      "route add 10.0.0.0/8 nexthop via 192.0.2.2 nexthop via 198.51.100.2\n");
  expect_agreement_after("addr del 192.0.2.1/24 dev v0\n");
  EXPECT_EQ(mirror_->best_route({IpAddress::v4(203, 0, 113, 0), 24}, Table::main), nullptr);
  expect_agreement_after("addr add 192.0.2.1/24 dev v0\n");
}

TEST_F(MirrorInNamespace, LosesTheRoutesThatPreferAnAddressWithThatAddress) {
  expect_agreement_after(kAddresses);
  expect_agreement_after(
      "addr add 192.0.2.7/32 dev v0\n"
      "route add 10.0.0.0/8 via 198.51.100.2 src 192.0.2.7\n");
  expect_agreement_after("addr del 192.0.2.7/32 dev v0\n");
  EXPECT_EQ(mirror_->best_route({IpAddress::v4(10, 0, 0, 0), 8}, Table::main), nullptr);
}

TEST_F(MirrorInNamespace, FollowsIpv6RoutesThatGrowShrinkAndAreReplaced) {
  expect_agreement_after(kAddresses);
  expect_agreement_after("route add 2001:db8:99::/48 nexthop via 2001:db8::2 nexthop via 2001:db8::3\n");
  expect_agreement_after("route append 2001:db8:99::/48 via 2001:db8:1::4\n");
  expect_agreement_after("route del 2001:db8:99::/48 via 2001:db8::2\n");
  expect_agreement_after("route replace 2001:db8:99::/48 via 2001:db8::9\n");
  expect_agreement_after("route replace 2001:db8:99::/48 nexthop via 2001:db8::5 nexthop via 2001:db8::6\n");
  expect_agreement_after("route add 2001:db8:99::/48 via 2001:db8::7 metric 10\n");
  expect_agreement_after("link set v0 down\n");
}

TEST_F(MirrorInNamespace, DumpsAgainWhereAReplacementCouldMeanSeveralRoutes) {
  expect_agreement_after(kAddresses);
  expect_agreement_after(
      "route add 10.0.0.0/8 via 192.0.2.2\n"
      "route append 10.0.0.0/8 via 192.0.2.3\n"
      "route prepend 10.0.0.0/8 via 192.0.2.4\n");
  expect_agreement_after("route replace 10.0.0.0/8 via 192.0.2.5\n");
}

TEST_F(MirrorInNamespace, ForgetsALinkWithAllThatIsOnIt) {
  expect_agreement_after(kAddresses);
  expect_agreement_after(
      "neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0\n"
      "route add 10.0.0.0/8 nexthop via 192.0.2.2 nexthop via 198.51.100.2\n"
      "route add 203.0.113.0/24 via 192.0.2.2\n");
  expect_agreement_after("link del v0\n");
  EXPECT_EQ(mirror_->find_link(v0_), nullptr);
}

TEST_F(MirrorInNamespace, IsRightAgainAfterTheKernelHadToDropNotifications) {
  ASSERT_TRUE(ip(std::string(kAddresses) + "route add 203.0.113.0/24 via 192.0.2.2\n"));
  watch(1);  // the smallest buffer there is: it holds a few notifications
  const auto overruns = monitor_->overruns();
  auto kernel = Kernel::open();
  ASSERT_TRUE(kernel);
  std::vector<RouteChange> changes;
  for (std::uint32_t i = 0; i < 2000; ++i)
    changes.push_back({.kind = RouteChange::Kind::replace,
                       .route = {.prefix = {IpAddress::v4(0x0a000000u + i), 32}, .link = v0_, .mtu = 0}});
  ASSERT_EQ(kernel->apply(changes)->applied, changes.size());
  ASSERT_TRUE(ip("route del 203.0.113.0/24\nlink set v1 down\n"));
  expect_agreement("2000 routes that nobody read of");
  EXPECT_GT(monitor_->overruns(), overruns);
  EXPECT_EQ(mirror_->best_route({IpAddress::v4(203, 0, 113, 0), 24}, Table::main), nullptr);
  EXPECT_NE(mirror_->best_route({IpAddress::v4(10, 0, 7, 0), 32}, Table::main), nullptr);
  EXPECT_EQ(monitor_->malformed(), 0u);
}

std::string random_command(std::mt19937& random) {
  const auto pick = [&](auto... choices) {
    const std::string all[] = {choices...};
    return all[random() % std::size(all)];
  };
  const auto link = pick("v0", "v1");
  const auto hop4 = pick("192.0.2.2", "192.0.2.3", "198.51.100.2", "198.51.100.3");
  const auto other4 = pick("192.0.2.4", "198.51.100.4");
  const auto hop6 = pick("2001:db8::2", "2001:db8::3", "2001:db8:1::2", "2001:db8:1::3");
  const auto other6 = pick("2001:db8::4", "2001:db8:1::4");
  const auto prefix4 = pick("10.0.0.0/8", "10.1.0.0/16", "default");
  const auto prefix6 = pick("2001:db8:98::/48", "2001:db8:99::/48", "default");
  const auto verb = pick("add", "append", "replace", "prepend", "del", "add", "replace");
  const auto extra = pick("", "", " metric 7", " mtu 1400", " src 192.0.2.1", " proto bgp");
  switch (random() % 12) {
    case 0: return "link set " + link + pick(" up", " up", " down");
    case 1: return "addr " + pick("add", "del") + " 192.0.2.1/24 dev v0";
    case 2: return "addr " + pick("add", "del") + " 198.51.100.1/24 dev v1";
    case 3: return "addr " + pick("add", "del") + " 192.0.2." + pick("7", "1") + "/32 dev " + link;
    case 4: return "addr add 2001:db8::1/64 dev v0 nodad";
    case 5: return "addr " + pick("add", "del") + " 2001:db8:1::1/64 dev v1" + pick(" nodad");
    case 6: return "neigh " + pick("replace", "del") + ' ' + hop4 + " lladdr 02:00:00:00:00:02 dev " + link;
    case 7: return "route " + verb + ' ' + prefix4 + " nexthop via " + hop4 + " nexthop via " + other4;
    case 8: return "route " + verb + ' ' + prefix6 + " nexthop via " + hop6 + " nexthop via " + other6;
    case 9: return "-6 route " + verb + ' ' + prefix6 + " via " + hop6 + pick("", " metric 7");
    case 10: return "route " + verb + pick(" blackhole", " unreachable") + " 10.2.0.0/16";
    default: return "-4 route " + verb + ' ' + prefix4 + " via " + hop4 + extra;
  }
}

TEST_F(MirrorInNamespace, AgreesWithTheKernelWhateverHappens) {
  std::mt19937 random(1701);
  std::string done;
  for (int round = 0; round < 150 && !HasFailure(); ++round) {
    std::string commands;
    for (int i = 0; i < 4; ++i) commands += random_command(random) + '\n';
    done += commands;
    FILE* batch = popen("ip -force -batch - 2> /dev/null", "w");  // many are refused, and that is as good
    ASSERT_NE(batch, nullptr);
    ASSERT_GE(std::fputs(commands.c_str(), batch), 0);
    (void)pclose(batch);
    expect_agreement(done);
  }
}

}  // namespace
}  // namespace holdfast::glue
