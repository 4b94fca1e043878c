// The checkpoint region: how it lies in shared memory, and the checks it must pass before anything in it is believed.
// Host byte order: only the machine that wrote a region reads it. Offsets, never pointers: it maps anywhere.
#pragma once

#include "checkpoint/refusal.hpp"
#include "wire/inline_list.hpp"
#include "wire/octets.hpp"
#include "wire/result.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace holdfast::checkpoint {

// A bug of ours: better a restart from the checkpoint than a wrong checkpoint.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// Of the running system, new at each of its starts: /proc/sys/kernel/random/boot_id.
struct BootId {
  std::array<std::uint8_t, 16> octets{};

  // From the text of that file, 36 characters and perhaps a newline; nothing when it is not a UUID.
  static std::optional<BootId> parse(std::string_view uuid);
  friend bool operator==(const BootId&, const BootId&) = default;
};

inline constexpr std::size_t kMaxTables = 15;
inline constexpr std::size_t kMaxTableName = 32;
inline constexpr std::uint32_t kMaxRecordOctets = 1u << 20;
inline constexpr std::uint32_t kMaxCapacity = 1u << 28;

struct TableSpec {
  std::string_view name;        // 1..kMaxTableName characters, different from the others
  std::uint32_t record_octets;  // 8..kMaxRecordOctets, a multiple of 8
  std::uint32_t capacity;       // records, 1..kMaxCapacity
};

struct Layout {
  std::span<const TableSpec> tables;     // 1..kMaxTables
  std::uint64_t hash;                    // of the record structs, computed by the caller at compile time
  std::uint32_t major;                   // another one can't be read
  std::uint32_t minor;                   // of who created the region; any one can be read
  std::uint32_t redo_octets = 2u << 20;  // bounds a transaction; a multiple of 8, holds at least the largest record
};

//  A region, from its first octet:
//
//  +--------------------------------------------------------------------------------------------------+
//  | Header          who may read it, and where the tables lie; constant once `ready` is stored        |  0
//  +--------------------------------------------------------------------------------------------------+
//  | Progress        what changes: incarnation, writer, sequence committed, sequence applied           |  1088
//  +--------------------------------------------------------------------------------------------------+
//  | redo area       RedoHeader | RedoEntry, octets | RedoEntry, octets | ...                          |  4096
//  +--------------------------------------------------------------------------------------------------+
//  | slots, table 0  u64 a record: octets in use << 32 | CRC32C of them; 0 = the record is free        |  page
//  | records, table 0                                                                                  |  page
//  +--------------------------------------------------------------------------------------------------+
//  | slots, table 1 ...                                                                                |  page
//  +--------------------------------------------------------------------------------------------------+
//
//  A record is zero past its octets in use, and a free one throughout. A slot carries the length beside the CRC,
//  because most of a large record is unused most of the time: what is not in use is neither copied nor summed.

struct TableEntry {
  std::array<char, kMaxTableName> name{};  // zeros after its end
  std::uint32_t record_octets{};
  std::uint32_t capacity{};
  std::uint64_t slots{};    // offset
  std::uint64_t records{};  // offset
  std::uint64_t reserved{};

  std::string_view text() const;
  friend bool operator==(const TableEntry&, const TableEntry&) = default;
};
static_assert(sizeof(TableEntry) == 64);
static_assert(std::has_unique_object_representations_v<TableEntry>);

struct Header {
  std::array<char, 8> magic{};
  std::uint32_t format{};  // of everything in this file
  std::uint32_t crc{};     // CRC32C from `major` to the end
  std::uint64_t ready{};   // stored last
  std::uint32_t major{};
  std::uint32_t minor{};
  std::uint64_t layout_hash{};
  std::uint64_t octets{};  // of the whole region
  BootId boot;
  std::uint64_t redo{};  // offset
  std::uint64_t redo_octets{};
  std::uint64_t tables{};
  std::array<std::uint64_t, 5> reserved{};
  std::array<TableEntry, kMaxTables> table;
};
static_assert(sizeof(Header) == 1088);
static_assert(std::has_unique_object_representations_v<Header>);

struct Progress {
  std::uint64_t incarnation{};   // how many times it was opened for writing, its creation included
  std::uint64_t writer_start{};  // MonotonicClock nanoseconds at which the writer started, 0 when it did not say
  std::uint64_t writer_pid{};
  std::uint64_t committed{};  // sequence of the last transaction that happened: storing it is the commit point
  std::uint64_t applied{};    // sequence of the last one that is in the tables: committed, or one less
  std::array<std::uint64_t, 3> reserved{};
};
static_assert(sizeof(Progress) == 64);
static_assert(std::has_unique_object_representations_v<Progress>);

inline constexpr std::array<char, 8> kMagic{'h', 'o', 'l', 'd', 'f', 'a', 's', 't'};
inline constexpr std::uint32_t kFormat = 1;
inline constexpr std::uint64_t kReady = 0x79646165722d6f67;

constexpr std::uint64_t up_to_page(std::uint64_t octets) { return (octets + 4095) / 4096 * 4096; }

// The length and CRC of a record, in one word so that they change together.
struct Slot {
  std::uint64_t raw{};

  static constexpr Slot of(std::uint32_t length, std::uint32_t crc) { return {std::uint64_t{length} << 32 | crc}; }
  constexpr bool free() const { return raw == 0; }
  constexpr std::uint32_t length() const { return static_cast<std::uint32_t>(raw >> 32); }
  constexpr std::uint32_t crc() const { return static_cast<std::uint32_t>(raw); }
};

// Whether a record in use holds what its slot says.
bool is_sound(Slot slot, Octets record);

// The header of a new region, all but `ready`; or what is wrong with the layout, in words.
Result<Header, std::string_view> plan(const Layout& layout, const BootId& boot);
std::uint32_t header_crc(const Header& header);

// Whether these octets are a finished region of this format and sound in itself. region: the whole file; aligned to 8.
Refusal check_form(Octets region);
// Whether a region of sound form is what this program would have created, in this boot of the system.
Refusal check_match(const Header& found, const Layout& layout, const BootId& boot);

// A mapped region whose form was checked, seen through its directory. Owns nothing.
class Region {
 public:
  struct Table {
    std::uint64_t* slots{};
    std::uint8_t* records{};
    std::uint32_t record_octets{};
    std::uint32_t capacity{};

    std::uint8_t* record(std::uint32_t index) const { return records + std::size_t{index} * record_octets; }
    Slot slot(std::uint32_t index) const { return {std::atomic_ref(slots[index]).load(std::memory_order_acquire)}; }
    // The first index from `from` on whose record is in use; capacity when there is none.
    std::uint32_t next_used(std::uint32_t from) const;
  };

  Region() = default;
  explicit Region(std::uint8_t* base);

  const Header& header() const { return *reinterpret_cast<const Header*>(base_); }
  Progress& progress() const { return *reinterpret_cast<Progress*>(base_ + sizeof(Header)); }
  MutableOctets redo() const { return {base_ + header().redo, header().redo_octets}; }
  const InlineList<Table, kMaxTables>& tables() const { return tables_; }
  // Nothing when the table or the index is out of range.
  const Table* table_of(std::uint16_t table, std::uint32_t index) const {
    return table < tables_.size() && index < tables_[table].capacity ? &tables_[table] : nullptr;
  }

 private:
  std::uint8_t* base_{};
  InlineList<Table, kMaxTables> tables_;
};

}  // namespace holdfast::checkpoint
