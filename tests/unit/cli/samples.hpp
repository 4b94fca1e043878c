// Documents with every member set, as the daemon would fill them.
#pragma once

#include "cli/answer.hpp"

#include <string_view>

namespace holdfast::cli {

// What the command line prints for this document.
inline std::string printed(std::string_view line, const Document& document) {
  return answer(match(line).value(), document);
}

inline Tunnel sample_tunnel() {
  return {.local_tunnel_id = 7,
          .peer_tunnel_id = 40001,
          .peer_address = "192.0.2.1",
          .peer_port = 1701,
          .local_address = "198.51.100.1",
          .local_port = 1701,
          .peer_host = "lac1",
          .opened_by_us = false,
          .state = "established",
          .sessions = 3,
          .ns = 12,
          .nr = 65535,
          .unacknowledged = 1,
          .queued = 2,
          .peer_window = 4,
          .line_module = "ethernet",
          .resync_configured = "failover-protocol-fallback-to-silent-failover",
          .resync_method = "failover-protocol-fallback-to-silent-failover",
          .resync_note = "",
          .peer_failover_capability = true,
          .peer_control_failover = true,
          .peer_data_failover = false,
          .peer_recovery_time_ms = 900000,
          .uptime_s = 3723};
}

inline Session sample_session() {
  return {.local_tunnel_id = 7,
          .local_session_id = 1,
          .peer_session_id = 512,
          .peer_host = "lac1",
          .role = "lns",
          .call = "incoming",
          .placed_by_us = false,
          .user = "alice@example.net",
          .state = "established",
          .calling_number = "5551234",
          .called_number = "",
          .call_serial_number = 99,
          .tx_speed_bps = 100000000,
          .rx_speed_bps = 50000000,
          .uptime_s = 93784,
          .rx_packets = 10,
          .rx_octets = 840,
          .tx_packets = 12000,
          .tx_octets = 1008000,
          .rx_lost = 3,
          .rx_late = 1,
          .rx_reordered = 2};
}

inline Subscriber sample_subscriber() {
  return {.user = "alice@example.net",
          .ipv4 = "10.64.1.0",
          .ipv6_prefix = "2001:db8:100::/64",
          .local_tunnel_id = 7,
          .local_session_id = 1,
          .peer_host = "lac1",
          .up_since = 1136214245,
          .uptime_s = 60,
          .rx_packets = 10,
          .rx_octets = 840,
          .tx_packets = 12000,
          .tx_octets = 1008000};
}

inline Dataplane sample_dataplane() {
  return {.connected = true,
          .reason = "",
          .pid = 1234,
          .incarnation = 2,
          .uptime_s = 59,
          .subscriber_interface = "subs0",
          .control_absences = 2,
          .control_last_away_ms = 12345,
          .control_alarms = 1,
          .control_waits = 1,
          .control_lost = 2,
          .ports = {{.name = "ge0",
                     .driver = "net_af_packet",
                     .interface = "ge0",
                     .mac = "02:00:00:00:00:01",
                     .mtu = 1500,
                     .link_up = true,
                     .speed_mbps = 10000,
                     .rx_packets = 1000,
                     .rx_octets = 64000,
                     .tx_packets = 2000,
                     .tx_octets = 128000,
                     .rx_missed = 1,
                     .rx_errors = 2,
                     .tx_errors = 3,
                     .punted = 4,
                     .to_kernel = 5},
                    {.name = "ge1", .driver = "net_ice", .interface = "ge1", .mac = "02:00:00:00:00:02", .mtu = 9000}},
          .workers = {{.worker = 0, .role = "forwarding", .rx_packets = 1000, .tx_packets = 2000, .dropped_packets = 6},
                      {.worker = 1, .role = "tables"}},
          .drops = {{"l2tp_no_session", 6}, {"no_mbuf", 0}}};
}

inline Checkpoint sample_checkpoint() {
  return {.path = "/dev/shm/holdfast.default.checkpoint",
          .region_octets = 67108864,
          .incarnation = 3,
          .commits = 4711,
          .restored = true,
          .refusal = "",
          .restored_tunnels = 1,
          .restored_sessions = 3,
          .damaged_records = 0,
          .restore_ms = 1.25,
          .dataplane_ms = 3.5,
          .first_answer_ms = std::nullopt,
          .from_copy = true,
          .copy_path = "/var/lib/holdfast/default.checkpoint",
          .copy_age_ms = 120.5,
          .copy_octets = 4096,
          .copy_images = 2,
          .copy_overruns = 1,
          .copy_errors = 3,
          .copy_error = "no space",
          .tables = {{"tunnel", 1, 4096, 512}, {"session", 3, 65536, 200}}};
}

}  // namespace holdfast::cli
