#include "kmod-glue/route_sweep.hpp"

#include <algorithm>
#include <cstddef>

namespace holdfast::glue {
namespace {

// The last of each prefix, in order of prefix.
std::vector<std::size_t> by_prefix(std::span<const SubscriberRoute> wanted) {
  std::vector<std::size_t> order(wanted.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = order.size() - 1 - i;
  const auto prefix = [&](std::size_t i) -> const IpPrefix& { return wanted[i].prefix; };
  std::ranges::stable_sort(order, {}, prefix);
  const auto same = [&](std::size_t a, std::size_t b) { return prefix(a) == prefix(b); };
  order.erase(std::unique(order.begin(), order.end(), same), order.end());
  return order;
}

bool is_as_wanted(const Route& route, const SubscriberRoute& wanted) {
  return route.type == RouteType::unicast && route.metric == kRouteMetric && route.mtu == wanted.mtu &&
         route.next_hops.size() == 1 && route.next_hops[0] == NextHop{.gateway = {}, .link = wanted.link};
}

RouteChange removal_of(const Route& route) {
  const std::uint32_t link = route.next_hops.size() == 1 ? route.next_hops[0].link : 0;
  return {.kind = RouteChange::Kind::remove,
          .route = {.prefix = route.prefix, .link = link, .mtu = route.mtu},
          .metric = route.metric};
}

}  // namespace

std::vector<RouteChange> sweep_routes(std::span<const Route> kernel, std::span<const SubscriberRoute> wanted) {
  const auto order = by_prefix(wanted);
  enum class State : std::uint8_t { superseded, missing, present };
  std::vector<State> state(wanted.size(), State::superseded);
  for (const auto i : order) state[i] = State::missing;

  std::vector<RouteChange> removals;
  for (const auto& route : kernel) {
    if (route.protocol != kRouteProtocol || route.table != Table::main) continue;
    const auto found =
        std::ranges::lower_bound(order, route.prefix, {}, [&](std::size_t i) { return wanted[i].prefix; });
    const bool is_wanted = found != order.end() && wanted[*found].prefix == route.prefix;
    if (is_wanted && state[*found] == State::missing && is_as_wanted(route, wanted[*found]))
      state[*found] = State::present;
    else if (!is_wanted || route.metric != kRouteMetric)  // one of our metric is replaced where it stands
      removals.push_back(removal_of(route));
  }

  std::vector<RouteChange> changes;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (state[i] == State::missing) changes.push_back({.kind = RouteChange::Kind::replace, .route = wanted[i]});
  changes.insert(changes.end(), removals.begin(), removals.end());
  return changes;
}

}  // namespace holdfast::glue
