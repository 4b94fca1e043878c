// The option negotiation automaton (RFC 1661 4.1) as one table, shared by LCP and every NCP.
#pragma once

#include "ppp/link.hpp"

#include <cstdint>

namespace holdfast::ppp {

// RFC 1661 4.3, in the order of the rows of the table there.
enum class Event : std::uint8_t {
  up,
  down,
  open,
  close,
  timeout_plus,         // TO+: the Restart timer ran out, and requests may still be sent
  timeout_minus,        // TO-: it ran out for the last time
  request_good,         // RCR+
  request_bad,          // RCR-
  ack,                  // RCA
  nak_or_reject,        // RCN
  terminate,            // RTR
  terminate_ack,        // RTA
  unknown_code,         // RUC
  reject_permitted,     // RXJ+
  reject_catastrophic,  // RXJ-
  echo,                 // RXR: Echo-Request; other maintenance packets cause no transition either
};
inline constexpr std::size_t kEvents = static_cast<std::size_t>(Event::echo) + 1;
inline constexpr std::size_t kStates = 10;

// RFC 1661 4.4. A transition has a set of them, done in the order of these bits.
using Actions = std::uint16_t;
inline constexpr Actions kLayerDown = 1 << 0;
inline constexpr Actions kInitializeRestartCount = 1 << 1;
inline constexpr Actions kZeroRestartCount = 1 << 2;
inline constexpr Actions kSendConfigureRequest = 1 << 3;
inline constexpr Actions kSendTerminateRequest = 1 << 4;
inline constexpr Actions kSendConfigureAck = 1 << 5;
inline constexpr Actions kSendConfigureNak = 1 << 6;  // or Configure-Reject
inline constexpr Actions kSendTerminateAck = 1 << 7;
inline constexpr Actions kSendCodeReject = 1 << 8;
inline constexpr Actions kSendEchoReply = 1 << 9;
inline constexpr Actions kLayerStarted = 1 << 10;  // asks for the lower layer, which here is there before start()
inline constexpr Actions kLayerUp = 1 << 11;
inline constexpr Actions kLayerFinished = 1 << 12;

struct Transition {
  Actions actions{};
  State next{};
  bool legal{};  // false: the event can't happen in this state, nothing is done (RFC 1661 4.4: Illegal-Event)
};

// Total: any state, even one that damage put into a record, has an answer.
Transition transition(State state, Event event);

// The states with a TO event: the Restart timer runs in exactly these.
constexpr bool restart_timer_runs(State state) {
  return state == State::closing || state == State::stopping || state == State::request_sent ||
         state == State::ack_received || state == State::ack_sent;
}
// A Configure-Request of ours is on its way, or acknowledged in this negotiation.
constexpr bool is_negotiating(State state) {
  return state == State::request_sent || state == State::ack_received || state == State::ack_sent;
}
// The lower layer is not available to this automaton: it neither sends nor receives.
constexpr bool is_down(State state) { return state == State::initial || state == State::starting; }

}  // namespace holdfast::ppp
