// Control messages from another address or port than the tunnel's (RFC 2661 8.1): the peer chooses the port, and with
// several addresses the address, from which it answers an SCCRQ; from then on both stay as they are.
#include "engine/engine.hpp"

namespace holdfast::engine {

using config::PeerAddressChange;
using l2tp::MessageType;

bool Engine::from_elsewhere(const TunnelRecord& tunnel, const ControlDatagram& event) {
  return tunnel.l2tp.remote != event.peer || tunnel.l2tp.remote_port != event.peer_port;
}

// As far as can be said before the message is read.
bool Engine::may_come_from_elsewhere(const TunnelRecord& tunnel) const {
  return tunnel.l2tp.state == l2tp::TunnelState::wait_ctl_reply ||
         config_.l2tp.peer_address_change == PeerAddressChange::ignore;
}

// False: the message is dropped, and counted. Who does not know the secret must not take the tunnel, nor end it.
bool Engine::take_from_elsewhere(const Context& c, const TunnelRecord& tunnel, const l2tp::ControlMessage& message) {
  const auto change = config_.l2tp.peer_address_change;
  const bool awaited = tunnel.l2tp.state == l2tp::TunnelState::wait_ctl_reply && !tunnel.l2tp.peer &&
                       message.header.ns == l2tp::next_nr(tunnel.l2tp.channel);
  const bool reply = awaited && (message.type == MessageType::sccrp || message.type == MessageType::stopccn);
  const bool wrong_secret =
      message.type == MessageType::sccrp && !l2tp::answers_challenge(tunnel.l2tp, message, policy(c, tunnel));
  if (wrong_secret || (!reply && change != PeerAddressChange::ignore)) {
    counters_.add(Count::wrong_peer);
    return false;
  }
  if (change == PeerAddressChange::reject) {
    counters_.add(Count::address_rejected);
    return false;
  }
  if (change == PeerAddressChange::ignore) counters_.add(Count::address_ignored);
  return true;
}

// The tunnel is where its answer came from.
void Engine::follow(TunnelRecord& tunnel, const ControlDatagram& event) {
  if (config_.l2tp.peer_address_change != PeerAddressChange::accept) return;
  tunnel.l2tp.remote = event.peer;
  tunnel.l2tp.remote_port = event.peer_port;
  counters_.add(Count::address_taken);
}

}  // namespace holdfast::engine
