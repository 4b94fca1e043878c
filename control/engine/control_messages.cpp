// L2TP control messages: whose tunnel is it, is it the next one, and what does it say (RFC 2661 3.1, 5.1, 5.8, 7).
#include "config/lookup.hpp"
#include "engine/engine.hpp"
#include "l2tp/builder.hpp"

#include <algorithm>
#include <array>

namespace holdfast::engine {
namespace {

using l2tp::ControlMessage;
using l2tp::Ending;
using l2tp::MessageType;
using l2tp::StopResult;
using l2tp::TunnelState;

// RFC 2661 3.2.2: these are about a session even where they carry session id 0.
bool concerns_a_session(MessageType type) {
  switch (type) {
    case MessageType::ocrq:
    case MessageType::ocrp:
    case MessageType::occn:
    case MessageType::icrq:
    case MessageType::icrp:
    case MessageType::iccn:
    case MessageType::cdn:
    case MessageType::wen:
    case MessageType::sli: return true;
    default: return false;
  }
}

// Whatever it says and whenever it comes.
bool is_never_answered(MessageType type) {
  return type == MessageType::zlb || type == MessageType::cdn || type == MessageType::hello || type == MessageType::fsr;
}

}  // namespace

void Engine::on(Context& c, const ControlDatagram& event) {
  const auto header = l2tp::parse_header(event.payload);
  if (!header) {
    counters_.add(header.error());
    return;
  }
  if (!header->tunnel) return begin_tunnel(c, event);
  const TunnelRecord* known = c.tx.tunnel(header->tunnel);
  if (known == nullptr) {
    counters_.add(Count::unknown_tunnel);
    return;
  }
  if (from_elsewhere(*known, event) && !may_come_from_elsewhere(*known)) {
    counters_.add(Count::wrong_peer);
    return;
  }
  // A peer that speaks before its tunnel's turn: what was committed and never sent goes before its acknowledgement.
  if (turns_[header->tunnel.raw] == Turn::awaited) {
    turns_[header->tunnel.raw] = Turn::taken;
    restore_tunnel(c, header->tunnel);
  }
  if (c.tx.tunnel(header->tunnel) != nullptr) receive(c, c.tx.edit(header->tunnel), event);
}

// Tunnel id 0: an SCCRQ, new or repeated, or the StopCCN of a peer that gave up before it had our tunnel id.
void Engine::begin_tunnel(Context& c, const ControlDatagram& event) {
  auto message = l2tp::parse(event.payload, {});
  if (!message) {
    counters_.add(message.error());
    return;
  }
  if (message->type != MessageType::sccrq && message->type != MessageType::stopccn) {
    counters_.add(Count::not_sccrq);
    return;
  }
  // The secret belongs to the host that the message names; hidden AVPs are read with it.
  const auto* profile = config::find_host_profile(config_, event.peer, l2tp::host_name(*message).substr(0, 63));
  if (message->unread_hidden && profile != nullptr && !profile->tunnel_password.empty())
    message = l2tp::parse(event.payload, octets_of(profile->tunnel_password));
  const PeerTunnelId peer(message->u16(l2tp::AvpType::assigned_tunnel_id).value_or(0));
  if (const auto known = indexes_.find({event.peer, event.peer_port, peer}))
    return receive(c, c.tx.edit(*known), event);
  if (!peer || message->type != MessageType::sccrq) {
    counters_.add(Count::not_sccrq);  // nobody to answer to
    return;
  }
  if (message->tunnel_recovery()) return answer_recovery(c, event, *message, profile);
  if (!admit_tunnel(c, event)) return;
  accept_sccrq(c, event, *message, profile);
}

// Memory and time are bounded before anybody has authenticated.
bool Engine::admit_tunnel(const Context& c, const ControlDatagram& event) {
  const auto& rate = config_.l2tp.request_rate;
  switch (requests_.admit(event.peer, {rate.source, rate.total}, c.env)) {
    case RequestLimit::Verdict::admitted: break;
    case RequestLimit::Verdict::source_exceeded: counters_.add(Count::source_limit); return false;
    case RequestLimit::Verdict::total_exceeded: counters_.add(Count::total_limit); return false;
  }
  const std::size_t limit = std::max<std::size_t>(16, capacity_.tunnels / 4);
  if (unestablished_ >= limit) {
    counters_.add(Count::setup_limit);
    return false;
  }
  return true;
}

void Engine::accept_sccrq(Context& c, const ControlDatagram& event, const ControlMessage& sccrq,
                          const config::HostProfile* profile) {
  if (!settle_ties(c, event.peer, sccrq)) return;
  const auto id = free_tunnel();
  if (!id) return refuse_for_room(c, event, sccrq);
  TunnelRecord& tunnel = c.tx.edit(*id);
  tunnel.l2tp.id = *id;
  tunnel.l2tp.local = event.local;
  tunnel.l2tp.local_port = event.local_port;
  tunnel.l2tp.remote = event.peer;
  tunnel.l2tp.remote_port = event.peer_port;
  outbox_.clear();
  const auto policy = this->policy(profile, tunnel);
  const bool wrong_address = profile != nullptr && profile->local_ip && profile->local_ip != event.local;
  auto happened = l2tp::TunnelEvent::closed;
  if (profile == nullptr || wrong_address) {
    l2tp::refuse(tunnel.l2tp, sccrq, Ending::of(StopResult::not_authorized, "unknown host"), policy, c.env, outbox_);
  } else if (sccrq.fault) {
    counters_.add(Count::faulty);
    l2tp::refuse(tunnel.l2tp, sccrq, l2tp::ending_of(*sccrq.fault), policy, c.env, outbox_);
  } else {
    happened = l2tp::accept(tunnel.l2tp, sccrq, policy, c.env, outbox_);
  }
  // The channel exists now: the SCCRQ is its first message.
  (void)l2tp::receive(tunnel.l2tp.channel, sccrq.header.ns, sccrq.header.nr, false, policy.channel, c.env.now);
  counters_.add(Count::messages_received);
  indexes_.add(tunnel);
  enqueue(c, tunnel, outbox_);
  if (happened == l2tp::TunnelEvent::closed) tunnel_down(c, tunnel, NoticeKind::tunnel_refused);
  flush(c, tunnel);
}

// There is no place to keep anything in, so it is said once to each request, by a tunnel that there never is.
void Engine::refuse_for_room(Context& c, const ControlDatagram& event, const ControlMessage& sccrq) {
  counters_.add(Count::tunnels_full);
  TunnelRecord none;
  none.l2tp.id = TunnelId(0xffff);
  none.l2tp.local = event.local;
  none.l2tp.local_port = event.local_port;
  none.l2tp.remote = event.peer;
  none.l2tp.remote_port = event.peer_port;
  outbox_.clear();
  l2tp::refuse(none.l2tp, sccrq,
               Ending::of(StopResult::error, "no room for another tunnel", l2tp::ErrorCode::no_resources),
               policy(nullptr, none), c.env, outbox_);
  std::array<std::uint8_t, l2tp::kMaxMessage> stopccn;
  std::ranges::copy(outbox_[0], stopccn.begin());
  const MutableOctets used = MutableOctets(stopccn).first(outbox_[0].size());
  l2tp::set_sequence(used, 0, static_cast<std::uint16_t>(sccrq.header.ns + 1));
  send_control(c, none, used);
  counters_.add(Count::messages_sent);
}

void Engine::receive(Context& c, TunnelRecord& tunnel, const ControlDatagram& event) {
  if (l2tp::is_over(tunnel.l2tp, c.env.now)) {
    counters_.add(Count::unknown_tunnel);
    return;
  }
  if (is_frozen(tunnel)) {
    counters_.add(Count::recovery_discarded);
    return;
  }
  const auto message = l2tp::parse(event.payload, policy(c, tunnel).secret);
  if (!message) {
    counters_.add(message.error());
    return;
  }
  const TunnelRecord before = tunnel;
  const bool elsewhere = from_elsewhere(tunnel, event);
  if (elsewhere && !take_from_elsewhere(c, tunnel, *message)) return;
  const bool numbers_known = tunnel.numbers == l2tp::Numbers::known || learn_numbers(c, tunnel, *message);
  if (numbers_known && in_order(tunnel, *message, c.env)) {
    if (elsewhere) follow(tunnel, event);
    dispatch(c, tunnel, *message);
  }
  if (c.tx.tunnel(tunnel.l2tp.id) == nullptr) return;
  indexes_.readd(before, tunnel);
  flush(c, tunnel);
}

// How much the answers to a message may take. A call that must not begin yet is not taken at all (RFC 4951 3.3).
unsigned Engine::room_to_answer(const TunnelRecord& tunnel, const ControlMessage& message) {
  const bool request = message.type == MessageType::icrq || message.type == MessageType::ocrq;
  if (request && tunnel.resync.phase == ResyncPhase::clearing) return l2tp::kSlots + 1;
  if (message.type != MessageType::fsq) return kRoomToAnswer;
  const auto states = static_cast<unsigned>(message.session_states().size());
  return std::max(kRoomToAnswer, (states + kStatesInAMessage - 1) / kStatesInAMessage);
}

// Acknowledgements are taken from every message; only the next one in order is processed.
bool Engine::in_order(TunnelRecord& tunnel, const ControlMessage& message, const Env& env) {
  const auto channel = channel_policy(tunnel);
  const bool zlb = message.type == MessageType::zlb;
  counters_.add(zlb ? Count::zlb_received : Count::messages_received);
  // Without room for an answer only the acknowledgement is taken; the peer sends the message again. Two ends do not
  // wait for each other so: what an end says unasked leaves it room, so an end without room has answered something,
  // which is one less in the other's queue.
  const bool no_room = !is_never_answered(message.type) &&
                       l2tp::room_after(tunnel.l2tp.channel, message.header.nr) < room_to_answer(tunnel, message);
  const auto received =
      l2tp::receive(tunnel.l2tp.channel, message.header.ns, message.header.nr, zlb || no_room, channel, env.now);
  if (received.acknowledged != 0 && tunnel.resync.phase == ResyncPhase::unreachable) enter(tunnel, ResyncPhase::none);
  count_message(tunnel);
  switch (received.arrival) {
    case l2tp::Arrival::in_order: return true;
    case l2tp::Arrival::zlb:
      if (no_room) counters_.add(Count::back_pressure);
      return false;
    case l2tp::Arrival::duplicate: counters_.add(Count::duplicates); return false;
    case l2tp::Arrival::ahead: counters_.add(Count::out_of_order); return false;
    case l2tp::Arrival::ack_of_unsent: counters_.add(Count::bad_acknowledgement); return false;
  }
  return false;
}

void Engine::dispatch(Context& c, TunnelRecord& tunnel, const ControlMessage& message) {
  outbox_.clear();
  const auto state = tunnel.l2tp.state;
  const bool of_a_session = concerns_a_session(message.type);
  if (state == TunnelState::stopping || (of_a_session && state != TunnelState::established))
    counters_.add(Count::not_established);
  else if (message.fault)
    counters_.add(Count::faulty);
  if (of_a_session) {
    if (state != TunnelState::established) return;
    const bool request = message.type == MessageType::icrq || message.type == MessageType::ocrq;
    if (request && !message.header.session) return begin_session(c, tunnel, message);
    return session_message(c, tunnel, message);
  }
  const bool recovery = tunnel.resync.phase == ResyncPhase::recovery;
  if (state == TunnelState::established && !recovery && !message.fault) {
    if (message.type == MessageType::fsq) return answer_query(c, tunnel, message);
    if (message.type == MessageType::fsr) return take_states(c, tunnel, message);
  }
  const auto happened = l2tp::receive(tunnel.l2tp, message, policy(c, tunnel), c.env, outbox_);
  enqueue(c, tunnel, outbox_);
  if (recovery && happened == l2tp::TunnelEvent::established)
    return tunnel.l2tp.initiated != 0 ? recovery_replied(c, tunnel, message) : recovery_connected(c, tunnel);
  tunnel_event(c, tunnel, happened);
}

}  // namespace holdfast::engine
