// The keys of every document: they are part of the interface.
#include "samples.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace holdfast::cli {
namespace {

using Json = nlohmann::ordered_json;

// Whole documents, keys in their order.
void expect_json(std::string_view line, const Document& document, const char* expected) {
  EXPECT_EQ(Json::parse(printed(line, document)).dump(2), Json::parse(expected).dump(2)) << line;
}

TEST(Json, OfShowL2tp) {
  expect_json("show l2tp | json",
              L2tpSummary{.failover_resync = "disable",
                          .recovery_time_s = 900,
                          .retries_established = 5,
                          .retries_not_established = 4,
                          .retransmission_cap_s = 8,
                          .hello_interval_s = 60,
                          .receive_window = 16,
                          .data_checksums = true,
                          .destinations = {1, 2, 3},
                          .tunnels = {4, 5, 6},
                          .sessions = {7, 8, 9},
                          .counters = {{"duplicates", 0}, {"zlb_sent", 7}}},
              R"({"failover_resync": "disable", "recovery_time_s": 900, "retries_established": 5,
                  "retries_not_established": 4, "retransmission_cap_s": 8, "hello_interval_s": 60, "receive_window": 16,
                  "data_checksums": true, "destinations": {"total": 1, "active": 2, "failed": 3},
                  "tunnels": {"total": 4, "active": 5, "failed": 6}, "sessions": {"total": 7, "active": 8, "failed": 9},
                  "counters": {"duplicates": 0, "zlb_sent": 7}})");
}

TEST(Json, OfShowL2tpTunnel) {
  expect_json("show l2tp tunnel | json", Tunnels{{sample_tunnel()}},
              R"({"tunnels": [{"local_tunnel_id": 7, "peer_tunnel_id": 40001, "peer_address": "192.0.2.1",
                  "peer_port": 1701, "local_address": "198.51.100.1", "local_port": 1701, "peer_host": "lac1",
                  "opened_by_us": false, "state": "established", "sessions": 3, "ns": 12, "nr": 65535, "unacknowledged": 1, "queued": 2,
                  "peer_window": 4, "line_module": "ethernet",
                  "resync_configured": "failover-protocol-fallback-to-silent-failover", "resync_method": "failover-protocol-fallback-to-silent-failover", "resync_note": "",
                  "peer_failover_capability": true, "peer_control_failover": true, "peer_data_failover": false,
                  "peer_recovery_time_ms": 900000, "uptime_s": 3723}]})");
  expect_json("show l2tp tunnel 7 | json", Tunnels{}, R"({"tunnels": []})");
}

TEST(Json, OfShowL2tpSession) {
  Session session = sample_session();
  session.uptime_s = std::nullopt;
  expect_json(
      "show l2tp session | json", Sessions{{session}},
      R"({"sessions": [{"local_tunnel_id": 7, "local_session_id": 1, "peer_session_id": 512, "peer_host": "lac1",
                  "role": "lns", "call": "incoming", "placed_by_us": false, "user": "alice@example.net", "state": "established", "calling_number": "5551234", "called_number": "",
                  "call_serial_number": 99, "tx_speed_bps": 100000000, "rx_speed_bps": 50000000, "uptime_s": null,
                  "other_tunnel_id": null, "other_session_id": null,
                  "rx_packets": 10, "rx_octets": 840, "tx_packets": 12000, "tx_octets": 1008000,
                  "rx_lost": 3, "rx_late": 1, "rx_reordered": 2}]})");
}

