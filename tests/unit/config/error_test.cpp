// What an operator reads when a configuration is wrong: whole texts.
#include "config/error.hpp"

#include "config/parser.hpp"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::config {
namespace {

std::string errors_of(std::string_view text, const Context& context = Context()) {
  const auto config = parse(text, context);
  return config ? "" : describe("holdfast.conf", config.error());
}

TEST(ConfigError, NamesLineColumnAndWhatWasExpected) {
  EXPECT_EQ(errors_of("l2tp destination profile lac-dest ip address 192.168.20.2\n"
                      "  remote host lac-host\n"
                      "    failover-resync bogus\n"),
            "holdfast.conf:3:21: expected one of: failover-protocol, failover-protocol-fallback-to-silent-failover, "
            "silent-failover, disable, not-configured\n"
            "    failover-resync bogus\n"
            "                    ^\n");
  EXPECT_EQ(errors_of("l2tp hello-interval\n"),
            "holdfast.conf:1:21: expected <0-3600>\n"
            "    l2tp hello-interval\n"
            "                        ^\n");
  EXPECT_EQ(
      errors_of("\tl2tp\thello-intervall 5\n"),
      "holdfast.conf:1:7: expected one of: failover-resync, recovery-time, retransmission, hello-interval, tunnel, "
      "receive-window, request-rate, peer-address-change, tunnel-switching, checksum, destination\n"
      "    l2tp hello-intervall\n"
      "         ^\n");
}

TEST(ConfigError, IsReportedForEachLineThatHasOne) {
  EXPECT_EQ(
      errors_of("interfce ge0\nmtu 1500\ninterface ge0\nmtu 1\nmtu 1500\nhostname a b\n"),
      "holdfast.conf:1:1: expected one of: hostname, log, checkpoint, interface, ip, ipv6, aaa, ppp, pppoe, l2tp, no, "
      "default, exit\n"
      "    interfce\n"
      "    ^\n"
      "holdfast.conf:2:1: this belongs into a block of \"interface\", and none is open here\n"
      "    mtu\n"
      "    ^\n"
      "holdfast.conf:4:5: expected <576-9000>\n"
      "    mtu 1\n"
      "        ^\n"
      "holdfast.conf:6:12: expected the end of the line\n"
      "    hostname a \n"
      "               ^\n");
}

TEST(ConfigError, IsNotRepeatedForWhatStandsInAFaultyBlock) {
  EXPECT_EQ(errors_of("interface this/is/none\n  mtu 1500\n  ip address 10.0.0.1/24\n"),
            "holdfast.conf:1:11: expected one of: loopback, <interface-name>\n"
            "    interface this/is/none\n"
            "              ^\n");
  EXPECT_EQ(errors_of("aaa local user a\n  password\n"),
            "holdfast.conf:2:12: expected <secret>\n"
            "    password\n"
            "             ^\n")
      << "that the user has no password is not said again";
}

TEST(ConfigError, NamesTheEarlierDefinition) {
  EXPECT_EQ(errors_of("hostname a\n hostname b\ninterface loopback 0\ninterface loopback0\nmtu 1500\n"),
            "holdfast.conf:2:2: hostname is already set on line 1\n"
            "    hostname b\n"
            "    ^\n"
            "holdfast.conf:4:1: interface loopback0 is already set on line 3\n"
            "    interface loopback0\n"
            "    ^\n");
}

TEST(ConfigError, NamesWhatIsInConflict) {
  EXPECT_EQ(errors_of("interface ge0\n ip address 10.0.0.9/24\n"
                      "ip local pool a 10.0.0.1 10.0.0.9\nip local pool b 10.0.0.5 10.0.0.6\n"
                      "ipv6 local pool a 2001:db8::/48 64\nipv6 local pool b 2001:db8:0:8000::/49 64\n"
                      "aaa local user u\n password p\n ip address 10.0.0.9\n"
                      "l2tp destination profile x ip address 0.0.0.0\nl2tp destination profile y ip address 0.0.0.0\n"),
            "holdfast.conf:3:1: the pool holds the address of interface ge0 on line 1\n"
            "    ip local pool a 10.0.0.1 10.0.0.9\n"
            "    ^\n"
            "holdfast.conf:4:1: the pool overlaps ip local pool a on line 3\n"
            "    ip local pool b 10.0.0.5 10.0.0.6\n"
            "    ^\n"
            "holdfast.conf:6:1: the pool overlaps ipv6 local pool a on line 5\n"
            "    ipv6 local pool b 2001:db8:0:8000::/49 64\n"
            "    ^\n"
            "holdfast.conf:9:2: 10.0.0.9 is already the address of interface ge0 on line 1\n"
            "    ip address 10.0.0.9\n"
            "    ^\n"
            "holdfast.conf:11:1: its address is already that of l2tp destination profile x on line 10\n"
            "    l2tp destination profile y ip address 0.0.0.0\n"
            "    ^\n");
}

TEST(ConfigError, NamesWhatATunnelOfADomainLacks) {
  EXPECT_EQ(errors_of("interface ge0\n ip address 192.0.2.1/24\naaa domain-map a\n"
                      " tunnel 1\n  preference 1\n"
                      " tunnel 2\n  address 2001:db8::9\n"
                      " tunnel 3\n  address 192.0.2.9\n  source-address 2001:db8::1\n"
                      " tunnel 4\n  address 192.0.2.9\n  hidden-avps\n"
                      " tunnel 4\n  address 192.0.2.300\n  preference 8\n"
                      " tunnel 32\n"),
            "holdfast.conf:4:2: the tunnel has no address; set that of the LNS\n"
            "    tunnel 1\n"
            "    ^\n"
            "holdfast.conf:6:2: no interface has an address of the LNS's family; give one, or set source-address\n"
            "    tunnel 2\n"
            "    ^\n"
            "holdfast.conf:10:3: this is of another family than the address of the LNS\n"
            "    source-address 2001:db8::1\n"
            "    ^\n"
            "holdfast.conf:13:3: nothing can be hidden without a password; set one, too\n"
            "    hidden-avps\n"
            "    ^\n"
            "holdfast.conf:14:2: tunnel 4 is already set on line 11\n"
            "    tunnel 4\n"
            "    ^\n"
            "holdfast.conf:15:11: expected one of: <ip-address>, <ipv6-address>\n"
            "    address 192.0.2.300\n"
            "            ^\n"
            "holdfast.conf:16:14: expected <0-7>\n"
            "    preference 8\n"
            "               ^\n"
            "holdfast.conf:17:9: expected <1-31>\n"
            "    tunnel 32\n"
            "           ^\n");
}

TEST(ConfigError, NamesValuesThatMakeNoSense) {
  const auto first_line = [](std::string_view text) {
    const auto all = errors_of(text);
    return all.substr(0, all.find('\n'));
  };
  EXPECT_EQ(first_line("ip local pool a 10.0.0.9 10.0.0.1"),
            "holdfast.conf:1:26: the last address of the pool is below the first");
  EXPECT_EQ(first_line("ip local pool a 127.0.0.1 127.0.0.2"), "holdfast.conf:1:27: no host can have this address");
  EXPECT_EQ(first_line("ipv6 local pool a 2001:db8::/65 64"),
            "holdfast.conf:1:33: the pool is smaller than one prefix of length 64");
  EXPECT_EQ(first_line("ipv6 local pool a 2001:db8::1/64 64"),
            "holdfast.conf:1:34: the prefix has bits set beyond its length");
  EXPECT_EQ(first_line("aaa dns primary 224.0.0.1"), "holdfast.conf:1:17: no host can have this address");
  EXPECT_EQ(first_line("l2tp destination profile a ip address 10.0.0.1\nremote host b\nlocal ipv6 address 2001:db8::1"),
            "holdfast.conf:3:20: the address is of another family than that of the destination");
  EXPECT_EQ(first_line("aaa local user a"), "holdfast.conf:1:1: the user has no password");
  EXPECT_EQ(first_line(std::string(4097, 'x')), "holdfast.conf:1:4097: the line is longer than 4096 octets");
}

TEST(ConfigError, NamesWhatIsWrongWithSubscribersOfAnInterface) {
  EXPECT_EQ(errors_of("interface loopback 0\n pppoe\ninterface ge0\n pppoe max-sessions 5\n"
                      "interface ge1\n pppoe vlan 0\n pppoe vlan 4095\n pppoe vlan 1-\n pppoe vlan 9-8\n"
                      " pppoe vlan 5\n pppoe vlan 5-5\n pppoe qinq 1-2\n pppoe qinq 1-2 x\n"
                      "pppoe service-name a\npppoe service-name a\npppoe max-payload 1491\n"),
            "holdfast.conf:2:2: no subscriber can call at the loopback\n"
            "    pppoe\n"
            "    ^\n"
            "holdfast.conf:4:2: no subscriber can call here; set pppoe, pppoe vlan or pppoe qinq, too\n"
            "    pppoe max-sessions 5\n"
            "    ^\n"
            "holdfast.conf:6:13: expected <vlan-range> (1-4094, or two as in 100-199)\n"
            "    pppoe vlan 0\n"
            "               ^\n"
            "holdfast.conf:7:13: expected <vlan-range> (1-4094, or two as in 100-199)\n"
            "    pppoe vlan 4095\n"
            "               ^\n"
            "holdfast.conf:8:13: expected <vlan-range> (1-4094, or two as in 100-199)\n"
            "    pppoe vlan 1-\n"
            "               ^\n"
            "holdfast.conf:9:13: the last VLAN of the range is below the first\n"
            "    pppoe vlan 9-8\n"
            "               ^\n"
            "holdfast.conf:11:2: pppoe vlan 5 is already set on line 10\n"
            "    pppoe vlan 5-5\n"
            "    ^\n"
            "holdfast.conf:12:17: expected <inner:vlan-range> (1-4094, or two as in 100-199)\n"
            "    pppoe qinq 1-2\n"
            "                   ^\n"
            "holdfast.conf:13:17: expected <inner:vlan-range> (1-4094, or two as in 100-199)\n"
            "    pppoe qinq 1-2 x\n"
            "                   ^\n"
            "holdfast.conf:15:1: pppoe service-name a is already set on line 14\n"
            "    pppoe service-name a\n"
            "    ^\n"
            "holdfast.conf:16:19: expected <1492-9000>\n"
            "    pppoe max-payload 1491\n"
            "                      ^\n");
}

TEST(ConfigError, StopsAtAThousand) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "bogus\n";
  const auto config = parse(text);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().size(), 1000u);
}

