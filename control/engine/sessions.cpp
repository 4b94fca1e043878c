// The life of sessions: calls that come in, their end from either side, timers.
#include "config/lookup.hpp"
#include "engine/engine.hpp"
#include "engine/rows.hpp"
#include "ppp/ppp.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

using l2tp::CallCause;
using l2tp::CallResult;
using l2tp::ControlMessage;
using l2tp::Ending;
using l2tp::PppCause;
using l2tp::PppCauseCode;
using l2tp::SessionEvent;
using l2tp::SessionState;

// A session that ends and finds no room in its tunnel waits for it; this is for the case that nothing moves there.
constexpr Duration kRetryWithoutRoom = std::chrono::seconds(10);

// RFC 2661 4.4.4: the Assigned Session ID of a CDN is its sender's own. Where it is not the one that we know, the CDN
// is about a call that had our id before.
bool names_another(const ControlMessage& cdn, const l2tp::Session& session) {
  const auto theirs = cdn.u16(l2tp::AvpType::assigned_session_id).value_or(0);
  return theirs != 0 && session.peer && theirs != session.peer.value();
}

}  // namespace

// ICRQ or OCRQ: the peer places a call.
void Engine::begin_session(Context& c, TunnelRecord& tunnel, const ControlMessage& message) {
  const auto refuse = [&](const Ending& why, const CallCause& cause = {}) {
    counters_.add(Count::sessions_refused);
    l2tp::refuse(tunnel.l2tp, message, why, cause, outbox_);
    enqueue(c, tunnel, outbox_);
    Notice n = notice(NoticeKind::session_refused, tunnel);
    n.ending = why;
    n.by_peer = false;
    must(c.tx.step().notices.push(n));
  };
  if (supersede(c, tunnel, message)) return;
  if (const auto why = reason_to_refuse(tunnel, message)) return refuse(*why);
  const auto limit = session_limit(c, tunnel);
  if (limit != 0 && tunnel.sessions >= limit)
    return refuse(Ending::of(CallResult::no_facilities_temporary, "session limit of the host profile"),
                  {.circuit = {}, .ppp = PppCause::of(PppCauseCode::administrative)});
  if (may_be_switched(tunnel, message) && indexes_.free_calls() == 0) {
    counters_.add(Count::calls_full);
    return refuse(Ending::of(CallResult::no_facilities_temporary, "too many calls at a time"));
  }
  const auto id = free_session(tunnel);
  if (!id) return refuse(Ending::of(CallResult::no_facilities_temporary, "no room for another session"));
  const SessionIndex index = c.tx.index(tunnel.l2tp.id, *id);
  SessionRecord& session = c.tx.edit_session(index);
  session.l2tp.tunnel = tunnel.l2tp.id;
  session.l2tp.id = *id;
  session.call = switchable(c, index, message);
  l2tp::accept(session.l2tp, tunnel.l2tp, message, policy(c, tunnel), c.env, outbox_);
  ++tunnel.sessions;
  tunnel.last_session = id->value();
  arm_idle(c, tunnel);
  indexes_.add_session(index);
  indexes_.add_early(tunnel.l2tp.id, session.l2tp.peer, *id);
  enqueue(c, tunnel, outbox_);
  if (session.l2tp.role == l2tp::Role::lac) want_circuit(c, session.l2tp);
}

// An id for another session of the tunnel, whose records have memory. Nothing: there is none, which is counted.
std::optional<SessionId> Engine::free_session(const TunnelRecord& tunnel) {
  const auto id = indexes_.free_session(records_, tunnel.l2tp.id);
  if (!id) {
    counters_.add(Count::no_session_id);
    return std::nullopt;
  }
  const SessionIndex index = session_index(tunnel.l2tp.id, *id, capacity_.bank_bits);
  if (records_.reserve(Table::session, index.raw) && records_.reserve(Table::subscriber, index.raw)) return id;
  counters_.add(Count::no_memory);
  return std::nullopt;
}

