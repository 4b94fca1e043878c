// Which recovery method a tunnel uses on each line module, and how the engine finds the module.
#include "resync/line_module.hpp"

#include "engine/line_modules.hpp"
#include "lac.hpp"

#include <gtest/gtest.h>

namespace holdfast::engine::test {
namespace {

using abi::LineModule;
using M = ResyncMethod;

TEST(LineModule, WithoutSilentFailoverTurnsItIntoDisableAndTheFallbackIntoPlainFailoverProtocol) {
  for (const auto module : {LineModule::e3_atm, LineModule::ct1, static_cast<LineModule>(99)}) {
    const auto spec = abi::spec(module);
    EXPECT_FALSE(spec.silent_failover) << spec.name;
    EXPECT_EQ(resync::method_on(spec, M::disable), M::disable);
    EXPECT_EQ(resync::method_on(spec, M::failover_protocol), M::failover_protocol);
    EXPECT_EQ(resync::method_on(spec, M::silent_failover), M::disable);
    EXPECT_EQ(resync::method_on(spec, M::failover_protocol_fallback_to_silent_failover), M::failover_protocol);
  }
}

TEST(LineModule, EthernetLeavesTheMethodAsItIsConfigured) {
  for (unsigned method = 0; method < 4; ++method)
    EXPECT_EQ(resync::method_on(abi::spec(LineModule::ethernet), static_cast<M>(method)), static_cast<M>(method));
}

TEST(LineModule, TellsWhatWasConfiguredFromWhatIsInForce) {
  for (unsigned method = 0; method < 4; ++method) {
    const auto configured = static_cast<M>(method);
    const auto in_force = resync::method_on(abi::spec(LineModule::ct1), configured);
    EXPECT_EQ(resync::configured(in_force, in_force != configured), configured);
  }
}

TEST(LineModules, OfATunnelIsThatOfTheInterfaceWithOurEndThenOfThePeersNetwork) {
  config::Config config;
  config.interfaces.push_back({"ge0", IpPrefix{IpAddress::v4(192, 0, 2, 1), 24}, {}, {}, {}});
  config.interfaces.push_back({"at0", IpPrefix{IpAddress::v4(198, 51, 100, 1), 30}, {}, {}, {}});
  config.interfaces.push_back({std::string(config::kLoopback), IpPrefix{IpAddress::v4(10, 0, 0, 1), 32}, {}, {}, {}});
  LineModules modules;
  modules.set("at0", LineModule::e3_atm);
  const auto loopback = IpAddress::v4(10, 0, 0, 1);
  const auto far = IpAddress::v4(203, 0, 113, 9);
  EXPECT_EQ(modules.facing(config, IpAddress::v4(192, 0, 2, 1), far), LineModule::ethernet);
  EXPECT_EQ(modules.facing(config, IpAddress::v4(198, 51, 100, 1), far), LineModule::e3_atm);
  EXPECT_EQ(modules.facing(config, loopback, IpAddress::v4(192, 0, 2, 7)), LineModule::ethernet);
  EXPECT_EQ(modules.facing(config, loopback, IpAddress::v4(198, 51, 100, 2)), LineModule::e3_atm);
  EXPECT_EQ(modules.facing(config, loopback, far), LineModule::e3_atm) << "it may go either way";
  modules.set("at0", LineModule::ethernet);
  EXPECT_EQ(modules.facing(config, loopback, far), LineModule::ethernet);
}

// What the notice says of a tunnel that comes up, and what its record keeps.
TunnelRecord dialled(config::ResyncMethod configured, LineModule module, Notice* up = nullptr) {
  config::Config config = configuration();
  config.l2tp.resync = configured;
  Lns node(config);
  node.engine->line_modules().set("ge0", module);
  Lac peer(node);
  peer.dial();
  peer.take();
  if (up != nullptr) *up = *node.last(NoticeKind::tunnel_up);
  return *node.records->tunnel(peer.tunnel);
}

TEST(LineModules, FixAndTellTheMethodOfATunnelWhenItComesUp) {
  Notice up{};
  const auto silent = dialled(config::ResyncMethod::silent_failover, LineModule::e3_atm, &up);
  EXPECT_EQ(silent.method, M::disable);
  EXPECT_EQ(silent.lowered, 1);
  EXPECT_EQ(silent.module, LineModule::e3_atm);
  EXPECT_EQ(up.module, LineModule::e3_atm);
  EXPECT_EQ(up.method, M::disable);
  EXPECT_TRUE(up.lowered);
  const auto fallback =
      dialled(config::ResyncMethod::failover_protocol_fallback_to_silent_failover, LineModule::ct1, &up);
  EXPECT_EQ(fallback.method, M::failover_protocol);
  EXPECT_EQ(resync::configured(fallback.method, fallback.lowered != 0),
            M::failover_protocol_fallback_to_silent_failover);
  const auto ethernet = dialled(config::ResyncMethod::silent_failover, LineModule::ethernet, &up);
  EXPECT_EQ(ethernet.method, M::silent_failover);
  EXPECT_EQ(ethernet.lowered, 0);
  EXPECT_FALSE(up.lowered);
}

}  // namespace
}  // namespace holdfast::engine::test
