// The keys of every document, in the order in which they are printed. visit is called with key and value for each.
#pragma once

#include "cli/documents.hpp"
#include "cli/units.hpp"

namespace holdfast::cli {

// Lists of counters are one object in JSON, with the names for keys.
struct Counts {
  const std::vector<NamedCount>& list;
};

void fields(const Totals& v, auto&& visit) {
  visit("total", v.total);
  visit("active", v.active);
  visit("failed", v.failed);
}

void fields(const L2tpSummary& v, auto&& visit) {
  visit("failover_resync", v.failover_resync);
  visit("recovery_time_s", v.recovery_time_s);
  visit("retries_established", v.retries_established);
  visit("retries_not_established", v.retries_not_established);
  visit("retransmission_cap_s", v.retransmission_cap_s);
  visit("hello_interval_s", v.hello_interval_s);
  visit("receive_window", v.receive_window);
  visit("data_checksums", v.data_checksums);
  visit("destinations", v.destinations);
  visit("tunnels", v.tunnels);
  visit("sessions", v.sessions);
  visit("counters", Counts{v.counters});
}

void fields(const Tunnel& v, auto&& visit) {
  visit("local_tunnel_id", v.local_tunnel_id);
  visit("peer_tunnel_id", v.peer_tunnel_id);
  visit("peer_address", v.peer_address);
  visit("peer_port", v.peer_port);
  visit("local_address", v.local_address);
  visit("local_port", v.local_port);
  visit("peer_host", v.peer_host);
  visit("opened_by_us", v.opened_by_us);
  visit("state", v.state);
  visit("sessions", v.sessions);
  visit("ns", v.ns);
  visit("nr", v.nr);
  visit("unacknowledged", v.unacknowledged);
  visit("queued", v.queued);
  visit("peer_window", v.peer_window);
  visit("line_module", v.line_module);
  visit("resync_configured", v.resync_configured);
  visit("resync_method", v.resync_method);
  visit("resync_note", v.resync_note);
  visit("peer_failover_capability", v.peer_failover_capability);
  visit("peer_control_failover", v.peer_control_failover);
  visit("peer_data_failover", v.peer_data_failover);
  visit("peer_recovery_time_ms", v.peer_recovery_time_ms);
  visit("uptime_s", v.uptime_s);
}

void fields(const Tunnels& v, auto&& visit) { visit("tunnels", v.tunnels); }

void fields(const Session& v, auto&& visit) {
  visit("local_tunnel_id", v.local_tunnel_id);
  visit("local_session_id", v.local_session_id);
  visit("peer_session_id", v.peer_session_id);
  visit("peer_host", v.peer_host);
  visit("role", v.role);
  visit("call", v.call);
  visit("placed_by_us", v.placed_by_us);
  visit("user", v.user);
  visit("state", v.state);
  visit("calling_number", v.calling_number);
  visit("called_number", v.called_number);
  visit("call_serial_number", v.call_serial_number);
  visit("tx_speed_bps", v.tx_speed_bps);
  visit("rx_speed_bps", v.rx_speed_bps);
  visit("uptime_s", v.uptime_s);
  visit("other_tunnel_id", v.other_tunnel_id);
  visit("other_session_id", v.other_session_id);
  visit("rx_packets", v.rx_packets);
  visit("rx_octets", v.rx_octets);
  visit("tx_packets", v.tx_packets);
  visit("tx_octets", v.tx_octets);
  visit("rx_lost", v.rx_lost);
  visit("rx_late", v.rx_late);
  visit("rx_reordered", v.rx_reordered);
}

void fields(const Sessions& v, auto&& visit) { visit("sessions", v.sessions); }

void fields(const HostProfile& v, auto&& visit) {
  visit("remote_host", v.remote_host);
  visit("local_host", v.local_host);
  visit("local_address", v.local_address);
  visit("tunnel_authentication", v.tunnel_authentication);
  visit("failover_resync", v.failover_resync);
  visit("failover_resync_in_force", v.failover_resync_in_force);
  visit("max_sessions", v.max_sessions);
  visit("ppp_authentication", v.ppp_authentication);
}

void fields(const DestinationProfile& v, auto&& visit) {
  visit("name", v.name);
  visit("address", v.address);
  visit("hosts", v.hosts);
}

void fields(const DestinationProfiles& v, auto&& visit) { visit("profiles", v.profiles); }

void fields(const Lockout& v, auto&& visit) {
  visit("address", v.address);
  visit("locked_out_s", v.locked_out_s);
  visit("left_s", v.left_s);
}

void fields(const Lockouts& v, auto&& visit) { visit("lockouts", v.lockouts); }

void fields(const Subscriber& v, auto&& visit) {
  visit("user", v.user);
  visit("ipv4", v.ipv4);
  visit("ipv6_prefix", v.ipv6_prefix);
  visit("local_tunnel_id", v.local_tunnel_id);
  visit("local_session_id", v.local_session_id);
  visit("peer_host", v.peer_host);
  visit("up_since", utc(v.up_since));
  visit("uptime_s", v.uptime_s);
  visit("rx_packets", v.rx_packets);
  visit("rx_octets", v.rx_octets);
  visit("tx_packets", v.tx_packets);
  visit("tx_octets", v.tx_octets);
}

void fields(const Subscribers& v, auto&& visit) { visit("subscribers", v.subscribers); }

void fields(const PppoeSession& v, auto&& visit) {
  visit("line", v.line);
  visit("session_id", v.session_id);
  visit("interface", v.interface);
  visit("mac", v.mac);
  visit("outer_vlan", v.outer_vlan);
  visit("inner_vlan", v.inner_vlan);
  visit("user", v.user);
  visit("state", v.state);
  visit("local_tunnel_id", v.local_tunnel_id);
  visit("local_session_id", v.local_session_id);
  visit("peer_host", v.peer_host);
  visit("uptime_s", v.uptime_s);
  visit("rx_packets", v.rx_packets);
  visit("rx_octets", v.rx_octets);
  visit("tx_packets", v.tx_packets);
  visit("tx_octets", v.tx_octets);
}

void fields(const PppoeSessions& v, auto&& visit) { visit("sessions", v.sessions); }

void fields(const Port& v, auto&& visit) {
  visit("name", v.name);
  visit("driver", v.driver);
  visit("interface", v.interface);
  visit("mac", v.mac);
  visit("mtu", v.mtu);
  visit("link_up", v.link_up);
  visit("speed_mbps", v.speed_mbps);
  visit("rx_packets", v.rx_packets);
  visit("rx_octets", v.rx_octets);
  visit("tx_packets", v.tx_packets);
  visit("tx_octets", v.tx_octets);
  visit("rx_missed", v.rx_missed);
  visit("rx_errors", v.rx_errors);
  visit("tx_errors", v.tx_errors);
  visit("punted", v.punted);
  visit("to_kernel", v.to_kernel);
}

void fields(const Worker& v, auto&& visit) {
  visit("worker", v.worker);
  visit("role", v.role);
  visit("rx_packets", v.rx_packets);
  visit("tx_packets", v.tx_packets);
  visit("dropped_packets", v.dropped_packets);
}

void fields(const Dataplane& v, auto&& visit) {
  visit("connected", v.connected);
  visit("reason", v.reason);
  visit("pid", v.pid);
  visit("incarnation", v.incarnation);
  visit("uptime_s", v.uptime_s);
  visit("subscriber_interface", v.subscriber_interface);
  visit("control_absences", v.control_absences);
  visit("control_last_away_ms", v.control_last_away_ms);
  visit("control_alarms", v.control_alarms);
  visit("control_waits", v.control_waits);
  visit("control_lost", v.control_lost);
  visit("ports", v.ports);
  visit("workers", v.workers);
  visit("drops", Counts{v.drops});
}

void fields(const RunningConfig& v, auto&& visit) { visit("text", v.text); }

void fields(const Version& v, auto&& visit) {
  visit("version", v.version);
  visit("instance", v.instance);
  visit("config_file", v.config_file);
  visit("pid", v.pid);
  visit("uptime_s", v.uptime_s);
}

void fields(const CheckpointTable& v, auto&& visit) {
  visit("name", v.name);
  visit("used", v.used);
  visit("capacity", v.capacity);
  visit("record_octets", v.record_octets);
}

void fields(const Checkpoint& v, auto&& visit) {
  visit("path", v.path);
  visit("region_octets", v.region_octets);
  visit("incarnation", v.incarnation);
  visit("commits", v.commits);
  visit("restored", v.restored);
  visit("refusal", v.refusal);
  visit("restored_tunnels", v.restored_tunnels);
  visit("restored_sessions", v.restored_sessions);
  visit("damaged_records", v.damaged_records);
  visit("restore_ms", v.restore_ms);
  visit("dataplane_ms", v.dataplane_ms);
  visit("first_answer_ms", v.first_answer_ms);
  visit("from_copy", v.from_copy);
  visit("copy_path", v.copy_path);
  visit("copy_age_ms", v.copy_age_ms);
  visit("copy_octets", v.copy_octets);
  visit("copy_images", v.copy_images);
  visit("copy_overruns", v.copy_overruns);
  visit("copy_errors", v.copy_errors);
  visit("copy_error", v.copy_error);
  visit("tables", v.tables);
}

void fields(const Failover& v, auto&& visit) {
  visit("local_tunnel_id", v.local_tunnel_id);
  visit("peer_address", v.peer_address);
  visit("peer_host", v.peer_host);
  visit("ours", v.ours);
  visit("method", v.method);
  visit("outcome", v.outcome);
  visit("began", v.began);
  visit("began_ago_s", v.began_ago_s);
  visit("took_ms", v.took_ms);
  visit("messages", v.messages);
  visit("sessions_kept", v.sessions_kept);
  visit("cleared_not_established", v.cleared_not_established);
  visit("cleared_unknown_to_peer", v.cleared_unknown_to_peer);
  visit("unanswered", v.unanswered);
}

void fields(const Failovers& v, auto&& visit) { visit("failovers", v.failovers); }

void fields(const Drill& v, auto&& visit) { visit("tunnels", v.tunnels); }

void fields(const Cleared& v, auto&& visit) {
  visit("tunnels", v.tunnels);
  visit("sessions", v.sessions);
}

void fields(const PlacedCall& v, auto&& visit) {
  visit("domain", v.domain);
  visit("up", v.up);
  visit("reason", v.reason);
  visit("peer_address", v.peer_address);
  visit("peer_host", v.peer_host);
  visit("local_tunnel_id", v.local_tunnel_id);
  visit("peer_tunnel_id", v.peer_tunnel_id);
  visit("local_session_id", v.local_session_id);
  visit("peer_session_id", v.peer_session_id);
  visit("by_peer", v.by_peer);
  visit("result_code", v.result_code);
  visit("error_code", v.error_code);
  visit("message", v.message);
  visit("tried", v.tried);
  visit("elapsed_ms", v.elapsed_ms);
}

}  // namespace holdfast::cli
