// Which recovery method a tunnel's own failover uses, given what is configured and what the peer announced (design:
// peer resynchronization; RFC 4951 3.2.1).
#pragma once

#include "checkpoint/records.hpp"

namespace holdfast::resync {

// What a restart of ours does with a tunnel.
enum class Recovery : std::uint8_t { silent, disconnect };

// peer_announced: the peer's SCCRQ carried a Failover Capability AVP with C set. Until this node speaks the failover
// protocol itself, a tunnel that may fall back is recovered silently, and one that may not is disconnected unless its
// peer could have taken part; then, too, it is recovered silently.
constexpr Recovery recovery(ResyncMethod method, bool peer_announced) {
  switch (method) {
    case ResyncMethod::disable: return Recovery::disconnect;
    case ResyncMethod::failover_protocol: return peer_announced ? Recovery::silent : Recovery::disconnect;
    case ResyncMethod::silent_failover:
    case ResyncMethod::failover_protocol_fallback_to_silent_failover: return Recovery::silent;
  }
  return Recovery::disconnect;
}

}  // namespace holdfast::resync
