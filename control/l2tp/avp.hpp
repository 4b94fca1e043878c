// The attribute-value pairs of L2TP version 2, one row each: RFC 2661 4.4, RFC 3145 (46), RFC 3308 (47, 48), RFC 3437
// (49..52), RFC 4951 (76..79), draft-ietf-l2tpext-tunnel-switching-08 (93, as IANA has it) and RFC 5515 (97, 98 and the
// access-line AVPs of vendor 3561). What a row says is checked when a message is parsed and obeyed when one is built,
// so no handler looks at a length, an M bit or an H bit.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast::l2tp {

inline constexpr std::uint16_t kVendorIetf = 0;
inline constexpr std::uint16_t kVendorBroadbandForum = 3561;  // RFC 5515 5

// RFC 2661 4.1: the length of an AVP has 10 bits and counts the 6 octets of the AVP's header.
inline constexpr std::size_t kAvpHeaderLength = 6;
inline constexpr std::uint16_t kMaxValueLength = 1023 - kAvpHeaderLength;

// For the IETF the value is the Attribute Type on the wire. The attributes of the Broadband Forum stand from 0xde00 on,
// where the IETF has none; vendor() and attribute() give what goes on the wire.
enum class AvpType : std::uint16_t {
  message_type = 0,
  result_code = 1,
  protocol_version = 2,
  framing_capabilities = 3,
  bearer_capabilities = 4,
  tie_breaker = 5,
  firmware_revision = 6,
  host_name = 7,
  vendor_name = 8,
  assigned_tunnel_id = 9,
  receive_window_size = 10,
  challenge = 11,
  q931_cause_code = 12,
  challenge_response = 13,
  assigned_session_id = 14,
  call_serial_number = 15,
  minimum_bps = 16,
  maximum_bps = 17,
  bearer_type = 18,
  framing_type = 19,
  called_number = 21,
  calling_number = 22,
  sub_address = 23,
  tx_connect_speed = 24,
  physical_channel_id = 25,
  initial_received_lcp_confreq = 26,
  last_sent_lcp_confreq = 27,
  last_received_lcp_confreq = 28,
  proxy_authen_type = 29,
  proxy_authen_name = 30,
  proxy_authen_challenge = 31,
  proxy_authen_id = 32,
  proxy_authen_response = 33,
  call_errors = 34,
  accm = 35,
  random_vector = 36,
  private_group_id = 37,
  rx_connect_speed = 38,
  sequencing_required = 39,
  ppp_disconnect_cause_code = 46,
  control_connection_ds = 47,
  session_ds = 48,
  lcp_want_options = 49,
  lcp_allow_options = 50,
  lns_last_sent_lcp_confreq = 51,
  lns_last_received_lcp_confreq = 52,
  failover_capability = 76,
  tunnel_recovery = 77,
  suggested_control_sequence = 78,
  failover_session_state = 79,
  tunnel_switching_aggregator_id = 93,
  connect_speed_update = 97,
  connect_speed_update_enable = 98,
  agent_circuit_id = 0xde01,
  agent_remote_id = 0xde02,
  actual_data_rate_upstream = 0xde81,
  actual_data_rate_downstream = 0xde82,
  minimum_data_rate_upstream = 0xde83,
  minimum_data_rate_downstream = 0xde84,
  attainable_data_rate_upstream = 0xde85,
  attainable_data_rate_downstream = 0xde86,
  maximum_data_rate_upstream = 0xde87,
  maximum_data_rate_downstream = 0xde88,
  minimum_data_rate_upstream_low_power = 0xde89,
  minimum_data_rate_downstream_low_power = 0xde8a,
  maximum_interleaving_delay_upstream = 0xde8b,
  actual_interleaving_delay_upstream = 0xde8c,
  maximum_interleaving_delay_downstream = 0xde8d,
  actual_interleaving_delay_downstream = 0xde8e,
  access_loop_encapsulation = 0xde90,
  ancp_access_line_type = 0xde91,
  iwf_session = 0xdefe,
};

inline constexpr std::uint16_t kBroadbandForumBase = 0xde00;

// Vendor ID and Attribute Type as they go on the wire.
constexpr std::uint16_t vendor(AvpType type) {
  const auto value = static_cast<std::uint16_t>(type);
  return (value & 0xff00) == kBroadbandForumBase ? kVendorBroadbandForum : kVendorIetf;
}
constexpr std::uint16_t attribute(AvpType type) {
  const auto value = static_cast<std::uint16_t>(type);
  return vendor(type) == kVendorIetf ? value : static_cast<std::uint16_t>(value & 0xff);
}