void Engine::want_circuit(Context& c, const l2tp::Session& session) {
  Notice n = notice(NoticeKind::circuit_wanted, *c.tx.tunnel(session.tunnel));
  n.session = session.id;
  (void)n.name.assign(session.called.octets());
  must(c.tx.step().notices.push(n));
}

std::optional<Ending> Engine::reason_to_refuse(const TunnelRecord& tunnel, const ControlMessage& message) {
  if (message.fault) return l2tp::ending_of(*message.fault);
  // RFC 4951 3.2: it is there for the numbers of another one only.
  if (tunnel.resync.phase == ResyncPhase::recovery)
    return Ending::of(CallResult::error, "a recovery tunnel carries no calls", l2tp::ErrorCode::no_control_connection);
  const auto* host = profile(tunnel);
  // In a tunnel that we opened a peer without a profile is our LNS, and nobody said that it may be our LAC, too.
  if (host == nullptr) return Ending::of(CallResult::no_facilities_permanent, "calls of this peer are not wanted");
  if (message.type == l2tp::MessageType::ocrq && !host->dial_out)
    return Ending::of(CallResult::no_facilities_permanent, "outgoing calls are not configured");
  if (may_be_switched(tunnel, message)) return loop(message);
  return std::nullopt;
}

SessionId Engine::named_by_peer(TunnelId tunnel, PeerSessionId peer) const {
  if (const SessionId early = indexes_.find_early(tunnel, peer)) return early;
  struct Search {
    const Records& records;
    TunnelId tunnel;
    PeerSessionId peer;
    SessionId found;
  } search{records_, tunnel, peer, {}};
  if (!peer) return {};
  records_.for_each(Table::session, &search, [](void* p, std::uint32_t i) {
    auto& s = *static_cast<Search*>(p);
    const l2tp::Session& session = s.records.session(SessionIndex{i})->l2tp;
    if (session.tunnel == s.tunnel && session.peer == s.peer) s.found = session.id;
  });
  return search.found;
}

void Engine::session_message(Context& c, TunnelRecord& tunnel, const ControlMessage& message) {
  SessionId id = message.header.session;
  // RFC 2661 4.4.4: a peer that hangs up before it has our id, or has lost it, names its own.
  if (!id && message.type == l2tp::MessageType::cdn)
    id = named_by_peer(tunnel.l2tp.id, PeerSessionId(message.u16(l2tp::AvpType::assigned_session_id).value_or(0)));
  const SessionIndex index = c.tx.index(tunnel.l2tp.id, id);
  const SessionRecord* known = id ? c.tx.session(index) : nullptr;
  if (known == nullptr || known->l2tp.tunnel != tunnel.l2tp.id) {
    counters_.add(Count::unknown_session);
    return;
  }
  if (message.type == l2tp::MessageType::cdn && names_another(message, known->l2tp)) {
    counters_.add(Count::unknown_session);
    return;
  }
  SessionRecord& session = c.tx.edit_session(index);
  const CallRecord* call = session.call != 0 ? c.tx.call(session.call) : nullptr;
  const auto outcome = l2tp::receive(session.l2tp, tunnel.l2tp, message, call != nullptr ? &call->call : nullptr,
                                     policy(c, tunnel), c.env, outbox_);
  enqueue(c, tunnel, outbox_);
  switch (outcome.event) {
    case SessionEvent::nothing: return;
    case SessionEvent::established: return session_up(c, tunnel, index, &message);
    case SessionEvent::closed:
      return remove_session(c, tunnel, index, outcome.ending, message.type == l2tp::MessageType::cdn, outcome.cause);
    case SessionEvent::line_errors:
      counters_.add(Count::line_errors);
      told_of_the_line(c, tunnel, id, NoticeKind::line_errors, message);
      return pass_on(c, session.other, message);
    case SessionEvent::link_info:
      counters_.add(Count::link_infos);
      told_of_the_line(c, tunnel, id, NoticeKind::link_info, message);
      return pass_on(c, session.other, message);
    case SessionEvent::wrong_role: counters_.add(Count::wrong_role); return;
  }
}

