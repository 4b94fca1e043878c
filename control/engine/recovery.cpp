// A failover of ours (RFC 4951 3.2, 3.3): what a restart does with an established tunnel. By the failover protocol a
// recovery tunnel is opened to the peer, which tells the numbers with which the old one goes on.
//
//   waiting > recovering   SCCRQ (Tunnel Recovery, Tie Breaker) >
//                          < SCCRP (Suggested Control Sequence)      the old tunnel's numbers are these from here on
//   clearing               SCCCN >  StopCCN >                        the recovery tunnel has done what it was for
//   comparing              FSQ >  < FSR                              in the old tunnel
//
// A process that dies meanwhile begins anew: its recovery tunnel is forgotten, the peer's end of it runs out.
#include "engine/engine.hpp"
#include "resync/method.hpp"

namespace holdfast::engine {
namespace {

using l2tp::Ending;
using l2tp::StopResult;

constexpr unsigned kMostRecovering = 64;                       // recovery tunnels being opened at a time
constexpr Duration kRetryWithoutId = std::chrono::seconds(1);  // the table of tunnels is full

}  // namespace

void Engine::recover(Context& c, TunnelRecord& tunnel) {
  switch (resync::recovery(tunnel.method, resync::can_recover(tunnel.l2tp))) {
    case resync::Recovery::protocol: return begin_recovery(c, tunnel);
    case resync::Recovery::silent:
      if (tunnel.resync.phase == ResyncPhase::half_open) {  // the peer may still get on with it
        tunnel.resync.deadline = c.env.now + kHalfOpen;
        return;
      }
      begin_story(c, tunnel, true);
      return end_story(c, tunnel, FailoverOutcome::silent);
    case resync::Recovery::disconnect:
      begin_story(c, tunnel, true);
      end_story(c, tunnel, FailoverOutcome::disconnected);
      return close_tunnel(c, tunnel,
                          Ending::of(StopResult::general, "restarted, and resynchronization is not enabled"));
  }
}

void Engine::begin_recovery(Context& c, TunnelRecord& tunnel) {
  drop_partner(c, tunnel);
  begin_story(c, tunnel, true);
  open_recovery(c, tunnel);
}

void Engine::open_recovery(Context& c, TunnelRecord& tunnel) {
  if (recovering_ >= kMostRecovering) {
    enter(tunnel, ResyncPhase::waiting);
    return waiting_.push_back(tunnel.l2tp.id);
  }
  const auto id = free_tunnel();
  if (!id) {
    counters_.add(Count::tunnels_full);
    return enter(tunnel, ResyncPhase::waiting, c.env.now + kRetryWithoutId);
  }
  TunnelRecord& recovery = c.tx.edit(*id);
  recovery.l2tp.id = *id;
  recovery.l2tp.initiated = 1;
  recovery.l2tp.local = tunnel.l2tp.local;
  recovery.l2tp.local_port = tunnel.l2tp.local_port;
  recovery.l2tp.remote = tunnel.l2tp.remote;
  recovery.l2tp.remote_port = tunnel.l2tp.remote_port;
  recovery.method = tunnel.method;
  recovery.resync.phase = ResyncPhase::recovery;
  recovery.resync.partner = tunnel.l2tp.id;
  enter(tunnel, ResyncPhase::recovering);
  tunnel.resync.partner = *id;
  counters_.add(Count::failovers_begun);
  outbox_.clear();
  l2tp::open(recovery.l2tp, policy(c, recovery), c.env, outbox_);
  enqueue(c, recovery, outbox_);
  indexes_.add(recovery);
  flush(c, recovery);
}

// Another tunnel's recovery is through: the next one's turn, in a step of its own.
void Engine::next_recovery(Context& c) {
  while (!waiting_.empty() && recovering_ < kMostRecovering) {
    const TunnelId id = waiting_.front();
    waiting_.pop_front();
    const TunnelRecord* tunnel = c.tx.tunnel(id);
    if (tunnel == nullptr || tunnel->resync.phase != ResyncPhase::waiting) continue;
    c.tx.edit(id).resync.deadline = c.env.now;
    return;
  }
}

// Of a recovery tunnel: with the secret of the tunnel that it recovers (RFC 4951 3.2), and without its capabilities.
l2tp::TunnelPolicy Engine::recovery_policy(const Context& c, const TunnelRecord& recovery) const {
  l2tp::TunnelPolicy policy;
  policy.local_host = config_.hostname;
  const TunnelRecord* tunnel = c.tx.tunnel(recovery.resync.partner);
  if (tunnel != nullptr && tunnel->resync.phase != ResyncPhase::recovery) {
    policy = this->policy(c, *tunnel);
    if (recovery.l2tp.initiated != 0)
      policy.recovers = l2tp::TunnelRecovery{tunnel->l2tp.id, tunnel->l2tp.peer};
    else
      policy.suggests = l2tp::SuggestedControlSequence{recovery.resync.suggested_ns, recovery.resync.suggested_nr};
  }
  policy.capability.reset();
  policy.tie_breaker = true;
  policy.channel = channel_policy(recovery);
  return policy;
}

// The recovery tunnel is up. RFC 4951 5.3: without suggested numbers both ends begin at 0.
void Engine::recovery_replied(Context& c, TunnelRecord& recovery, const l2tp::ControlMessage& sccrp) {
  TunnelRecord* tunnel = recovered_by(c, recovery);
  const bool awaited = tunnel != nullptr && tunnel->resync.phase == ResyncPhase::recovering;
  if (awaited) {
    const auto numbers = sccrp.suggested_control_sequence().value_or(l2tp::SuggestedControlSequence{});
    restart_numbers(c, *tunnel, numbers.ns, numbers.nr);
    next_recovery(c);
  }
  close_tunnel(c, recovery, Ending::of(StopResult::general, awaited ? "recovered" : "nothing to recover any more"));
}

// RFC 4951 3.2: the tunnel and its sessions are cleared without a word; nobody can be sure of its numbers. refused: the
// peer is there and would not: where the method is to fall back, it goes on with the numbers that it had.
void Engine::recovery_failed(Context& c, TunnelRecord& tunnel, bool refused) {
  enter(tunnel, ResyncPhase::none);
  next_recovery(c);
  if (refused && tunnel.method == ResyncMethod::failover_protocol_fallback_to_silent_failover) {
    end_story(c, tunnel, FailoverOutcome::fell_back);
    l2tp::restart_timers(tunnel.l2tp.channel, channel_policy(tunnel), c.env.now);
    l2tp::resend_all(tunnel.l2tp.channel);
    return flush(c, tunnel);
  }
  end_story(c, tunnel, FailoverOutcome::failed);
  give_up(c, tunnel, Ending::of(StopResult::general, "it could not be recovered"), NoticeKind::tunnel_down);
}

}  // namespace holdfast::engine
