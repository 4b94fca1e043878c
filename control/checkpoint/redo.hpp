// The redo area: what makes a transaction happen wholly or not at all.
//
//   RedoHeader | RedoEntry, octets up to a multiple of 8 | RedoEntry, octets | ...
//
// Before the store of Progress::committed a crash leaves the old state: the redo area is not looked at. After it, every
// opening finishes the work: applying is idempotent, so a crash while doing so is no matter. The store of
// Progress::applied ends the transaction.
#pragma once

#include "checkpoint/crc32c.hpp"
#include "checkpoint/refusal.hpp"
#include "checkpoint/region.hpp"
#include "wire/octets.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace holdfast::checkpoint {

// One record's new value.
struct Change {
  std::uint16_t table{};
  std::uint32_t index{};
  Octets bytes;  // the first octets of the record, up to record_octets; the rest becomes zero. Empty: free the record
};

// The octets lie behind their entries unsummed: the CRC of each is in its entry, and the header's is over the entries.
// The same CRC then goes into the record's slot, so each octet is summed once.
struct RedoHeader {
  std::uint64_t sequence{};
  std::uint32_t entries{};
  std::uint32_t octets{};  // of the entries and what lies behind them
  std::uint32_t crc{};     // of the entries, then of the three fields above
  std::uint32_t reserved{};
};
static_assert(sizeof(RedoHeader) == 24);
static_assert(std::has_unique_object_representations_v<RedoHeader>);

struct RedoEntry {
  std::uint16_t table{};
  std::uint16_t reserved{};
  std::uint32_t index{};
  std::uint32_t length{};  // 0 frees the record
  std::uint32_t crc{};     // of length octets
};
static_assert(sizeof(RedoEntry) == 16);
static_assert(std::has_unique_object_representations_v<RedoEntry>);

constexpr std::size_t padded(std::size_t octets) { return (octets + 7) & ~std::size_t{7}; }

template <class T>
Octets object_octets(const T& object) {
  static_assert(std::has_unique_object_representations_v<T>);
  return {reinterpret_cast<const std::uint8_t*>(&object), sizeof(T)};
}

// A read-only walk over a redo area that was checked: f(entry, its octets).
template <class F>
void for_each_entry(Octets redo, F f) {
  const auto& header = *reinterpret_cast<const RedoHeader*>(redo.data());
  std::size_t at = sizeof(RedoHeader);
  for (std::uint32_t i = 0; i < header.entries; ++i) {
    const auto& entry = *reinterpret_cast<const RedoEntry*>(redo.data() + at);
    f(entry, redo.subspan(at + sizeof(RedoEntry), entry.length));
    at += sizeof(RedoEntry) + padded(entry.length);
  }
}

inline std::uint32_t crc_with_entries(const RedoHeader& header, std::uint32_t entries) {
  return crc32c(object_octets(header).first(offsetof(RedoHeader, crc)), entries);
}

// Whether the redo area holds, undamaged, what Progress says was committed and not yet applied; none also when there is
// nothing to replay. Else bad_redo.
Refusal check_redo(const Region& region);

// Starts the loads that apply() will wait for. They run while the redo area is written.
inline void prefetch(const Region::Table& table, const Change& change) {
  __builtin_prefetch(table.slots + change.index, 1);
  std::uint8_t* const record = table.record(change.index);
  for (std::size_t i = 0; i < change.bytes.size(); i += 64) __builtin_prefetch(record + i, 1);
}

template <class Stores>
void write_redo(const Region& region, std::span<const Change> changes, std::uint64_t sequence, Stores& stores) {
  const MutableOctets redo = region.redo();
  RedoHeader header{.sequence = sequence, .entries = static_cast<std::uint32_t>(changes.size())};
  std::size_t at = sizeof(RedoHeader);
  std::uint32_t entries = 0;
  for (const Change& change : changes) {
    const Region::Table* const table = region.table_of(change.table, change.index);
    require(table != nullptr && change.bytes.size() <= table->record_octets);
    require(sizeof(RedoEntry) + padded(change.bytes.size()) <= redo.size() - at);
    prefetch(*table, change);
    const RedoEntry entry{.table = change.table,
                          .index = change.index,
                          .length = static_cast<std::uint32_t>(change.bytes.size()),
                          .crc = crc32c(change.bytes)};
    entries = crc32c(object_octets(entry), entries);
    stores.copy(redo.data() + at, object_octets(entry));
    stores.copy(redo.data() + at + sizeof(RedoEntry), change.bytes);
    at += sizeof(RedoEntry) + padded(change.bytes.size());
  }
  header.octets = static_cast<std::uint32_t>(at - sizeof(RedoHeader));
  header.crc = crc_with_entries(header, entries);
  stores.copy(redo.data(), object_octets(header));
}

// One record: its octets, then zeros over what the old value had more, then its slot. The order matters: as long as the
// slot is the old one, its length tells a replay how far the old value may reach.
template <class Stores>
void apply_entry(const Region::Table& table, const RedoEntry& entry, Octets octets, Stores& stores) {
  std::uint8_t* const record = table.record(entry.index);
  const std::uint32_t before = std::min(table.slot(entry.index).length(), table.record_octets);
  stores.copy(record, octets);
  if (before > entry.length) stores.clear({record + entry.length, before - entry.length});
  stores.publish(table.slots[entry.index], entry.length == 0 ? 0 : Slot::of(entry.length, entry.crc).raw);
}

template <class Stores>
void apply_redo(const Region& region, Stores& stores) {
  for_each_entry(region.redo(), [&](const RedoEntry& entry, Octets octets) {
    apply_entry(region.tables()[entry.table], entry, octets, stores);
  });
  stores.publish(region.progress().applied, region.progress().committed);
}

// A whole transaction; returns its sequence. Aborts on changes that can't be: see Store::commit.
template <class Stores>
std::uint64_t transact(const Region& region, std::span<const Change> changes, Stores& stores) {
  const std::uint64_t sequence = region.progress().applied + 1;
  write_redo(region, changes, sequence, stores);
  stores.publish(region.progress().committed, sequence);  // the commit point
  apply_redo(region, stores);
  return sequence;
}

}  // namespace holdfast::checkpoint
