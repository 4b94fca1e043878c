// What the daemon answers to a command: one plain value a command, filled from live state by the daemon and printed by
// answer(), as text or as JSON. The names of the members are the keys in JSON, where an empty optional is null; they
// are part of the interface and stay as they are. Units are in the names: _s seconds, _ms milliseconds, octets,
// packets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace holdfast::cli {

// A counter by name, where the set of counters is the business of others.
struct NamedCount {
  std::string name{};
  std::uint64_t count{};
};

// total: there are, in whatever state; active: established; failed: ended by an error since the daemon started.
struct Totals {
  std::uint64_t total{};
  std::uint64_t active{};
  std::uint64_t failed{};
};

// show l2tp
struct L2tpSummary {
  std::string failover_resync{};  // the global method, as it is configured
  std::uint64_t recovery_time_s{};
  std::uint64_t retries_established{};
  std::uint64_t retries_not_established{};
  std::uint64_t retransmission_cap_s{};
  std::uint64_t hello_interval_s{};  // 0: no HELLO
  std::uint64_t receive_window{};    // control messages
  bool data_checksums{};
  Totals destinations{};
  Totals tunnels{};
  Totals sessions{};
  std::vector<NamedCount> counters{};  // of the engine, since the daemon started
};

// show l2tp tunnel
struct Tunnel {
  std::uint32_t local_tunnel_id{};
  std::uint32_t peer_tunnel_id{};
  std::string peer_address{};
  std::uint32_t peer_port{};
  std::string local_address{};
  std::uint32_t local_port{};
  std::string peer_host{};  // Host Name AVP
  bool opened_by_us{};      // we sent the SCCRQ
  std::string state{};      // "established", "wait-ctl-conn", "stopping", ...
  std::uint64_t sessions{};
  std::uint32_t ns{};               // of the next message to the peer
  std::uint32_t nr{};               // expected next from the peer
  std::uint64_t unacknowledged{};   // messages sent and not acknowledged
  std::uint64_t queued{};           // messages that wait for the peer's window
  std::uint32_t peer_window{};      // messages that the peer takes ahead of acknowledgement
  std::string line_module{};        // through which the peer was reached when the tunnel was established
  std::string resync_configured{};  // when the tunnel was established
  std::string resync_method{};      // in force since then
  std::string resync_note{};        // where the method acts as another one, and why; empty: it acts as it is called
  bool peer_failover_capability{};  // the peer sent AVP 76 (RFC 4951 5.1)
  bool peer_control_failover{};     // with C set: it recovers control connections
  bool peer_data_failover{};        // with D set: it recovers sessions that use sequence numbers
  std::optional<std::uint64_t> peer_recovery_time_ms{};
  std::optional<std::uint64_t> uptime_s{};  // since it was established
};
struct Tunnels {
  std::vector<Tunnel> tunnels{};
};

// show l2tp session
struct Session {
  std::uint32_t local_tunnel_id{};
  std::uint32_t local_session_id{};
  std::uint32_t peer_session_id{};
  std::string peer_host{};       // of the tunnel
  std::string role{};            // ours in this call: "lac", "lns"
  std::string call{};            // "incoming", "outgoing" (RFC 2661 2)
  bool placed_by_us{};           // incoming calls are placed by the LAC, outgoing ones by the LNS
  std::string user{};            // empty: not authenticated yet
  std::string state{};           // "established", "wait-connect", ...
  std::string calling_number{};  // AVP 22; empty: none
  std::string called_number{};   // AVP 21; empty: none
  std::uint64_t call_serial_number{};
  std::uint64_t tx_speed_bps{};
  std::uint64_t rx_speed_bps{};
  std::optional<std::uint64_t> uptime_s{};  // since it was established
  // Of a switched call: its other half.
  std::optional<std::uint64_t> other_tunnel_id{};
  std::optional<std::uint64_t> other_session_id{};
  std::uint64_t rx_packets{};  // from the subscriber
  std::uint64_t rx_octets{};
  std::uint64_t tx_packets{};  // to the subscriber
  std::uint64_t tx_octets{};
  // Of data messages that carry sequence numbers.
  std::uint64_t rx_lost{};
  std::uint64_t rx_late{};
  std::uint64_t rx_reordered{};
};
struct Sessions {
  std::vector<Session> sessions{};
};

