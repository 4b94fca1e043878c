// Two ends that ask each other for a tunnel at the same time (RFC 2661 4.4.3, Tie Breaker AVP).
#include "engine/engine.hpp"

namespace holdfast::engine {
namespace {

using l2tp::AvpType;
using l2tp::Tie;
using l2tp::TunnelState;

// Requests to one peer that are looked at for one of its own: more are not outstanding in earnest.
constexpr unsigned kMostCompared = 64;

}  // namespace

// Whether the peer's SCCRQ may be accepted. Anybody may send one in the peer's name: what lost against it is given up
// only when the peer has shown that it is the peer (give_up_losers).
bool Engine::settle_ties(Context& c, const IpAddress& peer, const l2tp::ControlMessage& sccrq) {
  bool acceptable = true;
  unsigned compared = 0;
  indexes_.for_each_opening(peer, [&](TunnelId id) {
    const TunnelRecord* ours = c.tx.tunnel(id);
    if (ours == nullptr || ours->l2tp.state != TunnelState::wait_ctl_reply || ++compared > kMostCompared) return;
    switch (settle_tie(c, id, sccrq)) {
      case Tie::none: return;
      case Tie::won: acceptable = false; return;
      case Tie::lost: c.tx.edit(id).l2tp.lost_tie = 1; return;
      case Tie::equal:
        acceptable = false;
        give_up_for_tie(c, c.tx.edit(id));
        return;
    }
  });
  counters_.add(Count::ties_won, acceptable ? 0 : 1);
  return acceptable;
}

Tie Engine::settle_tie(Context& c, TunnelId ours, const l2tp::ControlMessage& sccrq) const {
  const auto theirs = sccrq.u64(AvpType::tie_breaker);
  const TunnelRecord* tunnel = c.tx.tunnel(ours);
  const SpecRecord* opened = c.tx.spec(ours);
  if (!theirs && (opened == nullptr || opened->spec.tie_breaker == 0)) return Tie::none;
  if (l2tp::oldest_ns(tunnel->l2tp.channel) != 0) return Tie::won;  // ours is acknowledged: the peer has taken it
  const auto sent = l2tp::parse(c.tx.message(ours, 0), {});
  if (!sent) return Tie::lost;  // a damaged record was dropped at the restart: nobody can tell
  return l2tp::settle(sent->u64(AvpType::tie_breaker), theirs);
}

// The peer's tunnel is up: ours that lost against it goes without a word, and the calls that waited for it fail.
void Engine::give_up_losers(Context& c, const IpAddress& peer) {
  unsigned compared = 0;
  indexes_.for_each_opening(peer, [&](TunnelId id) {
    const TunnelRecord* ours = c.tx.tunnel(id);
    if (ours == nullptr || ++compared > kMostCompared) return;
    if (ours->l2tp.state == TunnelState::wait_ctl_reply && ours->l2tp.lost_tie != 0) give_up_for_tie(c, c.tx.edit(id));
  });
}

void Engine::give_up_for_tie(Context& c, TunnelRecord& tunnel) {
  counters_.add(Count::ties_lost);
  give_up(c, tunnel, l2tp::Ending::of(l2tp::StopResult::already_exists, "the peer opens the tunnel"),
          NoticeKind::tunnel_down);
}

}  // namespace holdfast::engine
