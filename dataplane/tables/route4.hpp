// IPv4 routes, longest prefix first: 2^24 entries by the upper 24 bits of the address; where a /24 holds longer
// prefixes, its entry names a group of 256 entries by the last octet (DIR-24-8). A look-up is one load or two.
//
// Workers look up without locks while the one writer changes entries one by one: during a change an address may lead to
// its old or its new next hop, to nothing else. The writer keeps the prefixes themselves in an ordered map.
#pragma once

#include "tables/memory.hpp"
#include "tables/next_hop.hpp"
#include "tables/readers.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace holdfast::tables {

class Route4 {
 public:
  explicit Route4(Readers& readers, std::uint32_t max_groups = 1u << 18);

  // Workers. address: host byte order. No route: an empty NextHop.
  NextHop lookup(std::uint32_t address) const {
    NextHop hop(base_[address >> 8].load(std::memory_order_acquire));
    if (hop.kind() == HopKind::group)
      hop = NextHop(groups_[hop.index() << 8 | (address & 0xff)].load(std::memory_order_relaxed));
    return hop ? hop : NextHop(default_.load(std::memory_order_relaxed));
  }
  // Workers, too: whether there is no route at all.
  bool empty() const { return count_.load(std::memory_order_relaxed) == 0; }
  // Two hints for the lines that lookup() will touch, to be given in this order some packets ahead.
  void prefetch(std::uint32_t address) const { __builtin_prefetch(&base_[address >> 8]); }
  void prefetch_group(std::uint32_t address) const { __builtin_prefetch(entry(address)); }
  // lookup() in two steps, for who has others to look up in between: where the answer is, and the answer.
  const std::atomic<std::uint32_t>* entry(std::uint32_t address) const {
    const NextHop hop(base_[address >> 8].load(std::memory_order_acquire));
    return hop.kind() == HopKind::group ? &groups_[hop.index() << 8 | (address & 0xff)] : &base_[address >> 8];
  }
  NextHop answer(const std::atomic<std::uint32_t>* entry) const {
    const NextHop hop(entry->load(std::memory_order_relaxed));
    return hop ? hop : NextHop(default_.load(std::memory_order_relaxed));
  }

  // The writer. address: host byte order, bits beyond `length` are ignored; length 0..32; hop: not empty, not a group.
  // False: no group left, nothing changed.
  [[nodiscard]] bool put(std::uint32_t address, unsigned length, NextHop hop);
  // False: there was no such prefix.
  bool remove(std::uint32_t address, unsigned length);
  std::optional<NextHop> find(std::uint32_t address, unsigned length) const;
  std::size_t size() const { return count_.load(std::memory_order_relaxed); }

 private:
  struct Prefix {
    std::uint32_t address;
    unsigned length;
    friend auto operator<=>(const Prefix&, const Prefix&) = default;
  };
  struct Retired {
    std::uint32_t group;
    Readers::Token token;
  };

  NextHop covering(Prefix prefix) const;
  void paint(Prefix prefix, NextHop hop);
  void paint_range(std::uint64_t first, std::uint64_t last, NextHop hop);
  void split(std::uint32_t slot);
  void merge(std::uint32_t slot);
  bool holds_longer(std::uint32_t slot) const;
  bool group_available();
  std::uint32_t take_group();

  Readers& readers_;
  SparseArray<std::atomic<std::uint32_t>> base_;
  SparseArray<std::atomic<std::uint32_t>> groups_;
  std::atomic<std::uint32_t> default_{0};  // 0.0.0.0/0 is kept apart, or it would touch all of base_
  std::atomic<std::size_t> count_{0};
  std::map<Prefix, NextHop> rules_;
  std::array<std::uint32_t, 33> per_length_{};
  std::deque<Retired> retired_;  // used again when no worker can see them any more
  std::uint32_t fresh_ = 0;      // groups never used begin here
  std::uint32_t max_groups_;
};

}  // namespace holdfast::tables
