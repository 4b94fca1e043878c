#include "checkpoint/store.hpp"

#include "checkpoint/begin.hpp"
#include "checkpoint/stores.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <unistd.h>

namespace holdfast::checkpoint {
namespace {

// How often copy() tries while the writer is in the way. It is there for less than a microsecond at a time.
constexpr int kCopyAttempts = 100;

// Opens, locks and maps a region that is sound in itself.
Result<Mapping, Refusal> map_region(const std::filesystem::path& path, Access access) {
  auto file = File::open(path, access);
  if (!file) return fail(file.error());
  auto mapping = Mapping::of(std::move(*file), access, sizeof(Header));
  if (!mapping) return fail(mapping.error());
  if (const Refusal refusal = check_form(mapping->octets()); refusal != Refusal::none) return fail(refusal);
  return mapping;
}

}  // namespace

Writer Store::this_writer(const Options& options) {
  return {.start = static_cast<std::uint64_t>(options.writer_start.time_since_epoch().count()),
          .pid = static_cast<std::uint64_t>(::getpid())};
}

Result<Store, Refusal> Store::open(const std::filesystem::path& path, const Layout& layout, const BootId& boot,
                                   const Options& options) {
  auto mapping = map_region(path, Access::write);
  if (!mapping) return fail(mapping.error());
  const Region region(mapping->base());
  if (const Refusal refusal = check_match(region.header(), layout, boot); refusal != Refusal::none)
    return fail(refusal);
  if (const Refusal refusal = check_redo(region); refusal != Refusal::none) return fail(refusal);
  // Where that fails, memory is taken when it is touched.
  if (options.pages == Pages::up_front) (void)mapping->populate(0, region.header().octets);
  DirectStores stores;
  take_over(region, this_writer(options), stores);
  return Store(std::move(*mapping), region);
}

Result<Store, Refusal> Store::inspect(const std::filesystem::path& path) {
  auto mapping = map_region(path, Access::read);
  if (!mapping) return fail(mapping.error());
  const Region region(mapping->base());
  return Store(std::move(*mapping), region);
}

Result<Store, Refusal> Store::read_saved(const std::filesystem::path& path) {
  auto mapping = map_region(path, Access::copy);
  if (!mapping) return fail(mapping.error());
  const Region region(mapping->base());
  if (const Refusal refusal = check_redo(region); refusal != Refusal::none) return fail(refusal);
  DirectStores stores;
  if (region.progress().committed != region.progress().applied) apply_redo(region, stores);
  return Store(std::move(*mapping), region);
}

Store Store::in_memory(const Layout& layout) {
  const auto header = plan(layout, {});
  require(header.has_value());
  Mapping mapping = Mapping::in_memory(header->octets);
  DirectStores stores;
  begin_new(mapping.base(), *header, this_writer({}), stores);
  const Region region(mapping.base());
  return Store(std::move(mapping), region);
}

Committed Store::commit(std::span<const Change> changes) {
  require(mapping_.writable());
  if (changes.empty()) return Committed(sequence());
  DirectStores stores;
  return Committed(transact(region_, changes, stores));
}

Octets Store::last_transaction() const {
  const Octets redo = region_.redo();
  return redo.first(sizeof(RedoHeader) + reinterpret_cast<const RedoHeader*>(redo.data())->octets);
}

bool Store::reserve(std::uint16_t table, std::uint32_t index) {
  const Region::Table* const t = region_.table_of(table, index);
  require(t != nullptr && mapping_.writable());
  const auto offset = static_cast<std::uint64_t>(t->record(index) - mapping_.base());
  for (std::uint64_t chunk = offset / kChunk; chunk <= (offset + t->record_octets - 1) / kChunk; ++chunk) {
    if (reserved_[chunk]) continue;
    if (!mapping_.populate(chunk * kChunk, std::min(kChunk, octets() - chunk * kChunk))) return false;
    reserved_[chunk] = true;
  }
  return true;
}

bool Store::copy(std::uint16_t table, std::uint32_t index, MutableOctets out) const {
  const Region::Table* const t = region_.table_of(table, index);
  if (t == nullptr || out.size() != t->record_octets) return false;
  for (int attempt = 0; attempt < kCopyAttempts; ++attempt) {
    const Slot slot = t->slot(index);
    if (slot.free()) return false;
    std::memcpy(out.data(), t->record(index), out.size());
    if (is_sound(slot, out)) return true;
  }
  return false;
}

std::vector<Store::Damage> Store::verify() const {
  std::vector<Damage> damaged;
  for (std::uint16_t table = 0; table < region_.tables().size(); ++table) {
    const Region::Table& t = region_.tables()[table];
    std::vector<std::uint8_t> record(t.record_octets);
    for_each_used(table, [&](std::uint32_t index) {
      if (is_sound(t.slot(index), {t.record(index), t.record_octets})) return;
      if (!copy(table, index, record) && used(table, index)) damaged.push_back({table, index});
    });
  }
  return damaged;
}

void Store::drop(std::uint16_t table, std::uint32_t index) {
  const Octets damaged = record(table, index);
  if (damaged.empty()) return;
  // Its slot can't be trusted to say how far it reaches: first overwrite all of it, then free it.
  const std::vector<std::uint8_t> zeros(damaged.size());
  commit(std::array{Change{table, index, zeros}, Change{table, index, {}}});
}

std::uint64_t Store::sequence() const {
  return std::atomic_ref(region_.progress().committed).load(std::memory_order_acquire);
}

std::uint64_t Store::incarnation() const {
  return std::atomic_ref(region_.progress().incarnation).load(std::memory_order_acquire);
}

std::uint64_t Store::applied() const {
  return std::atomic_ref(region_.progress().applied).load(std::memory_order_acquire);
}

bool Store::pending() const { return applied() != sequence(); }

}  // namespace holdfast::checkpoint
