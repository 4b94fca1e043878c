// The monitor against the real kernel: what it tells, and when.
#include "../../unit/kmod-glue/canned.hpp"
#include "kmod-glue/monitor.hpp"
#include "namespace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <variant>
#include <vector>

namespace holdfast::glue {
namespace {

using MonitorInNamespace = InNamespace;

std::size_t dumps_of(const Recorder& recorder) {
  return static_cast<std::size_t>(std::ranges::count(recorder.told, Told{DumpEnded{}}));
}

TEST_F(MonitorInNamespace, TellsEverythingBetweenTheBeginningAndTheEndOfADump) {
  ASSERT_TRUE(ip("addr add 192.0.2.1/24 dev v0\n"));
  auto monitor = Monitor::open();
  ASSERT_TRUE(monitor);
  EXPECT_FALSE(monitor->synchronized());
  Recorder recorder;
  ASSERT_TRUE(synchronize(*monitor, recorder));
  ASSERT_FALSE(recorder.told.empty());
  EXPECT_EQ(recorder.told.front(), Told{DumpBegan{}});
  const Address address{.link = v0_, .prefix = {IpAddress::v4(192, 0, 2, 1), 24}, .usable = true};
  const Route connected{.prefix = {IpAddress::v4(192, 0, 2, 0), 24},
                        .type = RouteType::unicast,
                        .protocol = 2,
                        .preferred_source = IpAddress::v4(192, 0, 2, 1),
                        .next_hops = {{.link = v0_}}};
  const auto end = std::ranges::find(recorder.told, Told{DumpEnded{}});
  EXPECT_NE(std::find(recorder.told.begin(), end, Told{address}), end);
  EXPECT_NE(std::find(recorder.told.begin(), end, Told{connected}), end);
  EXPECT_EQ(monitor->malformed(), 0u);
}

TEST_F(MonitorInNamespace, MissesNothingBetweenSubscriptionAndDump) {
  auto monitor = Monitor::open();
  ASSERT_TRUE(monitor);
  ASSERT_TRUE(ip("addr add 192.0.2.1/24 dev v0\n"));  // subscribed, not dumped yet
  Recorder recorder;
  ASSERT_TRUE(monitor->start(recorder));
  ASSERT_TRUE(ip("addr del 192.0.2.1/24 dev v0\n"));  // being dumped
  ASSERT_TRUE(receive_until(*monitor, recorder, [&] { return monitor->synchronized(); }));
  std::vector<Change> changes;
  for (const auto& told : recorder.told)
    if (const auto* address = std::get_if<Address>(&told.what); address != nullptr && address->prefix.length == 24)
      changes.push_back(told.change);
  EXPECT_EQ(changes, (std::vector<Change>{Change::added, Change::removed}));
}

TEST_F(MonitorInNamespace, TellsTheChangesAfterTheDump) {
  auto monitor = Monitor::open();
  ASSERT_TRUE(monitor);
  Recorder recorder;
  ASSERT_TRUE(synchronize(*monitor, recorder));
  ASSERT_TRUE(
      ip("addr add 192.0.2.1/24 dev v0\n"
         "neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0\n"
         "neigh del 192.0.2.2 dev v0\n"));
  const Address address{.link = v0_, .prefix = {IpAddress::v4(192, 0, 2, 1), 24}, .usable = true};
  const IpAddress other = IpAddress::v4(192, 0, 2, 2);
  const Neighbour known{.link = v0_, .address = other, .mac = {2, 0, 0, 0, 0, 2}, .usable = true};
  const auto told = [&](const Told& what) { return std::ranges::find(recorder.told, what) != recorder.told.end(); };
  EXPECT_TRUE(receive_until(*monitor, recorder, [&] {
    return std::ranges::any_of(recorder.told, [&](const Told& one) {
      const auto* gone = std::get_if<Neighbour>(&one.what);
      return gone != nullptr && gone->address == other && one.change == Change::removed;
    });
  }));
  EXPECT_TRUE(told({address, Change::added}));
  EXPECT_TRUE(told({known, Change::added}));
}

TEST_F(MonitorInNamespace, DumpsAgainWhenAskedAlsoInTheMiddleOfADump) {
  auto monitor = Monitor::open();
  ASSERT_TRUE(monitor);
  Recorder recorder;
  ASSERT_TRUE(synchronize(*monitor, recorder));
  ASSERT_TRUE(monitor->start(recorder));
  ASSERT_TRUE(monitor->start(recorder));
  EXPECT_FALSE(monitor->synchronized());
  ASSERT_TRUE(receive_until(*monitor, recorder, [&] { return monitor->synchronized(); }));
  EXPECT_EQ(dumps_of(recorder), 2u) << "the dump that was doubted has no end";
  EXPECT_EQ(std::ranges::count(recorder.told, Told{DumpBegan{}}), 3);
}

TEST_F(MonitorInNamespace, CountsEachOverrunAndDumpsAgain) {
  auto monitor = Monitor::open(1);
  ASSERT_TRUE(monitor);
  Recorder recorder;
  ASSERT_TRUE(synchronize(*monitor, recorder));
  ASSERT_EQ(monitor->overruns(), 0u);
  std::string in;
  for (int i = 0; i < 100; ++i) in += "route add 10.0.0." + std::to_string(i) + "/32 dev v0\n";
  std::size_t bursts = 0;
  for (const auto& burst : {in, std::string("route flush proto boot\n"), in}) {
    ASSERT_TRUE(ip(burst));
    ++bursts;
    ASSERT_TRUE(
        receive_until(*monitor, recorder, [&] { return monitor->synchronized() && dumps_of(recorder) > bursts; }));
    EXPECT_EQ(monitor->overruns(), bursts);
    EXPECT_EQ(dumps_of(recorder), 1 + bursts);
  }
}

TEST_F(MonitorInNamespace, TakesNoMoreThanAnEventLoopCanSpare) {
  auto kernel = Kernel::open();
  ASSERT_TRUE(kernel);
  std::vector<RouteChange> changes;
  for (std::uint32_t i = 0; i < 30000; ++i)
    changes.push_back(
        {.kind = RouteChange::Kind::replace, .route = {.prefix = {IpAddress::v4(0x0a000000u + i), 32}, .link = v0_}});
  ASSERT_EQ(kernel->apply(changes)->applied, changes.size());
  auto monitor = Monitor::open();
  ASSERT_TRUE(monitor);
  Recorder recorder;
  ASSERT_TRUE(monitor->start(recorder));
  ASSERT_TRUE(monitor->receive(recorder));
  EXPECT_FALSE(monitor->synchronized());
  EXPECT_LT(recorder.told.size(), 15000u);
  pollfd readable{.fd = monitor->fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&readable, 1, 0), 1) << "the rest keeps the descriptor readable";
  ASSERT_TRUE(receive_until(*monitor, recorder, [&] { return monitor->synchronized(); }));
  EXPECT_GT(recorder.told.size(), 30000u);
}

}  // namespace
}  // namespace holdfast::glue
