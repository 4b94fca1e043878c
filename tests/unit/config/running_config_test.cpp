#include "config/running_config.hpp"

#include "config/parser.hpp"
#include "config/validate.hpp"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::config {
namespace {

TEST(RunningConfig, OfTheDefaultsIsEmpty) { EXPECT_EQ(running_config(Config{}, Secrets::shown), ""); }

Config example() {
  Config config;
  config.hostname = "lns1";
  config.interfaces = {
      {"loopback0", IpPrefix{IpAddress::v4(10, 64, 0, 1), 32}, {}, {}, {}},
      {"loopback", {}, {}, std::uint16_t{1500}, PppoeAccess{true, {{5, 5}, {100, 199}}, {{{10, 20}, {7, 7}}}, 100}}};
  config.ipv4_pools = {{"a pool", IpAddress::v4(10, 64, 1, 0), IpAddress::v4(10, 64, 1, 255)}};
  config.aaa.users = {{"alice", "se\"cret", IpAddress::v4(10, 64, 2, 1)}};
  DomainTunnel tunnel;
  tunnel.number = 2;
  tunnel.address = IpAddress::v4(192, 0, 2, 9);
  tunnel.password = "hidden";
  tunnel.hidden_avps = true;
  tunnel.preference = 1;
  config.aaa.domains = {{"a domain", {tunnel}}};
  config.ppp.authentication = {};
  config.pppoe.ac_name = "ac 1";
  config.pppoe.services = {"internet", "\"voice\""};
  config.pppoe.pado_delay = std::chrono::milliseconds(5);
  config.l2tp.checksum = false;
  HostProfile host;
  host.remote_host = "default";
  host.tunnel_password = "!";
  host.dial_out = host.tunnel_switching = true;
  host.disable_proxy_lcp = host.disable_proxy_authenticate = true;
  host.ppp_authentication = PppAuthenticationOrder{PppAuthentication::pap, PppAuthentication::chap};
  config.l2tp.destinations = {{"any6", IpAddress{}, {host, HostProfile{}}}};
  return config;
}

TEST(RunningConfig, PrintsStatementsByBlock) {
  EXPECT_EQ(running_config(example(), Secrets::shown), R"(hostname lns1
interface loopback 0
  ip address 10.64.0.1/32
!
interface "loopback"
  mtu 1500
  pppoe
  pppoe vlan 5
  pppoe vlan 100-199
  pppoe qinq 10-20 7
  pppoe max-sessions 100
!
ip local pool "a pool" 10.64.1.0 10.64.1.255
aaa local user alice
  password "se\"cret"
  ip address 10.64.2.1
!
aaa domain-map "a domain"
  tunnel 2
    address 192.0.2.9
    password hidden
    hidden-avps
    preference 1
  !
!
ppp authentication none
pppoe ac-name "ac 1"
pppoe service-name internet
pppoe service-name "\"voice\""
pppoe pado-delay 5
no l2tp checksum
l2tp destination profile any6 ipv6 address ::
  remote host "default"
    tunnel password "!"
    dial-out
    tunnel-switching
    disable proxy lcp
    disable proxy authenticate
    ppp authentication pap chap
  !
  remote host default
  !
!
)");
}

TEST(RunningConfig, PutsACommentInPlaceOfEachSecretWhenTheyAreHidden) {
  const auto text = running_config(example(), Secrets::hidden);
  EXPECT_NE(text.find("  ! password ******** (hidden)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    ! tunnel password ******** (hidden)\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("cret"), std::string::npos) << text;
  const auto again = parse(text);
  ASSERT_FALSE(again) << "a user without password and a tunnel that hides without one are no configuration";
  EXPECT_EQ(again.error().size(), 2u) << describe("hidden", again.error());
}

// Random models, valid as far as their values go; those in conflict with themselves are not used.
class RandomConfig {
 public:
  explicit RandomConfig(unsigned seed) : random_(seed) {}

  Config config() {
    Config c;
    if (chance()) c.hostname = text(63);
    c.log_level = static_cast<LogLevel>(below(4));
    for (auto i = below(4); i > 0; --i) c.interfaces.push_back(interface(i));
    for (auto i = below(3); i > 0; --i) c.ipv4_pools.push_back(ipv4_pool(i));
    for (auto i = below(3); i > 0; --i) c.ipv6_pools.push_back(ipv6_pool(i));
    for (auto* servers : {&c.aaa.dns.primary, &c.aaa.dns.secondary})
      if (chance()) *servers = v4();
    for (auto* servers : {&c.aaa.ipv6_dns.primary, &c.aaa.ipv6_dns.secondary})
      if (chance()) *servers = v6();
    for (auto i = below(4); i > 0; --i) c.aaa.users.push_back({numbered(i), text(128), chance() ? v4() : IpAddress{}});
    for (auto i = below(3); i > 0; --i) c.aaa.domains.push_back(domain(i));
    c.ppp = {order(), between<std::uint16_t>(576, 9000), seconds(between<int>(1, 60)), seconds(below(3601))};
    c.pppoe = pppoe();
    c.l2tp.resync = static_cast<ResyncMethod>(between<int>(1, 4));
    c.l2tp.recovery_time = seconds(below(86401));
    c.l2tp.retransmission = {between<std::uint8_t>(2, 30), between<std::uint8_t>(2, 30), seconds(between<int>(8, 60))};
    c.l2tp.hello_interval = seconds(below(3601));
    c.l2tp.receive_window = between<std::uint8_t>(4, 128);
    c.l2tp.request_rate = {between<std::uint16_t>(1, 65535), between<std::uint16_t>(1, 65535)};
    c.l2tp.peer_address_change = static_cast<PeerAddressChange>(below(3));
    c.l2tp.checksum = chance();
    for (auto i = below(4); i > 0; --i) c.l2tp.destinations.push_back(destination(i));
    return c;
  }

 private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance() { return below(2) == 0; }
  template <class T>
  T between(unsigned low, unsigned high) {
    return static_cast<T>(low + below(high - low + 1));
  }

  // Words that are hard to print: keywords, quotes, spaces.
  std::string text(std::size_t longest) {
    static constexpr const char* kHard[] = {"default", "loopback", "no", "exit", "!",  "none",
                                            "chap",    "\"",       "\\", " ",    "a b"};
    if (chance()) return kHard[below(11)];
    std::string out;
    for (auto i = between<std::size_t>(1, static_cast<unsigned>(longest)); i > 0; --i) out += between<char>(0x20, 0x7e);
    return out;
  }
  std::string numbered(unsigned i) { return std::to_string(i) + text(60); }
  IpAddress v4() {
    return IpAddress::v4(between<std::uint8_t>(1, 126), between<std::uint8_t>(0, 255), 0,
                         between<std::uint8_t>(0, 255));
  }
  IpAddress v6() {
    IpAddress a;
    for (auto& octet : a.octets) octet = chance() ? std::uint8_t{0} : between<std::uint8_t>(0, 255);
    a.octets[0] = 0x20;
    return a;
  }
  PppAuthenticationOrder order() {
    using enum PppAuthentication;
    static const PppAuthenticationOrder kOrders[] = {
        {}, {chap}, {pap}, {chap, pap}, {pap, chap}, {ms_chap_v2}, {ms_chap_v2, chap, pap}};
    return kOrders[below(7)];
  }
  Interface interface(unsigned i) {
    Interface out{i == 1 ? kLoopback : i == 2 ? "loopback" : "ge" + std::to_string(i), {}, {}, {}, {}};
    if (chance()) out.ip = IpPrefix{v4(), between<std::uint8_t>(0, 32)};
    if (chance()) out.ipv6 = IpPrefix{v6(), between<std::uint8_t>(0, 128)};
    if (chance()) out.mtu = between<std::uint16_t>(576, 9000);
    if (i != 1 && chance()) out.pppoe = access();
    return out;
  }
  VlanRange range(unsigned at_least) {
    const auto first = between<std::uint16_t>(at_least, at_least + 999);
    return {first, between<std::uint16_t>(first, at_least + 999)};
  }
  PppoeAccess access() {
    PppoeAccess out;
    out.untagged = chance();
    for (auto n = below(4); n > 0; --n) out.vlans.push_back(range(n * 1000));
    for (auto n = below(4); n > 0; --n) out.qinq.push_back({range(n * 1000), range(1)});
    if (!out.untagged && out.vlans.empty() && out.qinq.empty()) out.untagged = true;
    if (chance()) out.max_sessions = between<std::uint32_t>(1, 1000000);
    return out;
  }
  Pppoe pppoe() {
    Pppoe out;
    if (chance()) out.ac_name = text(63);
    for (auto n = below(3); n > 0; --n) out.services.push_back(numbered(n));
    out.max_sessions_per_mac = between<std::uint16_t>(1, 65535);
    out.pado_delay = std::chrono::milliseconds(below(2001));
    out.mru = between<std::uint16_t>(576, 9000);
    out.max_payload = between<std::uint16_t>(1492, 9000);
    return out;
  }
  Ipv4Pool ipv4_pool(unsigned i) {
    auto [first, last] = std::minmax({v4(), v4()});
    return {numbered(i), first, last};
  }
  Ipv6Pool ipv6_pool(unsigned i) {
    IpAddress a = v6();
    for (unsigned octet = 6; octet < 16; ++octet) a.octets[octet] = 0;
    return {numbered(i), {a, between<std::uint8_t>(48, 64)}, 64};
  }
  DomainMap domain(unsigned i) {
    DomainMap out{numbered(i), {}};
    for (auto n = below(4); n > 0; --n) out.tunnels.push_back(tunnel(n));
    return out;
  }
  DomainTunnel tunnel(unsigned i) {
    DomainTunnel out;
    out.number = static_cast<std::uint8_t>(i * 10);
    out.address = chance() ? v4() : v6();
    out.source_address = out.address.is_v4() ? v4() : v6();
    for (auto* name : {&out.client_name, &out.server_name, &out.identification})
      if (chance()) *name = text(63);
    if (chance()) out.password = text(128);
    out.hidden_avps = !out.password.empty() && chance();
    out.preference = between<std::uint8_t>(0, 7);
    if (chance()) out.max_sessions = between<std::uint16_t>(1, 65535);
    out.drain = chance();
    out.resync = static_cast<ResyncMethod>(below(5));
    return out;
  }
  DestinationProfile destination(unsigned i) {
    DestinationProfile out{numbered(i), chance() ? v4() : v6(), {}};
    if (i == 1) out.address = chance() ? IpAddress{} : IpAddress::v4(0);
    for (auto n = below(4); n > 0; --n) out.hosts.push_back(host(n, out.address.is_v4()));
    return out;
  }
  HostProfile host(unsigned i, bool is_v4) {
    HostProfile out;
    out.remote_host = i == 1 ? "" : i == 2 ? "default" : numbered(i);
    if (chance()) out.local_host = text(63);
    if (chance()) out.local_ip = is_v4 ? v4() : v6();
    if (chance()) out.tunnel_password = text(128);
    out.resync = static_cast<ResyncMethod>(below(5));
    if (chance()) out.max_sessions = between<std::uint16_t>(1, 65535);
    if (chance()) out.ppp_authentication = order();
    out.data = {chance(), chance(), chance(), chance(), between<std::uint8_t>(0, 255), between<std::uint8_t>(1, 255)};
    return out;
  }

  std::mt19937 random_;
};

TEST(RunningConfig, ParsesBackToTheSameConfiguration) {
  const Context context;
  unsigned used = 0;
  for (unsigned seed = 0; seed < 1500; ++seed) {
    const Config config = RandomConfig(seed).config();
    if (!validate(config, Places{}).empty()) continue;
    ++used;
    const auto text = running_config(config, Secrets::shown);
    const auto again = parse(text, context);
    ASSERT_TRUE(again) << describe("random", again.error()) << text;
    ASSERT_EQ(*again, config) << text;
    ASSERT_EQ(running_config(*again, Secrets::shown), text);
  }
  EXPECT_GT(used, 500u);
}

}  // namespace
}  // namespace holdfast::config
