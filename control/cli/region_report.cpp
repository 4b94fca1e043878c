#include "cli/region_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace holdfast::cli {
namespace {

using checkpoint::Store;
using Reading = RegionReader::Reading;

std::string hex(std::uint64_t value) {
  std::array<char, 24> out{};
  std::snprintf(out.data(), out.size(), "%016llx", static_cast<unsigned long long>(value));
  return out.data();
}

std::string uuid(const checkpoint::BootId& boot) {
  std::string out;
  for (std::size_t i = 0; i < boot.octets.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    std::array<char, 4> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", boot.octets[i]);
    out += digits.data();
  }
  return out;
}

RecordReport record_report(const RegionReader& region, std::uint16_t table, std::uint32_t index, Reading reading,
                           Octets record) {
  RecordReport report{.table = std::string(region.store().tables()[table].text()), .index = index};
  report.damaged = reading == Reading::damaged;
  if (!report.damaged && region.known_layout()) report.fields = fields_of(report.table, index, record);
  return report;
}

// f(index, reading, octets) for each record of a table that is in use.
template <class F>
void for_each_record(const RegionReader& region, std::uint16_t table, F f) {
  std::vector<std::uint8_t> record;
  region.store().for_each_used(table, [&](std::uint32_t index) {
    const Reading reading = region.read(table, index, record);
    if (reading != Reading::free) f(index, reading, Octets(record));
  });
}

using Change = DiffReport::Change;

// The fields whose values differ, of the one side and of the other; else where the octets begin to.
Change difference(const RegionReader& from, const RegionReader& to, std::string_view table, std::uint32_t index,
                  Octets before, Octets after) {
  Change change{.kind = DiffReport::Kind::changed, .table = std::string(table), .index = index};
  if (from.known_layout() && to.known_layout()) {
    const auto a = fields_of(table, index, before), b = fields_of(table, index, after);
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] == b[i]) continue;
      change.before.push_back(a[i]);
      change.after.push_back(b[i]);
    }
  }
  if (change.before.empty()) {
    const auto at = std::ranges::mismatch(before, after).in1 - before.begin();
    change.octets = "from octet " + std::to_string(at) + " of " + std::to_string(before.size());
  }
  return change;
}

void diff_tables(const RegionReader& from, std::uint16_t from_table, const RegionReader& to, std::uint16_t to_table,
                 std::vector<Change>& changes) {
  const std::string_view name = from.store().tables()[from_table].text();
  const std::uint32_t capacity =
      std::max(from.store().tables()[from_table].capacity, to.store().tables()[to_table].capacity);
  std::vector<std::uint8_t> before, after;
  for (std::uint32_t index = 0; index < capacity; ++index) {
    if (!from.store().used(from_table, index) && !to.store().used(to_table, index)) continue;
    const bool was = from.read(from_table, index, before) == Reading::sound;
    const bool is = to.read(to_table, index, after) == Reading::sound;
    if (was && !is)
      changes.push_back({.kind = DiffReport::Kind::removed,
                         .table = std::string(name),
                         .index = index,
                         .before = record_report(from, from_table, index, Reading::sound, before).fields});
    if (!was && is)
      changes.push_back({.kind = DiffReport::Kind::added,
                         .table = std::string(name),
                         .index = index,
                         .after = record_report(to, to_table, index, Reading::sound, after).fields});
    if (was && is && before != after) changes.push_back(difference(from, to, name, index, before, after));
  }
}

}  // namespace

RegionReport show_region(const RegionReader& region, bool records) {
  const Store& store = region.store();
  const checkpoint::Header& header = store.header();
  RegionReport report;
  report.path = region.path().string();
  report.region_octets = store.octets();
  report.version = std::to_string(header.major) + '.' + std::to_string(header.minor);
  report.layout = hex(header.layout_hash);
  report.known_layout = region.known_layout();
  report.boot = uuid(header.boot);
  report.live = region.live();
  report.writer_pid = store.progress().writer_pid;
  report.incarnation = store.incarnation();
  report.commits = store.sequence();
  for (std::uint16_t table = 0; table < store.tables().size(); ++table) {
    const checkpoint::TableEntry& entry = store.tables()[table];
    std::uint64_t used = 0;
    store.for_each_used(table, [&](std::uint32_t) { ++used; });
    report.tables.push_back({std::string(entry.text()), used, entry.capacity, entry.record_octets});
    if (!records) continue;
    for_each_record(region, table, [&](std::uint32_t index, Reading reading, Octets record) {
      report.records.push_back(record_report(region, table, index, reading, record));
    });
  }
  return report;
}

VerifyReport verify_region(const std::filesystem::path& path) {
  VerifyReport report{.path = path.string(), .refusal = {}, .meaning = {}, .damaged = {}};
  const auto region = RegionReader::open(path);
  if (!region) {
    report.refusal = checkpoint::name(region.error());
    report.meaning = checkpoint::meaning(region.error());
    return report;
  }
  for (std::uint16_t table = 0; table < region->store().tables().size(); ++table)
    for_each_record(*region, table, [&](std::uint32_t index, Reading reading, Octets record) {
      ++report.records;
      if (reading == Reading::damaged) report.damaged.push_back(record_report(*region, table, index, reading, record));
    });
  return report;
}

DiffReport diff_regions(const RegionReader& from, const RegionReader& to) {
  DiffReport report{.from = from.path().string(), .to = to.path().string(), .tables = {}, .changes = {}};
  const auto a = from.store().tables(), b = to.store().tables();
  for (std::uint16_t table = 0; table < a.size(); ++table) {
    const auto other = std::ranges::find(b, a[table].text(), &checkpoint::TableEntry::text);
    if (other == b.end() || other->record_octets != a[table].record_octets)
      report.tables.emplace_back(a[table].text());
    else
      diff_tables(from, table, to, static_cast<std::uint16_t>(other - b.begin()), report.changes);
  }
  for (const checkpoint::TableEntry& entry : b)
    if (std::ranges::count(a, entry.text(), &checkpoint::TableEntry::text) == 0)
      report.tables.emplace_back(entry.text());
  return report;
}

}  // namespace holdfast::cli
