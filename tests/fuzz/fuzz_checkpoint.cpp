// A region that somebody has written over: opening it refuses or repairs, and never crashes.
//
// Input: one octet, odd to make the header CRC fit again; then patches of the region: offset (2 octets), how many
// octets (1), the octets.
#include "checkpoint/begin.hpp"
#include "checkpoint/store.hpp"
#include "checkpoint/stores.hpp"
#include "wire/reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdlib.h>
#include <string>
#include <vector>

namespace holdfast::checkpoint {
namespace {

constexpr std::array<TableSpec, 2> kTables{{{"a", 16, 8}, {"b", 64, 8}}};
constexpr Layout kLayout{.tables = kTables, .hash = 1, .major = 1, .minor = 0, .redo_octets = 256};

void require_that(bool holds) {
  if (!holds) std::abort();
}

// A file of its own for each process, gone with it.
class RegionFile {
 public:
  RegionFile() {
    std::string name = (std::filesystem::temp_directory_path() / "fuzz-checkpoint-XXXXXX").string();
    require_that(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    auto store = Store::create(path(), kLayout, {});
    require_that(store.has_value());
    const std::vector<std::uint8_t> value(64, 7);
    const Octets octets(value);
    store->commit(std::array{Change{0, 1, octets.first(16)}, Change{1, 2, octets}});
    // The last transaction is committed and not applied.
    DirectStores stores;
    const Region region(const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(&store->header())));
    write_redo(region, std::array{Change{0, 1, octets.first(9)}, Change{1, 2, {}}, Change{1, 3, octets}}, 2, stores);
    region.progress().committed = 2;
    const Octets whole(reinterpret_cast<const std::uint8_t*>(&store->header()), store->octets());
    sound_.assign(whole.begin(), whole.end());
  }
  ~RegionFile() { std::filesystem::remove_all(folder_); }
  RegionFile(const RegionFile&) = delete;
  RegionFile& operator=(const RegionFile&) = delete;

  std::filesystem::path path() const { return folder_ / "region"; }
  void spoil(Octets input) const {
    auto file = File::open(path(), Access::write);
    const auto mapping = Mapping::of(std::move(file.value()), Access::write, sizeof(Header));
    std::ranges::copy(sound_, mapping->base());
    Reader reader(input);
    const bool seal = (reader.u8() & 1) != 0;
    while (reader.left() != 0 && reader.ok()) {
      const std::size_t at = reader.u16();
      const Octets patch = reader.take(std::min<std::size_t>(reader.u8(), reader.left()));
      if (at + patch.size() <= sound_.size()) std::ranges::copy(patch, mapping->base() + at);
    }
    Header& header = *reinterpret_cast<Header*>(mapping->base());
    if (seal) header.crc = header_crc(header);
  }

 private:
  std::filesystem::path folder_;
  std::vector<std::uint8_t> sound_;
};

void read_everything(const Store& store) {
  std::vector<std::uint8_t> out;
  for (std::uint16_t table = 0; table < store.tables().size(); ++table) {
    store.for_each_used(table, [&](std::uint32_t index) {
      const Octets record = store.record(table, index);
      out.assign(record.begin(), record.end());
      (void)store.copy(table, index, out);
    });
  }
}

void repair(Store& store) {
  read_everything(store);
  for (const Store::Damage& damage : store.verify()) store.drop(damage.table, damage.index);
  require_that(store.verify().empty());
  require_that(!store.pending());
}

}  // namespace
}  // namespace holdfast::checkpoint

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::checkpoint;
  static const RegionFile file;
  file.spoil({data, size});
  if (const auto store = Store::inspect(file.path())) {
    read_everything(*store);
    (void)store->verify();
  }
  if (auto store = Store::open(file.path(), kLayout, {})) repair(*store);
  return 0;
}
