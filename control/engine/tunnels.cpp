// The life of tunnels: policy, up, down, timers, the sweep of a dead tunnel's sessions, restoring.
#include "config/lookup.hpp"
#include "engine/engine.hpp"
#include "engine/recorded_method.hpp"
#include "engine/rows.hpp"
#include "resync/line_module.hpp"
#include "resync/method.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

using l2tp::Ending;
using l2tp::StopResult;
using l2tp::TunnelState;

constexpr std::uint32_t kAllBearers = 3;  // RFC 2661 4.4.3: digital and analog
constexpr unsigned kSweepChunk = 32;      // sessions of a dead tunnel cleared in one step

}  // namespace

const config::HostProfile* Engine::profile(const TunnelRecord& tunnel) const {
  if (is_access(tunnel.l2tp.id)) return nullptr;
  return config::find_host_profile(config_, tunnel.l2tp.remote, tunnel.l2tp.peer_host.text());
}

l2tp::ChannelPolicy Engine::channel_policy(const TunnelRecord& tunnel) const {
  const auto& l2tp = config_.l2tp;
  l2tp::ChannelPolicy policy;
  policy.cap = l2tp.retransmission.cap;
  policy.retries_established = l2tp.retransmission.established;
  policy.retries_unestablished = l2tp.retransmission.not_established;
  policy.receive_window = l2tp.receive_window;
  const bool up = tunnel.l2tp.state == TunnelState::established;
  policy.hello = up ? Duration(l2tp.hello_interval) : Duration::zero();
  return policy;
}

// Of a tunnel that the peer opened.
l2tp::TunnelPolicy Engine::policy(const config::HostProfile* profile, const TunnelRecord& tunnel) const {
  l2tp::TunnelPolicy policy;
  policy.channel = channel_policy(tunnel);
  policy.local_host = config_.hostname;
  announce(policy, tunnel, configured_method(profile));
  if (profile == nullptr) return policy;
  policy.local_host = config::local_host(config_, *profile);
  policy.secret = octets_of(profile->tunnel_password);
  policy.hide = profile->hidden_avps;
  policy.bearers = profile->dial_out ? kAllBearers : 0;
  return policy;
}

// Of any tunnel: one that we opened has it of its spec.
l2tp::TunnelPolicy Engine::policy(const Context& c, const TunnelRecord& tunnel) const {
  if (tunnel.resync.phase == ResyncPhase::recovery) return recovery_policy(c, tunnel);
  const SpecRecord* opened = tunnel.l2tp.initiated != 0 ? c.tx.spec(tunnel.l2tp.id) : nullptr;
  if (opened == nullptr) return policy(profile(tunnel), tunnel);
  const TunnelSpec& spec = opened->spec;
  l2tp::TunnelPolicy policy;
  policy.channel = channel_policy(tunnel);
  policy.local_host = spec.local_host.empty() ? std::string_view(config_.hostname) : spec.local_host.text();
  policy.peer_host = spec.peer_host.text();
  policy.secret = spec.secret.octets();
  policy.hide = spec.hide != 0;
  policy.tie_breaker = spec.tie_breaker != 0;
  const auto* host = config::find_host_profile(config_, spec.peer, spec.peer_host.text());
  policy.bearers = host != nullptr && host->dial_out ? kAllBearers : 0;
  announce(policy, tunnel, spec.resync);
  return policy;
}

ResyncMethod Engine::configured_method(const config::HostProfile* profile) const {
  return recorded(profile != nullptr ? config::resync_method(config_, *profile) : config_.l2tp.resync);
}

// RFC 4951 5.1: we always take part in the peer's recovery; time for our own is asked for where we would recover so.
void Engine::announce(l2tp::TunnelPolicy& policy, const TunnelRecord& tunnel, ResyncMethod configured) const {
  if (tunnel.l2tp.state == TunnelState::established || tunnel.l2tp.state == TunnelState::stopping) return;
  const auto module = line_modules_.facing(config_, tunnel.l2tp.local, tunnel.l2tp.remote);
  const bool asks = resync::asks_for_time(resync::method_on(abi::spec(module), configured));
  policy.capability = l2tp::FailoverCapability{true, true, asks ? config_.l2tp.recovery_time : std::chrono::seconds(0)};
}

RowSettings Engine::row_settings(const TunnelRecord& tunnel, const CircuitRecord* circuit) const {
  if (is_access(tunnel.l2tp.id)) return {access_mru(circuit), {}, config_.ppp.adjust_mss};
  const auto* host = profile(tunnel);
  return {config_.ppp.mru, host != nullptr ? host->data : config::DataMessages{}, config_.ppp.adjust_mss};
}

// How many sessions there may be in the tunnel; 0: any number.
std::uint32_t Engine::session_limit(const Context& c, const TunnelRecord& tunnel) const {
  if (const SpecRecord* opened = tunnel.l2tp.initiated != 0 ? c.tx.spec(tunnel.l2tp.id) : nullptr)
    return opened->spec.max_sessions;
  const auto* host = profile(tunnel);
  return host != nullptr && host->max_sessions ? *host->max_sessions : 0;
}

