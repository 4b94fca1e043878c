#include "kmod-glue/route_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <linux/rtnetlink.h>
#include <utility>

namespace holdfast::glue {
namespace {

bool same_place(const NextHop& a, const NextHop& b) { return a.gateway == b.gateway && a.link == b.link; }

// One route is known by these; the kernel may list the next hops of IPv6 in another order each time.
bool is_same(const Route& a, const Route& b) {
  return a.metric == b.metric && a.type == b.type && a.next_hops.size() == b.next_hops.size() &&
         std::is_permutation(a.next_hops.begin(), a.next_hops.end(), b.next_hops.begin(), same_place);
}

// IPv6 joins routes with these properties into one, next hop by next hop (rt6_qualify_for_ecmp).
bool joins(const Route& route) {
  return !route.prefix.address.is_v4() && !route.next_hops.empty() && route.protocol != RTPROT_KERNEL &&
         route.protocol != RTPROT_RA && route.protocol != RTPROT_REDIRECT &&
         std::ranges::all_of(route.next_hops, [](const NextHop& hop) { return bool(hop.gateway); });
}

bool shares_a_next_hop(const Route& a, const Route& b) {
  return std::ranges::any_of(a.next_hops, [&](const NextHop& hop) {
    return std::ranges::any_of(b.next_hops, [&](const NextHop& other) { return same_place(hop, other); });
  });
}

std::uint32_t list_of(const Route& route) {
  if (route.next_hops.empty()) return 0;
  const auto link = route.next_hops[0].link;
  return std::ranges::all_of(route.next_hops, [&](const NextHop& hop) { return hop.link == link; }) ? link : 0;
}

bool is_over(const Route& route, std::uint32_t link) {
  return std::ranges::any_of(route.next_hops, [&](const NextHop& hop) { return hop.link == link; });
}

bool is_usable(const Route& route) {
  return std::ranges::any_of(route.next_hops, [](const NextHop& hop) { return hop.usable; });
}

Route with_next_hops(Route route, std::uint32_t link, bool usable) {
  for (auto& hop : route.next_hops)
    if (hop.link == link) hop.usable = usable;
  return route;
}

}  // namespace

std::size_t RouteTable::KeyHash::operator()(const Key& key) const {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, key.prefix.address.octets.data(), sizeof high);
  std::memcpy(&low, key.prefix.address.octets.data() + sizeof high, sizeof low);
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: spreads neighbouring prefixes
  std::uint64_t mixed = (high ^ std::rotl(low, 29) ^ key.prefix.length ^ std::uint64_t(key.table) << 8) * kOdd;
  mixed = (mixed ^ mixed >> 32) * kOdd;
  return mixed ^ mixed >> 29;
}

bool RouteTable::put(const Route& route, Change change_told) {
  std::size_t candidates = 0;
  auto found = change_told == Change::replaced ? find_replaced(route, candidates) : find_same(route);
  if (change_told != Change::replaced && found == entries_.end() && joins(route)) found = find_relative(route);
  if (found == entries_.end()) {
    insert(route);
  } else {
    refresh(found->second);
    change(found->second, route);
  }
  return candidates <= 1;
}

void RouteTable::take_out(const Route& route) {
  if (const auto found = find_same(route); found != entries_.end()) return erase(found);
  // IPv6 takes one next hop out of a route. What is not found at all went before, by a rule below.
  if (!joins(route)) return;
  const auto found = find_relative(route);
  if (found == entries_.end()) return;
  Route rest = found->second.route;
  std::erase_if(rest.next_hops, [&](const NextHop& hop) {
    return std::ranges::any_of(route.next_hops, [&](const NextHop& gone) { return same_place(hop, gone); });
  });
  if (rest.next_hops.empty()) return erase(found);
  refresh(found->second);
  change(found->second, rest);
}

void RouteTable::begin_dump() {
  ++dump_;
  fresh_ = 0;
}

void RouteTable::end_dump() {
  for (auto it = entries_.begin(); fresh_ != entries_.size() && it != entries_.end();) {
    const auto entry = it++;
    if (entry->second.dump != dump_) erase(entry);
  }
}

void RouteTable::kill_next_hops(std::uint32_t link, Family family, Locals locals) {
  visit(link, [&](Entry& entry) {
    const bool ipv4 = entry.route.prefix.address.is_v4();
    if (!ipv4 && family == Family::ipv4) return;
    if (entry.route.type == RouteType::local && locals == Locals::spare) return;
    auto killed = with_next_hops(entry.route, link, false);
    if (ipv4 && !is_usable(killed)) return erase(entry);
    change(entry, killed);
  });
}

void RouteTable::revive_next_hops(std::uint32_t link, Family family) {
  visit(link, [&](Entry& entry) {
    if (!entry.route.prefix.address.is_v4() && family == Family::ipv4) return;
    change(entry, with_next_hops(entry.route, link, true));
  });
}

void RouteTable::take_out_over(std::uint32_t link) {
  visit(link, [&](Entry& entry) { erase(entry); });
}