// WEN or SLI: for people, and for the line's framing. Nothing of it is kept.
void Engine::told_of_the_line(Context& c, const TunnelRecord& tunnel, SessionId session, NoticeKind kind,
                              const ControlMessage& message) {
  Notice n = notice(kind, tunnel);
  n.session = session;
  n.errors = message.call_errors().value_or(n.errors);
  n.accm = message.accm().value_or(n.accm);
  must(c.tx.step().notices.push(n));
}

// The call is up. As the LNS we take PPP frames from now on; as the LAC we only carry them. iccn: the message that says
// so, which may tell how far the LAC has come with PPP.
void Engine::session_up(Context& c, TunnelRecord& tunnel, SessionIndex index, const ControlMessage* iccn) {
  counters_.add(Count::sessions_established);
  SessionRecord& session = c.tx.edit_session(index);
  if (l2tp::placed(session.l2tp)) free_call(c, session);
  Notice n = notice(NoticeKind::session_up, tunnel);
  n.session = session.l2tp.id;
  n.circuit = session.l2tp.circuit;
  if (session.circuit) {
    tell_line(c, session, n);
    switch_to_call(c, tunnel, index);
  }
  must(c.tx.step().notices.push(n));
  if (session.other.raw != 0) return switch_on(c, tunnel, index);
  if (session.l2tp.role == l2tp::Role::lac) return;
  if (!l2tp::placed(session.l2tp)) indexes_.remove_early(tunnel.l2tp.id, session.l2tp.peer);
  SubscriberRecord& subscriber = c.tx.edit_subscriber(index);
  const auto policy = ppp_policy(c, tunnel, index);
  ppp_.clear();
  const auto proxied = start_ppp(tunnel, subscriber.link, policy, c.env, iccn);
  if (session.call != 0 && iccn != nullptr) overhear_lac(c, session.call, *iccn, proxied);
  must(c.tx.step().table_ops.push(session_row(c, tunnel, index)));
  apply_ppp(c, tunnel, index, policy);
}

// From our side: CDN, and gone. Where the tunnel's queue has no room for it the session waits until there is some.
void Engine::disconnect(Context& c, TunnelRecord& tunnel, SessionIndex index, const Ending& why,
                        const CallCause& cause) {
  const CircuitId line = c.tx.session(index)->circuit;
  if (is_access(tunnel.l2tp.id) && line) return hang_up(c, line, why, false);
  const l2tp::Session& session = c.tx.session(index)->l2tp;
  const bool silent = session.state == SessionState::wait_tunnel;  // a request that was never sent needs no end
  if (!silent && room(tunnel) <= kRoomForAnswers) {
    counters_.add(Count::back_pressure);
    SessionRecord& ending = c.tx.edit_session(index);
    if (!l2tp::placed(session)) free_call(c, ending);  // no tunnel is to be tried for it any more
    ending.l2tp.deadline = c.env.now + kRetryWithoutRoom;
    return indexes_.wait_to_end(tunnel.l2tp.id, session.id);
  }
  outbox_.clear();
  if (!silent) l2tp::disconnect(session, tunnel.l2tp, why, cause, outbox_);
  enqueue(c, tunnel, outbox_);
  remove_session(c, tunnel, index, why, false, cause);
}

