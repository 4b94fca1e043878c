// What a CDN says of why a call ended, besides its result: of the circuit (Q.931 Cause Code, RFC 2661 4.4.4) and of PPP
// (PPP Disconnect Cause Code, RFC 3145).
#pragma once

#include "l2tp/builder.hpp"
#include "l2tp/message.hpp"
#include "wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::l2tp {

struct CircuitCause {
  std::uint16_t code{};         // Cause Code of Q.931
  std::uint8_t message{};       // the message type of Q.931 that bore it
  InlineOctets<63> advisory{};  // cut to 63 octets
  friend bool operator==(const CircuitCause&, const CircuitCause&) = default;
};

// RFC 3145 3, under its numbers.
enum class PppCauseCode : std::uint16_t {
  administrative = 1,
  terminated = 3,  // direction 1: by the peer, 2: by us
  lcp_timeout = 5,
  looped_back = 7,
  echo_timeout = 8,
  authentication_timeout = 13,
  no_authentication_protocol = 15,
  authentication_failed = 16,
  ncp_timeout = 17,
  no_ncp = 18,
};

struct PppCause {
  std::uint16_t code{};
  std::uint16_t control_protocol{};  // PPP protocol number; 0: of none in particular
  std::uint8_t direction{};          // 0 global, 1 at the peer, 2 local
  InlineOctets<63> message{};        // cut to 63 octets

  static PppCause of(PppCauseCode code, std::uint16_t control_protocol = 0, std::uint8_t direction = 0) {
    return {static_cast<std::uint16_t>(code), control_protocol, direction, {}};
  }
  friend bool operator==(const PppCause&, const PppCause&) = default;
};

struct CallCause {
  std::optional<CircuitCause> circuit;
  std::optional<PppCause> ppp;
  friend bool operator==(const CallCause&, const CallCause&) = default;
};

CallCause read_cause(const ControlMessage& cdn);
void write_cause(MessageBuilder& cdn, const CallCause& cause);

// In words: "authentication failed"; empty for a code that RFC 3145 does not have.
std::string_view ppp_cause_text(std::uint16_t code);

}  // namespace holdfast::l2tp
