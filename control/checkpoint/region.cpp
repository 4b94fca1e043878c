#include "checkpoint/region.hpp"

#include "checkpoint/crc32c.hpp"

#include <algorithm>
#include <cstring>

namespace holdfast::checkpoint {
namespace {

constexpr std::uint64_t kRedoAt = up_to_page(sizeof(Header) + sizeof(Progress));

std::string_view fault_of(const TableSpec& spec) {
  if (spec.name.empty() || spec.name.size() > kMaxTableName) return "a table's name is empty or too long";
  if (spec.name.find('\0') != std::string_view::npos) return "a table's name holds a zero";
  if (spec.record_octets == 0 || spec.record_octets % 8 != 0 || spec.record_octets > kMaxRecordOctets)
    return "a record's size is zero, too large or not a multiple of 8";
  if (spec.capacity == 0 || spec.capacity > kMaxCapacity) return "a table's capacity is zero or too large";
  return {};
}

std::string_view fault_of(const Layout& layout) {
  constexpr std::size_t kBesidesTheRecord = 64;  // redo header and entry, rounded up
  if (layout.tables.empty() || layout.tables.size() > kMaxTables) return "no table, or too many";
  if (layout.redo_octets % 8 != 0 || layout.redo_octets < kBesidesTheRecord) return "the redo area's size is odd";
  for (std::size_t i = 0; i < layout.tables.size(); ++i) {
    const TableSpec& spec = layout.tables[i];
    if (const std::string_view fault = fault_of(spec); !fault.empty()) return fault;
    if (spec.record_octets > layout.redo_octets - kBesidesTheRecord) return "the redo area is too small for a record";
    if (std::ranges::count(layout.tables, spec.name, &TableSpec::name) != 1) return "two tables have the same name";
  }
  return {};
}

// The directory that was found, as a layout.
struct FoundLayout {
  std::array<TableSpec, kMaxTables> tables;
  Layout layout;

