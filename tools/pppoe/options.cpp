#include "pppoe/options.hpp"

#include "dial/address.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdlib>
#include <map>

namespace holdfast::pppoe {
namespace {

using dial::Auth;

constexpr const char* kWhatItIs =
    "Plays many PPPoE subscribers on an Ethernet interface, each with a MAC address of its own: discovery and a PPP\n"
    "client. While it runs it takes commands, one a line, and answers each with one JSON object; try the command "
    "help.\n"
    "It ends at the end of its input, or --hold seconds after the set-up, with one JSON object of its figures.\n"
    "Exit status 0: all came up; 1: not all of them; 2: it could not begin.";

Duration from_seconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

std::uint16_t parse_vlan(std::string_view text) {
  std::uint16_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out < 1 || out > 4094)
    throw CLI::ValidationError("not a VLAN, or two as in 100-199: " + std::string(text));
  return out;
}

VlanRange parse_vlans(const std::string& text) {
  if (text.empty()) return {};
  const auto dash = text.find('-');
  VlanRange out{parse_vlan(text.substr(0, dash)), 0};
  out.last = dash == std::string::npos ? out.first : parse_vlan(text.substr(dash + 1));
  if (out.last < out.first) throw CLI::ValidationError("the last VLAN is below the first: " + text);
  return out;
}

MacAddress parse_mac(const std::string& text) {
  MacAddress out{};
  const bool has_colons = text.size() == 17;
  for (std::size_t i = 0; has_colons && i < out.size(); ++i) {
    const char* const from = text.data() + 3 * i;
    const auto [end, error] = std::from_chars(from, from + 2, out[i], 16);
    if (error == std::errc{} && end == from + 2 && (i == 5 || *end == ':')) continue;
    out[0] = 1;  // as bad as a group's address
    break;
  }
  if (!has_colons || (out[0] & 1) != 0) throw CLI::ValidationError("not a host's MAC address: " + text);
  return out;
}

void add_options(CLI::App& app, Settings& s) {
  app.add_option("--interface", s.interface, "where the access concentrator can be reached")->required();
  app.add_option("--subscribers", s.subscribers, "how many")->check(CLI::Range(1, 1 << 20))->capture_default_str();
  app.add_option("--service", s.service, "Service-Name to ask for (default: any)");
  app.add_option("--max-payload", s.max_payload, "PPP-Max-Payload to ask for")->check(CLI::Range(1493, 1900));
  app.add_option("--at-once", s.at_once, "subscribers being set up at a time (default: all)");
  app.add_option("--tries", s.tries, "of a PADI or PADR, after 1 s, 2 s, 4 s and so on")
      ->check(CLI::Range(1, 10))
      ->capture_default_str();
  app.add_option("--user", s.ppp.user,
                 "PPP user name; {} in it stands for the number of the subscriber, {domain} for that of his domain")
      ->required();
  app.add_option("--domains", s.domains, "how many domains the subscribers are of, in turn")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  app.add_option("--password", s.ppp.password, "PPP password; {} likewise")->required();
  app.add_option("--auth", s.ppp.auth, "take only chap or only pap (default: what is asked for)")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Auth>{{"chap", Auth::chap}, {"pap", Auth::pap}}));
  app.add_option("--mru", s.ppp.mru, "MRU to ask for")->check(CLI::Range(128, 1900))->capture_default_str();
  app.add_option("--ping-rate", s.ping.rate, "packets a second, over all subscribers")->capture_default_str();
  app.add_option("--ping-size", s.ping.size, "octets of an IP packet")
      ->check(CLI::Range(64, 1492))
      ->capture_default_str();
  app.add_option("--ping-udp", s.ping.udp_port, "ping with UDP to this port, which must echo");
}

}  // namespace

Settings parse_options(int argc, char** argv) {
  Settings out;
  std::string mac = "02:50:00:00:00:00", vlan, outer, target;
  double timeout = 60;
  bool outer_8021q = false;
  std::optional<double> hold;
  CLI::App app(kWhatItIs, "pppoe-generator");
  add_options(app, out);
  app.add_option("--mac", mac, "MAC address of the first subscriber; the others follow")->capture_default_str();
  app.add_option("--vlan", vlan, "VLAN, or FIRST-LAST of which the subscribers get one each in turn");
  app.add_option("--outer-vlan", outer, "the outer of two tags, likewise; changes when all of --vlan had their turn");
  app.add_flag("--outer-8021q", outer_8021q, "the outer tag is one of 802.1Q, too (default: 802.1ad)");
  app.add_option("--ping", target, "send packets to this IPv4 address once all is up");
  app.add_option("--timeout", timeout, "seconds for everything to come up")->capture_default_str();
  app.add_option("--hold", hold, "seconds to stay up; then it ends, whether its input has ended or not");
  try {
    app.parse(argc, argv);
    out.first_mac = parse_mac(mac);
    out.vlan = parse_vlans(vlan);
    out.outer = parse_vlans(outer);
    if (out.outer.first != 0 && out.vlan.first == 0) throw CLI::ValidationError("--outer-vlan needs --vlan");
    if (!target.empty()) {
      const auto parsed = dial::parse_address(target);
      if (!parsed || !parsed->is_v4()) throw CLI::ValidationError("not an IPv4 address: " + target);
      out.ping.target = *parsed;
    }
    if (out.ppp.user.size() > 200 || out.ppp.password.size() > 200)
      throw CLI::ValidationError("--user and --password may have 200 octets");
    if (out.service.size() > 255) throw CLI::ValidationError("--service may have 255 octets");
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  if (outer_8021q) out.outer_type = kCustomerTag;
  out.timeout = from_seconds(timeout);
  if (hold) out.hold = from_seconds(*hold);
  return out;
}

}  // namespace holdfast::pppoe
