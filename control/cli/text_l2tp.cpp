#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"
#include "config/printable.hpp"

namespace holdfast::cli {
namespace {

std::string endpoint(const std::string& address, std::uint32_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  std::string out = v6 ? "[" : "";
  out += address;
  out += v6 ? "]:" : ":";
  return out + std::to_string(port);
}

std::string no_tunnel(const Command& command) {
  const auto id = command.tunnel();
  return id ? "No tunnel " + std::to_string(id->value()) + ".\n" : "No tunnels.\n";
}

std::string no_session(const Command& command) {
  const auto tunnel = command.tunnel();
  const auto session = command.session();
  if (!tunnel) return "No sessions.\n";
  const auto in_tunnel = " in tunnel " + std::to_string(tunnel->value()) + ".\n";
  return session ? "No session " + std::to_string(session->value()) + in_tunnel : "No sessions" + in_tunnel;
}

std::string by(bool us) { return us ? "us" : "the peer"; }

// As the RFC writes it.
std::string_view role(const Session& s) { return s.role == "lac" ? "LAC" : "LNS"; }

// What the peer's Failover Capability AVP says (RFC 4951 5.1).
std::string peer_failover(const Tunnel& t) {
  if (!t.peer_failover_capability) return "not announced";
  if (t.peer_control_failover && t.peer_data_failover) return "control connection and numbered data";
  return t.peer_control_failover ? "control connection" : "numbered data only";
}

std::string details(const Tunnel& t) {
  std::string out = "Tunnel " + std::to_string(t.local_tunnel_id) + " is " + config::printable(t.state);
  if (t.uptime_s) out += ", up " + uptime(t.uptime_s);
  out += ", with " + counted(t.sessions, "session") + '\n';
  Facts facts;
  facts.add("Peer host", or_dash(t.peer_host));
  facts.add("Peer", endpoint(t.peer_address, t.peer_port) + ", tunnel " + std::to_string(t.peer_tunnel_id));
  facts.add("Local address", endpoint(t.local_address, t.local_port));
  facts.add("Opened by", by(t.opened_by_us));
  facts.add("Ns, Nr", std::to_string(t.ns) + ", " + std::to_string(t.nr));
  facts.add("Control messages", std::to_string(t.unacknowledged) + " unacknowledged, " + std::to_string(t.queued) +
                                    " queued; the peer's window is " + std::to_string(t.peer_window));
  facts.add("Line module", t.line_module);
  facts.add("Resync method configured", t.resync_configured);
  facts.add("Resync method in use", t.resync_method + (t.resync_note.empty() ? "" : " (" + t.resync_note + ')'));
  facts.add("Peer's failover", peer_failover(t));
  if (t.peer_recovery_time_ms) facts.add("Peer's recovery time", std::to_string(*t.peer_recovery_time_ms) + " ms");
  return out + facts.text();
}

std::string details(const Session& s) {
  std::string out = "Session " + std::to_string(s.local_session_id) + " in tunnel " +
                    std::to_string(s.local_tunnel_id) + " is " + config::printable(s.state);
  if (s.uptime_s) out += ", up " + uptime(s.uptime_s);
  Facts facts;
  facts.add("Call", s.call + ", placed by " + by(s.placed_by_us) + "; we are the " + std::string(role(s)));
  facts.add("User", or_dash(s.user));
  facts.add("Peer", or_dash(s.peer_host) + ", session " + std::to_string(s.peer_session_id));
  if (s.other_session_id)
    facts.add("Switched", "goes on in tunnel " + std::to_string(s.other_tunnel_id.value_or(0)) + ", session " +
                              std::to_string(*s.other_session_id));
  facts.add("Calling, called number", or_dash(s.calling_number) + ", " + or_dash(s.called_number));
  facts.add("Call serial number", std::to_string(s.call_serial_number));
  facts.add("Connect speed",
            "tx " + std::to_string(s.tx_speed_bps) + " bit/s, rx " + std::to_string(s.rx_speed_bps) + " bit/s");
  facts.add("In", counted(s.rx_packets, "packet") + ", " + counted(s.rx_octets, "octet"));
  facts.add("Out", counted(s.tx_packets, "packet") + ", " + counted(s.tx_octets, "octet"));
  if (s.rx_lost + s.rx_late + s.rx_reordered != 0)
    facts.add("Sequence numbers", std::to_string(s.rx_lost) + " lost, " + std::to_string(s.rx_late) + " late, " +
                                      std::to_string(s.rx_reordered) + " reordered");
  return out + '\n' + facts.text();
}

std::string words(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& one : list) {
    if (!out.empty()) out += ' ';
    out += one;
  }
  return out.empty() ? "none" : out;
}

}  // namespace

std::string text_of(const L2tpSummary& s, const Command&) {
  std::string out;
  const auto say = [&](const std::string& what, const std::string& value) { out += what + " is " + value + '\n'; };
  say("Peer resynchronization method", s.failover_resync);
  say("Recovery time asked of peers", counted(s.recovery_time_s, "second"));
  say("Retransmission retries for established tunnels", std::to_string(s.retries_established));
  say("Retransmission retries for not-established tunnels", std::to_string(s.retries_not_established));
  say("Longest pause between retransmissions", counted(s.retransmission_cap_s, "second"));
  say("Hello interval", s.hello_interval_s == 0 ? "none: no HELLO is sent" : counted(s.hello_interval_s, "second"));
  say("Receive window", counted(s.receive_window, "control message"));
  out += std::string("Data packet checksums are ") + (s.data_checksums ? "enabled" : "disabled") + "\n\n";

  Table totals({{"", Align::left}, {"total", Align::right}, {"active", Align::right}, {"failed", Align::right}});
  const auto row = [&](const char* name, const Totals& t) {
    totals.row({name, std::to_string(t.total), std::to_string(t.active), std::to_string(t.failed)});
  };
  row("Destinations", s.destinations);
  row("Tunnels", s.tunnels);
  row("Sessions", s.sessions);
  out += totals.text();

  Table counters({{"Since the daemon started", Align::left}, {"count", Align::right}});
  bool any = false;
  for (const auto& [name, count] : s.counters) {
    if (count == 0) continue;
    counters.row({name, std::to_string(count)});
    any = true;
  }
  return any ? out + '\n' + counters.text() : out;
}

