// The life of sessions: calls that come in, their end from either side, timers.
#include "config/lookup.hpp"
#include "engine/engine.hpp"
#include "engine/rows.hpp"
#include "ppp/ppp.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

using l2tp::CallResult;
using l2tp::ControlMessage;
using l2tp::Ending;
using l2tp::SessionEvent;
using l2tp::SessionState;

// When the tunnel has no room for the CDN that an event would cause, the event waits.
constexpr Duration kRetryWithoutRoom = std::chrono::milliseconds(50);

}  // namespace

void Engine::begin_session(Context& c, TunnelRecord& tunnel, const ControlMessage& icrq) {
  const auto refuse = [&](const Ending& why) {
    counters_.add(Count::sessions_refused);
    l2tp::refuse(tunnel.l2tp, icrq, why, outbox_);
    enqueue(c, tunnel, outbox_);
    Notice n = notice(NoticeKind::session_refused, tunnel);
    n.ending = why;
    n.by_peer = false;
    must(c.tx.step().notices.push(n));
  };
  if (icrq.fault) return refuse(l2tp::ending_of(*icrq.fault));
  const auto* host = profile(tunnel);
  if (host != nullptr && host->max_sessions && tunnel.sessions >= *host->max_sessions)
    return refuse(Ending::of(CallResult::no_facilities_temporary, "session limit of the host profile"));
  const auto id = indexes_.free_session(records_, tunnel.l2tp.id);
  if (!id) {
    counters_.add(Count::no_session_id);
    return refuse(Ending::of(CallResult::no_facilities_temporary, "no free session id"));
  }
  const SessionIndex index = c.tx.index(tunnel.l2tp.id, *id);
  SessionRecord& session = c.tx.edit_session(index);
  session.l2tp.tunnel = tunnel.l2tp.id;
  session.l2tp.id = *id;
  l2tp::accept(session.l2tp, tunnel.l2tp, icrq, c.env, outbox_);
  ++tunnel.sessions;
  indexes_.add_session(index);
  enqueue(c, tunnel, outbox_);
}

void Engine::session_message(Context& c, TunnelRecord& tunnel, const ControlMessage& message) {
  const SessionIndex index = c.tx.index(tunnel.l2tp.id, message.header.session);
  const SessionRecord* known = message.header.session ? c.tx.session(index) : nullptr;
  if (known == nullptr || known->l2tp.tunnel != tunnel.l2tp.id) {
    counters_.add(Count::unknown_session);
    return;
  }
  SessionRecord& session = c.tx.edit_session(index);
  const auto outcome = l2tp::receive(session.l2tp, tunnel.l2tp, message, c.env, outbox_);
  enqueue(c, tunnel, outbox_);
  switch (outcome.event) {
    case SessionEvent::nothing: return;
    case SessionEvent::established: return session_up(c, tunnel, index);
    case SessionEvent::closed:
      return remove_session(c, tunnel, index, outcome.ending, message.type == l2tp::MessageType::cdn);
  }
}

// ICCN: PPP frames are to be taken from now on, and ours is the first Configure-Request.
void Engine::session_up(Context& c, TunnelRecord& tunnel, SessionIndex index) {
  counters_.add(Count::sessions_established);
  const SessionRecord& session = *c.tx.session(index);
  SubscriberRecord& subscriber = c.tx.edit_subscriber(index);
  Notice n = notice(NoticeKind::session_up, tunnel);
  n.session = session.l2tp.id;
  must(c.tx.step().notices.push(n));
  const auto policy = ppp_policy(tunnel);
  ppp_.clear();
  ppp::start(subscriber.link, policy, c.env, ppp_);
  must(c.tx.step().table_ops.push(put_session(session, &subscriber, tunnel.l2tp.peer, config_.ppp.mru)));
  apply_ppp(c, tunnel, index, policy);
}