void Engine::tunnel_event(Context& c, TunnelRecord& tunnel, l2tp::TunnelEvent event) {
  switch (event) {
    case l2tp::TunnelEvent::nothing: return;
    case l2tp::TunnelEvent::established: return tunnel_up(c, tunnel);
    case l2tp::TunnelEvent::closed: return tunnel_down(c, tunnel, NoticeKind::tunnel_down);
  }
}

void Engine::tunnel_up(Context& c, TunnelRecord& tunnel) {
  const auto* host = profile(tunnel);
  if (tunnel.l2tp.initiated == 0) give_up_losers(c, tunnel.l2tp.remote);
  if (const SpecRecord* opened = tunnel.l2tp.initiated != 0 ? c.tx.spec(tunnel.l2tp.id) : nullptr) {
    fix_method(tunnel, opened->spec.resync);
    indexes_.remove_opening(opened->spec.peer, tunnel.l2tp.id);
    unlock(c, opened->spec.peer);
  } else {
    fix_method(tunnel, configured_method(host));
  }
  counters_.add(Count::tunnels_established);
  must(c.tx.step().table_ops.push(put_tunnel(tunnel, config_.l2tp.checksum)));
  must(c.tx.step().notices.push(notice(NoticeKind::tunnel_up, tunnel)));
  arm_idle(c, tunnel);
}

// For as long as the tunnel lives, whatever is configured later.
void Engine::fix_method(TunnelRecord& tunnel, ResyncMethod configured) const {
  tunnel.module = line_modules_.facing(config_, tunnel.l2tp.local, tunnel.l2tp.remote);
  tunnel.method = resync::method_on(abi::spec(tunnel.module), configured);
  tunnel.lowered = tunnel.method != configured ? 1 : 0;
}

void Engine::close_tunnel(Context& c, TunnelRecord& tunnel, const Ending& why) {
  if (tunnel.l2tp.state == TunnelState::stopping) return;
  leave_resync(c, tunnel);
  outbox_.clear();
  l2tp::close(tunnel.l2tp, why, c.env, outbox_);
  enqueue(c, tunnel, outbox_);
  if (tunnel.resync.phase == ResyncPhase::recovery) return recovery_ended(c, tunnel);
  tunnel.sweep_next = 0;
  must(c.tx.step().table_ops.push(remove_tunnel(tunnel.l2tp.id)));
  must(c.tx.step().notices.push(notice(NoticeKind::tunnel_down, tunnel)));
}

// Nobody is there to hear why, or must not hear it: the tunnel is forgotten as soon as its sessions are cleared.
void Engine::give_up(Context& c, TunnelRecord& tunnel, const Ending& why, NoticeKind kind) {
  tunnel.l2tp.ending = why;
  tunnel.l2tp.state = TunnelState::stopping;
  tunnel.l2tp.since = c.env.now;
  tunnel.l2tp.deadline = c.env.now;
  tunnel_down(c, tunnel, kind);
}

// The state machine ended the tunnel; the record says why. Its sessions follow in steps of their own.
void Engine::tunnel_down(Context& c, TunnelRecord& tunnel, NoticeKind kind) {
  const auto not_authorized = static_cast<std::uint16_t>(StopResult::not_authorized);
  if (tunnel.l2tp.ending.result == not_authorized && tunnel.l2tp.ended_by_peer == 0)
    counters_.add(Count::tunnel_authentication_failures);
  if (kind == NoticeKind::tunnel_refused) counters_.add(Count::tunnels_refused);
  if (tunnel.resync.phase == ResyncPhase::recovery && kind != NoticeKind::tunnel_refused)
    return recovery_ended(c, tunnel);
  leave_resync(c, tunnel);
  tunnel.sweep_next = 0;
  must(c.tx.step().table_ops.push(remove_tunnel(tunnel.l2tp.id)));
  must(c.tx.step().notices.push(notice(kind, tunnel)));
}

void Engine::forget_tunnel(Context& c, const TunnelRecord& tunnel) {
  const TunnelId id = tunnel.l2tp.id;
  indexes_.remove(tunnel);
  if (turns_[id.raw] == Turn::awaited) turns_[id.raw] = Turn::taken;  // its id may be given to another before
  for (std::uint16_t slot = 0; slot < l2tp::kSlots; ++slot)
    if (!c.tx.message(id, slot).empty()) c.tx.free(Table::message, message_index(id, slot));
  if (const SpecRecord* opened = c.tx.spec(id)) {
    indexes_.remove_spec(opened->spec, id);
    indexes_.remove_opening(opened->spec.peer, id);
    c.tx.free(Table::spec, id.raw);
  }
  c.tx.free(Table::tunnel, id.raw);
}

void Engine::sweep_sessions(Context& c, TunnelRecord& tunnel) {
  unsigned cleared = 0;
  while (tunnel.sessions != 0 && cleared < kSweepChunk && tunnel.sweep_next < 65535) {
    const SessionId id(static_cast<std::uint16_t>(++tunnel.sweep_next));
    const SessionIndex index = c.tx.index(tunnel.l2tp.id, id);
    const SessionRecord* session = c.tx.session(index);
    if (session == nullptr || session->l2tp.tunnel != tunnel.l2tp.id) continue;
    remove_session(c, tunnel, index, tunnel.l2tp.ending, tunnel.l2tp.ended_by_peer != 0);
    ++cleared;
  }
  if (tunnel.sweep_next == 65535) tunnel.sessions = 0;  // whatever the count said, there is none left
}