void Engine::remove_session(Context& c, TunnelRecord& tunnel, SessionIndex index, const Ending& why, bool by_peer,
                            const CallCause& cause) {
  SessionRecord& record = c.tx.edit_session(index);
  const l2tp::Session session = record.l2tp;
  const CircuitId line = record.circuit;
  const SessionIndex other = record.other;
  const bool local = is_access(session.tunnel);
  const bool up = session.state == SessionState::established;
  const bool failed = !up && l2tp::placed(session);
  Notice n = notice(failed  ? NoticeKind::call_failed
                    : local ? NoticeKind::circuit_down
                            : NoticeKind::session_down,
                    tunnel);
  tell_line(c, record, n);
  if (failed) counters_.add(Count::calls_failed);
  n.session = session.id;
  n.circuit = session.circuit;
  n.ending = why;
  n.by_peer = by_peer;
  n.cause = cause;
  n.switched = other.raw != 0;
  if (const SubscriberRecord* subscriber = c.tx.subscriber(index)) {
    n.name = subscriber->link.user;
    release(c, tunnel, record, *subscriber, why);
    c.tx.free(Table::subscriber, index.raw);
  }
  must(c.tx.step().notices.push(n));
  if (up && (session.role == l2tp::Role::lns || line || n.switched))
    must(c.tx.step().table_ops.push(engine::remove_session(session.tunnel, session.id)));
  const bool for_subscriber = line || (n.switched && other != kOtherEnded);
  const std::uint32_t slot = failed && for_subscriber ? std::exchange(record.call, 0u) : 0u;
  free_call(c, record);
  if (indexes_.find_early(session.tunnel, session.peer) == session.id)
    indexes_.remove_early(session.tunnel, session.peer);
  c.tx.free(Table::session, index.raw);
  indexes_.remove_session(index);
  indexes_.no_longer_ending(session.tunnel, session.id);
  if (tunnel.sessions != 0) --tunnel.sessions;
  arm_idle(c, tunnel);
  const bool by_operator = why.result == static_cast<std::uint16_t>(CallResult::administrative) && !by_peer;
  const bool with_tunnel = tunnel.l2tp.state == l2tp::TunnelState::stopping;
  if (for_subscriber && !line && !failed) return end_other(c, index, other, why, cause, with_tunnel);
  if (for_subscriber && !line)
    return switched_call_failed(c, other, index, slot, by_peer && !with_tunnel ? why.result : 0, by_operator);
  if (!line) return;
  if (failed)
    call_of_circuit_failed(c, line, slot, by_operator);
  else
    forget_circuit(c, line, why, local && by_peer);
}

// The tunnel of a session, to be edited, if the peer could still be told something in it; else null.
TunnelRecord* Engine::living_tunnel(Context& c, SessionIndex index, TunnelId id) {
  const SessionRecord* session = c.tx.session(index);
  if (session == nullptr || session->l2tp.tunnel != id) return nullptr;
  if (is_access(id)) return &access(id);
  const TunnelRecord* tunnel = c.tx.tunnel(id);
  if (tunnel == nullptr || tunnel->l2tp.state == l2tp::TunnelState::stopping) return nullptr;
  const bool untold = session->l2tp.state == SessionState::wait_tunnel;
  return untold || tunnel->l2tp.state == l2tp::TunnelState::established ? &c.tx.edit(id) : nullptr;
}

// Likewise, for what must be told now or is not worth telling.
TunnelRecord* Engine::tunnel_with_room(Context& c, SessionIndex index, TunnelId id, unsigned room) {
  TunnelRecord* tunnel = living_tunnel(c, index, id);
  if (tunnel == nullptr || is_access(id) || c.tx.session(index)->l2tp.state == SessionState::wait_tunnel) return tunnel;
  if (Engine::room(*tunnel) >= room) return tunnel;
  counters_.add(Count::back_pressure);
  return nullptr;
}