// From our side: CDN, and gone. The caller made sure of room for it.
void Engine::disconnect(Context& c, TunnelRecord& tunnel, SessionIndex index, const Ending& why) {
  outbox_.clear();
  l2tp::disconnect(c.tx.session(index)->l2tp, tunnel.l2tp, why, outbox_);
  enqueue(c, tunnel, outbox_);
  remove_session(c, tunnel, index, why, false);
}

void Engine::remove_session(Context& c, TunnelRecord& tunnel, SessionIndex index, const Ending& why, bool by_peer) {
  const l2tp::Session session = c.tx.session(index)->l2tp;
  Notice n = notice(NoticeKind::session_down, tunnel);
  n.session = session.id;
  n.ending = why;
  n.by_peer = by_peer;
  if (const SubscriberRecord* subscriber = c.tx.subscriber(index)) {
    n.name = subscriber->link.user;
    release(c, tunnel, index, *subscriber, why);
    c.tx.free(Table::subscriber, index.raw);
  }
  must(c.tx.step().notices.push(n));
  if (session.state == SessionState::established)
    must(c.tx.step().table_ops.push(engine::remove_session(session.tunnel, session.id)));
  c.tx.free(Table::session, index.raw);
  indexes_.remove_session(index);
  if (tunnel.sessions != 0) --tunnel.sessions;
}

// The tunnel of a session, to be edited, if it is up and could take the CDN that may follow. Otherwise null, and where
// there is only no room, the session's timer is tried again soon.
TunnelRecord* Engine::tunnel_with_room(Context& c, SessionIndex index, TunnelId id) {
  const SessionRecord* session = c.tx.session(index);
  if (session == nullptr || session->l2tp.tunnel != id) return nullptr;
  const TunnelRecord* tunnel = c.tx.tunnel(id);
  if (tunnel == nullptr || tunnel->l2tp.state != l2tp::TunnelState::established) return nullptr;
  if (l2tp::room(tunnel->l2tp.channel) == 0) {
    counters_.add(Count::back_pressure);
    must(c.tx.step().timers.push({{TimerKey::Kind::session, index.raw}, c.env.now + kRetryWithoutRoom}));
    return nullptr;
  }
  return &c.tx.edit(id);
}

void Engine::expire_session(Context& c, SessionIndex index) {
  const SessionRecord* session = c.tx.session(index);
  if (session == nullptr) return;
  TunnelRecord* tunnel = tunnel_with_room(c, index, session->l2tp.tunnel);
  if (tunnel == nullptr) return;
  if (session->l2tp.deadline <= c.env.now) {
    disconnect(c, *tunnel, index, Ending::of(CallResult::timeout, "the call was not completed in time"));
  } else if (c.tx.subscriber(index) != nullptr) {
    SubscriberRecord& subscriber = c.tx.edit_subscriber(index);
    const auto policy = ppp_policy(*tunnel);
    ppp_.clear();
    if (subscriber.advertisement_due <= c.env.now) advertise(c, index, subscriber);
    if (ppp::next_due(subscriber.link) <= c.env.now) ppp::expire(subscriber.link, policy, c.env, ppp_);
    apply_ppp(c, *tunnel, index, policy);
  }
  flush(c, *tunnel);
}

void Engine::restore_session(Context& c, SessionIndex index) {
  const SessionRecord* session = c.tx.session(index);
  if (session == nullptr) return;
  if (session->l2tp.state == SessionState::wait_connect)
    c.tx.edit_session(index).l2tp.deadline = c.env.now + l2tp::kSetupLimit;
  const SubscriberRecord* subscriber = c.tx.subscriber(index);
  if (subscriber == nullptr || ppp::next_due(subscriber->link) == kNever) return;
  const TunnelRecord* tunnel = c.tx.tunnel(session->l2tp.tunnel);
  if (tunnel == nullptr) return;
  ppp::restart_timers(c.tx.edit_subscriber(index).link, ppp_policy(*tunnel), c.env.now);
}

}  // namespace holdfast::engine
