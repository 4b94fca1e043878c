// After a tunnel was recovered: sessions that are not established are cleared by both ends without a word (RFC 4951
// 3.3); of all others each end asks the other whether it has them, too (section 4). FSQs are sent as the tunnel's queue
// has room, so that the peer's window is kept.
#include "engine/engine.hpp"
#include "l2tp/builder.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

using l2tp::CallResult;
using l2tp::Ending;
using l2tp::MessageBuilder;
using l2tp::MessageType;
using l2tp::SessionState;

constexpr unsigned kChunk = 32;                         // sessions cleared in one step
constexpr unsigned kQueriesInAStep = 2;                 // FSQs: each changes the records of kStatesInAMessage sessions
constexpr std::uint8_t kAsked = 1, kUnknownToPeer = 2;  // Session::queried
constexpr Duration kCompareLimit = std::chrono::seconds(60);
constexpr std::uint16_t kThrough = 65535;

}  // namespace

void Engine::clear_not_established(Context& c, TunnelRecord& tunnel) {
  unsigned cleared = 0;
  std::uint16_t& at = tunnel.resync.next;
  while (tunnel.sessions != 0 && at < kThrough && cleared < kChunk) {
    const SessionIndex index = c.tx.index(tunnel.l2tp.id, SessionId(++at));
    const SessionRecord* session = c.tx.session(index);
    if (session == nullptr || session->l2tp.tunnel != tunnel.l2tp.id) continue;
    const SessionState state = session->l2tp.state;
    // Of one that still waits for its request the peer has never heard.
    if (state == SessionState::established || state == SessionState::wait_tunnel) continue;
    ++story(tunnel).not_established;
    counters_.add(Count::sessions_reconciled);
    remove_session(c, tunnel, index, Ending::of(CallResult::error, "its tunnel was recovered during its set-up"),
                   false);
    ++cleared;
  }
  if (cleared == kChunk) return;
  enter(tunnel, ResyncPhase::comparing, c.env.now + kCompareLimit);
}

// As much as there is room for. Called whenever something may leave.
void Engine::compare_sessions(Context& c, TunnelRecord& tunnel) {
  if (tunnel.resync.phase != ResyncPhase::comparing) return;
  unsigned sent = 0;
  while (sent < kQueriesInAStep && tunnel.resync.next < kThrough && room(tunnel) > kRoomForAnswers)
    if (query(c, tunnel)) ++sent;
  if (tunnel.resync.next == kThrough && tunnel.resync.awaited == 0) compared(c, tunnel);
}

// One FSQ, of the next sessions. False: there are none left.
bool Engine::query(Context& c, TunnelRecord& tunnel) {
  outbox_.clear();
  MessageBuilder fsq(outbox_.room(), MessageType::fsq, tunnel.l2tp.peer, PeerSessionId{});
  unsigned asked = 0;
  Resync& resync = tunnel.resync;
  while (asked < kStatesInAMessage && resync.next < kThrough) {
    const SessionIndex index = c.tx.index(tunnel.l2tp.id, SessionId(++resync.next));
    const SessionRecord* known = c.tx.session(index);
    if (known == nullptr || known->l2tp.tunnel != tunnel.l2tp.id) continue;
    if (known->l2tp.state != SessionState::established || (resync.stale_only != 0 && known->l2tp.stale == 0)) continue;
    l2tp::Session& session = c.tx.edit_session(index).l2tp;
    session.queried = kAsked;
    session.stale = 0;
    fsq.add(l2tp::FailoverSessionState{session.id, session.peer});
    ++resync.awaited;
    ++asked;
  }
  if (asked == 0) return false;
  (void)keep(outbox_, fsq);
  enqueue(c, tunnel, outbox_);
  return true;
}

// The states of all sessions are told, or the peer had time enough.
void Engine::compared(Context& c, TunnelRecord& tunnel) {
  story(tunnel).unanswered = tunnel.resync.awaited;
  const bool again = std::exchange(tunnel.resync.stale_seen, std::uint8_t{0}) != 0;
  if (again && tunnel.resync.awaited == 0) {
    enter(tunnel, ResyncPhase::comparing, c.env.now + kCompareLimit);
    tunnel.resync.stale_only = 1;
    return;
  }
  enter(tunnel, ResyncPhase::none);
  end_story(c, tunnel, FailoverOutcome::recovered);
}

