// Store::adopt: what another region holds, taken over record by record.
#include "checkpoint/store.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace holdfast::checkpoint {
namespace {

constexpr const char* kNoMemory =
    "no shared memory is left to take the checkpoint over: free some in the file system of --shm-dir";

}  // namespace

std::optional<std::vector<Store::Damage>> Store::adopt(const Store& from, const Convert& convert) {
  const bool same = from.header().layout_hash == header().layout_hash && from.header().major == header().major;
  if (!same && !convert) return std::nullopt;
  // Of the records in a transaction that was never applied, the redo area has the value, not the table.
  std::vector<Change> pending;
  if (from.pending() && check_redo(from.region_) == Refusal::none)
    for_each_entry(from.region_.redo(), [&](const RedoEntry& entry, Octets octets) {
      pending.push_back({entry.table, entry.index, octets});
    });
  std::vector<Damage> left_out;
  std::vector<std::uint8_t> value;
  for (std::uint16_t source = 0; source < from.tables().size(); ++source) {
    const std::string_view name = from.tables()[source].text();
    const auto ours = std::ranges::find(tables(), name, &TableEntry::text);
    const auto adopt_one = [&](std::uint32_t index, Octets octets) {
      if (ours == tables().end()) return false;
      value.assign(octets.begin(), octets.end());
      if (convert && !convert(name, index, value)) return false;
      if (index >= ours->capacity || value.size() > ours->record_octets) return false;
      const auto table = static_cast<std::uint16_t>(ours - tables().begin());
      if (!reserve(table, index)) throw std::runtime_error(kNoMemory);
      commit(std::array{Change{table, index, value}});
      return true;
    };
    const Region::Table& t = from.region_.tables()[source];
    from.for_each_used(source, [&](std::uint32_t index) {
      const auto is_here = [&](const Change& change) { return change.table == source && change.index == index; };
      if (std::ranges::any_of(pending, is_here)) return;
      const Slot slot = t.slot(index);
      const Octets record = from.record(source, index);
      if (!is_sound(slot, record) || !adopt_one(index, record.first(slot.length())))
        left_out.push_back({source, index});
    });
    for (const Change& change : pending)  // without octets: the record was freed
      if (change.table == source && !change.bytes.empty() && !adopt_one(change.index, change.bytes))
        left_out.push_back({source, change.index});
  }
  return left_out;
}

}  // namespace holdfast::checkpoint
