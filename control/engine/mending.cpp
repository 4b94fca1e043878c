// What a damaged record leaves behind. The store dropped it when it was opened; here, after a restart, goes what cannot
// be without it, in order where the peer can be told, and all else stays.
//
//   tunnel      its sessions go; the peer finds out by its HELLO
//   message     a HELLO takes its Ns, so that what comes after it can be delivered; a set-up is given up
//   session     CDN in the tunnel whose count of sessions is too high
//   subscriber  CDN
//   spec        StopCCN
//   call        CDN, when the peer answers it
#include "engine/engine.hpp"

namespace holdfast::engine {
namespace {

using l2tp::CallResult;
using l2tp::Ending;
using l2tp::ErrorCode;
using l2tp::SessionState;
using l2tp::StopResult;
using l2tp::TunnelState;

constexpr std::string_view kWhy = "its record was damaged";

}  // namespace

void Engine::mend_tunnel(Context& c, TunnelRecord& tunnel) {
  if (const auto counted = miscounted_.find(tunnel.l2tp.id); counted != miscounted_.end()) {
    if (tunnel.l2tp.state == TunnelState::established && counted->second < tunnel.sessions) tell_lost(c, tunnel);
    tunnel.sessions = counted->second;
  }
  if (mend_messages(c, tunnel) && tunnel.l2tp.state != TunnelState::established)
    return give_up(c, tunnel, Ending::of(StopResult::error, kWhy), NoticeKind::tunnel_down);
  const bool recovery = tunnel.resync.phase == ResyncPhase::recovery;  // has none
  const bool spec_lost = tunnel.l2tp.initiated != 0 && !recovery && c.tx.spec(tunnel.l2tp.id) == nullptr;
  if (spec_lost) close_tunnel(c, tunnel, Ending::of(StopResult::error, kWhy, ErrorCode::vendor));
}

// Whose of the tunnels with too few sessions a lost one was is not known, so it is told in each. RFC 2661 4.4.4: the
// Assigned Session ID alone says which call has ended; a peer that does not know it has nothing to end.
void Engine::tell_lost(Context& c, TunnelRecord& tunnel) {
  for (const SessionIndex lost : lost_sessions_) {
    l2tp::Session session{};
    session.id = SessionId(static_cast<std::uint16_t>(lost.raw));
    if (c.tx.index(tunnel.l2tp.id, session.id) != lost) continue;
    const SessionRecord* other = c.tx.session(lost);  // two places became one, and this one stayed
    if (other != nullptr && other->l2tp.tunnel == tunnel.l2tp.id) continue;
    if (room(tunnel) <= kRoomForAnswers) return;
    outbox_.clear();
    l2tp::disconnect(session, tunnel.l2tp, Ending::of(CallResult::error, kWhy, ErrorCode::vendor), {}, outbox_);
    enqueue(c, tunnel, outbox_);
  }
}

// Whether a message that the peer may still wait for is lost.
bool Engine::mend_messages(Context& c, TunnelRecord& tunnel) {
  bool lost = false;
  const auto& channel = tunnel.l2tp.channel;
  for (std::uint16_t ns = channel.acknowledged_ns; ns != channel.next_ns; ++ns) {
    if (!c.tx.message(tunnel.l2tp.id, ns).empty()) continue;
    lost = true;
    outbox_.clear();
    l2tp::hello(tunnel.l2tp, outbox_);
    c.tx.put_message(tunnel.l2tp.id, ns, outbox_[0]);
  }
  return lost;
}

// Whether the session is gone.
bool Engine::mend_session(Context& c, SessionIndex index) {
  const SessionRecord* session = c.tx.session(index);
  const SubscriberRecord* subscriber = c.tx.subscriber(index);
  if (session == nullptr) {
    if (subscriber != nullptr) drop_subscriber(c, index, *subscriber);
    return true;
  }
  if (is_access(session->l2tp.tunnel)) return mend_access(c, index);
  const TunnelRecord* tunnel = c.tx.tunnel(session->l2tp.tunnel);
  if (tunnel == nullptr) {
    TunnelRecord lost{};
    lost.l2tp.id = session->l2tp.tunnel;
    remove_session(c, lost, index, Ending::of(CallResult::error, "its tunnel's record was damaged"), false);
    return true;
  }
  const bool served = session->l2tp.state == SessionState::established && session->l2tp.role == l2tp::Role::lns &&
                      session->other.raw == 0;
  const CircuitRecord* line = session->circuit ? c.tx.circuit(session->circuit) : nullptr;
  const bool line_lost = session->circuit && (line == nullptr || (line->ppp != index && line->call != index));
  if (!line_lost && !switching_lost(c, index) && (!served || subscriber != nullptr)) return false;
  TunnelRecord* with_room = living_tunnel(c, index, session->l2tp.tunnel);
  if (with_room == nullptr) return false;  // the tunnel is going, too, or the session's timer tries again
  disconnect(c, *with_room, index, Ending::of(CallResult::error, kWhy, ErrorCode::vendor));
  flush(c, *with_room);
  return true;
}

// PPP on a circuit: without the one the other is of no use. A call that is lost is placed again, elsewhere.
bool Engine::mend_access(Context& c, SessionIndex index) {
  const SessionRecord& session = *c.tx.session(index);
  const CircuitRecord* circuit = session.circuit ? c.tx.circuit(session.circuit) : nullptr;
  if (circuit == nullptr || circuit->ppp != index || c.tx.subscriber(index) == nullptr) {
    remove_session(c, access(session.l2tp.tunnel), index, Ending::of(CallResult::error, kWhy, ErrorCode::vendor),
                   false);
    return true;
  }
  if (circuit->state != CircuitState::calling) return false;
  const SessionRecord* call = c.tx.session(circuit->call);
  if (call == nullptr || call->circuit != circuit->id) call_of_circuit_failed(c, circuit->id, 0, false);
  return false;
}

// The peer was told when its tunnel was mended.
void Engine::drop_subscriber(Context& c, SessionIndex index, const SubscriberRecord& subscriber) {
  SessionRecord session;
  session.l2tp.id = SessionId(static_cast<std::uint16_t>(index.raw));
  release(c, TunnelRecord{}, session, subscriber, Ending::of(CallResult::error, kWhy, ErrorCode::vendor));
  c.tx.free(Table::subscriber, index.raw);
}

}  // namespace holdfast::engine
