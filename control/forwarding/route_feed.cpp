#include "forwarding/route_feed.hpp"

#include <algorithm>

namespace holdfast::forwarding {
namespace {

bool link_local(const IpAddress& a) { return !a.is_v4() && a.octets[0] == 0xfe && (a.octets[1] & 0xc0) == 0x80; }

IpPrefix host(const IpAddress& a) { return {a, static_cast<std::uint8_t>(a.is_v4() ? 32 : 128)}; }

// Our own addresses come before everything, then the lowest metric: the kernel's own order.
auto rank(const glue::Route& r) { return std::tuple(r.table != glue::Table::local, r.metric); }

bool same_place(const glue::Route& a, const glue::Route& b) { return a.table == b.table && a.metric == b.metric; }

abi::TableOp route_op(abi::TableOpKind kind, const IpPrefix& prefix) {
  abi::TableOp op;
  op.kind = kind;
  op.route.prefix = prefix;
  return op;
}

}  // namespace

RouteFeed::RouteFeed(Put put, std::uint32_t first_id, std::uint32_t id_count) : put_(std::move(put)) {
  for (std::uint32_t i = id_count; i-- > 0;) free_ids_.push_back(first_id + i);
}

void RouteFeed::add_port(std::string interface, PortId port) { ports_[std::move(interface)] = port; }
void RouteFeed::clear_ports() { ports_.clear(); }

const glue::Link* RouteFeed::find_link(std::string_view name) const {
  for (const auto& [index, link] : links_)
    if (link.name == name) return &link;
  return nullptr;
}

const PortId* RouteFeed::port(std::uint32_t link) const {
  const auto known = links_.find(link);
  if (known == links_.end()) return nullptr;
  const auto found = ports_.find(known->second.name);
  return found != ports_.end() ? &found->second : nullptr;
}

NeighbourId RouteFeed::take_id() {
  if (free_ids_.empty()) return NeighbourId(0);
  const NeighbourId id(free_ids_.back());
  free_ids_.pop_back();
  return id;
}

void RouteFeed::link(const glue::Link& link, glue::Change change) {
  if (change == glue::Change::removed) {
    links_.erase(link.index);
    return;
  }
  links_[link.index] = link;
  if (on_link_) on_link_(link);
}

void RouteFeed::neighbour(const glue::Neighbour& told, glue::Change change) {
  const NeighbourKey key{told.link, told.address};
  const auto known = neighbours_.find(key);
  if (change != glue::Change::removed && told.usable) {
    if (known != neighbours_.end()) {
      if (known->second.mac == told.mac) return;
      known->second.mac = told.mac;  // routes through it need not know
      put_neighbour(key, known->second);
      return;
    }
    KnownNeighbour fresh{take_id(), told.mac, {}};
    if (fresh.id.value() == 0) return;  // more neighbours than rows: the kernel forwards to the rest
    const auto& added = neighbours_.emplace(key, std::move(fresh)).first->second;
    put_neighbour(key, added);
    put_host_route(key);
    auto waiting = waiting_.extract(key);
    if (!waiting.empty())
      for (const auto& prefix : waiting.mapped()) put_route(prefix, routes_[prefix]);
    return;
  }
  if (known == neighbours_.end()) return;
  // The rows that lead to it change before it goes.
  const KnownNeighbour gone = std::move(known->second);
  neighbours_.erase(known);
  const auto own = routes_.find(host(told.address));
  if (!link_local(told.address) && own == routes_.end()) remove_row(host(told.address));
  for (const auto& prefix : gone.routes) put_route(prefix, routes_[prefix]);
  abi::TableOp op;
  op.kind = abi::TableOpKind::remove_neighbour;
  op.neighbour.id = gone.id;
  put_(op);
  free_ids_.insert(free_ids_.begin(), gone.id.value());
}

void RouteFeed::put_neighbour(const NeighbourKey& key, const KnownNeighbour& neighbour) {
  const PortId* out = port(key.first);
  if (out == nullptr) return;
  abi::TableOp op;
  op.kind = abi::TableOpKind::put_neighbour;
  op.neighbour.id = neighbour.id;
  op.neighbour.port = *out;
  op.neighbour.mac = neighbour.mac;
  put_(op);
}

// A neighbour is a route of its own, unless the kernel has one for just that address.
void RouteFeed::put_host_route(const NeighbourKey& key) {
  if (link_local(key.second) || port(key.first) == nullptr || routes_.contains(host(key.second))) return;
  abi::TableOp op = route_op(abi::TableOpKind::put_route, host(key.second));
  op.route.kind = abi::NextHopKind::neighbour;
  op.route.neighbour = neighbours_.at(key).id;
  put_(op);
}

void RouteFeed::route(const glue::Route& told, glue::Change change) {
  if (told.protocol == glue::kRouteProtocol) return;  // ours
  KnownRoute& known = routes_[told.prefix];
  auto& list = known.candidates;
  if (change == glue::Change::removed) {
    std::erase_if(list, [&](const glue::Route& r) {
      return same_place(r, told) && (r.next_hops == told.next_hops || told.next_hops.empty());
    });
  } else {
    std::erase_if(list, [&](const glue::Route& r) {
      return same_place(r, told) && (change == glue::Change::replaced || r.next_hops == told.next_hops);
    });
    list.insert(std::ranges::upper_bound(list, rank(told), {}, rank), told);
  }
  put_route(told.prefix, known);
}

void RouteFeed::depend(const IpPrefix& prefix, KnownRoute& route, const NeighbourKey& via) {
  if (route.via.first != 0) {
    if (const auto old = neighbours_.find(route.via); old != neighbours_.end()) old->second.routes.erase(prefix);
    if (const auto old = waiting_.find(route.via); old != waiting_.end()) old->second.erase(prefix);
  }
  route.via = via;
  if (via.first == 0) return;
  const auto neighbour = neighbours_.find(via);
  (neighbour != neighbours_.end() ? neighbour->second.routes : waiting_[via]).insert(prefix);
}

void RouteFeed::put_route(const IpPrefix& prefix, KnownRoute& route) {
  if (route.candidates.empty()) {
    depend(prefix, route, {});
    if (route.in_tables) remove_row(prefix);
    routes_.erase(prefix);
    return;
  }
  const glue::Route& best = route.candidates.front();
  abi::TableOp op = route_op(abi::TableOpKind::put_route, prefix);
  op.route.kind = best.type == glue::RouteType::blackhole ? abi::NextHopKind::blackhole : abi::NextHopKind::kernel;
  NeighbourKey via{};
  if (best.type == glue::RouteType::unicast && !best.next_hops.empty()) {
    const glue::NextHop& hop = best.next_hops.front();
    // On link: each neighbour has a row of its own, what has none yet is the kernel's to find.
    if (hop.gateway && port(hop.link) != nullptr && hop.usable && !hop.encapsulated) {
      via = {hop.link, hop.gateway};
      if (const auto neighbour = neighbours_.find(via); neighbour != neighbours_.end()) {
        op.route.kind = abi::NextHopKind::neighbour;
        op.route.neighbour = neighbour->second.id;
      }
    }
  }
  depend(prefix, route, via);
  route.in_tables = true;
  put_(op);
}

void RouteFeed::remove_row(const IpPrefix& prefix) { put_(route_op(abi::TableOpKind::remove_route, prefix)); }

void RouteFeed::resend() {
  for (const auto& [key, neighbour] : neighbours_) {
    put_neighbour(key, neighbour);
    put_host_route(key);
  }
  for (auto& [prefix, route] : routes_) put_route(prefix, route);
}

}  // namespace holdfast::forwarding
