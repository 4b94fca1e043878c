// What happened, for people: the reporter makes a log line of it. Structured, so that the core formats nothing.
#pragma once

#include "abi/ids.hpp"
#include "abi/ip_address.hpp"
#include "abi/line_module.hpp"
#include "checkpoint/tunnel_spec.hpp"
#include "engine/failover.hpp"
#include "l2tp/avp_values.hpp"
#include "l2tp/call_cause.hpp"
#include "l2tp/result_code.hpp"
#include "wire/octets.hpp"

#include <array>
#include <cstdint>

namespace holdfast::engine {

enum class NoticeKind : std::uint8_t {
  tunnel_up,
  tunnel_refused,  // SCCRQ answered with StopCCN; `ending` says why
  tunnel_down,
  tunnel_timeout,  // the peer did not acknowledge
  peer_awaited,    // it does not acknowledge, but asked for time to recover (RFC 4951 5.1)
  failover_ended,  // `failover` says of which end, and how
  session_up,
  session_refused,
  session_down,
  call_failed,       // one that we wanted to place
  circuit_wanted,    // the peer asks for an outgoing call to `name`; CircuitConnected or CircuitFailed is to follow
  line_errors,       // a WEN of the LAC: `errors`
  link_info,         // an SLI of the LNS: `accm`, for the line's framing; it is not kept
  session_switched,  // a call, `from`, goes on in another tunnel
  login_refused,     // PPP authentication failed
  subscriber_up,
  subscriber_down,
  circuit_up,    // a PPPoE session has begun
  circuit_down,  // it has ended
};

struct Notice {
  NoticeKind kind;
  bool by_peer{};
  TunnelId tunnel;
  SessionId session;
  TunnelId from_tunnel;               // session_switched: where the call comes from
  SessionId from_session;             // likewise
  bool switched{};                    // session_down, call_failed: the session is half of a switched call
  std::uint32_t circuit{};            // of a call that we placed
  CircuitId line;                     // the PPPoE session behind it; 0: none
  PortId port;                        // of the line
  std::array<std::uint8_t, 6> mac{};  // of the line's subscriber
  IpAddress peer;                     // of the tunnel
  InlineOctets<63> name;              // peer host of a tunnel, user of a session
  IpAddress ipv4;                     // subscriber
  IpPrefix ipv6;                      // subscriber
  l2tp::Ending ending;                // refused, down
  l2tp::CallCause cause;              // of a call that ended
  l2tp::CallErrors errors;
  l2tp::Accm accm;
  abi::LineModule module;  // of a tunnel that is up
  ResyncMethod method;     // of a tunnel that is up
  bool lowered{};          // another method was configured, which the module does not support
  Failover failover;
};

}  // namespace holdfast::engine