// How a value is written. id is a 16-bit number that may not be 0; structure has fields of its own (avp_values.hpp).
enum class Kind : std::uint8_t { empty, u16, id, u32, u64, octets, text, structure };
// The M bit we send. What is received is judged by its own M bit.
enum class Mandatory : std::uint8_t { no, yes };
enum class Hideable : std::uint8_t { no, yes };

struct AvpSpec {
  AvpType type;
  std::string_view name;
  Kind kind;
  std::uint16_t min_length;  // of the value, before hiding
  std::uint16_t max_length;
  Mandatory mandatory;
  Hideable hideable;
  std::string_view section;  // "RFC section"
};

namespace detail {
using enum AvpType;
using enum Kind;
inline constexpr auto kLong = kMaxValueLength;
inline constexpr auto M = Mandatory::yes;
inline constexpr auto o = Mandatory::no;
inline constexpr auto H = Hideable::yes;
inline constexpr auto x = Hideable::no;

// clang-format off
inline constexpr auto kAvpTable = std::to_array<AvpSpec>({
    {message_type,                  "Message Type",                   u16,       2, 2,     M, x, "2661 4.4.1"},
    {result_code,                   "Result Code",                    structure, 2, kLong, M, x, "2661 4.4.2"},
    {protocol_version,              "Protocol Version",               u16,       2, 2,     M, x, "2661 4.4.3"},
    {framing_capabilities,          "Framing Capabilities",           u32,       4, 4,     M, H, "2661 4.4.3"},
    {bearer_capabilities,           "Bearer Capabilities",            u32,       4, 4,     M, H, "2661 4.4.3"},
    {tie_breaker,                   "Tie Breaker",                    u64,       8, 8,     o, x, "2661 4.4.3"},
    {firmware_revision,             "Firmware Revision",              u16,       2, 2,     o, H, "2661 4.4.3"},
    {host_name,                     "Host Name",                      text,      1, kLong, M, x, "2661 4.4.3"},
    {vendor_name,                   "Vendor Name",                    text,      0, kLong, o, H, "2661 4.4.3"},
    {assigned_tunnel_id,            "Assigned Tunnel ID",             id,        2, 2,     M, H, "2661 4.4.3"},
    {receive_window_size,           "Receive Window Size",            id,        2, 2,     M, x, "2661 4.4.3"},
    {challenge,                     "Challenge",                      octets,    1, kLong, M, H, "2661 4.4.3"},
    {q931_cause_code,               "Q.931 Cause Code",               structure, 3, kLong, M, x, "2661 4.4.4"},
    {challenge_response,            "Challenge Response",             octets,   16, 16,    M, H, "2661 4.4.3"},
    {assigned_session_id,           "Assigned Session ID",            id,        2, 2,     M, H, "2661 4.4.4"},
    {call_serial_number,            "Call Serial Number",             u32,       4, 4,     M, H, "2661 4.4.4"},
    {minimum_bps,                   "Minimum BPS",                    u32,       4, 4,     M, H, "2661 4.4.4"},
    {maximum_bps,                   "Maximum BPS",                    u32,       4, 4,     M, H, "2661 4.4.4"},
    {bearer_type,                   "Bearer Type",                    u32,       4, 4,     M, H, "2661 4.4.4"},
    {framing_type,                  "Framing Type",                   u32,       4, 4,     M, H, "2661 4.4.4"},
    {called_number,                 "Called Number",                  text,      0, kLong, M, H, "2661 4.4.4"},
    {calling_number,                "Calling Number",                 text,      0, kLong, M, H, "2661 4.4.4"},
    {sub_address,                   "Sub-Address",                    text,      0, kLong, M, H, "2661 4.4.4"},
    {tx_connect_speed,              "Tx Connect Speed",               u32,       4, 4,     M, H, "2661 4.4.4"},
    {physical_channel_id,           "Physical Channel ID",            u32,       4, 4,     o, H, "2661 4.4.4"},
    {initial_received_lcp_confreq,  "Initial Received LCP CONFREQ",   octets,    0, kLong, o, H, "2661 4.4.5"},
    {last_sent_lcp_confreq,         "Last Sent LCP CONFREQ",          octets,    0, kLong, o, H, "2661 4.4.5"},
    {last_received_lcp_confreq,     "Last Received LCP CONFREQ",      octets,    0, kLong, o, H, "2661 4.4.5"},
    {proxy_authen_type,             "Proxy Authen Type",              u16,       2, 2,     o, H, "2661 4.4.5"},
    {proxy_authen_name,             "Proxy Authen Name",              text,      0, kLong, o, H, "2661 4.4.5"},
    {proxy_authen_challenge,        "Proxy Authen Challenge",         octets,    1, kLong, o, H, "2661 4.4.5"},
    {proxy_authen_id,               "Proxy Authen ID",                u16,       2, 2,     o, H, "2661 4.4.5"},
    {proxy_authen_response,         "Proxy Authen Response",          octets,    0, kLong, o, H, "2661 4.4.5"},
    {call_errors,                   "Call Errors",                    structure, 26, 26,   M, H, "2661 4.4.6"},
    {accm,                          "ACCM",                           structure, 10, 10,   M, H, "2661 4.4.6"},
    {random_vector,                 "Random Vector",                  octets,    0, kLong, M, x, "2661 4.4.1"},
    {private_group_id,              "Private Group ID",               octets,    0, kLong, o, H, "2661 4.4.4"},
    {rx_connect_speed,              "Rx Connect Speed",               u32,       4, 4,     o, H, "2661 4.4.4"},
    {sequencing_required,           "Sequencing Required",            empty,     0, 0,     M, x, "2661 4.4.4"},
    {ppp_disconnect_cause_code,     "PPP Disconnect Cause Code",      structure, 5, kLong, o, H, "3145 2"},
    {control_connection_ds,         "Control Connection DS",          u16,       2, 2,     o, H, "3308 3.1"},
    {session_ds,                    "Session DS",                     u16,       2, 2,     o, H, "3308 4.1"},
    {lcp_want_options,              "LCP Want Options",               octets,    0, kLong, o, H, "3437 2.1"},
    {lcp_allow_options,             "LCP Allow Options",              octets,    0, kLong, o, H, "3437 2.2"},
    {lns_last_sent_lcp_confreq,     "LNS Last Sent LCP CONFREQ",      octets,    0, kLong, o, H, "3437 2.3"},
    {lns_last_received_lcp_confreq, "LNS Last Received LCP CONFREQ",  octets,    0, kLong, o, H, "3437 2.3"},
    {failover_capability,           "Failover Capability",            structure, 6, 6,     o, H, "4951 5.1"},
    {tunnel_recovery,               "Tunnel Recovery",                structure, 10, 10,   M, x, "4951 5.2"},
    {suggested_control_sequence,    "Suggested Control Sequence",     structure, 6, 6,     o, H, "4951 5.3"},
    {failover_session_state,        "Failover Session State",         structure, 10, 10,   M, H, "4951 5.4"},
    {tunnel_switching_aggregator_id, "Tunnel Switching Aggregator ID", octets,   1, kLong, o, H, "l2tpext-tunnel-switching"},
    {connect_speed_update,          "Connect Speed Update",           structure, 12, 12,   o, H, "5515 6.1"},
    {connect_speed_update_enable,   "Connect Speed Update Enable",    empty,     0, 0,     o, H, "5515 6.2"},
    {agent_circuit_id,              "Agent-Circuit-Id",               text,      2, 63,    o, H, "5515 5.1"},
    {agent_remote_id,               "Agent-Remote-Id",                text,      2, 63,    o, H, "5515 5.2"},
    {actual_data_rate_upstream,     "Actual-Data-Rate-Upstream",      u64,       8, 8,     o, H, "5515 5.3"},
    {actual_data_rate_downstream,   "Actual-Data-Rate-Downstream",    u64,       8, 8,     o, H, "5515 5.4"},
    {minimum_data_rate_upstream,    "Minimum-Data-Rate-Upstream",     u64,       8, 8,     o, H, "5515 5.5"},
    {minimum_data_rate_downstream,  "Minimum-Data-Rate-Downstream",   u64,       8, 8,     o, H, "5515 5.6"},
    {attainable_data_rate_upstream,   "Attainable-Data-Rate-Upstream",   u64,    8, 8,     o, H, "5515 5.7"},
    {attainable_data_rate_downstream, "Attainable-Data-Rate-Downstream", u64,    8, 8,     o, H, "5515 5.8"},
    {maximum_data_rate_upstream,    "Maximum-Data-Rate-Upstream",     u64,       8, 8,     o, H, "5515 5.9"},
    {maximum_data_rate_downstream,  "Maximum-Data-Rate-Downstream",   u64,       8, 8,     o, H, "5515 5.10"},
    {minimum_data_rate_upstream_low_power,   "Minimum-Data-Rate-Upstream-Low-Power",   u64, 8, 8, o, H, "5515 5.11"},
    {minimum_data_rate_downstream_low_power, "Minimum-Data-Rate-Downstream-Low-Power", u64, 8, 8, o, H, "5515 5.12"},
    {maximum_interleaving_delay_upstream,    "Maximum-Interleaving-Delay-Upstream",    u32, 4, 4, o, H, "5515 5.13"},
    {actual_interleaving_delay_upstream,     "Actual-Interleaving-Delay-Upstream",     u32, 4, 4, o, H, "5515 5.14"},
    {maximum_interleaving_delay_downstream,  "Maximum-Interleaving-Delay-Downstream",  u32, 4, 4, o, H, "5515 5.15"},
    {actual_interleaving_delay_downstream,   "Actual-Interleaving-Delay-Downstream",   u32, 4, 4, o, H, "5515 5.16"},
    {access_loop_encapsulation,     "Access-Loop-Encapsulation",      octets,    3, 3,     o, H, "5515 5.17"},
    {ancp_access_line_type,         "ANCP Access Line Type",          u32,       4, 4,     o, H, "5515 5.18"},
    {iwf_session,                   "IWF-Session",                    u32,       4, 4,     o, H, "5515 5.19"},
});
// clang-format on
}  // namespace detail

