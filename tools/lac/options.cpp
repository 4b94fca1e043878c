#include "lac/options.hpp"

#include "dial/address.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <map>

namespace holdfast::lac {
namespace {

constexpr const char* kWhatItIs =
    "Plays many LACs against one LNS: tunnels, calls in them and a PPP client at the end of each call.\n"
    "While it runs it takes commands, one a line, and answers each with one JSON object; try the command help.\n"
    "It ends at the end of its input, or --hold seconds after the set-up. Exit status 1: not everything came up.";

Duration from_seconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

void add_options(CLI::App& app, Settings& s) {
  app.add_option("--port", s.port, "our UDP port (default: any)");
  app.add_option("--tunnels", s.tunnels, "tunnels")->check(CLI::Range(1, 65535))->capture_default_str();
  app.add_option("--sessions", s.sessions, "sessions in each tunnel")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  app.add_option("--rate", s.rate, "calls begun a second (default: as many as the LNS answers)");
  app.add_option("--parallel", s.parallel, "calls being set up at a time")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  app.add_option("--secret", s.tunnel.secret, "tunnel password: both ends prove that they know it");
  app.add_option("--host-name", s.tunnel.host_name, "Host Name AVP of all tunnels")->capture_default_str();
  app.add_flag("--hide", s.tunnel.hide, "hide AVPs with the secret");
  app.add_option("--user", s.ppp.user, "PPP user name; {} in it stands for the number of the session")->required();
  app.add_option("--password", s.ppp.password, "PPP password; {} likewise")->required();
  app.add_option("--auth", s.ppp.auth, "take only chap or only pap (default: what the LNS asks for)")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Auth>{{"chap", Auth::chap}, {"pap", Auth::pap}}));
  app.add_flag("--ipv6", s.ppp.ipv6, "IPV6CP and router solicitation, too");
  app.add_option("--mru", s.ppp.mru, "MRU to ask for")->check(CLI::Range(128, 1500))->capture_default_str();
  app.add_flag("!--no-address-control", s.ppp.address_and_control, "send PPP frames without ff 03");
  app.add_option("--ping-rate", s.ping.rate, "packets a second, over all sessions")->capture_default_str();
  app.add_option("--ping-size", s.ping.size, "octets of an IP packet")
      ->check(CLI::Range(64, 1500))
      ->capture_default_str();
  app.add_option("--ping-udp", s.ping.udp_port, "ping with UDP to this port, which must echo");
  app.add_flag("--json", s.json, "print the set-up's figures at the end as one JSON object");
}

}  // namespace

Settings parse_options(int argc, char** argv) {
  Settings out;
  std::string lns, source, target;
  double timeout = 60, hello = 60, delay = 0;
  std::optional<double> recovery_time;
  std::optional<double> hold;
  CLI::App app(kWhatItIs, "lac-generator");
  app.add_option("--lns", lns, "address of the LNS")->required();
  app.add_option("--source", source, "our address");
  add_options(app, out);
  app.add_option("--hello", hello, "seconds of silence before a HELLO; 0: none")->capture_default_str();
  app.add_option("--failover", recovery_time,
                 "announce RFC 4951 with this recovery time in seconds, and take part in it");
  app.add_option("--window", out.tunnel.window, "Receive Window Size")->check(CLI::Range(1, 16))->capture_default_str();
  app.add_option("--delay", delay, "milliseconds that each datagram takes, each way");
  app.add_option("--ping", target, "send packets to this address behind the LNS, once all is up");
  app.add_option("--timeout", timeout, "seconds for everything to come up")->capture_default_str();
  app.add_option("--hold", hold, "seconds to stay up; then it ends, whether its input has ended or not");
  try {
    app.parse(argc, argv);
    for (const auto& [text, address] :
         {std::pair{&lns, &out.lns}, {&source, &out.source}, {&target, &out.ping.target}}) {
      if (text->empty()) continue;
      const auto parsed = dial::parse_address(*text);
      if (!parsed) throw CLI::ValidationError("not an IP address: " + *text);
      *address = *parsed;
    }
    if (!out.source.is_none() && out.source.is_v4() != out.lns.is_v4())
      throw CLI::ValidationError("--source and --lns must be of one family");
    if (recovery_time && out.tunnels > UINT16_MAX / 2)
      throw CLI::ValidationError("--failover needs as many tunnel ids again for recovery tunnels");
    if (out.tunnel.hide && out.tunnel.secret.empty()) throw CLI::ValidationError("--hide needs --secret");
    if (out.tunnel.host_name.empty() || out.tunnel.host_name.size() > 63)
      throw CLI::ValidationError("--host-name must have 1 to 63 octets");
    if (out.ppp.user.size() > 200 || out.ppp.password.size() > 200)
      throw CLI::ValidationError("--user and --password may have 200 octets");
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  out.timeout = from_seconds(timeout);
  out.tunnel.hello = from_seconds(hello);
  out.delay = from_seconds(delay / 1000);
  if (recovery_time) out.tunnel.recovery_time = from_seconds(*recovery_time);
  if (hold) out.hold = from_seconds(*hold);
  return out;
}

}  // namespace holdfast::lac
