#include "checkpoint/redo.hpp"

namespace holdfast::checkpoint {
namespace {

// The entry at the start of rest, when it and its octets are all there, undamaged, and name a record that exists.
const RedoEntry* sound_entry(const Region& region, Octets rest) {
  if (rest.size() < sizeof(RedoEntry)) return nullptr;
  const auto* const entry = reinterpret_cast<const RedoEntry*>(rest.data());
  const Region::Table* const table = region.table_of(entry->table, entry->index);
  if (table == nullptr || entry->length > table->record_octets) return nullptr;
  if (padded(entry->length) > rest.size() - sizeof(RedoEntry)) return nullptr;
  return crc32c(rest.subspan(sizeof(RedoEntry), entry->length)) == entry->crc ? entry : nullptr;
}

}  // namespace

Refusal check_redo(const Region& region) {
  const Progress& progress = region.progress();
  if (progress.committed == progress.applied) return Refusal::none;
  if (progress.committed != progress.applied + 1) return Refusal::bad_redo;
  const Octets redo = region.redo();
  const auto& header = *reinterpret_cast<const RedoHeader*>(redo.data());
  if (header.sequence != progress.committed || header.octets > redo.size() - sizeof(RedoHeader))
    return Refusal::bad_redo;
  Octets rest = redo.subspan(sizeof(RedoHeader), header.octets);
  std::uint32_t entries = 0;
  for (std::uint32_t i = 0; i < header.entries; ++i) {
    const RedoEntry* const entry = sound_entry(region, rest);
    if (entry == nullptr) return Refusal::bad_redo;
    entries = crc32c(object_octets(*entry), entries);
    rest = rest.subspan(sizeof(RedoEntry) + padded(entry->length));
  }
  return rest.empty() && crc_with_entries(header, entries) == header.crc ? Refusal::none : Refusal::bad_redo;
}

}  // namespace holdfast::checkpoint
