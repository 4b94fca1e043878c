// Which recovery method a tunnel's own failover uses, given what is configured and what the peer announced (design:
// peer resynchronization; RFC 4951 3.2.1).
#pragma once

#include "checkpoint/records.hpp"

namespace holdfast::resync {

// What a restart of ours does with a tunnel.
enum class Recovery : std::uint8_t { silent, protocol, disconnect };

// peer_recovers: both ends announced a Failover Capability with C set (RFC 4951 5.1).
constexpr Recovery recovery(ResyncMethod method, bool peer_recovers) {
  switch (method) {
    case ResyncMethod::disable: return Recovery::disconnect;
    case ResyncMethod::silent_failover: return Recovery::silent;
    case ResyncMethod::failover_protocol: return peer_recovers ? Recovery::protocol : Recovery::disconnect;
    case ResyncMethod::failover_protocol_fallback_to_silent_failover:
      return peer_recovers ? Recovery::protocol : Recovery::silent;
  }
  return Recovery::disconnect;
}

// Both ends know RFC 4951: a tunnel of theirs can be recovered, by whichever of them fails (3.2.1).
inline bool can_recover(const l2tp::Tunnel& tunnel) {
  return tunnel.announced != 0 && tunnel.peer_control_failover != 0;
}

// Whether a restart of ours runs the failover protocol where the peer can, so that it should wait for us.
constexpr bool asks_for_time(ResyncMethod method) { return recovery(method, true) == Recovery::protocol; }

}  // namespace holdfast::resync