TEST(Json, OfShowL2tpDestinationProfile) {
  expect_json("show l2tp destination profile | json",
              DestinationProfiles{{{"any",
                                    "0.0.0.0",
                                    {{.remote_host = "default",
                                      .local_host = "lns1",
                                      .local_address = {},
                                      .tunnel_authentication = true,
                                      .failover_resync = "not-configured",
                                      .failover_resync_in_force = "disable",
                                      .max_sessions = {},
                                      .ppp_authentication = {"chap", "pap"}}}}}},
              R"({"profiles": [{"name": "any", "address": "0.0.0.0", "hosts": [{"remote_host": "default",
                  "local_host": "lns1", "local_address": null, "tunnel_authentication": true,
                  "failover_resync": "not-configured", "failover_resync_in_force": "disable", "max_sessions": null,
                  "ppp_authentication": ["chap", "pap"]}]}]})");
}

TEST(Json, OfShowSubscribers) {
  Subscriber subscriber = sample_subscriber();
  subscriber.ipv6_prefix = std::nullopt;
  expect_json("show subscribers | json", Subscribers{{subscriber}},
              R"({"subscribers": [{"user": "alice@example.net", "ipv4": "10.64.1.0", "ipv6_prefix": null,
                  "local_tunnel_id": 7, "local_session_id": 1, "peer_host": "lac1", "up_since": "2006-01-02T15:04:05Z",
                  "uptime_s": 60, "rx_packets": 10, "rx_octets": 840, "tx_packets": 12000, "tx_octets": 1008000}]})");
}

TEST(Json, OfShowL2tpDestinationLockout) {
  expect_json("show l2tp destination lockout | json", Lockouts{{{"192.0.2.1", 61, 239}}},
              R"({"lockouts": [{"address": "192.0.2.1", "locked_out_s": 61, "left_s": 239}]})");
}

TEST(Json, OfShowDataplane) {
  Dataplane dataplane = sample_dataplane();
  dataplane.ports.resize(1);
  dataplane.workers.resize(1);
  expect_json("show dataplane | json", dataplane,
              R"({"connected": true, "reason": "", "pid": 1234, "incarnation": 2, "uptime_s": 59,
                  "subscriber_interface": "subs0", "control_absences": 2, "control_last_away_ms": 12345,
                  "control_alarms": 1, "control_waits": 1, "control_lost": 2, "ports": [{"name": "ge0", "driver": "net_af_packet",
                  "interface": "ge0", "mac": "02:00:00:00:00:01", "mtu": 1500, "link_up": true, "speed_mbps": 10000,
                  "rx_packets": 1000, "rx_octets": 64000, "tx_packets": 2000, "tx_octets": 128000, "rx_missed": 1,
                  "rx_errors": 2, "tx_errors": 3, "punted": 4, "to_kernel": 5}],
                  "workers": [{"worker": 0, "role": "forwarding", "rx_packets": 1000, "tx_packets": 2000,
                  "dropped_packets": 6}], "drops": {"l2tp_no_session": 6, "no_mbuf": 0}})");
}

TEST(Json, OfShowCheckpoint) {
  expect_json("show checkpoint | json", sample_checkpoint(),
              R"({"path": "/dev/shm/holdfast.default.checkpoint", "region_octets": 67108864, "incarnation": 3,
                  "commits": 4711, "restored": true, "refusal": "", "restored_tunnels": 1, "restored_sessions": 3,
                  "damaged_records": 0, "restore_ms": 1.25, "dataplane_ms": 3.5, "first_answer_ms": null,
                  "from_copy": true, "copy_path": "/var/lib/holdfast/default.checkpoint", "copy_age_ms": 120.5,
                  "copy_octets": 4096, "copy_images": 2, "copy_overruns": 1, "copy_errors": 3,
                  "copy_error": "no space",
                  "tables": [{"name": "tunnel", "used": 1, "capacity": 4096, "record_octets": 512},
                  {"name": "session", "used": 3, "capacity": 65536, "record_octets": 200}]})");
}

