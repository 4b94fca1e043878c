#include "engine/tunnel_choice.hpp"

#include <gtest/gtest.h>

namespace holdfast::engine {
namespace {

TEST(TunnelChoice, OfADomainMapIsWhatItsTunnelSays) {
  config::Config config;
  config.hostname = "lac1";
  config.interfaces = {{"ge0", IpPrefix{IpAddress::v4(192, 0, 2, 1), 24}, {}, {}, {}}};
  config::DomainTunnel plain;
  plain.number = 3;
  plain.address = IpAddress::v4(192, 0, 2, 9);
  config::DomainTunnel full;
  full.number = 1;
  full.address = IpAddress::v4(198, 51, 100, 9);
  full.source_address = IpAddress::v4(198, 51, 100, 1);
  full.client_name = "lac-of-gold";
  full.server_name = "lns1";
  full.identification = "gold";
  full.password = std::string(128, 'x');
  full.hidden_avps = true;
  full.preference = 7;
  full.max_sessions = 100;
  full.resync = config::ResyncMethod::disable;

  const auto choices = tunnel_choices(config, {"example.net", {plain, full}});
  ASSERT_EQ(choices.size(), 2u);
  TunnelChoice expected;
  expected.number = 3;
  expected.tunnel.peer = plain.address;
  expected.tunnel.local = IpAddress::v4(192, 0, 2, 1);
  ASSERT_TRUE(expected.tunnel.local_host.assign("lac1"));
  EXPECT_EQ(choices[0], expected);

  expected = {};
  expected.number = 1;
  expected.preference = 7;
  expected.tunnel.peer = full.address;
  expected.tunnel.local = full.source_address;
  expected.tunnel.max_sessions = 100;
  expected.tunnel.resync = ResyncMethod::disable;
  expected.tunnel.hide = 1;
  ASSERT_TRUE(expected.tunnel.local_host.assign("lac-of-gold") && expected.tunnel.peer_host.assign("lns1") &&
              expected.tunnel.assignment_id.assign("gold") && expected.tunnel.secret.assign(full.password));
  EXPECT_EQ(choices[1], expected);
}

TEST(TunnelChoice, PassesOverATunnelThatIsDrained) {
  config::DomainTunnel tunnel;
  tunnel.number = 1;
  tunnel.drain = true;
  EXPECT_TRUE(tunnel_choices({}, {"example.net", {tunnel}}).empty());
}

}  // namespace
}  // namespace holdfast::engine