void Engine::expire_tunnel(Context& c, TunnelId id) {
  if (c.tx.tunnel(id) == nullptr) return;
  TunnelRecord& tunnel = c.tx.edit(id);
  if (tunnel.l2tp.state == TunnelState::stopping && tunnel.sessions != 0) return sweep_sessions(c, tunnel);
  if (expire_resync(c, tunnel)) return;
  if (tunnel.numbers == l2tp::Numbers::settling && tunnel.l2tp.deadline <= c.env.now &&
      tunnel.l2tp.state == TunnelState::established)
    settle(c, tunnel);
  if (tunnel.l2tp.deadline <= c.env.now) {
    if (tunnel.l2tp.state == TunnelState::stopping) return forget_tunnel(c, tunnel);
    const bool idle = tunnel.l2tp.state == TunnelState::established;
    close_tunnel(c, tunnel, Ending::of(StopResult::general, idle ? "no session needs it" : "set-up took too long"));
  }
  expire_channel(c, tunnel);
  if (c.tx.tunnel(id) != nullptr) flush(c, tunnel);
}

void Engine::expire_channel(Context& c, TunnelRecord& tunnel) {
  const auto channel = channel_policy(tunnel);
  const bool established = tunnel.l2tp.state == TunnelState::established;
  for (;;) {
    const bool asked = tunnel.numbers == l2tp::Numbers::asked;
    switch (asked ? expire_probe(c, tunnel) : l2tp::expire(tunnel.l2tp.channel, channel, established, c.env.now)) {
      case l2tp::Expiry::nothing: return;
      case l2tp::Expiry::ack_due: send_zlb(c, tunnel); break;  // expire() counts it as sent
      case l2tp::Expiry::retransmit:
        counters_.add(Count::messages_retransmitted);
        send_message(c, tunnel, l2tp::oldest_ns(tunnel.l2tp.channel));
        break;
      case l2tp::Expiry::hello_due:
        if (l2tp::room(tunnel.l2tp.channel) == 0) break;
        outbox_.clear();
        l2tp::hello(tunnel.l2tp, outbox_);
        enqueue(c, tunnel, outbox_);
        break;
      case l2tp::Expiry::exhausted:
        if (tunnel.l2tp.state == TunnelState::stopping) {
          tunnel.l2tp.deadline = c.env.now;  // nobody is there to hear why: forget it
          return;
        }
        if (await_peer(c, tunnel)) return;
        // RFC 2661 5.8: the tunnel and all its sessions are cleared; a StopCCN would not be acknowledged either.
        counters_.add(Count::tunnel_timeouts);
        give_up(c, tunnel, Ending::of(StopResult::general, "the peer does not acknowledge"),
                NoticeKind::tunnel_timeout);
        if (tunnel.l2tp.initiated != 0) lock_out(c, tunnel.l2tp.remote);
        return;
    }
  }
}

// After a restart: timers at full length; what the peer has not acknowledged goes out again at once, because it may
// have been committed and never sent.
void Engine::restore_tunnel(Context& c, TunnelId id) {
  const TunnelRecord* known = c.tx.tunnel(id);
  if (known == nullptr || l2tp::is_over(known->l2tp, c.env.now)) return;
  TunnelRecord& tunnel = c.tx.edit(id);
  // A recovery tunnel that the last process opened: what it was to recover is recovered anew.
  const bool recovery = tunnel.resync.phase == ResyncPhase::recovery;
  if (recovery && tunnel.l2tp.initiated != 0 && tunnel.l2tp.state != TunnelState::stopping)
    return forget_tunnel(c, tunnel);
  mend_tunnel(c, tunnel);
  if (l2tp::is_over(tunnel.l2tp, c.env.now)) return;
  if (tunnel.numbers != l2tp::Numbers::known) {
    const auto how = resync::recovery(tunnel.method, resync::can_recover(tunnel.l2tp));
    const bool told = tunnel.l2tp.state == TunnelState::established && how == resync::Recovery::protocol;
    if (!told || recovery) return begin_probe(c, tunnel);
    tunnel.numbers = l2tp::Numbers::known;  // the peer tells them in the recovery tunnel
    tunnel.peer_ns = 0;
  }
  l2tp::restart_timers(tunnel.l2tp.channel, channel_policy(tunnel), c.env.now);
  l2tp::resend_all(tunnel.l2tp.channel);
  if (tunnel.l2tp.state == TunnelState::wait_ctl_conn || tunnel.l2tp.state == TunnelState::wait_ctl_reply)
    tunnel.l2tp.deadline = c.env.now + l2tp::kSetupLimit;
  if (tunnel.l2tp.state == TunnelState::established && !recovery) {
    arm_idle(c, tunnel);
    recover(c, tunnel);
  }
  flush(c, tunnel);
}

}  // namespace holdfast::engine