// show l2tp destination profile
struct HostProfile {
  std::string remote_host{};  // "default" for every name without a profile of its own
  std::string local_host{};
  std::optional<std::string> local_address{};
  bool tunnel_authentication{};   // there is a tunnel password
  std::string failover_resync{};  // as configured; "not-configured": the global method
  std::string failover_resync_in_force{};
  std::optional<std::uint64_t> max_sessions{};
  std::vector<std::string> ppp_authentication{};  // in force, the preferred protocol first
};
struct DestinationProfile {
  std::string name{};
  std::string address{};  // 0.0.0.0, ::: any
  std::vector<HostProfile> hosts{};
};
struct DestinationProfiles {
  std::vector<DestinationProfile> profiles{};
};

// show l2tp destination lockout
struct Lockout {
  std::string address{};
  std::uint64_t locked_out_s{};  // since it did not answer
  std::uint64_t left_s{};        // until calls are tried there again
};
struct Lockouts {
  std::vector<Lockout> lockouts{};
};

// show subscribers
struct Subscriber {
  std::string user{};
  std::optional<std::string> ipv4{};
  std::optional<std::string> ipv6_prefix{};
  std::uint32_t local_tunnel_id{};
  std::uint32_t local_session_id{};
  std::string peer_host{};  // of the tunnel
  std::int64_t up_since{};  // seconds since 1970; in JSON and text "2006-01-02T15:04:05Z"
  std::uint64_t uptime_s{};
  std::uint64_t rx_packets{};  // from the subscriber
  std::uint64_t rx_octets{};
  std::uint64_t tx_packets{};  // to the subscriber
  std::uint64_t tx_octets{};
};
struct Subscribers {
  std::vector<Subscriber> subscribers{};
};

// show pppoe session
struct PppoeSession {
  std::uint32_t line{};  // our number for it, unique at a time
  std::uint32_t session_id{};
  std::string interface {};
  std::string mac{};
  std::optional<std::uint32_t> outer_vlan{};
  std::optional<std::uint32_t> inner_vlan{};
  std::string user{};                              // empty: not known yet, or the LNS's to know
  std::string state{};                             // ppp, calling, tunnel...
  std::optional<std::uint32_t> local_tunnel_id{};  // of the call that carries it
  std::optional<std::uint32_t> local_session_id{};
  std::string peer_host{};
  std::uint64_t uptime_s{};
  std::uint64_t rx_packets{};  // from the subscriber
  std::uint64_t rx_octets{};
  std::uint64_t tx_packets{};  // to the subscriber
  std::uint64_t tx_octets{};
};
struct PppoeSessions {
  std::vector<PppoeSession> sessions{};
};

// show dataplane. Not connected: all but connected and reason is empty.
struct Port {
  std::string name{};
  std::string driver{};
  std::string interface {};  // in the kernel
  std::string mac{};
  std::uint32_t mtu{};
  bool link_up{};
  std::uint64_t speed_mbps{};  // 0: unknown
  std::uint64_t rx_packets{};
  std::uint64_t rx_octets{};
  std::uint64_t tx_packets{};
  std::uint64_t tx_octets{};
  std::uint64_t rx_missed{};  // dropped by the driver for want of room
  std::uint64_t rx_errors{};
  std::uint64_t tx_errors{};
  std::uint64_t punted{};     // packets to holdfastd
  std::uint64_t to_kernel{};  // packets
};
struct Worker {
  std::uint32_t worker{};
  std::string role{};  // "forwarding", "tables"
  std::uint64_t rx_packets{};
  std::uint64_t tx_packets{};
  std::uint64_t dropped_packets{};
};
struct Dataplane {
  bool connected{};
  std::string reason{};  // why not
  std::uint64_t pid{};
  std::uint64_t incarnation{};
  std::uint64_t uptime_s{};
  std::string subscriber_interface{};
  std::uint64_t control_absences{};      // times that the control process was away
  std::uint64_t control_last_away_ms{};  // how long the last time, that before it first came included
  std::uint64_t control_alarms{};        // absences that lasted longer than configured
  std::uint64_t control_waits{};  // times that the control process waited because the dataplane had no room for packets
  std::uint64_t control_lost{};   // packets that it could not hand over: no dataplane, no room
  std::vector<Port> ports{};
  std::vector<Worker> workers{};
  std::vector<NamedCount> drops{};  // packets by reason, all reasons
};

