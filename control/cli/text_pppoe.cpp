// show pppoe session as text.
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"

namespace holdfast::cli {
namespace {

// "ge0", "ge0:100", "ge0:100.7"
std::string place(const PppoeSession& s) {
  std::string out = s.interface;
  if (s.outer_vlan) out.append(":").append(std::to_string(*s.outer_vlan));
  if (s.inner_vlan) out.append(".").append(std::to_string(*s.inner_vlan));
  return out;
}

std::string carrier(const PppoeSession& s) {
  if (!s.local_tunnel_id || !s.local_session_id) return "-";
  return std::to_string(*s.local_tunnel_id).append("/").append(std::to_string(*s.local_session_id));
}

}  // namespace

std::string text_of(const PppoeSessions& list, const Command& command) {
  if (list.sessions.empty()) return command.line() ? "No such PPPoE session.\n" : "No PPPoE sessions.\n";
  Table table({{"Line", Align::right},
               {"Session", Align::right},
               {"Place"},
               {"MAC address"},
               {"State"},
               {"User"},
               {"Tunnel/session"},
               {"Peer"},
               {"Uptime", Align::right},
               {"Packets in", Align::right},
               {"Packets out", Align::right}});
  for (const auto& s : list.sessions)
    table.row({std::to_string(s.line), std::to_string(s.session_id), place(s), s.mac, s.state, or_dash(s.user),
               carrier(s), or_dash(s.peer_host), uptime(s.uptime_s), std::to_string(s.rx_packets),
               std::to_string(s.tx_packets)});
  return table.text();
}

}  // namespace holdfast::cli