void Engine::expire_session(Context& c, SessionIndex index) {
  const SessionRecord* session = c.tx.session(index);
  if (session == nullptr) return;
  TunnelRecord* tunnel = living_tunnel(c, index, session->l2tp.tunnel);
  if (tunnel == nullptr) return;
  if (session->l2tp.deadline <= c.env.now && wants_tunnel(*session)) {
    try_next_tunnel(c, index);
  } else if (session->l2tp.deadline <= c.env.now) {
    end_overdue(c, *tunnel, index);
  } else if (c.tx.subscriber(index) != nullptr) {
    SubscriberRecord& subscriber = c.tx.edit_subscriber(index);
    const auto policy = ppp_policy(c, *tunnel, index);
    ppp_.clear();
    if (subscriber.advertisement_due <= c.env.now) advertise(c, index, subscriber);
    if (ppp::next_due(subscriber.link) <= c.env.now) ppp::expire(subscriber.link, policy, c.env, ppp_);
    apply_ppp(c, *tunnel, index, policy);
  }
  flush(c, *tunnel);
}

// A call that was not completed; or a session that was to end before, when its tunnel had no room.
void Engine::end_overdue(Context& c, TunnelRecord& tunnel, SessionIndex index) {
  const SessionRecord& session = *c.tx.session(index);
  const SubscriberRecord* subscriber = c.tx.subscriber(index);
  if (is_unknown_to_peer(session.l2tp)) return clear_unknown_to_peer(c, tunnel, index);
  if (session.other == kOtherEnded)
    return disconnect(c, tunnel, index, Ending::of(CallResult::carrier_lost, "the other half of the call ended"));
  if (session.l2tp.state != SessionState::established)
    return disconnect(c, tunnel, index, Ending::of(CallResult::timeout, "the call was not completed in time"));
  if (subscriber != nullptr && subscriber->link.phase == ppp::Phase::dead) return ppp_is_down(c, tunnel, index);
  const bool left = session.circuit && c.tx.circuit(session.circuit) != nullptr;
  disconnect(c, tunnel, index,
             left ? Ending::of(CallResult::carrier_lost, "the subscriber ended the PPPoE session")
                  : Ending::of(CallResult::administrative, "cleared by the operator"));
}

// There is room again. What ends goes before what begins.
void Engine::end_waiting(Context& c, TunnelRecord& tunnel) {
  if (tunnel.l2tp.state != l2tp::TunnelState::established) return;
  while (room(tunnel) > kRoomForAnswers) {
    const auto id = indexes_.next_to_end(tunnel.l2tp.id);
    if (!id) return;
    const SessionIndex index = c.tx.index(tunnel.l2tp.id, *id);
    const SessionRecord* session = c.tx.session(index);
    if (session != nullptr && session->l2tp.tunnel == tunnel.l2tp.id) end_overdue(c, tunnel, index);
  }
}

void Engine::restore_session(Context& c, SessionIndex index) {
  if (mend_session(c, index)) return;
  const SessionRecord* session = c.tx.session(index);
  if (session->l2tp.unconfirmed != 0 && begin_confirming(c, index)) return;
  session = c.tx.session(index);
  if (session->l2tp.state != SessionState::established)
    c.tx.edit_session(index).l2tp.deadline = c.env.now + l2tp::kSetupLimit;
  if (session->l2tp.state == SessionState::wait_cs_answer) want_circuit(c, session->l2tp);  // whoever was asked is gone
  const SubscriberRecord* subscriber = c.tx.subscriber(index);
  if (subscriber == nullptr || ppp::next_due(subscriber->link) == kNever) return;
  const bool local = is_access(session->l2tp.tunnel);
  const TunnelRecord* tunnel = local ? &access(session->l2tp.tunnel) : c.tx.tunnel(session->l2tp.tunnel);
  if (tunnel == nullptr) return;
  // What the subscriber said of himself is on its way to an LNS: he is not to be asked again.
  if (is_tunnelling(c, *session)) return;
  ppp::restart_timers(c.tx.edit_subscriber(index).link, ppp_policy(c, *tunnel, index), c.env.now);
  if (c.tx.session(index)->l2tp.unconfirmed != 0) pace_confirming(c, index);
}

}  // namespace holdfast::engine
