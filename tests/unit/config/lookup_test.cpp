#include "config/lookup.hpp"

#include "config/keyword.hpp"

#include <gtest/gtest.h>

namespace holdfast::config {
namespace {

constexpr IpAddress kLac = IpAddress::v4(192, 168, 20, 2);
constexpr IpAddress kOther = IpAddress::v4(192, 168, 20, 3);

HostProfile host(std::string remote, std::string local) {
  HostProfile h;
  h.remote_host = std::move(remote);
  h.local_host = std::move(local);
  return h;
}

Config two_profiles() {
  Config config;
  config.l2tp.destinations = {
      {"any", IpAddress::v4(0), {host("lac-a", "any-a"), host("", "any-default")}},
      {"lac-dest", kLac, {host("", "lac-default"), host("lac-b", "lac-b")}},
  };
  return config;
}

std::string chosen(const Config& config, const IpAddress& peer, std::string_view name) {
  const auto* found = find_host_profile(config, peer, name);
  return found ? found->local_host : "none";
}

TEST(HostProfile, OfTheExactDestinationComesBeforeAny) {
  const Config config = two_profiles();
  EXPECT_EQ(chosen(config, kLac, "lac-b"), "lac-b");
  EXPECT_EQ(chosen(config, kLac, "lac-a"), "lac-default")
      << "default of the exact destination beats an exact host of any";
  EXPECT_EQ(chosen(config, kOther, "lac-a"), "any-a");
  EXPECT_EQ(chosen(config, kOther, "lac-b"), "any-default");
}

TEST(HostProfile, OfAnyAppliesWhenTheExactDestinationHasNoneForTheName) {
  Config config = two_profiles();
  config.l2tp.destinations[1].hosts.erase(config.l2tp.destinations[1].hosts.begin());
  EXPECT_EQ(chosen(config, kLac, "lac-a"), "any-a");
  EXPECT_EQ(chosen(config, kLac, "LAC-B"), "any-default") << "host names differ by case";
}

TEST(HostProfile, OfAnyIsOfOneFamily) {
  Config config = two_profiles();
  IpAddress v6{};
  v6.octets[0] = 0x20;
  EXPECT_EQ(chosen(config, v6, "lac-a"), "none");
  config.l2tp.destinations.push_back({"any6", IpAddress{}, {host("", "any6")}});
  EXPECT_EQ(chosen(config, v6, "lac-a"), "any6");
  EXPECT_EQ(chosen(config, kOther, "lac-a"), "any-a");
}

TEST(HostProfile, IsNoneForAnEmptyConfiguration) { EXPECT_EQ(chosen(Config{}, kLac, "lac-a"), "none"); }

TEST(HostProfile, LeavesToTheGlobalStatementsWhatItDoesNotSet) {
  Config config;
  HostProfile host;
  EXPECT_EQ(resync_method(config, host), ResyncMethod::failover_protocol_fallback_to_silent_failover);
  EXPECT_EQ(local_host(config, host), "holdfast");
  EXPECT_EQ(ppp_authentication(config, host),
            (PppAuthenticationOrder{PppAuthentication::chap, PppAuthentication::pap}));

  host.resync = ResyncMethod::disable;
  host.local_host = "lns1";
  host.ppp_authentication = PppAuthenticationOrder{};
  EXPECT_EQ(resync_method(config, host), ResyncMethod::disable);
  EXPECT_EQ(local_host(config, host), "lns1");
  EXPECT_EQ(ppp_authentication(config, host), PppAuthenticationOrder{});
}

TEST(DomainMap, IsFoundByItsNameAlone) {
  Config config;
  config.aaa.domains = {{"example.net", {}}, {"example.org", {}}};
  EXPECT_EQ(find_domain_map(config, "example.org"), &config.aaa.domains[1]);
  EXPECT_EQ(find_domain_map(config, "Example.org"), nullptr);
  EXPECT_EQ(find_domain_map(config, ""), nullptr);
}

TEST(DomainTunnel, RecoversByTheGlobalMethodWhereItSetsNone) {
  Config config;
  config.l2tp.resync = ResyncMethod::silent_failover;
  DomainTunnel tunnel;
  EXPECT_EQ(resync_method(config, tunnel), ResyncMethod::silent_failover);
  tunnel.resync = ResyncMethod::disable;
  EXPECT_EQ(resync_method(config, tunnel), ResyncMethod::disable);
}

TEST(DomainTunnel, BeginsAtTheInterfaceOnTheLnssNetworkElseAtTheFirstButLoopback) {
  Config config;
  DomainTunnel tunnel;
  tunnel.address = kLac;
  EXPECT_TRUE(source_address(config, tunnel).is_none());
  const auto loopback = IpPrefix{IpAddress::v4(10, 64, 0, 1), 32};
  config.interfaces = {{kLoopback, loopback, {}, {}, {}}};
  EXPECT_EQ(source_address(config, tunnel), loopback.address);
  config.interfaces.push_back({"ge0", IpPrefix{IpAddress::v4(192, 0, 2, 1), 24}, {}, {}, {}});
  EXPECT_EQ(source_address(config, tunnel), IpAddress::v4(192, 0, 2, 1));
  config.interfaces.push_back({"ge1", IpPrefix{IpAddress::v4(192, 168, 20, 1), 24}, {}, {}, {}});
  EXPECT_EQ(source_address(config, tunnel), IpAddress::v4(192, 168, 20, 1));
  tunnel.source_address = kOther;
  EXPECT_EQ(source_address(config, tunnel), kOther);
  tunnel.source_address = {};
  tunnel.address.octets[0] = 0x20;
  EXPECT_TRUE(source_address(config, tunnel).is_none()) << "there is no IPv6";
}

TEST(Keyword, OfEachResyncMethodReadsBack) {
  for (const auto method : {ResyncMethod::not_configured, ResyncMethod::failover_protocol,
                            ResyncMethod::failover_protocol_fallback_to_silent_failover, ResyncMethod::silent_failover,
                            ResyncMethod::disable})
    EXPECT_EQ(from_keyword<ResyncMethod>(keyword(method)), method);
  EXPECT_EQ(from_keyword<ResyncMethod>("failover"), std::nullopt) << "abbreviations are the grammar's business";
}

}  // namespace
}  // namespace holdfast::config
