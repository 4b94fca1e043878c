#include "tables/route6.hpp"

#include <rte_hash_crc.h>

#include <bit>
#include <cstring>

namespace holdfast::tables {

Route6::Route6(Readers& readers) : readers_(readers), table_(new Table(4096)) {}
Route6::~Route6() { delete table_.load(); }

Route6::Bits Route6::load(const std::uint8_t* address) {
  std::uint64_t halves[2];
  std::memcpy(halves, address, sizeof(halves));
  return {__builtin_bswap64(halves[0]), __builtin_bswap64(halves[1])};
}

Route6::Bits Route6::cut(Bits bits, unsigned length) {
  if (length == 0) return {0, 0};
  if (length <= 64) return {bits.high & ~std::uint64_t{0} << (64 - length), 0};
  return {bits.high, bits.low & ~std::uint64_t{0} << (128 - length)};
}

std::size_t Route6::hash(Bits bits, unsigned length) {
  return rte_hash_crc_8byte(bits.low, rte_hash_crc_8byte(bits.high, length));
}

Route6::Slot* Route6::search(const Table& table, Bits bits, unsigned length) {
  for (std::size_t i = hash(bits, length);; ++i) {
    Slot& slot = table.slots[i & table.mask];
    if (slot.hop.load(std::memory_order_acquire) == 0) return nullptr;
    if (slot.high == bits.high && slot.low == bits.low && slot.length == length) return &slot;
  }
}

NextHop Route6::lookup(const std::uint8_t* address) const {
  const Table& table = *table_.load(std::memory_order_acquire);
  const Bits bits = load(address);
  const auto probe = [&](unsigned length) -> NextHop {
    const Slot* slot = search(table, cut(bits, length), length);
    if (slot == nullptr) return {};
    const std::uint32_t hop = slot->hop.load(std::memory_order_relaxed);
    return hop == kGone ? NextHop{} : NextHop(hop);
  };
  if (host_routes_.load(std::memory_order_relaxed) != 0)
    if (const NextHop hop = probe(128)) return hop;
  for (int word = 1; word >= 0; --word) {
    auto lengths = lengths_[static_cast<unsigned>(word)].load(std::memory_order_relaxed);
    while (lengths != 0) {
      const unsigned bit = 63u - static_cast<unsigned>(std::countl_zero(lengths));
      if (const NextHop hop = probe(static_cast<unsigned>(word) * 64 + bit)) return hop;
      lengths &= ~(std::uint64_t{1} << bit);
    }
  }
  return NextHop(default_.load(std::memory_order_relaxed));
}

void Route6::prefetch(const std::uint8_t* address) const {
  const Table& table = *table_.load(std::memory_order_acquire);
  const Bits bits = load(address);
  const auto hint = [&](unsigned length) {
    __builtin_prefetch(&table.slots[hash(cut(bits, length), length) & table.mask]);
  };
  hint(128);
  if ((lengths_[1].load(std::memory_order_relaxed) & 1) != 0) hint(64);
}

// The slot of a prefix, or the first one that was never used.
Route6::Slot& Route6::claim(Table& table, Bits bits, unsigned length) {
  if (Slot* slot = search(table, bits, length)) return *slot;
  std::size_t i = hash(bits, length);
  while (table.slots[i & table.mask].hop.load(std::memory_order_relaxed) != 0) ++i;
  Slot& slot = table.slots[i & table.mask];
  slot.high = bits.high;
  slot.low = bits.low;
  slot.length = length;
  return slot;
}

void Route6::put(const IpAddress& address, unsigned length, NextHop hop) {
  if (length == 0) {
    if (default_.exchange(hop.raw, std::memory_order_relaxed) == 0) ++live_;
    return;
  }
  if (2 * (used_ + 1) > table_.load(std::memory_order_relaxed)->mask + 1) grow();
  Table& table = *table_.load(std::memory_order_relaxed);
  Slot& slot = claim(table, cut(load(address.octets.data()), length), length);
  const std::uint32_t before = slot.hop.load(std::memory_order_relaxed);
  slot.hop.store(hop.raw, std::memory_order_release);
  if (before == 0) ++used_;
  if (before == 0 || before == kGone) {
    ++live_;
    count_length(length, 1);
  }
}

bool Route6::remove(const IpAddress& address, unsigned length) {
  if (length == 0) {
    const bool was_there = default_.exchange(0, std::memory_order_relaxed) != 0;
    if (was_there) --live_;
    return was_there;
  }
  Slot* slot = search(*table_.load(std::memory_order_relaxed), cut(load(address.octets.data()), length), length);
  if (slot == nullptr || slot->hop.load(std::memory_order_relaxed) == kGone) return false;
  slot->hop.store(kGone, std::memory_order_release);
  --live_;
  count_length(length, -1);
  return true;
}

std::optional<NextHop> Route6::find(const IpAddress& address, unsigned length) const {
  std::uint32_t hop = default_.load(std::memory_order_relaxed);
  if (length != 0) {
    const Slot* slot =
        search(*table_.load(std::memory_order_relaxed), cut(load(address.octets.data()), length), length);
    hop = slot == nullptr ? 0 : slot->hop.load(std::memory_order_relaxed);
  }
  if (hop == 0 || hop == kGone) return std::nullopt;
  return NextHop(hop);
}

// Fills a new table with the live prefixes, puts it in place, and frees the old one once no worker looks at it.
void Route6::grow() {
  Table* old = table_.load(std::memory_order_relaxed);
  auto bigger = std::make_unique<Table>(std::max<std::size_t>(4096, std::bit_ceil(4 * (live_ + 1))));
  for (std::size_t i = 0; i <= old->mask; ++i) {
    const Slot& from = old->slots[i];
    const std::uint32_t hop = from.hop.load(std::memory_order_relaxed);
    if (hop == 0 || hop == kGone) continue;
    claim(*bigger, {from.high, from.low}, from.length).hop.store(hop, std::memory_order_relaxed);
  }
  used_ = live_;
  table_.store(bigger.release(), std::memory_order_release);
  readers_.wait(readers_.retire());
  delete old;
}

// The length is announced after its first prefix is there, and withdrawn after its last one has gone.
void Route6::count_length(unsigned length, int change) {
  per_length_[length] += static_cast<std::uint32_t>(change);
  if (length == 128) {
    host_routes_.store(per_length_[128], std::memory_order_release);
    return;
  }
  auto& word = lengths_[length / 64];
  const auto bit = std::uint64_t{1} << length % 64;
  const auto others = word.load(std::memory_order_relaxed) & ~bit;
  word.store(per_length_[length] != 0 ? others | bit : others, std::memory_order_release);
}

}  // namespace holdfast::tables