std::string text_of(const Tunnels& list, const Command& command) {
  if (list.tunnels.empty()) return no_tunnel(command);
  std::string out;
  if (command.detail()) {
    for (const auto& tunnel : list.tunnels) {
      if (!out.empty()) out += '\n';
      out += details(tunnel);
    }
    return out;
  }
  Table table({{"Tunnel", Align::right},
               {"Peer's", Align::right},
               {"Peer address"},
               {"Peer host"},
               {"Opened by"},
               {"State"},
               {"Sessions", Align::right},
               {"Ns", Align::right},
               {"Nr", Align::right},
               {"Unacked", Align::right},
               {"Up", Align::right},
               {"Resync method"}});
  for (const auto& t : list.tunnels) {
    table.row({std::to_string(t.local_tunnel_id), std::to_string(t.peer_tunnel_id),
               endpoint(t.peer_address, t.peer_port), or_dash(t.peer_host), by(t.opened_by_us), t.state,
               std::to_string(t.sessions), std::to_string(t.ns), std::to_string(t.nr), std::to_string(t.unacknowledged),
               uptime(t.uptime_s), t.resync_method});
    if (!t.resync_note.empty())
      out += "Tunnel " + std::to_string(t.local_tunnel_id) + ": " + config::printable(t.resync_note) + '\n';
  }
  return table.text() + out;
}

std::string text_of(const Sessions& list, const Command& command) {
  if (list.sessions.empty()) return no_session(command);
  if (command.session()) return details(list.sessions.front());
  Table table({{"Tunnel", Align::right},
               {"Session", Align::right},
               {"Peer's", Align::right},
               {"Role"},
               {"Call"},
               {"User"},
               {"State"},
               {"Up", Align::right},
               {"Packets in", Align::right},
               {"Packets out", Align::right}});
  for (const auto& s : list.sessions)
    table.row({std::to_string(s.local_tunnel_id), std::to_string(s.local_session_id), std::to_string(s.peer_session_id),
               std::string(role(s)), s.call, or_dash(s.user), s.state, uptime(s.uptime_s), std::to_string(s.rx_packets),
               std::to_string(s.tx_packets)});
  return table.text();
}

std::string text_of(const PlacedCall& c, const Command&) {
  std::string out = c.up ? "The call is up.\n" : "The call failed: " + config::printable(c.reason) + ".\n";
  if (c.peer_address.empty()) return out;
  const auto ids = [](const auto& ours, const auto& theirs) {
    return std::to_string(*ours) + (theirs ? ", the peer's " + std::to_string(*theirs) : "");
  };
  Facts facts;
  facts.add("Peer", or_dash(c.peer_host) + " at " + c.peer_address);
  if (c.local_tunnel_id) facts.add("Tunnel", ids(c.local_tunnel_id, c.peer_tunnel_id));
  if (c.local_session_id) facts.add("Session", ids(c.local_session_id, c.peer_session_id));
  if (!c.up) facts.add("Result, error code", std::to_string(c.result_code) + ", " + std::to_string(c.error_code));
  if (!c.message.empty()) facts.add("Message", c.message);
  if (c.tried > 1) facts.add("Tried", counted(c.tried, "tunnel") + ", this one last");
  facts.add("Known after", std::to_string(c.elapsed_ms) + " ms");
  return out + facts.text();
}

std::string text_of(const DestinationProfiles& list, const Command& command) {
  if (list.profiles.empty()) {
    const auto name = command.name();
    return name ? "No destination profile " + config::printable(*name) + ".\n" : "No destination profiles.\n";
  }
  std::string out;
  for (const auto& profile : list.profiles) {
    if (!out.empty()) out += '\n';
    const bool any = profile.address == "0.0.0.0" || profile.address == "::";
    out += "Destination profile " + config::printable(profile.name) + " is for peers at " +
           (any ? "any address (" + profile.address + ')' : profile.address) + '\n';
    for (const auto& host : profile.hosts) {
      Facts facts;
      facts.add("Remote host", host.remote_host);
      facts.add("  Local host", host.local_host);
      facts.add("  Local address", host.local_address ? *host.local_address : "any");
      facts.add("  Tunnel authentication", host.tunnel_authentication ? "by password" : "none");
      const bool global = host.failover_resync != host.failover_resync_in_force;
      facts.add("  Failover resync",
                host.failover_resync + (global ? ": " + host.failover_resync_in_force + ", as set globally" : ""));
      facts.add("  Sessions at most", host.max_sessions ? std::to_string(*host.max_sessions) : "no limit");
      facts.add("  PPP authentication", words(host.ppp_authentication));
      out += facts.text();
    }
    if (profile.hosts.empty()) out += "  No remote hosts.\n";
  }
  return out;
}

std::string text_of(const Lockouts& list, const Command&) {
  if (list.lockouts.empty()) return "No destination is locked out.\n";
  Table table({{"Destination"}, {"Locked out for", Align::right}, {"Still for", Align::right}});
  for (const auto& lockout : list.lockouts)
    table.row({lockout.address, uptime(lockout.locked_out_s), uptime(lockout.left_s)});
  return table.text();
}

}  // namespace holdfast::cli