TEST(ConfigError, ShowsASecretInNoForm) {
  EXPECT_EQ(errors_of("l2tp destination profile a ip address 10.0.0.1\nremote host b\n"
                      "tunnel password hunter2\ntunnel password hunter2\ntunnel passwrd hunter2\ntunnel hunter2\n"
                      "tunnel password hunter2 hunter2\ntunnel password \"hunter2\n"),
            "holdfast.conf:4:1: tunnel password is already set on line 3\n"
            "    tunnel password ********\n"
            "    ^\n"
            "holdfast.conf:5:8: expected one of: password, hidden-avps\n"
            "    tunnel ********\n"
            "           ^\n"
            "holdfast.conf:6:8: expected one of: password, hidden-avps\n"
            "    tunnel ********\n"
            "           ^\n"
            "holdfast.conf:7:25: expected the end of the line\n"
            "    tunnel password ********\n"
            "                    ^\n"
            "holdfast.conf:8:17: these quotes are not closed\n"
            "    tunnel password \n"
            "                    ^\n");
}

// A configuration with a secret, damaged as hands damage one: letters lost or doubled, words lost or doubled, lines
// broken and joined. Whatever the errors are, the secret is in none of them.
TEST(ConfigError, ShowsNoSecretHoweverALineIsDamaged) {
  constexpr std::string_view kSecret = "Xk29vQ";
  const std::string good =
      "hostname a\naaa local user alice\n  password Xk29vQ\n  ip address 10.0.0.1\n!\n"
      "l2tp destination profile any ip address 0.0.0.0\n  remote host default\n"
      "    local host lns\n    tunnel password \"Xk29vQ\"\n    max-sessions 5\n  !\n!\n";
  const Context context;
  std::mt19937 random(4951);
  std::size_t faulty = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string text = good;
    for (auto damage = random() % 4 + 1; damage > 0; --damage) {
      const auto at = random() % text.size();
      const auto word_end = std::min(text.find_first_of(" \n", at), text.size());
      const auto secret = text.find(kSecret);
      const bool hits = secret != std::string::npos && at >= secret && at < secret + kSecret.size();
      switch (random() % 5) {
        case 0:
          if (!hits) text.erase(at, 1);
          break;
        case 1:
          if (!hits) text.insert(at, 1, text[at]);
          break;
        case 2: text.erase(at, word_end - at); break;
        case 3:
          if (text[at] == ' ') text[at] = '\n';
          break;
        case 4:
          if (text[at] == '\n') text[at] = ' ';
          break;
      }
      if (text.empty()) text = good;
    }
    const auto report = errors_of(text, context);
    faulty += !report.empty();
    ASSERT_EQ(report.find(kSecret), std::string::npos) << text << report;
  }
  EXPECT_GT(faulty, 2000u);
}

TEST(ConfigError, ShowsATerminalNothingToObey) {
  const auto report = errors_of("hostname a\xff\x9b\nhostname \"b\x1b[2J\"\nhostname \xc2\x9b\n");
  for (const char c : report) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << static_cast<int>(c);
  EXPECT_NE(report.find("hostname ??\n"), std::string::npos) << report;
}

}  // namespace
}  // namespace holdfast::config