  explicit FoundLayout(const Header& found) {
    for (std::size_t i = 0; i < found.tables; ++i)
      tables[i] = {found.table[i].text(), found.table[i].record_octets, found.table[i].capacity};
    layout = {std::span(tables).first(found.tables), found.layout_hash, found.major, found.minor,
              static_cast<std::uint32_t>(found.redo_octets)};
  }
};

// Whether the directory is the one that this program would have written for its tables: so every offset is in bounds.
bool directory_is_sound(const Header& found) {
  if (found.tables > kMaxTables || found.redo_octets > UINT32_MAX) return false;
  const FoundLayout as_found(found);
  auto expected = plan(as_found.layout, found.boot);
  if (!expected) return false;
  expected->ready = found.ready;
  return std::ranges::equal(std::span(reinterpret_cast<const std::uint8_t*>(&*expected), sizeof(Header)),
                            std::span(reinterpret_cast<const std::uint8_t*>(&found), sizeof(Header)));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_zero(Octets octets) {
  return octets.empty() || (octets[0] == 0 && std::memcmp(octets.data(), octets.data() + 1, octets.size() - 1) == 0);
}

}  // namespace

bool is_sound(Slot slot, Octets record) {
  if (slot.length() > record.size()) return false;
  return crc32c(record.first(slot.length())) == slot.crc() && is_zero(record.subspan(slot.length()));
}

std::optional<BootId> BootId::parse(std::string_view uuid) {
  if (!uuid.empty() && uuid.back() == '\n') uuid.remove_suffix(1);
  if (uuid.size() != 36) return std::nullopt;
  BootId id;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (uuid[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(uuid[i]);
    if (value < 0) return std::nullopt;
    auto& octet = id.octets[digits++ / 2];
    octet = static_cast<std::uint8_t>(octet << 4 | value);
  }
  return id;
}

std::string_view TableEntry::text() const {
  return {name.data(), static_cast<std::size_t>(std::ranges::find(name, '\0') - name.begin())};
}

std::uint32_t header_crc(const Header& header) {
  const Octets all{reinterpret_cast<const std::uint8_t*>(&header), sizeof(Header)};
  return crc32c(all.subspan(offsetof(Header, major)));
}

Result<Header, std::string_view> plan(const Layout& layout, const BootId& boot) {
  if (const std::string_view fault = fault_of(layout); !fault.empty()) return fail(fault);
  Header header;
  header.magic = kMagic;
  header.format = kFormat;
  header.major = layout.major;
  header.minor = layout.minor;
  header.layout_hash = layout.hash;
  header.boot = boot;
  header.redo = kRedoAt;
  header.redo_octets = layout.redo_octets;
  header.tables = layout.tables.size();
  std::uint64_t end = up_to_page(header.redo + header.redo_octets);
  for (std::size_t i = 0; i < layout.tables.size(); ++i) {
    const TableSpec& spec = layout.tables[i];
    TableEntry& entry = header.table[i];
    std::ranges::copy(spec.name, entry.name.begin());
    entry.record_octets = spec.record_octets;
    entry.capacity = spec.capacity;
    entry.slots = end;
    entry.records = up_to_page(entry.slots + sizeof(Slot) * spec.capacity);
    end = up_to_page(entry.records + std::uint64_t{spec.record_octets} * spec.capacity);
  }
  header.octets = end;
  header.crc = header_crc(header);
  return header;
}

Refusal check_form(Octets region) {
  if (region.size() < sizeof(Header) + sizeof(Progress)) return Refusal::too_short;
  const Header& found = *reinterpret_cast<const Header*>(region.data());
  if (found.magic != kMagic) return Refusal::bad_magic;
  if (found.ready != kReady) return Refusal::not_ready;
  if (found.format != kFormat) return Refusal::other_format;
  if (found.crc != header_crc(found)) return Refusal::bad_header_crc;
  if (!directory_is_sound(found)) return Refusal::other_layout;
  if (found.octets != region.size()) return Refusal::wrong_size;
  return Refusal::none;
}

Refusal check_match(const Header& found, const Layout& layout, const BootId& boot) {
  const auto expected = plan(layout, boot);
  require(expected.has_value());
  if (found.major != expected->major) return Refusal::other_major_version;
  if (found.layout_hash != expected->layout_hash || found.tables != expected->tables) return Refusal::other_layout;
  for (std::size_t i = 0; i < kMaxTables; ++i) {
    const bool same = found.table[i].name == expected->table[i].name &&
                      found.table[i].record_octets == expected->table[i].record_octets;
    if (!same) return Refusal::other_layout;
  }
  if (found.boot != boot) return Refusal::other_boot;
  if (found.redo_octets != expected->redo_octets || found.table != expected->table) return Refusal::other_capacity;
  return Refusal::none;
}

Region::Region(std::uint8_t* base) : base_(base) {
  for (std::size_t i = 0; i < header().tables; ++i) {
    const TableEntry& entry = header().table[i];
    require(tables_.push({.slots = reinterpret_cast<std::uint64_t*>(base + entry.slots),
                          .records = base + entry.records,
                          .record_octets = entry.record_octets,
                          .capacity = entry.capacity}));
  }
}

std::uint32_t Region::Table::next_used(std::uint32_t from) const {
  constexpr std::uint32_t kAtOnce = 8;  // slots, of one cache line: most of a table is free
  std::uint32_t index = from;
  for (; index < capacity && index % kAtOnce != 0; ++index)
    if (!slot(index).free()) return index;
  for (; capacity - index >= kAtOnce && index < capacity; index += kAtOnce) {
    std::uint64_t any = 0;
    for (std::uint32_t i = 0; i < kAtOnce; ++i)
      any |= std::atomic_ref(slots[index + i]).load(std::memory_order_relaxed);
    if (any != 0) break;
  }
  for (; index < capacity; ++index)
    if (!slot(index).free()) return index;
  return capacity;
}

}  // namespace holdfast::checkpoint
