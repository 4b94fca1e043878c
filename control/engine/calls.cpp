// Calls that we place, as the LAC or as the LNS, and the circuits of those that the peer asks for (RFC 2661 7.4.1,
// 7.5): a tunnel for the call, a session that waits for it, the request when there is room.
#include "engine/engine.hpp"

namespace holdfast::engine {
namespace {

using l2tp::CallResult;
using l2tp::Ending;
using l2tp::SessionEvent;
using l2tp::SessionState;
using l2tp::TunnelState;

}  // namespace

void Engine::on(Context& c, const PlaceCall& event) {
  const TunnelRecord* named = event.in ? c.tx.tunnel(event.in) : nullptr;
  const bool up = named != nullptr && named->l2tp.state == TunnelState::established;
  if (event.in && !up) return call_failed(c, event, named, Ending::of(CallResult::error, "the tunnel is not up"));
  const auto slot = indexes_.take_call();
  if (!slot) {
    counters_.add(Count::calls_full);
    return call_failed(c, event, named, Ending::of(CallResult::no_facilities_temporary, "too many calls at a time"));
  }
  TunnelRecord* tunnel = event.in ? &c.tx.edit(event.in) : tunnel_for(c, event.tunnel);
  const auto id = tunnel != nullptr ? free_session(*tunnel) : std::nullopt;
  if (!id) {
    indexes_.release_call(*slot);
    return call_failed(c, event, tunnel,
                       Ending::of(CallResult::no_facilities_temporary, "no room for another tunnel or session"));
  }
  CallRecord& call = c.tx.edit_call(*slot);
  call = {};
  call.call = event.call;
  begin_call(c, *tunnel, *id, *slot);
  flush(c, *tunnel);
}

// As its record says; the request follows when the tunnel has room.
SessionIndex Engine::begin_call(Context& c, TunnelRecord& tunnel, SessionId id, std::uint32_t slot) {
  const SessionIndex index = c.tx.index(tunnel.l2tp.id, id);
  CallRecord& call = c.tx.edit_call(slot);
  call.session = index;
  SessionRecord& session = c.tx.edit_session(index);
  session = {};
  session.l2tp.tunnel = tunnel.l2tp.id;
  session.l2tp.id = id;
  session.call = slot;
  l2tp::begin(session.l2tp, call.call, c.env);
  ++tunnel.sessions;
  tunnel.last_session = id.value();
  arm_idle(c, tunnel);
  indexes_.add_session(index);
  indexes_.wait(tunnel.l2tp.id, id);
  counters_.add(Count::calls_placed);
  return index;
}

void Engine::call_failed(Context& c, const PlaceCall& event, const TunnelRecord* tunnel, const Ending& why) {
  counters_.add(Count::calls_failed);
  Notice n{};
  if (tunnel != nullptr) n = notice(NoticeKind::call_failed, *tunnel);
  n.kind = NoticeKind::call_failed;
  n.by_peer = false;
  n.circuit = event.call.circuit;
  if (tunnel == nullptr) n.peer = event.tunnel.peer;
  n.ending = why;
  must(c.tx.step().notices.push(n));
}

// Requests go out as long as there is room; the others wait for acknowledgements.
void Engine::place_waiting(Context& c, TunnelRecord& tunnel) {
  if (tunnel.l2tp.state != TunnelState::established || !may_place(tunnel)) return;
  while (room(tunnel) > kRoomForAll) {
    const auto id = indexes_.next_waiting(tunnel.l2tp.id);
    if (!id) return;
    const SessionIndex index = c.tx.index(tunnel.l2tp.id, *id);
    const SessionRecord* session = c.tx.session(index);
    const bool waits = session != nullptr && session->l2tp.tunnel == tunnel.l2tp.id &&
                       session->l2tp.state == SessionState::wait_tunnel;
    if (waits) place(c, tunnel, index);
  }
}

void Engine::place(Context& c, TunnelRecord& tunnel, SessionIndex index) {
  SessionRecord& session = c.tx.edit_session(index);
  const CallRecord* call = c.tx.call(session.call);
  outbox_.clear();
  const auto outcome =
      call != nullptr
          ? l2tp::request(session.l2tp, tunnel.l2tp, call->call, policy(c, tunnel), c.env, outbox_)
          : l2tp::SessionOutcome{SessionEvent::closed, Ending::of(CallResult::error, "the call's record is lost"), {}};
  enqueue(c, tunnel, outbox_);
  if (outcome.event == SessionEvent::closed) remove_session(c, tunnel, index, outcome.ending, false);
}

void Engine::free_call(Context& c, SessionRecord& session) {
  if (session.call == 0) return;
  c.tx.free(Table::call, session.call);
  indexes_.release_call(session.call);
  session.call = 0;
}

void Engine::on(Context& c, const CircuitConnected& event) {
  const SessionIndex index = c.tx.index(event.tunnel, event.session);
  TunnelRecord* tunnel = tunnel_with_room(c, index, event.tunnel);
  if (tunnel == nullptr || c.tx.session(index)->l2tp.state != SessionState::wait_cs_answer) return;
  SessionRecord& session = c.tx.edit_session(index);
  outbox_.clear();
  l2tp::answer(session.l2tp, tunnel->l2tp, event.circuit, policy(c, *tunnel), c.env, outbox_);
  enqueue(c, *tunnel, outbox_);
  session_up(c, *tunnel, index);
  flush(c, *tunnel);
}

void Engine::on(Context& c, const CircuitFailed& event) {
  const SessionIndex index = c.tx.index(event.tunnel, event.session);
  TunnelRecord* tunnel = living_tunnel(c, index, event.tunnel);
  if (tunnel == nullptr || c.tx.session(index)->l2tp.state != SessionState::wait_cs_answer) return;
  disconnect(c, *tunnel, index, Ending::of(event.result, "the circuit could not be connected"), event.cause);
  flush(c, *tunnel);
}

// The tunnel of a call that is up and of which we have this role, if it has room for a message; else null.
TunnelRecord* Engine::tunnel_of_call(Context& c, SessionIndex index, TunnelId id, l2tp::Role role) {
  TunnelRecord* tunnel = tunnel_with_room(c, index, id, kRoomForAnswers + 1);
  if (tunnel == nullptr) return nullptr;
  const l2tp::Session& session = c.tx.session(index)->l2tp;
  return session.state == SessionState::established && session.role == role ? tunnel : nullptr;
}

void Engine::on(Context& c, const LineErrors& event) {
  const SessionIndex index = c.tx.index(event.tunnel, event.session);
  TunnelRecord* tunnel = tunnel_of_call(c, index, event.tunnel, l2tp::Role::lac);
  if (tunnel == nullptr) return;
  outbox_.clear();
  l2tp::report_errors(c.tx.session(index)->l2tp, tunnel->l2tp, event.errors, policy(c, *tunnel), c.env, outbox_);
  enqueue(c, *tunnel, outbox_);
  flush(c, *tunnel);
}

void Engine::on(Context& c, const LinkInfo& event) {
  const SessionIndex index = c.tx.index(event.tunnel, event.session);
  TunnelRecord* tunnel = tunnel_of_call(c, index, event.tunnel, l2tp::Role::lns);
  if (tunnel == nullptr) return;
  outbox_.clear();
  l2tp::tell_link_info(c.tx.session(index)->l2tp, tunnel->l2tp, event.accm, policy(c, *tunnel), c.env, outbox_);
  enqueue(c, *tunnel, outbox_);
  flush(c, *tunnel);
}

}  // namespace holdfast::engine
