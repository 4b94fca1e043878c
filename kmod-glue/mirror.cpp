#include "kmod-glue/mirror.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::glue {
namespace {

// True when value is new or differs from what was there; before is then what was there, or empty.
template <class Map, class Key, class Value>
bool keep(Map& map, const Key& key, const Value& value, std::uint32_t dump, Value& before) {
  const auto [it, is_new] = map.try_emplace(key);
  it->second.dump = dump;
  if (!is_new && it->second.value == value) return false;
  before = std::exchange(it->second.value, value);
  return true;
}

template <class Map, class Tell>
void forget_stale(Map& map, std::uint32_t dump, Tell tell) {
  for (auto it = map.begin(); it != map.end();) {
    if (it->second.dump == dump) {
      ++it;
      continue;
    }
    const auto gone = std::move(it->second.value);
    it = map.erase(it);
    tell(gone);
  }
}

template <class Map, class Tell>
void forget_of_link(Map& map, std::uint32_t link, Tell tell) {
  for (auto it = map.lower_bound({.link = link}); it != map.end() && it->first.link == link;) {
    const auto gone = it->second.value;
    it = map.erase(it);
    tell(gone);
  }
}

}  // namespace

const Link* Mirror::find_link(std::uint32_t index) const {
  const auto found = links_.find(index);
  return found == links_.end() ? nullptr : &found->second.value;
}

const Neighbour* Mirror::find_neighbour(std::uint32_t link, const IpAddress& address) const {
  const auto found = neighbours_.find({link, address});
  return found == neighbours_.end() ? nullptr : &found->second.value;
}

void Mirror::link(const Link& link, Change change) {
  if (change == Change::removed) return forget_link(link.index);
  Link before;
  if (!keep(links_, link.index, link, dump_, before)) return;
  observer_->link(link, Change::added);
  if (before.up && !link.up)
    routes_.kill_next_hops(link.index, RouteTable::Family::both, RouteTable::Locals::spare);
  else if (before.index != 0 && !before.up && link.up)
    routes_.revive_next_hops(link.index, RouteTable::Family::both);
}

void Mirror::forget_link(std::uint32_t index) {
  routes_.take_out_over(index);
  forget_of_link(neighbours_, index, [&](const Neighbour& gone) { observer_->neighbour(gone, Change::removed); });
  forget_of_link(addresses_, index, [&](const Address& gone) { observer_->address(gone, Change::removed); });
  const auto found = links_.find(index);
  if (found == links_.end()) return;
  const Link gone = std::move(found->second.value);
  links_.erase(found);
  observer_->link(gone, Change::removed);
}

void Mirror::address(const Address& address, Change change) {
  if (change == Change::removed) return forget_address(address);
  Address before;
  if (!keep(addresses_, AddressKey{address.link, address.prefix}, address, dump_, before)) return;
  observer_->address(address, Change::added);
  const Link* link = find_link(address.link);
  if (before.link == 0 && address.prefix.address.is_v4() && link != nullptr && link->up)
    routes_.revive_next_hops(address.link, RouteTable::Family::ipv4);
}

void Mirror::forget_address(const Address& address) {
  const auto found = addresses_.find({address.link, address.prefix});
  if (found == addresses_.end()) return;
  const Address gone = found->second.value;
  addresses_.erase(found);
  observer_->address(gone, Change::removed);
  if (!gone.prefix.address.is_v4()) return;
  if (!has_anywhere(gone.prefix.address)) routes_.take_out_from(gone.prefix.address);
  if (!has_ipv4(gone.link)) routes_.kill_next_hops(gone.link, RouteTable::Family::ipv4, RouteTable::Locals::take);
}

bool Mirror::has_ipv4(std::uint32_t link) const {
  auto it = addresses_.lower_bound({.link = link});
  while (it != addresses_.end() && it->first.link == link && !it->first.prefix.address.is_v4()) ++it;
  return it != addresses_.end() && it->first.link == link;
}

bool Mirror::has_anywhere(const IpAddress& address) const {
  return std::ranges::any_of(addresses_, [&](const auto& entry) { return entry.first.prefix.address == address; });
}

void Mirror::neighbour(const Neighbour& neighbour, Change change) {
  const NeighbourKey key{neighbour.link, neighbour.address};
  if (change == Change::removed) {
    const auto found = neighbours_.find(key);
    if (found == neighbours_.end()) return;
    const Neighbour gone = found->second.value;
    neighbours_.erase(found);
    return observer_->neighbour(gone, Change::removed);
  }
  Neighbour before;
  if (keep(neighbours_, key, neighbour, dump_, before)) observer_->neighbour(neighbour, Change::added);
}

void Mirror::route(const Route& route, Change change) {
  if (change == Change::removed) return routes_.take_out(route);
  if (!routes_.put(route, change)) in_doubt_ = true;
}

void Mirror::resynchronizing() {
  ++dump_;
  in_doubt_ = false;
  routes_.begin_dump();
  if (dump_ == 1) observer_->resynchronizing();
}

// What refers goes before what it refers to.
void Mirror::resynchronized() {
  routes_.end_dump();
  forget_stale(neighbours_, dump_, [&](const Neighbour& gone) { observer_->neighbour(gone, Change::removed); });
  forget_stale(addresses_, dump_, [&](const Address& gone) { observer_->address(gone, Change::removed); });
  forget_stale(links_, dump_, [&](const Link& gone) { observer_->link(gone, Change::removed); });
  if (!std::exchange(complete_, true)) observer_->resynchronized();
}

}  // namespace holdfast::glue
