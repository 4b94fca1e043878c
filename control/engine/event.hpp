// What the engine is told. Events carry octets of the caller's, valid during the call only.
#pragma once

#include "abi/ids.hpp"
#include "abi/ip_address.hpp"
#include "checkpoint/tunnel_spec.hpp"
#include "l2tp/avp_values.hpp"
#include "l2tp/call.hpp"
#include "l2tp/call_cause.hpp"
#include "l2tp/result_code.hpp"
#include "wire/octets.hpp"

#include <cstdint>
#include <string_view>
#include <variant>

namespace holdfast::engine {

// A UDP datagram to the L2TP port with the T bit set.
struct ControlDatagram {
  IpAddress peer;
  IpAddress local;
  std::uint16_t peer_port;
  std::uint16_t local_port;
  Octets payload;
};

// A PPP frame out of an installed session, beginning with the protocol field.
struct PppFrame {
  TunnelId tunnel;
  SessionId session;
  Octets frame;
};

// A PPPoE discovery frame (RFC 2516 5) that came in on a port, from the destination address on.
struct DiscoveryFrame {
  PortId port;
  std::string_view interface;  // the name of the port's interface in the configuration
  Octets frame;
};

// What a deadline belongs to.
struct TimerKey {
  // A circuit has no deadline, but may be Restored; offers have one in all, and are not.
  enum class Kind : std::uint8_t { tunnel, session, circuit, offers } kind;
  std::uint32_t index;  // TunnelId, SessionIndex or CircuitId; of offers: 0
  friend constexpr bool operator==(const TimerKey&, const TimerKey&) = default;
};
struct TimerExpired {
  TimerKey key;
};

// After a restart, for each tunnel, session and circuit: timers start anew at full length, what was not acknowledged is
// sent again.
struct Restored {
  TimerKey key;
};

// clear l2tp tunnel, clear l2tp session.
struct ClearTunnel {
  TunnelId tunnel;
};
struct ClearSession {
  TunnelId tunnel;
  SessionId session;
};

// test l2tp failover: what a restart of ours would do with the tunnel (resync/method.hpp).
struct TestFailover {
  TunnelId tunnel;
};

// clear pppoe session.
struct ClearCircuit {
  CircuitId circuit;
};

// A subscriber has ended his circuit by PADT, which the dataplane has seen to be his.
struct CircuitHungUp {
  CircuitId circuit;
};

// A call to be placed: an incoming one by us as the LAC, an outgoing one by us as the LNS. It goes into `in` where that
// is set, whoever opened that tunnel; else into one that was opened for the same spec and has room, or into a new one.
// What becomes of it: NoticeKind::session_up or call_failed, with the call's circuit.
struct PlaceCall {
  TunnelSpec tunnel;
  l2tp::CallSpec call;
  TunnelId in{};
};

// What became of the circuit of an outgoing call that the peer asked us, the LAC, to place
// (NoticeKind::circuit_wanted).
struct CircuitConnected {
  TunnelId tunnel;
  SessionId session;
  l2tp::Circuit circuit;
};
struct CircuitFailed {
  TunnelId tunnel;
  SessionId session;
  l2tp::CallResult result;
  l2tp::CallCause cause{};  // what Q.931 said, where the circuit has it
};

// As the LAC: what went wrong on the line of an established call since it began (WEN, RFC 2661 6.13).
struct LineErrors {
  TunnelId tunnel;
  SessionId session;
  l2tp::CallErrors errors;
};

// As the LNS: what PPP has agreed on, for a LAC that frames it (SLI, RFC 2661 6.14).
struct LinkInfo {
  TunnelId tunnel;
  SessionId session;
  l2tp::Accm accm;
};

using Event = std::variant<ControlDatagram, PppFrame, DiscoveryFrame, TimerExpired, Restored, ClearTunnel, ClearSession,
                           ClearCircuit, CircuitHungUp, TestFailover, PlaceCall, CircuitConnected, CircuitFailed,
                           LineErrors, LinkInfo>;

}  // namespace holdfast::engine