// show running-config
struct RunningConfig {
  std::string text{};  // statements, each line ended
};

// show version
struct Version {
  std::string version{};
  std::string instance{};
  std::string config_file{};
  std::uint64_t pid{};
  std::uint64_t uptime_s{};
};

// show checkpoint
struct CheckpointTable {
  std::string name{};
  std::uint64_t used{};
  std::uint64_t capacity{};
  std::uint64_t record_octets{};
};
struct Checkpoint {
  std::string path{};
  std::uint64_t region_octets{};
  std::uint64_t incarnation{};  // how many times it was opened
  std::uint64_t commits{};
  bool restored{};        // this process went on from it
  std::string refusal{};  // why it did not; empty: it did, or there was none
  std::uint64_t restored_tunnels{};
  std::uint64_t restored_sessions{};
  std::uint64_t damaged_records{};          // found and dropped
  std::optional<double> restore_ms{};       // process start to state rebuilt
  std::optional<double> dataplane_ms{};     // process start to the dataplane having every row
  std::optional<double> first_answer_ms{};  // process start to the first control message answered
  bool from_copy{};                         // on disk, that is
  std::string copy_path{};                  // empty: no copy is kept
  std::optional<double> copy_age_ms{};      // it has all that was committed before then; nothing: it is not complete
  std::uint64_t copy_octets{};
  std::uint64_t copy_images{};    // times that it was begun anew
  std::uint64_t copy_overruns{};  // times that the disk was too slow for it
  std::uint64_t copy_errors{};
  std::string copy_error{};  // the last one; empty: all is well since
  std::vector<CheckpointTable> tables{};
};

// show l2tp failover: of each tunnel the last, since the daemon started.
struct Failover {
  std::uint32_t local_tunnel_id{};
  std::string peer_address{};
  std::string peer_host{};
  bool ours{};            // else the peer's
  std::string method{};   // of the tunnel, in use
  std::string outcome{};  // "silent", "recovered", "fell-back", "disconnected", "failed", "abandoned", "under-way"
  std::int64_t began{};   // seconds since 1970
  std::uint64_t began_ago_s{};
  std::uint64_t took_ms{};   // so far, where it is under way
  std::uint64_t messages{};  // control messages of the failover protocol, both ways
  std::uint64_t sessions_kept{};
  std::uint64_t cleared_not_established{};  // they were being set up (RFC 4951 3.3)
  std::uint64_t cleared_unknown_to_peer{};  // the peer said that it does not have them
  std::uint64_t unanswered{};               // the peer did not say; they were kept
};
struct Failovers {
  std::vector<Failover> failovers{};
};

// test l2tp failover: how many tunnels were put through one.
struct Drill {
  std::uint64_t tunnels{};
};

// clear l2tp tunnel, clear l2tp session: what is being disconnected.
struct Cleared {
  std::uint64_t tunnels{};
  std::uint64_t sessions{};
};

// test l2tp call: what became of it. Ids are null where there is none.
struct PlacedCall {
  std::string domain{};
  bool up{};
  std::string reason{};        // why it is not up, in words
  std::string peer_address{};  // empty: no peer was asked
  std::string peer_host{};
  std::optional<std::uint32_t> local_tunnel_id{};
  std::optional<std::uint32_t> peer_tunnel_id{};
  std::optional<std::uint32_t> local_session_id{};
  std::optional<std::uint32_t> peer_session_id{};
  bool by_peer{};               // the peer ended it
  std::uint32_t result_code{};  // of CDN, or of StopCCN where its tunnel ended (RFC 2661 4.4.2)
  std::uint32_t error_code{};
  std::string message{};  // what came with the codes
  std::uint64_t tried{};  // tunnels of the domain; the rest is about the last
  std::uint64_t elapsed_ms{};
};

using Document = std::variant<L2tpSummary, Tunnels, Sessions, DestinationProfiles, Lockouts, Subscribers, PppoeSessions,
                              Dataplane, RunningConfig, Version, Checkpoint, Failovers, Drill, Cleared, PlacedCall>;

}  // namespace holdfast::cli
