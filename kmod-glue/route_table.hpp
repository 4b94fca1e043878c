// Every route that the kernel has, kept up to date from what it tells (route by route) and from the rules by which it
// changes routes without telling (net/ipv4/fib_semantics.c does so for links and addresses that go away).
#pragma once

#include "kmod-glue/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace holdfast::glue {

class RouteTable {
 public:
  // observer: told each difference, after the table has changed; it must not change the table then.
  explicit RouteTable(Observer& observer) : observer_(&observer) {}

  // change: added or replaced, as the kernel said. False: several routes could be meant, and only a dump can tell
  // which.
  [[nodiscard]] bool put(const Route& route, Change change);
  void take_out(const Route& route);

  // Of a dump: end_dump() takes out what was not put since begin_dump(). It looks at all routes if there is any such.
  void begin_dump();
  void end_dump();

  enum class Family : std::uint8_t { ipv4, both };
  enum class Locals : std::uint8_t { spare, take };
  // The link went down (spare) or lost its last IPv4 address (take): its next hops are dead. An IPv4 route without any
  // other is gone; those of IPv6 the kernel takes out by name.
  void kill_next_hops(std::uint32_t link, Family family, Locals locals);
  // It came back: so do its next hops in the routes that had others.
  void revive_next_hops(std::uint32_t link, Family family);
  // The link is gone, and with it every route that has a next hop there.
  void take_out_over(std::uint32_t link);
  // No link has the IPv4 address any more: the routes of the main table that prefer it as their source are gone.
  void take_out_from(const IpAddress& source);

  // The route that is used for this very prefix: that of the lowest metric, the oldest of those. Null when there is
  // none.
  const Route* best(const IpPrefix& prefix, Table table) const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Key {
    IpPrefix prefix{};
    Table table{};
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  // Entries of one link form a list, so that a link that goes takes no look at the others' routes. Routes over several
  // links, or over none, are in the list of link 0.
  struct Entry {
    Route route{};
    Entry* previous{};
    Entry* next{};
    std::uint32_t dump{};     // the number of the dump that told of it, or during or after which it was told
    std::uint32_t arrival{};  // grows
  };
  using Entries = std::unordered_multimap<Key, Entry, KeyHash>;

  Entries::iterator find_same(const Route& route);
  Entries::iterator find_relative(const Route& route);
  Entries::iterator find_replaced(const Route& route, std::size_t& candidates);
  void insert(const Route& route);
  void change(Entry& entry, const Route& route);
  void erase(Entries::iterator entry);
  void erase(Entry& entry);
  void refresh(Entry& entry);
  void enlist(Entry& entry);
  void delist(Entry& entry);
  template <class Visit>
  void visit(std::uint32_t link, Visit visit);

  Observer* observer_;
  Entries entries_;
  std::unordered_map<std::uint32_t, Entry*> lists_;
  std::uint32_t dump_{};
  std::uint32_t arrivals_{};
  std::size_t fresh_{};  // entries of the latest dump
};

}  // namespace holdfast::glue
