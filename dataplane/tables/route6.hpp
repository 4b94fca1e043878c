// IPv6 routes, longest prefix first: one hash table over prefixes of all lengths, asked once for each length in use.
// Routers have few lengths in use (128 for their own addresses, 64 or 56 for subscribers, 48, 32 and 0 upstream).
//
// Workers look up without locks. A slot's prefix never changes while workers may see the table: a removed prefix leaves
// its slot behind empty-handed, and when too many are used up, a new table takes the place of the old one.
#pragma once

#include "abi/ip_address.hpp"
#include "tables/memory.hpp"
#include "tables/next_hop.hpp"
#include "tables/readers.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

namespace holdfast::tables {

class Route6 {
 public:
  explicit Route6(Readers& readers);
  ~Route6();
  Route6(const Route6&) = delete;
  Route6& operator=(const Route6&) = delete;

  // Workers. address: 16 octets as on the wire, any alignment. No route: an empty NextHop.
  NextHop lookup(const std::uint8_t* address) const;
  bool empty() const { return live_.load(std::memory_order_relaxed) == 0; }
  // A hint for what lookup() will touch, to be given some packets ahead.
  void prefetch(const std::uint8_t* address) const;

  // The writer. length 0..128, bits beyond it are ignored; hop: not empty.
  void put(const IpAddress& address, unsigned length, NextHop hop);
  // False: there was no such prefix.
  bool remove(const IpAddress& address, unsigned length);
  std::optional<NextHop> find(const IpAddress& address, unsigned length) const;
  std::size_t size() const { return live_.load(std::memory_order_relaxed); }

 private:
  // Native byte order: the upper and the lower half of an address.
  struct Bits {
    std::uint64_t high, low;
  };
  struct Slot {
    std::uint64_t high, low;
    std::uint32_t length;
    std::atomic<std::uint32_t> hop;  // stored last, with release. 0: never used, ends a search; kGone: removed
    std::uint64_t reserved;
  };
  static_assert(sizeof(Slot) == 32);
  struct Table {
    explicit Table(std::size_t count) : slots(count), mask(count - 1) {}
    SparseArray<Slot> slots;
    std::size_t mask;
  };
  static constexpr std::uint32_t kGone = 0xffffffff;

  static Bits load(const std::uint8_t* address);
  static Bits cut(Bits bits, unsigned length);
  static std::size_t hash(Bits bits, unsigned length);
  static Slot* search(const Table& table, Bits bits, unsigned length);
  static Slot& claim(Table& table, Bits bits, unsigned length);
  void grow();
  void count_length(unsigned length, int change);

  Readers& readers_;
  std::atomic<Table*> table_;
  std::array<std::atomic<std::uint64_t>, 2> lengths_{};  // bit n % 64 of word n / 64: length n in use, for 1..127
  std::atomic<std::uint32_t> default_{0};
  std::atomic<std::uint32_t> host_routes_{0};  // of length 128
  std::array<std::uint32_t, 129> per_length_{};
  std::atomic<std::size_t> live_{0};  // prefixes
  std::size_t used_ = 0;              // slots that are not as new
};

}  // namespace holdfast::tables
