// What the engine is told. Events carry octets of the caller's, valid during the call only.
#pragma once

#include "abi/ids.hpp"
#include "abi/ip_address.hpp"
#include "wire/octets.hpp"

#include <cstdint>
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

// What a deadline belongs to.
struct TimerKey {
  enum class Kind : std::uint8_t { tunnel, session } kind;
  std::uint32_t index;  // TunnelId or SessionIndex
  friend constexpr bool operator==(const TimerKey&, const TimerKey&) = default;
};
struct TimerExpired {
  TimerKey key;
};

// After a restart, for each tunnel and session: timers start anew at full length, what was not acknowledged is sent
// again.
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

using Event = std::variant<ControlDatagram, PppFrame, TimerExpired, Restored, ClearTunnel, ClearSession>;

}  // namespace holdfast::engine
