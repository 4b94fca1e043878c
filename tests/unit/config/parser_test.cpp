#include "config/parser.hpp"

#include "config/loader.hpp"
#include "config/lookup.hpp"
#include "config/running_config.hpp"

#include <gtest/gtest.h>

namespace holdfast::config {
namespace {

// The configuration of a text that has no errors.
Config parsed(std::string_view text) {
  auto config = parse(text);
  if (config) return *config;
  ADD_FAILURE() << describe("test", config.error());
  return {};
}

TEST(Parser, TakesAnEmptyFileAsTheDefaults) {
  EXPECT_EQ(parsed(""), Config{});
  EXPECT_EQ(parsed("\n \n! a comment\n!\nexit"), Config{});
}

TEST(Parser, ReadsEveryStatement) {
  const Config config = parsed(R"(hostname lns1
log level debug
interface loopback 0
  ip address 10.64.0.1 255.255.255.255
  ipv6 address 2001:db8::1/128
interface ge0
  ip address 192.0.2.1/24
  mtu 9000
  pppoe
  pppoe vlan 100-199
  pppoe vlan 7
  pppoe qinq 10-20 100-4000
  pppoe max-sessions 16384
!
ip local pool p4 10.64.1.0 10.64.1.255
ipv6 local pool p6 2001:db8:100::/40 64
aaa dns primary 192.0.2.53
aaa dns secondary 192.0.2.54
aaa ipv6 dns primary 2001:db8::53
aaa ipv6 dns secondary 2001:db8::54
aaa local user alice@example.net
  password "two words"
  ip address 10.64.2.1
aaa domain-map example.net
  tunnel 1
    address 192.0.2.9
    source-address 192.0.2.1
    client-name lac1
    server-name lns1
    identification gold
    password secret
    hidden-avps
    preference 7
    max-sessions 100
    drain
    failover-resync disable
  tunnel 31
    address 2001:db8::9
ppp authentication pap
ppp mru 1400
ppp restart-timer 5
ppp keepalive 30
ppp adjust-mss 1400
pppoe ac-name ac1
pppoe service-name internet
pppoe service-name "voice and more"
pppoe max-sessions-per-mac 4
pppoe pado-delay 200
pppoe mru 1480
pppoe max-payload 1500
l2tp failover-resync silent-failover
l2tp recovery-time 60
l2tp retransmission retries established 10
l2tp retransmission retries not-established 3
l2tp retransmission cap 16
l2tp hello-interval 0
l2tp tunnel idle-timeout 600
l2tp receive-window 4
l2tp request-rate source 20
l2tp request-rate total 200
l2tp peer-address-change ignore
l2tp tunnel-switching id switch1
no l2tp checksum
l2tp destination profile lac-dest ip address 192.168.20.2
  remote host lac-host
    local host lns-for-lac
    local ip address 192.0.2.1
    tunnel password secret
    tunnel hidden-avps
    dial-out
    tunnel-switching
    disable proxy lcp
    disable proxy authenticate
    data sequence-numbers
    data ignore-sequence-numbers
    data length
    data omit-address-control
    data reorder packets 16
    data reorder milliseconds 50
    failover-resync disable
    max-sessions 100
    ppp authentication pap chap
  remote host default
l2tp destination profile any6 ipv6 address ::
  remote host default
    local ipv6 address 2001:db8::1
    ppp authentication none
    failover-resync not-configured
)");
  const auto v6 = [](std::uint8_t last) {
    IpAddress a;
    a.octets = {0x20, 0x01, 0x0d, 0xb8};
    a.octets[15] = last;
    return a;
  };
  IpAddress pool6 = v6(0);
  pool6.octets[4] = 1;
  Config expected;
  expected.hostname = "lns1";
  expected.log_level = LogLevel::debug;
  expected.interfaces = {{"loopback0", IpPrefix{IpAddress::v4(10, 64, 0, 1), 32}, IpPrefix{v6(1), 128}, {}, {}},
                         {"ge0",
                          IpPrefix{IpAddress::v4(192, 0, 2, 1), 24},
                          {},
                          std::uint16_t{9000},
                          PppoeAccess{true, {{100, 199}, {7, 7}}, {{{10, 20}, {100, 4000}}}, 16384}}};
  expected.ipv4_pools = {{"p4", IpAddress::v4(10, 64, 1, 0), IpAddress::v4(10, 64, 1, 255)}};
  expected.ipv6_pools = {{"p6", {pool6, 40}, 64}};
  expected.aaa.dns = {IpAddress::v4(192, 0, 2, 53), IpAddress::v4(192, 0, 2, 54)};
  expected.aaa.ipv6_dns = {v6(0x53), v6(0x54)};
  expected.aaa.users = {{"alice@example.net", "two words", IpAddress::v4(10, 64, 2, 1)}};
  const DomainTunnel first{
      1,    IpAddress::v4(192, 0, 2, 9), IpAddress::v4(192, 0, 2, 1), "lac1", "lns1", "gold", "secret", true, 7, 100,
      true, ResyncMethod::disable};
  DomainTunnel last;
  last.number = 31;
  last.address = v6(9);
  expected.aaa.domains = {{"example.net", {first, last}}};
  expected.ppp = {{PppAuthentication::pap}, 1400, seconds(5), seconds(30), 1400};
  expected.pppoe = {"ac1", {"internet", "voice and more"}, 4, std::chrono::milliseconds(200), 1480, 1500};
  expected.l2tp.resync = ResyncMethod::silent_failover;
  expected.l2tp.recovery_time = seconds(60);
  expected.l2tp.retransmission = {10, 3, seconds(16)};
  expected.l2tp.hello_interval = seconds(0);
  expected.l2tp.idle_timeout = seconds(600);
  expected.l2tp.receive_window = 4;
  expected.l2tp.request_rate = {20, 200};
  expected.l2tp.peer_address_change = PeerAddressChange::ignore;
  expected.l2tp.checksum = false;
  expected.l2tp.tunnel_switching_id = "switch1";
  const HostProfile lac{"lac-host",
                        "lns-for-lac",
                        IpAddress::v4(192, 0, 2, 1),
                        "secret",
                        ResyncMethod::disable,
                        std::uint16_t{100},
                        true,
                        true,
                        true,
                        true,
                        true,
                        PppAuthenticationOrder{PppAuthentication::pap, PppAuthentication::chap},
                        DataMessages{true, true, true, true, 16, 50}};
  HostProfile any6;
  any6.local_ip = v6(1);
  any6.ppp_authentication = PppAuthenticationOrder{};
  expected.l2tp.destinations = {{"lac-dest", IpAddress::v4(192, 168, 20, 2), {lac, HostProfile{}}},
                                {"any6", IpAddress{}, {any6}}};
  EXPECT_EQ(config, expected);
}

TEST(Parser, TakesTheExamplesOfTheRouterManual) {
  EXPECT_EQ(parsed("l2tp destination profile lac-dest ip address 192.168.20.2\nremote host lac-host\n"
                   "failover-resync silent-failover\n")
                .l2tp.destinations.front()
                .hosts.front()
                .resync,
            ResyncMethod::silent_failover);
  EXPECT_EQ(parsed("l2tp failover-resync silent-failover").l2tp.resync, ResyncMethod::silent_failover);
  EXPECT_EQ(parsed("l2tp failover-resync disable\ndefault l2tp failover-resync").l2tp.resync,
            ResyncMethod::failover_protocol_fallback_to_silent_failover);
  EXPECT_EQ(parsed("no l2tp failover-resync").l2tp.resync, ResyncMethod::disable);
}

TEST(Parser, EndsABlockByExitByABangOrByAStatementOfAnEnclosingBlock) {
  for (const auto* end : {"exit\nexit\n", "!\n!\n", "  !\n\texit \n", ""}) {
    const Config config =
        parsed(std::string("l2tp destination profile a ip address 10.0.0.1\nremote host b\nmax-sessions 1\n") + end +
               "l2tp destination profile c ip address 10.0.0.2\nremote host d\n");
    ASSERT_EQ(config.l2tp.destinations.size(), 2u);
    EXPECT_EQ(config.l2tp.destinations[1].hosts.front().remote_host, "d");
  }
  EXPECT_EQ(parsed("interface ge0\n! a comment\nmtu 1500\n").interfaces.front().mtu, 1500);
}

TEST(Parser, TakesAStatementForTheInnermostBlockThatKnowsIt) {
  const std::string profile = "l2tp destination profile a ip address 10.0.0.1\nremote host b\n";
  const PppAuthenticationOrder pap{PppAuthentication::pap};
  const Config inside = parsed(profile + "ppp authentication pap\n");
  EXPECT_EQ(inside.ppp, Ppp{});
  EXPECT_EQ(ppp_authentication(inside, inside.l2tp.destinations[0].hosts[0]), pap);
  const Config outside = parsed(profile + "!\nppp authentication pap\n");
  EXPECT_EQ(outside.ppp.authentication, pap);
  EXPECT_EQ(outside.l2tp.destinations[0].hosts[0].ppp_authentication, std::nullopt);
}

TEST(Parser, UndoesAStatementByNoAndByDefault) {
  EXPECT_EQ(parsed("hostname a\nno hostname\nhostname b\n").hostname, "b");
  EXPECT_EQ(parsed("l2tp receive-window 4\ndefault l2tp receive-window\n"), Config{});
  EXPECT_EQ(parsed("no l2tp checksum\nl2tp checksum\n"), Config{});
  EXPECT_EQ(parsed("interface ge0\nmtu 1500\nno interface ge0\n"), Config{});
  EXPECT_EQ(parsed("interface ge0\nmtu 1500\nno interface ge0\ninterface ge0\nmtu 1400\n").interfaces.front().mtu,
            1400);
  EXPECT_EQ(parsed("interface ge0\npppoe\npppoe vlan 5\npppoe qinq 1 2-3\npppoe max-sessions 9\n"
                   "no pppoe\nno pppoe vlan 5-5\ndefault pppoe qinq 1 2-3\nno pppoe max-sessions\nmtu 1500\n")
                .interfaces,
            parsed("interface ge0\nmtu 1500\n").interfaces);
  EXPECT_EQ(parsed("interface ge0\npppoe vlan 5\nno pppoe\nno pppoe vlan 6\n").interfaces.front().pppoe,
            (PppoeAccess{.vlans = {{5, 5}}, .qinq = {}}));
  EXPECT_EQ(parsed("pppoe service-name a\npppoe service-name b\nno pppoe service-name a\n").pppoe.services,
            std::vector<std::string>{"b"});
  EXPECT_EQ(parsed("pppoe service-name a\nno pppoe service-name a\npppoe mru 1400\nno pppoe mru\n"), Config{});
  EXPECT_EQ(parsed("ip local pool a 10.0.0.1 10.0.0.2\nno ip local pool a\n"), Config{});
  EXPECT_EQ(parsed("ipv6 local pool a 2001:db8::/48 64\nno ipv6 local pool a\n"), Config{});
  EXPECT_EQ(parsed("aaa local user a\npassword b\nno aaa local user a\n"), Config{});
  EXPECT_EQ(parsed("aaa domain-map a\ntunnel 1\npreference 1\nno tunnel 1\nno aaa domain-map a\n"), Config{});
  EXPECT_EQ(parsed("l2tp destination profile a ip address 10.0.0.1\nremote host default\nno remote host default\n"
                   "no l2tp destination profile a\n"),
            Config{});
}

TEST(Parser, TakesLineEndsOfEitherKindAndALastLineWithoutOne) {
  EXPECT_EQ(parsed("hostname a\r\nlog level error\r\n"), parsed("hostname a\nlog level error"));
}

TEST(Parser, KeepsAHostThatIsCalledDefaultApartFromTheDefault) {
  const Config config =
      parsed("l2tp destination profile a ip address 10.0.0.1\nremote host \"default\"\nremote host default\n");
  EXPECT_EQ(config.l2tp.destinations[0].hosts[0].remote_host, "default");
  EXPECT_EQ(config.l2tp.destinations[0].hosts[1].remote_host, "");
}

TEST(Loader, TakesTheConfigurationAsShipped) {
  const auto config = load(SHIPPED_CONFIG);
  ASSERT_TRUE(config) << describe(SHIPPED_CONFIG, config.error());
  const auto* host = find_host_profile(*config, IpAddress::v4(203, 0, 113, 7), "any-lac");
  ASSERT_NE(host, nullptr);
  EXPECT_EQ(host->tunnel_password, "change-me");
  EXPECT_EQ(resync_method(*config, *host), ResyncMethod::failover_protocol_fallback_to_silent_failover);
  EXPECT_EQ(config->aaa.users.size(), 1u);
  EXPECT_EQ(config->ipv4_pools.size(), 1u);
  EXPECT_NE(find_interface(*config, kLoopback), nullptr);
}

TEST(Loader, SaysWhyAFileCannotBeRead) {
  const auto missing = load("/nonexistent/holdfast.conf");
  ASSERT_FALSE(missing);
  EXPECT_EQ(describe("holdfast.conf", missing.error()), "holdfast.conf: can't be read: No such file or directory\n");
  EXPECT_FALSE(load("/"));
}

}  // namespace
}  // namespace holdfast::config