// RFC 4951 4.1, 4.2: every state is answered, in as many FSRs as it takes: ours with our id where both ends have the
// same pair of sessions, else with 0. Nothing is cleared here.
void Engine::answer_query(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& fsq) {
  counters_.add(Count::fsq_received);
  const auto& states = fsq.session_states();
  bool stale = false;
  for (std::size_t first = 0; first < states.size(); first += kStatesInAMessage) {
    outbox_.clear();
    MessageBuilder fsr(outbox_.room(), MessageType::fsr, tunnel.l2tp.peer, PeerSessionId{});
    for (std::size_t i = first; i < std::min<std::size_t>(states.size(), first + kStatesInAMessage); ++i) {
      const SessionIndex index = c.tx.index(tunnel.l2tp.id, states[i].ours);
      const SessionRecord* session = states[i].ours ? c.tx.session(index) : nullptr;
      const bool there = session != nullptr && session->l2tp.tunnel == tunnel.l2tp.id &&
                         session->l2tp.state == SessionState::established;
      const bool same = there && session->l2tp.peer == states[i].theirs;
      fsr.add(l2tp::FailoverSessionState{same ? states[i].ours : SessionId{}, states[i].theirs});
      if (!there || same) continue;
      counters_.add(Count::sessions_stale);
      c.tx.edit_session(index).l2tp.stale = 1;
      stale = true;
    }
    (void)keep(outbox_, fsr);
    enqueue(c, tunnel, outbox_);
  }
  if (!stale) return;
  if (tunnel.resync.phase == ResyncPhase::none) {
    enter(tunnel, ResyncPhase::comparing, c.env.now + kCompareLimit);
    tunnel.resync.stale_only = 1;
  } else {
    tunnel.resync.stale_seen = 1;
  }
}

// RFC 4951 4.2. A state that nobody asked for would end a session of ours for anybody who can send one: it counts only
// as an answer. What the peer does not have is cleared in steps of their own.
void Engine::take_states(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& fsr) {
  counters_.add(Count::fsr_received);
  for (const l2tp::FailoverSessionState& state : fsr.session_states()) {
    const SessionIndex index = c.tx.index(tunnel.l2tp.id, state.ours);
    const SessionRecord* known = state.ours ? c.tx.session(index) : nullptr;
    if (known == nullptr || known->l2tp.tunnel != tunnel.l2tp.id || known->l2tp.queried != kAsked) {
      counters_.add(Count::fsr_unasked);
      continue;
    }
    l2tp::Session& session = c.tx.edit_session(index).l2tp;
    session.queried = 0;
    session.unconfirmed = 0;
    if (tunnel.resync.awaited != 0) --tunnel.resync.awaited;
    if (state.theirs == session.peer) {
      ++story(tunnel).kept;
      continue;
    }
    session.queried = kUnknownToPeer;
    session.deadline = c.env.now;
  }
}

// A session whose end is due because an FSR said so.
bool Engine::is_unknown_to_peer(const l2tp::Session& session) { return session.queried == kUnknownToPeer; }

void Engine::clear_unknown_to_peer(Context& c, TunnelRecord& tunnel, SessionIndex index) {
  if (const auto told = failovers_.find(tunnel.l2tp.id); told != failovers_.end()) ++told->second.unknown_to_peer;
  counters_.add(Count::sessions_reconciled);
  remove_session(c, tunnel, index, Ending::of(CallResult::error, "the peer does not have it any more"), true);
}

// RFC 4951 4: the peer places a call with an id that, as we have it, is that of an established one: that one is over,
// which a CDN says, and the peer tries again with another id. False: there is none.
bool Engine::supersede(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& request) {
  if (tunnel.resync.phase != ResyncPhase::comparing) return false;
  const SessionId id =
      named_by_peer(tunnel.l2tp.id, PeerSessionId(request.u16(l2tp::AvpType::assigned_session_id).value_or(0)));
  const SessionIndex index = c.tx.index(tunnel.l2tp.id, id);
  const SessionRecord* session = id ? c.tx.session(index) : nullptr;
  if (session == nullptr || session->l2tp.tunnel != tunnel.l2tp.id) return false;
  if (session->l2tp.state != SessionState::established) return false;
  counters_.add(Count::sessions_reconciled);
  disconnect(c, tunnel, index, Ending::of(CallResult::error, "its id is used again", l2tp::ErrorCode::bad_session));
  return true;
}

}  // namespace holdfast::engine