void RouteTable::take_out_from(const IpAddress& source) {
  for (auto it = entries_.begin(); it != entries_.end();) {
    const auto entry = it++;
    const Route& route = entry->second.route;
    if (route.prefix.address.is_v4() && route.table == Table::main && route.preferred_source == source) erase(entry);
  }
}

const Route* RouteTable::best(const IpPrefix& prefix, Table table) const {
  const Entry* best = nullptr;
  const auto [begin, end] = entries_.equal_range({prefix, table});
  for (auto it = begin; it != end; ++it) {
    const Entry& entry = it->second;
    if (best == nullptr || std::pair(entry.route.metric, entry.arrival) < std::pair(best->route.metric, best->arrival))
      best = &entry;
  }
  return best == nullptr ? nullptr : &best->route;
}

RouteTable::Entries::iterator RouteTable::find_same(const Route& route) {
  const auto [begin, end] = entries_.equal_range({route.prefix, route.table});
  const auto found = std::find_if(begin, end, [&](const auto& entry) { return is_same(entry.second.route, route); });
  return found == end ? entries_.end() : found;
}

// The IPv6 route that this one was, with more or with fewer next hops.
RouteTable::Entries::iterator RouteTable::find_relative(const Route& route) {
  const auto [begin, end] = entries_.equal_range({route.prefix, route.table});
  const auto found = std::find_if(begin, end, [&](const auto& entry) {
    const Route& other = entry.second.route;
    return other.metric == route.metric && joins(other) && shares_a_next_hop(other, route);
  });
  return found == end ? entries_.end() : found;
}

// IPv4 replaces the first of the same metric; IPv6 the first that joins as it does, else the first.
RouteTable::Entries::iterator RouteTable::find_replaced(const Route& route, std::size_t& candidates) {
  const auto count = [&](auto&& is_candidate) {
    auto replaced = entries_.end();
    candidates = 0;
    const auto [begin, end] = entries_.equal_range({route.prefix, route.table});
    for (auto it = begin; it != end; ++it) {
      if (it->second.route.metric != route.metric || !is_candidate(it->second.route)) continue;
      if (candidates++ == 0 || it->second.arrival < replaced->second.arrival) replaced = it;
    }
    return replaced;
  };
  const auto any = [](const Route&) { return true; };
  if (route.prefix.address.is_v4()) return count(any);
  const auto alike = count([&](const Route& other) { return joins(other) == joins(route); });
  return alike != entries_.end() ? alike : count(any);
}

void RouteTable::insert(const Route& route) {
  const auto inserted = entries_.emplace(Key{route.prefix, route.table}, Entry{.route = route});
  Entry& entry = inserted->second;
  entry.arrival = ++arrivals_;
  entry.dump = dump_;
  ++fresh_;
  enlist(entry);
  observer_->route(entry.route, Change::added);
}

void RouteTable::change(Entry& entry, const Route& route) {
  if (entry.route == route) return;
  delist(entry);
  const Route before = std::exchange(entry.route, route);
  enlist(entry);
  observer_->route(before, Change::removed);
  observer_->route(entry.route, Change::added);
}

// The kernel has told of it. What a rule changes is not told of, and may be gone when a dump ends.
void RouteTable::refresh(Entry& entry) {
  if (entry.dump == dump_) return;
  entry.dump = dump_;
  ++fresh_;
}

void RouteTable::erase(Entry& entry) {
  const auto [begin, end] = entries_.equal_range({entry.route.prefix, entry.route.table});
  erase(std::find_if(begin, end, [&](const auto& other) { return &other.second == &entry; }));
}

void RouteTable::erase(Entries::iterator entry) {
  if (entry->second.dump == dump_) --fresh_;
  delist(entry->second);
  const Route route = std::move(entry->second.route);
  entries_.erase(entry);
  observer_->route(route, Change::removed);
}

void RouteTable::enlist(Entry& entry) {
  Entry*& head = lists_[list_of(entry.route)];
  entry.previous = nullptr;
  entry.next = head;
  if (head != nullptr) head->previous = &entry;
  head = &entry;
}

void RouteTable::delist(Entry& entry) {
  if (entry.next != nullptr) entry.next->previous = entry.previous;
  if (entry.previous != nullptr) {
    entry.previous->next = entry.next;
    return;
  }
  const auto list = lists_.find(list_of(entry.route));
  list->second = entry.next;
  if (entry.next == nullptr) lists_.erase(list);
}

// Every entry with a next hop over the link. visit may change or erase the entry that it is given.
template <class Visit>
void RouteTable::visit(std::uint32_t link, Visit visit) {
  for (const std::uint32_t list : {link, std::uint32_t{0}}) {
    const auto found = lists_.find(list);
    Entry* entry = found == lists_.end() ? nullptr : found->second;
    while (entry != nullptr) {
      Entry* const next = entry->next;
      if (is_over(entry->route, link)) visit(*entry);
      entry = next;
    }
  }
}

}  // namespace holdfast::glue