TEST(Json, OfTheRest) {
  expect_json("show version | json", Version{"0.1.0", "default", "/etc/holdfast/holdfast.conf", 4321, 60},
              R"({"version": "0.1.0", "instance": "default", "config_file": "/etc/holdfast/holdfast.conf", "pid": 4321,
                  "uptime_s": 60})");
  expect_json("show running-config | json", RunningConfig{"hostname a\n"}, R"({"text": "hostname a\n"})");
  expect_json(
      "show l2tp failover | json",
      Failovers{{Failover{.local_tunnel_id = 7, .peer_address = "192.0.2.1", .outcome = "recovered", .took_ms = 42}}},
      R"({"failovers": [{"local_tunnel_id": 7, "peer_address": "192.0.2.1", "peer_host": "", "ours": false,
                  "method": "", "outcome": "recovered", "began": 0, "began_ago_s": 0, "took_ms": 42, "messages": 0,
                  "sessions_kept": 0, "cleared_not_established": 0, "cleared_unknown_to_peer": 0,
                  "unanswered": 0}]})");
  expect_json("test l2tp failover | json", Drill{2}, R"({"tunnels": 2})");
  expect_json("clear l2tp tunnel 7 | json", Cleared{1, 3}, R"({"tunnels": 1, "sessions": 3})");
  expect_json("test l2tp call example.net | json",
              PlacedCall{.domain = "example.net",
                         .reason = "busy",
                         .peer_address = "192.0.2.9",
                         .peer_host = "lns1",
                         .local_tunnel_id = 7,
                         .by_peer = true,
                         .result_code = 8,
                         .message = "no",
                         .tried = 1,
                         .elapsed_ms = 35},
              R"({"domain": "example.net", "up": false, "reason": "busy", "peer_address": "192.0.2.9",
                  "peer_host": "lns1", "local_tunnel_id": 7, "peer_tunnel_id": null, "local_session_id": null,
                  "peer_session_id": null, "by_peer": true, "result_code": 8, "error_code": 0, "message": "no",
                  "tried": 1, "elapsed_ms": 35})");
}

TEST(Json, HasALineForEachKeyAndForEachObjectOfAList) {
  EXPECT_EQ(printed("show checkpoint | json",
                    Checkpoint{.path = "/p", .tables = {{"tunnel", 1, 2, 3}, {"session", 4, 5, 6}}}),
            "{\n"
            "  \"path\": \"/p\",\n"
            "  \"region_octets\": 0,\n"
            "  \"incarnation\": 0,\n"
            "  \"commits\": 0,\n"
            "  \"restored\": false,\n"
            "  \"refusal\": \"\",\n"
            "  \"restored_tunnels\": 0,\n"
            "  \"restored_sessions\": 0,\n"
            "  \"damaged_records\": 0,\n"
            "  \"restore_ms\": null,\n"
            "  \"dataplane_ms\": null,\n"
            "  \"first_answer_ms\": null,\n"
            "  \"from_copy\": false,\n"
            "  \"copy_path\": \"\",\n"
            "  \"copy_age_ms\": null,\n"
            "  \"copy_octets\": 0,\n"
            "  \"copy_images\": 0,\n"
            "  \"copy_overruns\": 0,\n"
            "  \"copy_errors\": 0,\n"
            "  \"copy_error\": \"\",\n"
            "  \"tables\": [\n"
            "    {\"name\": \"tunnel\", \"used\": 1, \"capacity\": 2, \"record_octets\": 3},\n"
            "    {\"name\": \"session\", \"used\": 4, \"capacity\": 5, \"record_octets\": 6}\n"
            "  ]\n"
            "}\n");
  EXPECT_EQ(printed("show l2tp session | json", Sessions{}), "{\n  \"sessions\": []\n}\n");
}

TEST(Json, SurvivesNamesThatAreNoText) {
  Session session = sample_session();
  session.user = "a\xff\x1b\"";
  const auto document = Json::parse(printed("show l2tp session | json", Sessions{{session}}));
  EXPECT_EQ(document["sessions"][0]["user"], "a\xef\xbf\xbd\x1b\"");
}

}  // namespace
}  // namespace holdfast::cli
