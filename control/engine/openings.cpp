// Tunnels that we open: which one a call may share, and a new one where there is none (RFC 2661 5.1; RFC 2868 3.8).
#include "engine/engine.hpp"

#include <algorithm>

namespace holdfast::engine {

// The tunnel with room that was opened for the same spec and is not ending; of several the one with fewest sessions.
// Null: none can be had.
TunnelRecord* Engine::tunnel_for(Context& c, const TunnelSpec& spec) {
  const TunnelRecord* best = nullptr;
  indexes_.for_each_of(spec, [&](TunnelId id) {
    const TunnelRecord* tunnel = c.tx.tunnel(id);
    const SpecRecord* opened = c.tx.spec(id);
    if (tunnel == nullptr || opened == nullptr || tunnel->l2tp.state == l2tp::TunnelState::stopping) return;
    if (tunnel->resync.phase == ResyncPhase::unreachable) return;
    if (!(opened->spec == spec) || (spec.max_sessions != 0 && tunnel->sessions >= spec.max_sessions)) return;
    if (best == nullptr || tunnel->sessions < best->sessions) best = tunnel;
  });
  return best != nullptr ? &c.tx.edit(best->l2tp.id) : open_tunnel(c, spec);
}

// An id for another tunnel. Those of tunnels whose damaged records were dropped have sessions yet, which are to go
// first.
std::optional<TunnelId> Engine::free_tunnel() {
  for (std::size_t tries = 0; tries <= orphaned_.size(); ++tries) {
    const auto id = indexes_.free_tunnel(records_);
    if (!id || !std::ranges::binary_search(orphaned_, *id)) return id;
  }
  return std::nullopt;
}

TunnelRecord* Engine::open_tunnel(Context& c, const TunnelSpec& spec) {
  const auto id = free_tunnel();
  if (!id) {
    counters_.add(Count::tunnels_full);
    return nullptr;
  }
  c.tx.edit_spec(*id).spec = spec;
  TunnelRecord& tunnel = c.tx.edit(*id);
  tunnel.l2tp.id = *id;
  tunnel.l2tp.initiated = 1;
  tunnel.l2tp.local = spec.local;
  tunnel.l2tp.local_port = spec.local_port;
  tunnel.l2tp.remote = spec.peer;
  tunnel.l2tp.remote_port = spec.peer_port;
  (void)tunnel.l2tp.peer_host.assign(spec.peer_host.octets());  // until it says so itself
  outbox_.clear();
  l2tp::open(tunnel.l2tp, policy(c, tunnel), c.env, outbox_);
  enqueue(c, tunnel, outbox_);
  indexes_.add(tunnel);
  indexes_.add_spec(spec, *id);
  indexes_.add_opening(spec.peer, *id);
  return &tunnel;
}

// A tunnel that we opened is closed when no session has needed it for some time.
void Engine::arm_idle(Context& c, TunnelRecord& tunnel) const {
  if (tunnel.numbers != l2tp::Numbers::known) return;
  if (tunnel.l2tp.initiated == 0 || tunnel.l2tp.state != l2tp::TunnelState::established) return;
  const bool idle = tunnel.sessions == 0 && config_.l2tp.idle_timeout.count() != 0;
  tunnel.l2tp.deadline = idle ? c.env.now + config_.l2tp.idle_timeout : kNever;
}

}  // namespace holdfast::engine
