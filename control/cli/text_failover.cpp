// show l2tp failover, test l2tp failover.
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace holdfast::cli {
namespace {

std::string cleared(const Failover& f) {
  std::string out = std::to_string(f.cleared_not_established + f.cleared_unknown_to_peer);
  if (f.cleared_not_established != 0) out += ", " + std::to_string(f.cleared_not_established) + " during set-up";
  if (f.cleared_unknown_to_peer != 0) out += ", " + std::to_string(f.cleared_unknown_to_peer) + " unknown to the peer";
  return out;
}

// What all of them came to, a line an end and outcome.
std::string sums(const Failovers& list) {
  struct Sum {
    std::uint64_t tunnels{}, kept{}, messages{}, longest_ms{};
  };
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (const Failover& f : list.failovers) {
    Sum& sum = sums[{f.ours ? "ours" : "the peer's", f.outcome}];
    ++sum.tunnels;
    sum.kept += f.sessions_kept;
    sum.messages += f.messages;
    sum.longest_ms = std::max(sum.longest_ms, f.took_ms);
  }
  Table table({{"Failover"},
               {"Outcome"},
               {"Tunnels", Align::right},
               {"Sessions kept", Align::right},
               {"Messages", Align::right},
               {"Longest ms", Align::right}});
  for (const auto& [what, sum] : sums)
    table.row({what.first, what.second, std::to_string(sum.tunnels), std::to_string(sum.kept),
               std::to_string(sum.messages), std::to_string(sum.longest_ms)});
  return table.text();
}

}  // namespace

std::string text_of(const Failovers& list, const Command& command) {
  if (list.failovers.empty())
    return command.tunnel() ? "No failover of tunnel " + std::to_string(command.tunnel()->value()) + ".\n"
                            : "No failovers since the daemon started.\n";
  Table table({{"Tunnel", Align::right},
               {"Peer"},
               {"Failover"},
               {"Method"},
               {"Outcome"},
               {"Ago", Align::right},
               {"Took ms", Align::right},
               {"Messages", Align::right},
               {"Kept", Align::right},
               {"Cleared"},
               {"Unanswered", Align::right}});
  for (const Failover& f : list.failovers)
    table.row({std::to_string(f.local_tunnel_id), f.peer_host.empty() ? f.peer_address : f.peer_host,
               f.ours ? "ours" : "the peer's", f.method, f.outcome, uptime(f.began_ago_s), std::to_string(f.took_ms),
               std::to_string(f.messages), std::to_string(f.sessions_kept), cleared(f), std::to_string(f.unanswered)});
  return table.text() + (list.failovers.size() > 1 ? '\n' + sums(list) : std::string());
}

std::string text_of(const Drill& drill, const Command&) {
  if (drill.tunnels == 0) return "No tunnel that a failover could be tried with.\n";
  return counted(drill.tunnels, "tunnel") + " put through a failover: see show l2tp failover.\n";
}

}  // namespace holdfast::cli
