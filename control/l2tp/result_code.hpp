// Result and error codes of StopCCN and CDN (RFC 2661 4.4.2), under their names.
#pragma once

#include "l2tp/message.hpp"
#include "wire/octets.hpp"

#include <cstdint>
#include <string_view>

namespace holdfast::l2tp {

enum class StopResult : std::uint16_t {
  general = 1,
  error = 2,  // see the error code
  already_exists = 3,
  not_authorized = 4,
  version = 5,
  shutting_down = 6,
  state_machine = 7,
};

enum class CallResult : std::uint16_t {
  carrier_lost = 1,
  error = 2,  // see the error code
  administrative = 3,
  no_facilities_temporary = 4,
  no_facilities_permanent = 5,
  invalid_destination = 6,
  no_carrier = 7,
  busy = 8,
  no_dial_tone = 9,
  timeout = 10,
  no_framing = 11,
  loop = 26,  // draft-ietf-l2tpext-tunnel-switching
};

enum class ErrorCode : std::uint16_t {
  none = 0,
  no_control_connection = 1,
  length = 2,
  value = 3,
  no_resources = 4,
  bad_session = 5,
  vendor = 6,
  try_another = 7,
  unknown_mandatory_avp = 8,
};

// What a code means, for people. Empty for error code 0, which says nothing.
constexpr std::string_view stop_result_text(std::uint16_t result) {
  switch (static_cast<StopResult>(result)) {
    case StopResult::general: return "asked to be cleared";
    case StopResult::error: return "an error";
    case StopResult::already_exists: return "a control channel exists already";
    case StopResult::not_authorized: return "not authorized";
    case StopResult::version: return "protocol version not supported";
    case StopResult::shutting_down: return "shutting down";
    case StopResult::state_machine: return "error of the state machine";
  }
  return "no known reason";
}
constexpr std::string_view call_result_text(std::uint16_t result) {
  switch (static_cast<CallResult>(result)) {
    case CallResult::carrier_lost: return "carrier lost";
    case CallResult::error: return "an error";
    case CallResult::administrative: return "administrative reasons";
    case CallResult::no_facilities_temporary: return "no facilities at the moment";
    case CallResult::no_facilities_permanent: return "no facilities";
    case CallResult::invalid_destination: return "invalid destination";
    case CallResult::no_carrier: return "no carrier";
    case CallResult::busy: return "busy";
    case CallResult::no_dial_tone: return "no dial tone";
    case CallResult::timeout: return "not established in time";
    case CallResult::no_framing: return "no appropriate framing";
    case CallResult::loop: return "a loop of switched tunnels";
  }
  return "no known reason";
}
constexpr std::string_view error_text(std::uint16_t error) {
  switch (static_cast<ErrorCode>(error)) {
    case ErrorCode::none: return "";
    case ErrorCode::no_control_connection: return "no control connection";
    case ErrorCode::length: return "wrong length";
    case ErrorCode::value: return "value out of range";
    case ErrorCode::no_resources: return "no resources";
    case ErrorCode::bad_session: return "invalid session id";
    case ErrorCode::vendor: return "error of the vendor's own";
    case ErrorCode::try_another: return "try another";
    case ErrorCode::unknown_mandatory_avp: return "unknown AVP that is mandatory";
  }
  return "unknown error";
}

// Why a tunnel or a session ended, as it was or will be told: numbers of RFC 2661, and text for people.
struct Ending {
  std::uint16_t result{};
  std::uint16_t error{};
  InlineOctets<91> text;

  static Ending of(StopResult result, std::string_view why, ErrorCode error = ErrorCode::none) {
    return make(static_cast<std::uint16_t>(result), error, why);
  }
  static Ending of(CallResult result, std::string_view why, ErrorCode error = ErrorCode::none) {
    return make(static_cast<std::uint16_t>(result), error, why);
  }
  static Ending make(std::uint16_t result, ErrorCode error, std::string_view why) {
    Ending e{result, static_cast<std::uint16_t>(error), {}};
    (void)e.text.assign(why.substr(0, 91));
    return e;
  }
  friend bool operator==(const Ending&, const Ending&) = default;
};
static_assert(sizeof(Ending) == 96);

// What to answer to a message that was understood and must be refused.
inline Ending ending_of(const Fault& fault) {
  return Ending::make(fault.result, static_cast<ErrorCode>(fault.error), describe(fault).text());
}

}  // namespace holdfast::l2tp
