// A failover of the peer's (RFC 4951 3.2, 3.3): its recovery tunnel is answered whatever our own method is. The old
// tunnel stands still from our SCCRP to its SCCCN, or for as long as the half-open state may last; then both go on.
#include "engine/engine.hpp"
#include "l2tp/tie_breaker.hpp"
#include "resync/method.hpp"

namespace holdfast::engine {
namespace {

using l2tp::AvpType;
using l2tp::Ending;
using l2tp::ErrorCode;
using l2tp::StopResult;
using l2tp::TunnelState;

// Anybody who knows both ids of a tunnel and forges an address can ask for a recovery, long before he would have to
// authenticate. Others may take the place of one that is under way for so long; when nobody has got on with it, the
// tunnel then listens for so long. In all it stands still for half of the time at the most.
constexpr Duration kReplaceable = std::chrono::seconds(5);
constexpr Duration kListening = std::chrono::seconds(10);
constexpr Duration kRecoveryTunnelLife = std::chrono::seconds(60);  // of one that the peer does not end

}  // namespace

// An SCCRQ with a Tunnel Recovery AVP. A tunnel that can be recovered has one recovery tunnel at the most, so their
// number is bounded, and all others are refused within the limits that any SCCRQ has.
void Engine::answer_recovery(Context& c, const ControlDatagram& event, const l2tp::ControlMessage& sccrq,
                             const config::HostProfile* profile) {
  const TunnelId of = sccrq.tunnel_recovery()->ours;
  if (c.tx.tunnel(of) != nullptr && std::exchange(turns_[of.raw], Turn::none) == Turn::awaited) {
    turns_[of.raw] = Turn::taken;
    restore_tunnel(c, of);
  }
  const TunnelRecord* known = c.tx.tunnel(of);
  const auto why_not = reason_not_to_recover(event, sccrq, known);
  if (why_not && !admit_tunnel(c, event)) return;
  if (!why_not && too_often(c, *known)) return counters_.add(Count::recovery_too_often);
  if (!why_not && !yields(c, c.tx.edit(of), sccrq)) return;
  const auto id = free_tunnel();
  if (!id) return refuse_for_room(c, event, sccrq);
  TunnelRecord& recovery = c.tx.edit(*id);
  recovery.l2tp.id = *id;
  recovery.l2tp.local = event.local;
  recovery.l2tp.local_port = event.local_port;
  recovery.l2tp.remote = event.peer;
  recovery.l2tp.remote_port = event.peer_port;
  recovery.resync.phase = ResyncPhase::recovery;
  outbox_.clear();
  auto happened = l2tp::TunnelEvent::closed;
  if (why_not) {
    l2tp::refuse(recovery.l2tp, sccrq, *why_not, policy(profile, recovery), c.env, outbox_);
  } else {
    const TunnelRecord& tunnel = *c.tx.tunnel(of);
    recovery.resync.partner = of;
    recovery.resync.suggested_ns = l2tp::next_nr(tunnel.l2tp.channel);
    recovery.resync.suggested_nr = l2tp::next_ns(tunnel.l2tp.channel);
    happened = l2tp::accept(recovery.l2tp, sccrq, policy(c, recovery), c.env, outbox_);
  }
  (void)l2tp::receive(recovery.l2tp.channel, sccrq.header.ns, sccrq.header.nr, false, channel_policy(recovery),
                      c.env.now);
  counters_.add(Count::messages_received);
  indexes_.add(recovery);
  enqueue(c, recovery, outbox_);
  if (happened == l2tp::TunnelEvent::closed) {
    tunnel_down(c, recovery, NoticeKind::tunnel_refused);
  } else {
    TunnelRecord& tunnel = c.tx.edit(of);
    const bool replaces = tunnel.resync.phase == ResyncPhase::half_open && failovers_.contains(of);
    const TimePoint began = replaces ? story(tunnel).began : c.env.now;
    enter(tunnel, ResyncPhase::half_open, c.env.now + kHalfOpen);
    tunnel.resync.partner = *id;
    counters_.add(Count::peer_failovers);
    begin_story(c, tunnel, false);
    story(tunnel).began = began;
    count_message(recovery);
  }
  flush(c, recovery);
}

// RFC 4951 3.2.1. No result codes are given there: those of RFC 2661 that fit.
std::optional<Ending> Engine::reason_not_to_recover(const ControlDatagram& event, const l2tp::ControlMessage& sccrq,
                                                    const TunnelRecord* tunnel) {
  if (sccrq.fault) {
    counters_.add(Count::faulty);
    return l2tp::ending_of(*sccrq.fault);
  }
  const auto unknown = Ending::of(StopResult::error, "no such tunnel to recover", ErrorCode::value);
  const bool is_one = tunnel != nullptr && tunnel->l2tp.state == TunnelState::established &&
                      tunnel->resync.phase != ResyncPhase::recovery;
  if (!is_one || tunnel->l2tp.peer != sccrq.tunnel_recovery()->theirs) {
    counters_.add(Count::recovery_unknown);
    return unknown;
  }
  if (tunnel->l2tp.remote != event.peer) {  // who asks learns no more of it than of one that does not exist
    counters_.add(Count::recovery_wrong_peer);
    return unknown;
  }
  if (!resync::can_recover(tunnel->l2tp)) {
    counters_.add(Count::recovery_not_announced);
    return Ending::of(StopResult::not_authorized, "failover capability was not announced");
  }
  return std::nullopt;
}

// Whether the tunnel has stood still for recoveries that the peer did not get on with, and is to listen now.
bool Engine::too_often(const Context& c, const TunnelRecord& tunnel) const {
  const auto told = failovers_.find(tunnel.l2tp.id);
  if (told == failovers_.end() || told->second.ours) return false;
  const Failover& last = told->second;
  if (tunnel.resync.phase == ResyncPhase::half_open) return c.env.now - last.began >= kReplaceable;
  return last.outcome == FailoverOutcome::abandoned && c.env.now - last.ended < kListening;
}

// Whether the peer's recovery goes on, and not one of ours of the same tunnel: both ends have failed (RFC 4951 3.2.2).
// Ties are settled among the recovery tunnels of one tunnel only. What the peer had begun before it begins anew.
bool Engine::yields(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& sccrq) {
  const bool waits = tunnel.resync.phase == ResyncPhase::waiting;
  const TunnelRecord* ours =
      tunnel.resync.phase == ResyncPhase::recovering ? c.tx.tunnel(tunnel.resync.partner) : nullptr;
  // Where the peer has acknowledged ours, it has failed again since.
  if (ours != nullptr && l2tp::oldest_ns(ours->l2tp.channel) == 0) {
    const auto sent = l2tp::parse(c.tx.message(ours->l2tp.id, 0), {});
    const auto tie =
        l2tp::settle(sent ? sent->u64(AvpType::tie_breaker) : std::nullopt, sccrq.u64(AvpType::tie_breaker));
    if (tie == l2tp::Tie::won) {
      counters_.add(Count::ties_won);
      return false;
    }
    counters_.add(Count::ties_lost);
    if (tie == l2tp::Tie::equal) {
      begin_recovery(c, tunnel);
      return false;
    }
  }
  drop_partner(c, tunnel);
  tunnel.resync.failed = waits || ours != nullptr ? 1 : tunnel.resync.failed;
  return true;
}

// The peer is who it says, and goes on with the numbers that we have told.
void Engine::recovery_connected(Context& c, TunnelRecord& recovery) {
  recovery.l2tp.deadline = c.env.now + kRecoveryTunnelLife;
  TunnelRecord* tunnel = recovered_by(c, recovery);
  if (tunnel == nullptr || tunnel->resync.phase != ResyncPhase::half_open) return;
  restart_numbers(c, *tunnel, recovery.resync.suggested_nr, recovery.resync.suggested_ns);
}

// The peer did not get on with it: the tunnel goes on where it was, or with our own recovery.
void Engine::take_up_again(Context& c, TunnelRecord& tunnel) {
  const bool failed = std::exchange(tunnel.resync.failed, std::uint8_t{0}) != 0;
  if (failed) return begin_recovery(c, tunnel);
  enter(tunnel, ResyncPhase::none);
  end_story(c, tunnel, FailoverOutcome::abandoned);
  l2tp::restart_timers(tunnel.l2tp.channel, channel_policy(tunnel), c.env.now);
  l2tp::resend_all(tunnel.l2tp.channel);
  flush(c, tunnel);
}

// The peer does not acknowledge. RFC 4951 5.1: it has asked for so much time from the first of the retransmissions on,
// which go on meanwhile, since it may be the path that has failed. False: there is no time left.
bool Engine::await_peer(Context& c, TunnelRecord& tunnel) {
  if (tunnel.l2tp.state != TunnelState::established || !resync::can_recover(tunnel.l2tp)) return false;
  const auto channel = channel_policy(tunnel);
  if (tunnel.resync.phase != ResyncPhase::unreachable) {
    const TimePoint until =
        c.env.now - l2tp::full_cycle(channel, true) + std::chrono::milliseconds(tunnel.l2tp.peer_recovery_time_ms);
    if (until <= c.env.now) return false;
    enter(tunnel, ResyncPhase::unreachable, until);
    counters_.add(Count::peers_awaited);
    must(c.tx.step().notices.push(notice(NoticeKind::peer_awaited, tunnel)));
  }
  l2tp::restart_timers(tunnel.l2tp.channel, channel, c.env.now);
  return true;
}

}  // namespace holdfast::engine