inline constexpr const auto& kAvps = detail::kAvpTable;

// The octets of a value of this kind; -1 where the row itself says.
constexpr int fixed_length(Kind kind) {
  switch (kind) {
    case Kind::empty: return 0;
    case Kind::u16:
    case Kind::id: return 2;
    case Kind::u32: return 4;
    case Kind::u64: return 8;
    case Kind::octets:
    case Kind::text:
    case Kind::structure: return -1;
  }
  return -1;
}

static_assert(std::ranges::is_sorted(kAvps, {}, &AvpSpec::type));
static_assert(std::ranges::adjacent_find(kAvps, {}, &AvpSpec::type) == kAvps.end());
static_assert(std::ranges::all_of(kAvps, [](const AvpSpec& a) {
  const int fixed = fixed_length(a.kind);
  return fixed < 0 ? a.min_length <= a.max_length && a.max_length <= kMaxValueLength
                   : a.min_length == fixed && a.max_length == fixed;
}));

namespace detail {
// Where in kAvpTable the row of an AVP is: slots 0..127 for the IETF, 128..383 for the Broadband Forum.
inline constexpr std::size_t kIetfSlots = 128;
inline constexpr std::uint8_t kNoRow = 0xff;
inline constexpr auto kRowOfSlot = [] {
  std::array<std::uint8_t, kIetfSlots + 256> rows{};
  rows.fill(kNoRow);
  for (std::size_t i = 0; i < kAvpTable.size(); ++i) {
    const auto type = kAvpTable[i].type;
    rows[attribute(type) + (vendor(type) == kVendorIetf ? 0 : kIetfSlots)] = static_cast<std::uint8_t>(i);
  }
  return rows;
}();
static_assert(kAvpTable.size() < kNoRow);
}  // namespace detail

// The row of an AVP, or null when it is unknown. Takes Vendor ID and Attribute Type from the wire, or the type.
constexpr const AvpSpec* find_avp(std::uint16_t vendor_id, std::uint16_t attribute_type) {
  const bool ietf = vendor_id == kVendorIetf && attribute_type < detail::kIetfSlots;
  const bool forum = vendor_id == kVendorBroadbandForum && attribute_type <= 0xff;
  if (!ietf && !forum) return nullptr;
  const auto row = detail::kRowOfSlot[attribute_type + (ietf ? 0 : detail::kIetfSlots)];
  return row == detail::kNoRow ? nullptr : &kAvps[row];
}
constexpr const AvpSpec* find_avp(AvpType type) { return find_avp(vendor(type), attribute(type)); }

}  // namespace holdfast::l2tp
