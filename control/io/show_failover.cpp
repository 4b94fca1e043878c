// show l2tp failover, test l2tp failover.
#include "config/address_text.hpp"
#include "io/show.hpp"

#include <ctime>
#include <vector>

namespace holdfast::io {
namespace {

template <class Unit>
std::uint64_t whole(Duration d) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<Unit>(d).count());
}

cli::Failover describe(const engine::Failover& told, TimePoint now, std::int64_t wall) {
  cli::Failover d;
  d.local_tunnel_id = told.tunnel.value();
  d.peer_address = config::to_text(told.peer);
  d.peer_host = told.peer_host.text();
  d.ours = told.ours;
  d.method = name(told.method);
  d.outcome = name(told.outcome);
  d.began_ago_s = whole<std::chrono::seconds>(now - told.began);
  d.began = wall - static_cast<std::int64_t>(d.began_ago_s);
  const bool over = told.outcome != engine::FailoverOutcome::under_way;
  d.took_ms = whole<std::chrono::milliseconds>((over ? told.ended : now) - told.began);
  d.messages = told.messages;
  d.sessions_kept = told.kept;
  d.cleared_not_established = told.not_established;
  d.cleared_unknown_to_peer = told.unknown_to_peer;
  d.unanswered = told.unanswered;
  return d;
}

}  // namespace

cli::Failovers show_failovers(const View& view, std::optional<TunnelId> tunnel) {
  cli::Failovers d;
  const auto wall = static_cast<std::int64_t>(std::time(nullptr));
  for (const auto& [id, told] : view.engine.failovers())
    if (told.tunnel && (!tunnel || *tunnel == id)) d.failovers.push_back(describe(told, view.now, wall));
  return d;
}

cli::Drill test_failover(const View& view, std::optional<TunnelId> tunnel) {
  std::vector<TunnelId> able;
  view.records.for_each(Table::tunnel, &able, [](void* ids, std::uint32_t id) {
    static_cast<std::vector<TunnelId>*>(ids)->emplace_back(static_cast<std::uint16_t>(id));
  });
  std::erase_if(able, [&](TunnelId id) {
    const TunnelRecord* record = view.records.tunnel(id);
    return (tunnel && *tunnel != id) || record == nullptr || record->l2tp.state != l2tp::TunnelState::established ||
           record->resync.phase != ResyncPhase::none;
  });
  for (const TunnelId id : able) view.handle(engine::TestFailover{id});
  return {able.size()};
}

}  // namespace holdfast::io
