// The control messages of L2TP version 2, one row each: which AVPs a message must and may have (RFC 2661 6, RFC 4951
// 4).
#pragma once

#include "l2tp/avp.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace holdfast::l2tp {

enum class MessageType : std::uint16_t {
  zlb = 0,  // not a type on the wire: a message without any AVP, which only acknowledges (RFC 2661 5.8)
  sccrq = 1,
  sccrp = 2,
  scccn = 3,
  stopccn = 4,
  hello = 6,
  ocrq = 7,
  ocrp = 8,
  occn = 9,
  icrq = 10,
  icrp = 11,
  iccn = 12,
  cdn = 14,
  wen = 15,
  sli = 16,
  fsq = 21,
  fsr = 22,
};

// What falls when a message can't be accepted: the tunnel (StopCCN) or the session (CDN). RFC 2661 4.1
enum class Scope : std::uint8_t { tunnel, session };

class AvpList {
 public:
  constexpr AvpList(std::initializer_list<AvpType> types) {
    for (const auto type : types) types_[count_++] = type;  // too many do not compile: the table is constexpr
  }
  constexpr const AvpType* begin() const { return types_.data(); }
  constexpr const AvpType* end() const { return types_.data() + count_; }
  constexpr bool contains(AvpType type) const { return std::find(begin(), end(), type) != end(); }

 private:
  std::array<AvpType, 14> types_{};
  std::size_t count_ = 0;
};

struct MessageSpec {
  MessageType type;
  std::string_view name;
  Scope scope;
  Mandatory mandatory;  // the M bit of its Message Type AVP
  AvpList required;     // besides Message Type
  AvpList optional;     // besides Random Vector, which any message may have
  std::string_view section;
};

// clang-format off
inline constexpr auto kMessages = std::to_array<MessageSpec>({
    {MessageType::zlb, "ZLB", Scope::tunnel, Mandatory::yes, {}, {}, "2661 5.8"},
    {MessageType::sccrq, "SCCRQ", Scope::tunnel, Mandatory::yes,
     {AvpType::protocol_version, AvpType::host_name, AvpType::framing_capabilities, AvpType::assigned_tunnel_id},
     {AvpType::bearer_capabilities, AvpType::receive_window_size, AvpType::challenge, AvpType::tie_breaker,
      AvpType::firmware_revision, AvpType::vendor_name, AvpType::control_connection_ds, AvpType::failover_capability,
      AvpType::tunnel_recovery}, "2661 6.1"},
    {MessageType::sccrp, "SCCRP", Scope::tunnel, Mandatory::yes,
     {AvpType::protocol_version, AvpType::framing_capabilities, AvpType::host_name, AvpType::assigned_tunnel_id},
     {AvpType::bearer_capabilities, AvpType::firmware_revision, AvpType::vendor_name, AvpType::receive_window_size,
      AvpType::challenge, AvpType::challenge_response, AvpType::control_connection_ds, AvpType::failover_capability,
      AvpType::suggested_control_sequence}, "2661 6.2"},
    {MessageType::scccn, "SCCCN", Scope::tunnel, Mandatory::yes,
     {}, {AvpType::challenge_response}, "2661 6.3"},
    // A JUNOSe LAC that gives up says so with a Failover Capability of recovery time 0, though RFC 4951 5.1 forbids it.
    {MessageType::stopccn, "StopCCN", Scope::tunnel, Mandatory::yes,
     {AvpType::assigned_tunnel_id, AvpType::result_code}, {AvpType::failover_capability}, "2661 6.4"},
    {MessageType::hello, "HELLO", Scope::tunnel, Mandatory::yes, {}, {}, "2661 6.5"},
    {MessageType::ocrq, "OCRQ", Scope::session, Mandatory::yes,
     {AvpType::assigned_session_id, AvpType::call_serial_number, AvpType::minimum_bps, AvpType::maximum_bps,
      AvpType::bearer_type, AvpType::framing_type, AvpType::called_number},
     {AvpType::sub_address, AvpType::session_ds, AvpType::proxy_authen_name}, "2661 6.9"},
    {MessageType::ocrp, "OCRP", Scope::session, Mandatory::yes,
     {AvpType::assigned_session_id}, {AvpType::physical_channel_id, AvpType::session_ds}, "2661 6.10"},
    {MessageType::occn, "OCCN", Scope::session, Mandatory::yes,
     {AvpType::tx_connect_speed, AvpType::framing_type},
     {AvpType::rx_connect_speed, AvpType::sequencing_required, AvpType::lcp_want_options, AvpType::lcp_allow_options},
     "2661 6.11"},
    {MessageType::icrq, "ICRQ", Scope::session, Mandatory::yes,
     {AvpType::assigned_session_id, AvpType::call_serial_number},
     {AvpType::bearer_type, AvpType::physical_channel_id, AvpType::calling_number, AvpType::called_number,
      AvpType::sub_address, AvpType::session_ds, AvpType::proxy_authen_name, AvpType::connect_speed_update_enable,
      AvpType::tunnel_switching_aggregator_id},
     "2661 6.6"},
    {MessageType::icrp, "ICRP", Scope::session, Mandatory::yes,
     {AvpType::assigned_session_id}, {AvpType::session_ds}, "2661 6.7"},
    {MessageType::iccn, "ICCN", Scope::session, Mandatory::yes,
     {AvpType::tx_connect_speed, AvpType::framing_type},
     {AvpType::initial_received_lcp_confreq, AvpType::last_sent_lcp_confreq, AvpType::last_received_lcp_confreq,
      AvpType::proxy_authen_type, AvpType::proxy_authen_name, AvpType::proxy_authen_challenge, AvpType::proxy_authen_id,
      AvpType::proxy_authen_response, AvpType::private_group_id, AvpType::rx_connect_speed,
      AvpType::sequencing_required, AvpType::lcp_want_options, AvpType::lcp_allow_options}, "2661 6.8"},
    {MessageType::cdn, "CDN", Scope::session, Mandatory::yes,
     {AvpType::result_code, AvpType::assigned_session_id},
     {AvpType::q931_cause_code, AvpType::ppp_disconnect_cause_code}, "2661 6.12"},
    {MessageType::wen, "WEN", Scope::session, Mandatory::yes, {AvpType::call_errors}, {}, "2661 6.13"},
    {MessageType::sli, "SLI", Scope::session, Mandatory::yes,
     {AvpType::accm}, {AvpType::lns_last_sent_lcp_confreq, AvpType::lns_last_received_lcp_confreq}, "2661 6.14"},
    {MessageType::fsq, "FSQ", Scope::tunnel, Mandatory::no, {AvpType::failover_session_state}, {}, "4951 4.1"},
    {MessageType::fsr, "FSR", Scope::tunnel, Mandatory::no, {AvpType::failover_session_state}, {}, "4951 4.2"},
});
// clang-format on

static_assert(std::ranges::is_sorted(kMessages, {}, &MessageSpec::type));
static_assert(std::ranges::adjacent_find(kMessages, {}, &MessageSpec::type) == kMessages.end());

// The row of a message, or null when the type is unknown.
constexpr const MessageSpec* find_message(MessageType type) {
  const auto row = std::ranges::lower_bound(kMessages, type, {}, &MessageSpec::type);
  return row != kMessages.end() && row->type == type ? row : nullptr;
}

// "SCCRQ", "StopCCN" ...; "unknown" for a type without a row.
constexpr std::string_view name(MessageType type) {
  const auto* const row = find_message(type);
  return row != nullptr ? row->name : std::string_view("unknown");
}

}  // namespace holdfast::l2tp
