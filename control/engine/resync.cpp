// What failovers of ours and of the peer's have in common (RFC 4951 3): a tunnel's phase, its recovery tunnel, the new
// sequence numbers, and the story that is told of it.
#include "engine/engine.hpp"

namespace holdfast::engine {
namespace {

using l2tp::Ending;
using l2tp::StopResult;

}  // namespace

// The one door into a phase.
void Engine::enter(TunnelRecord& tunnel, ResyncPhase phase, TimePoint deadline) {
  Resync& resync = tunnel.resync;
  if (resync.phase == ResyncPhase::recovering) --recovering_;
  if (phase == ResyncPhase::recovering) ++recovering_;
  resync.phase = phase;
  resync.deadline = deadline;
  resync.next = 0;
  resync.awaited = 0;
  resync.stale_only = 0;
}

// Its numbers are being agreed upon anew: nothing is sent in it, and what comes is dropped (RFC 4951 3.2).
bool Engine::is_frozen(const TunnelRecord& tunnel) {
  switch (tunnel.resync.phase) {
    case ResyncPhase::waiting:
    case ResyncPhase::recovering:
    case ResyncPhase::half_open: return true;
    case ResyncPhase::none:
    case ResyncPhase::recovery:
    case ResyncPhase::unreachable:
    case ResyncPhase::clearing:
    case ResyncPhase::comparing: return false;
  }
  return false;
}

// RFC 4951 3.3: no new calls until those that were not established are cleared.
bool Engine::may_place(const TunnelRecord& tunnel) {
  return !is_frozen(tunnel) && tunnel.resync.phase != ResyncPhase::clearing &&
         tunnel.resync.phase != ResyncPhase::unreachable;
}

// Free slots for messages of the tunnel.
unsigned Engine::room(const TunnelRecord& tunnel) { return is_frozen(tunnel) ? 0 : l2tp::room(tunnel.l2tp.channel); }

// The tunnel of which this is the recovery tunnel; null: it is not any more.
TunnelRecord* Engine::recovered_by(Context& c, const TunnelRecord& recovery) {
  if (recovery.resync.phase != ResyncPhase::recovery) return nullptr;
  const TunnelRecord* tunnel = c.tx.tunnel(recovery.resync.partner);
  return tunnel != nullptr && tunnel->resync.partner == recovery.l2tp.id ? &c.tx.edit(tunnel->l2tp.id) : nullptr;
}

// Its recovery tunnel goes without a word.
void Engine::drop_partner(Context& c, TunnelRecord& tunnel) {
  const TunnelId partner = std::exchange(tunnel.resync.partner, TunnelId{});
  const TunnelRecord* recovery = partner ? c.tx.tunnel(partner) : nullptr;
  if (recovery == nullptr || recovery->resync.phase != ResyncPhase::recovery) return;
  if (recovery->resync.partner == tunnel.l2tp.id) forget_tunnel(c, c.tx.edit(partner));
}

// The tunnel ends while it is being recovered.
void Engine::leave_resync(Context& c, TunnelRecord& tunnel) {
  if (tunnel.resync.phase == ResyncPhase::none || tunnel.resync.phase == ResyncPhase::recovery) return;
  const bool told = tunnel.resync.phase != ResyncPhase::unreachable;
  drop_partner(c, tunnel);
  enter(tunnel, ResyncPhase::none);
  if (told) end_story(c, tunnel, FailoverOutcome::failed);
}

// A recovery tunnel has ended, whatever the reason: what became of the tunnel that it was to recover.
void Engine::recovery_ended(Context& c, TunnelRecord& recovery) {
  TunnelRecord* tunnel = recovered_by(c, recovery);
  if (tunnel == nullptr) return;
  tunnel->resync.partner = {};
  if (tunnel->resync.phase == ResyncPhase::recovering)
    recovery_failed(c, *tunnel, recovery.l2tp.ended_by_peer != 0);
  else if (tunnel->resync.phase == ResyncPhase::half_open)
    take_up_again(c, *tunnel);
}

// RFC 4951 3.2: whatever was queued or not acknowledged is forgotten by both ends.
void Engine::restart_numbers(Context& c, TunnelRecord& tunnel, std::uint16_t ns, std::uint16_t nr) {
  for (std::uint16_t slot = 0; slot < l2tp::kSlots; ++slot)
    if (!c.tx.message(tunnel.l2tp.id, slot).empty()) c.tx.free(Table::message, message_index(tunnel.l2tp.id, slot));
  l2tp::reset_sequence(tunnel.l2tp.channel, ns, nr, c.env.now);
  tunnel.resync.partner = {};
  tunnel.resync.failed = 0;
  enter(tunnel, ResyncPhase::clearing);
}

// Whether there is no more to do for the tunnel now.
bool Engine::expire_resync(Context& c, TunnelRecord& tunnel) {
  const bool due = tunnel.resync.deadline <= c.env.now;
  switch (tunnel.resync.phase) {
    case ResyncPhase::none:
    case ResyncPhase::recovery: return false;
    case ResyncPhase::waiting:
      if (due) open_recovery(c, tunnel);
      return true;
    case ResyncPhase::recovering: return true;
    case ResyncPhase::half_open:
      if (!due) return true;
      counters_.add(Count::peer_failovers_abandoned);
      drop_partner(c, tunnel);
      take_up_again(c, tunnel);
      return is_frozen(tunnel);
    case ResyncPhase::unreachable:
      if (!due) return false;
      counters_.add(Count::tunnel_timeouts);
      give_up(c, tunnel, Ending::of(StopResult::general, "the peer does not acknowledge, and did not recover in time"),
              NoticeKind::tunnel_timeout);
      if (tunnel.l2tp.initiated != 0) lock_out(c, tunnel.l2tp.remote);
      return true;
    case ResyncPhase::clearing: clear_not_established(c, tunnel); return false;
    case ResyncPhase::comparing:
      if (due) compared(c, tunnel);
      return false;
  }
  return false;
}

Failover& Engine::story(const TunnelRecord& tunnel) { return failovers_[tunnel.l2tp.id]; }

void Engine::begin_story(const Context& c, const TunnelRecord& tunnel, bool ours) {
  Failover& story = failovers_[tunnel.l2tp.id];
  story = {};
  story.began = story.ended = c.env.now;
  story.tunnel = tunnel.l2tp.id;
  story.ours = ours;
  story.method = tunnel.method;
  story.peer = tunnel.l2tp.remote;
  story.peer_host = tunnel.l2tp.peer_host;
}

void Engine::end_story(Context& c, const TunnelRecord& tunnel, FailoverOutcome outcome) {
  Failover& told = story(tunnel);
  if (told.outcome != FailoverOutcome::under_way) return;
  if (!told.tunnel) begin_story(c, tunnel, true);  // of a process before this one
  told.outcome = outcome;
  told.ended = c.env.now;
  const bool goes_on = outcome == FailoverOutcome::silent || outcome == FailoverOutcome::fell_back;
  if (goes_on) told.kept = tunnel.sessions;
  if (outcome == FailoverOutcome::recovered) counters_.add(Count::failovers_recovered);
  if (outcome == FailoverOutcome::failed) counters_.add(Count::failovers_failed);
  if (outcome == FailoverOutcome::fell_back) counters_.add(Count::failovers_fallen_back);
  Notice n = notice(NoticeKind::failover_ended, tunnel);
  n.failover = told;
  must(c.tx.step().notices.push(n));
}

// A control message that the failover protocol costs, whichever way it goes.
void Engine::count_message(const TunnelRecord& tunnel) {
  const bool recovery = tunnel.resync.phase == ResyncPhase::recovery;
  if (!recovery && tunnel.resync.phase != ResyncPhase::comparing) return;
  const auto found = failovers_.find(recovery ? tunnel.resync.partner : tunnel.l2tp.id);
  if (found != failovers_.end()) ++found->second.messages;
}

}  // namespace holdfast::engine
