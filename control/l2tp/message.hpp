// Control messages as they arrive: octets in, a value out (RFC 2661 3.1, 4, 6). No state is touched, nothing is
// answered.
#pragma once

#include "abi/ids.hpp"
#include "l2tp/avp.hpp"
#include "l2tp/avp_values.hpp"
#include "l2tp/message_table.hpp"
#include "wire/inline_list.hpp"
#include "wire/octets.hpp"
#include "wire/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::l2tp {

// Why a datagram is no control message at all. It is dropped and counted, not answered and not acknowledged
// (RFC 2661 7.1: a message with a malformed header is discarded).
enum class ParseError : std::uint8_t {
  header_too_short,        // fewer octets than a control header
  not_control,             // T bit clear: a data message
  wrong_version,           // not L2TPv2; 1 is L2F, 3 is L2TPv3
  header_flags,            // L or S clear, or O set
  length_below_header,     // Length smaller than the header
  length_beyond_datagram,  // Length larger than what arrived
  avp_truncated,           // 1 to 5 octets where an AVP should be
  avp_too_short,           // an AVP shorter than its own header
  avp_overruns_message,    // an AVP longer than the rest of the message
  message_type_missing,    // the first AVP is not a Message Type
  message_type_malformed,  // Message Type hidden, of wrong length, or 0
};
inline constexpr std::size_t kParseErrors = 11;

// The name of the counter: "avp_too_short".
constexpr std::string_view name(ParseError error) {
  switch (error) {
    case ParseError::header_too_short: return "header_too_short";
    case ParseError::not_control: return "not_control";
    case ParseError::wrong_version: return "wrong_version";
    case ParseError::header_flags: return "header_flags";
    case ParseError::length_below_header: return "length_below_header";
    case ParseError::length_beyond_datagram: return "length_beyond_datagram";
    case ParseError::avp_truncated: return "avp_truncated";
    case ParseError::avp_too_short: return "avp_too_short";
    case ParseError::avp_overruns_message: return "avp_overruns_message";
    case ParseError::message_type_missing: return "message_type_missing";
    case ParseError::message_type_malformed: return "message_type_malformed";
  }
  return "unknown";
}

inline constexpr std::size_t kControlHeaderLength = 12;

struct ControlHeader {
  TunnelId tunnel;
  SessionId session;
  std::uint16_t ns{};
  std::uint16_t nr{};
  friend bool operator==(const ControlHeader&, const ControlHeader&) = default;
};

// The header alone (RFC 2661 3.1), to find the tunnel and with it the secret that parse() wants.
Result<ControlHeader, ParseError> parse_header(Octets udp_payload);

inline constexpr std::uint16_t kProtocolVersion = 0x0100;  // RFC 2661 4.4.3: version 1, revision 0

// What the answer to a message must say: Result Code and Error Code of a StopCCN or CDN (RFC 2661 4.4.2).
//   2/8 unknown AVP or message with its M bit set      2/2 wrong length of an AVP with its M bit set
//   2/3 value out of range, or a required AVP missing  5/0x0100 other protocol version (error: the highest we speak)
struct Fault {
  std::uint16_t result{};
  std::uint16_t error{};
  std::uint16_t vendor{};  // of the AVP that gave offence, as on the wire
  std::uint16_t attribute{};
  friend bool operator==(const Fault&, const Fault&) = default;
};

// The Error Message for a fault (RFC 2661 4.4.2 asks for the offending attribute in text form).
InlineOctets<79> describe(const Fault& fault);

// A parsed message, a value: copies are independent, but octets, text and spans point into the datagram (which must
// outlive them) or, where the AVP was hidden, into the message they were asked from.
class ControlMessage {
 public:
  ControlMessage() {}  // not defaulted, or ControlMessage{} would clear 2 KiB of unhidden_ for every message

  ControlHeader header;
  MessageType type = MessageType::zlb;
  bool mandatory = false;      // M bit of Message Type
  bool known = true;           // false: a type without a row; ignore it, or clear the tunnel if fault says so
  bool unread_hidden = false;  // a hidden AVP could not be read because the secret was empty: parse again with it
  std::uint16_t ignored = 0;   // AVPs passed over: unrecognized or malformed with M clear, not wanted here, or repeated
  // The message can be answered but must be refused. Set for the first offence. In a StopCCN or CDN it changes nothing:
  // what it asks for is done all the same.
  std::optional<Fault> fault;

  // Absent AVPs give nullopt. Asking for a kind that the table does not name is a bug and aborts.
  bool has(AvpType avp) const;
  std::optional<std::uint16_t> u16(AvpType avp) const;
  std::optional<std::uint32_t> u32(AvpType avp) const;
  std::optional<std::uint64_t> u64(AvpType avp) const;
  std::optional<Octets> octets(AvpType avp) const;  // any kind
  std::optional<std::string_view> text(AvpType avp) const;

  std::optional<ResultCode> result_code() const;
  std::optional<Q931Cause> q931_cause() const;
  std::optional<CallErrors> call_errors() const;
  std::optional<Accm> accm() const;
  std::optional<PppDisconnectCause> ppp_disconnect_cause() const;
  std::optional<FailoverCapability> failover_capability() const;
  std::optional<TunnelRecovery> tunnel_recovery() const;
  std::optional<SuggestedControlSequence> suggested_control_sequence() const;

  // All Failover Session State AVPs in their order. Those beyond the capacity count as ignored; 1500 octets hold 92.
  static constexpr std::size_t kMaxSessionStates = 128;
  const InlineList<FailoverSessionState, kMaxSessionStates>& session_states() const { return session_states_; }

  // All Tunnel Switching Aggregator IDs in their order. Those beyond the capacity count as ignored.
  static constexpr std::size_t kMaxAggregators = 32;
  InlineList<Octets, kMaxAggregators> aggregators() const;

 private:
  friend class MessageParser;

  // Where a value lies: in the datagram, or among the unhidden octets.
  struct Location {
    enum class In : std::uint8_t { absent, datagram, unhidden };
    std::uint16_t offset{};
    std::uint16_t length{};
    In in = In::absent;
  };

  template <class Value>
  std::optional<Value> decoded(AvpType avp) const;
  Octets at(const Location& location) const;

  Octets datagram_;
  std::array<Location, kAvps.size()> locations_{};  // by row of kAvps
  std::array<std::uint8_t, 2048> unhidden_;         // values of hidden AVPs; only the first unhidden_size_ are set
  std::uint16_t unhidden_size_ = 0;
  InlineList<FailoverSessionState, kMaxSessionStates> session_states_;
  InlineList<Location, kMaxAggregators> aggregators_;
};

// A whole control message. secret: the tunnel's shared secret, empty if it has none (RFC 2661 4.3). What the rules are:
// - Length counts; octets of the datagram behind it are ignored.
// - An AVP with a reserved bit set, of a foreign vendor or of unknown type is unrecognized: with M it is a fault,
//   without it is ignored (4.1). So is a malformed one (7.1). Known AVPs in the wrong message are taken and tolerated,
//   except in FSQ and FSR, where what does not belong is ignored, M or not (RFC 4951 4.1, 4.2).
// - Of repeated AVPs the first counts, except Failover Session State and Tunnel Switching Aggregator ID (all) and
//   Random Vector (the latest hides).
Result<ControlMessage, ParseError> parse(Octets udp_payload, Octets secret);

}  // namespace holdfast::l2tp
