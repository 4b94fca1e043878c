#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"
#include "config/printable.hpp"

#include <array>
#include <cstdio>

namespace holdfast::cli {
namespace {

std::string link(const Port& port) {
  if (!port.link_up) return "down";
  return port.speed_mbps == 0 ? "up" : "up, " + std::to_string(port.speed_mbps) + " Mbit/s";
}

std::string ports(const Dataplane& dataplane) {
  if (dataplane.ports.empty()) return "No ports.\n";
  Table names({{"Port"}, {"Driver"}, {"Interface"}, {"MAC"}, {"MTU", Align::right}, {"Link"}});
  Table traffic({{"Port"},
                 {"Rx packets", Align::right},
                 {"Rx octets", Align::right},
                 {"Rx missed", Align::right},
                 {"Rx errors", Align::right},
                 {"Tx packets", Align::right},
                 {"Tx octets", Align::right},
                 {"Tx errors", Align::right},
                 {"To control", Align::right},
                 {"To kernel", Align::right}});
  for (const auto& p : dataplane.ports) {
    names.row({p.name, p.driver, p.interface, p.mac, std::to_string(p.mtu), link(p)});
    traffic.row({p.name, std::to_string(p.rx_packets), std::to_string(p.rx_octets), std::to_string(p.rx_missed),
                 std::to_string(p.rx_errors), std::to_string(p.tx_packets), std::to_string(p.tx_octets),
                 std::to_string(p.tx_errors), std::to_string(p.punted), std::to_string(p.to_kernel)});
  }
  return names.text() + '\n' + traffic.text();
}

// While it ran: nothing where the control process was always there.
std::string absences(const Dataplane& dataplane) {
  if (dataplane.control_absences == 0 && dataplane.control_alarms == 0) return "";
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.1f", static_cast<double>(dataplane.control_last_away_ms) / 1e3);
  return "The control process was away " + counted(dataplane.control_absences, "time") + ", the last time for " +
         seconds.data() + " s, which raised " + counted(dataplane.control_alarms, "alarm") + " in all.\n";
}

// Nothing where the dataplane was always fast enough.
std::string waits(const Dataplane& dataplane) {
  if (dataplane.control_waits == 0 && dataplane.control_lost == 0) return "";
  return "The control process waited " + counted(dataplane.control_waits, "time") +
         " for room in the dataplane, and could not hand over " + counted(dataplane.control_lost, "packet") + ".\n";
}

std::string workers(const Dataplane& dataplane) {
  if (dataplane.workers.empty()) return "No workers.\n";
  Table table({{"Worker", Align::right},
               {"Role"},
               {"Rx packets", Align::right},
               {"Tx packets", Align::right},
               {"Dropped", Align::right}});
  for (const auto& w : dataplane.workers)
    table.row({std::to_string(w.worker), w.role, std::to_string(w.rx_packets), std::to_string(w.tx_packets),
               std::to_string(w.dropped_packets)});
  return table.text();
}

std::string drops(const Dataplane& dataplane, bool zeros_too) {
  Table table({{"Dropped because of"}, {"Packets", Align::right}});
  bool any = false;
  for (const auto& [reason, packets] : dataplane.drops) {
    if (packets == 0 && !zeros_too) continue;
    table.row({reason, std::to_string(packets)});
    any = true;
  }
  return any ? table.text() : "No drops.\n";
}

}  // namespace

std::string text_of(const Subscribers& list, const Command& command) {
  if (list.subscribers.empty()) {
    const auto name = command.name();
    return name ? "No subscriber " + config::printable(*name) + ".\n" : "No subscribers.\n";
  }
  Table table({{"User"},
               {"IPv4"},
               {"IPv6 prefix"},
               {"Tunnel", Align::right},
               {"Session", Align::right},
               {"Up since"},
               {"Packets in", Align::right},
               {"Octets in", Align::right},
               {"Packets out", Align::right},
               {"Octets out", Align::right}});
  for (const auto& s : list.subscribers)
    table.row({s.user, or_dash(s.ipv4), or_dash(s.ipv6_prefix), std::to_string(s.local_tunnel_id),
               std::to_string(s.local_session_id), utc(s.up_since), std::to_string(s.rx_packets),
               std::to_string(s.rx_octets), std::to_string(s.tx_packets), std::to_string(s.tx_octets)});
  return table.text();
}

std::string text_of(const Dataplane& dataplane, const Command& command) {
  if (!dataplane.connected) return "The dataplane is not connected: " + config::printable(dataplane.reason) + ".\n";
  return "The dataplane is connected: process " + std::to_string(dataplane.pid) + ", incarnation " +
         std::to_string(dataplane.incarnation) + ", up " + uptime(dataplane.uptime_s) + ".\n" +
         "Subscribers are behind the kernel's interface " + or_dash(config::printable(dataplane.subscriber_interface)) +
         ".\n" + absences(dataplane) + waits(dataplane) + '\n' + ports(dataplane) + '\n' + workers(dataplane) + '\n' +
         drops(dataplane, command.detail());
}

}  // namespace holdfast::cli
