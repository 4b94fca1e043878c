// The checkpoint: tables of records in shared memory that survive the death of the process at any instruction.
// A change of records is one transaction. It is written to the redo area, then its sequence is stored, which is the
// commit point, then it is applied in place; opening replays the last committed one. So either all of it happened or
// nothing. Kept safe from: kill -9, a crash, an upgrade. Not from: loss of power, a restart of the system.
#pragma once

#include "checkpoint/begin.hpp"
#include "checkpoint/committed.hpp"
#include "checkpoint/mapping.hpp"
#include "checkpoint/redo.hpp"
#include "checkpoint/refusal.hpp"
#include "checkpoint/region.hpp"
#include "wire/octets.hpp"
#include "wire/result.hpp"
#include "wire/time.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast::checkpoint {

// Whether memory is taken for a page of the region when it is first touched, or for all of them up front, so that no
// commit meets a page fault.
enum class Pages : std::uint8_t { when_touched, up_front };

struct Options {
  Pages pages = Pages::when_touched;
  TimePoint writer_start{};  // for tools: when the process that opens the store started
};

class Store {
 public:
  // Maps an existing region, checks it, replays what was committed and not yet applied, and counts a new incarnation.
  // Holds an exclusive flock on the file for as long as the store lives. A refusal leaves the file as it was.
  static Result<Store, Refusal> open(const std::filesystem::path& path, const Layout& layout, const BootId& boot,
                                     const Options& options = {});
  // A new, empty region. It appears under its name in one step, complete and locked; path must not exist yet. The error
  // is for the log: a layout that can't be, or what the system said.
  // fill, where there is one, puts into it what it is to begin with.
  using Begin = std::function<void(Store& store)>;
  static Result<Store, std::string> create(const std::filesystem::path& path, const Layout& layout, const BootId& boot,
                                           const Options& options = {}, const Begin& fill = {});
  // A region in place of the one at path, which no other process may be using and need not be of this layout. fill puts
  // into it what it takes of the old one, and says whether that is all; it gets its name afterwards, in one step, so a
  // crash leaves either, and counts sequence and incarnation on. The old one is gone then, or, when fill says false,
  // set aside for the reason given.
  using Fill = std::function<bool(const Store& old, Store& next)>;
  static Result<Store, std::string> replace(const std::filesystem::path& path, const Layout& layout, const BootId& boot,
                                            const Fill& fill, Refusal reason, const Options& options = {});
  // An empty region in private memory: the same store, survives nothing. Aborts on a layout that can't be.
  static Store in_memory(const Layout& layout);
  // For tools: maps an existing region read-only, whoever writes it and whatever its records are; takes no lock. The
  // writer may be at work meanwhile: use copy().
  static Result<Store, Refusal> inspect(const std::filesystem::path& path);
  // The same for a region that nobody writes: a copy of this process's own, with the transaction replayed that was
  // committed and not applied. The file stays as it was.
  static Result<Store, Refusal> read_saved(const std::filesystem::path& path);
  // Renames a refused region to PATH.refused-REASON-N, N counting up, and returns that name. Only the last kKeptAside
  // of path are kept, since they take memory. Empty, and nothing done, when there is no such file or another process
  // uses it.
  static std::filesystem::path set_aside(const std::filesystem::path& path, Refusal reason);
  static constexpr std::size_t kKeptAside = 3;

  Store(Store&&) noexcept = default;
  Store& operator=(Store&&) noexcept = default;

  // All changes or none, in their order. Aborts if it is larger than redo_octets(), if a change names a record that
  // does not exist or is longer than one, or if the store is read-only: bugs. No changes cost nothing and commit
  // nothing. Octets handed over may lie in this store.
  Committed commit(std::span<const Change> changes);
  // The last transaction, as it lies in the redo area: RedoHeader | RedoEntry, octets | ... Valid until the next one.
  Octets last_transaction() const;
  // Room for a transaction, and what one takes of it: changes whose sum fits may share a commit.
  std::size_t redo_octets() const { return region_.redo().size() - sizeof(RedoHeader); }
  static constexpr std::size_t redo_octets(const Change& change) {
    return sizeof(RedoEntry) + padded(change.bytes.size());
  }

  // Makes sure that there is memory for a record before it is written for the first time. False: the file system is
  // full, and writing the record would kill the process (SIGBUS). Takes the page faults off the commit; does its work
  // for 64 KiB at a time and is cheap in between.
  [[nodiscard]] bool reserve(std::uint16_t table, std::uint32_t index);

  // A whole record in place: record_octets of it, valid until a commit changes it. Empty when free or out of range.
  Octets record(std::uint16_t table, std::uint32_t index) const {
    const Region::Table* t = region_.table_of(table, index);
    if (t == nullptr || t->slot(index).free()) return {};
    return {t->record(index), t->record_octets};
  }
  // The same as an R, whose size must be the table's record_octets. nullptr when free or out of range.
  template <class R>
  const R* get(std::uint16_t table, std::uint32_t index) const {
    static_assert(std::is_trivially_copyable_v<R> && std::has_unique_object_representations_v<R> && alignof(R) <= 8);
    const Octets octets = record(table, index);
    if (octets.empty()) return nullptr;
    require(octets.size() == sizeof(R));
    return reinterpret_cast<const R*>(octets.data());
  }
  bool used(std::uint16_t table, std::uint32_t index) const {
    const Region::Table* t = region_.table_of(table, index);
    return t != nullptr && !t->slot(index).free();
  }
  // f(std::uint32_t index) for each record in use, by rising index. f may commit.
  template <class F>
  void for_each_used(std::uint16_t table, F f) const {
    if (table >= region_.tables().size()) return;
    const Region::Table& t = region_.tables()[table];
    for (std::uint32_t i = t.next_used(0); i < t.capacity; i = t.next_used(i + 1)) f(i);
  }
  // Copies a record while another process may be writing it: out (record_octets long) holds it as it was at one moment.
  // False when it is free, damaged or changing all the time.
  [[nodiscard]] bool copy(std::uint16_t table, std::uint32_t index, MutableOctets out) const;

  // A record in use whose octets are not those that were committed.
  struct Damage {
    std::uint16_t table{};
    std::uint32_t index{};
    friend bool operator==(const Damage&, const Damage&) = default;
  };
  // Reads every record in use; also while another process writes them.
  std::vector<Damage> verify() const;
  // Frees a damaged record, and clears whatever lies in it.
  void drop(std::uint16_t table, std::uint32_t index);
  // Makes the octets in use of a record of another layout those of ours, and may move it; false: it is to be left out.
  using Convert = std::function<bool(std::string_view table, std::uint32_t& index, std::vector<std::uint8_t>& value)>;
  // Takes over the sound records of another region that nobody writes, table by name and in its order, each at its
  // index: after capacities were changed, or from a copy made in another boot. Without convert its layout hash and
  // major version must be ours. Returns which of its records did not fit, were damaged or left out; nothing (and
  // nothing done) when they are of another kind. Throws std::runtime_error, for the log, when there is no memory for a
  // record.
  std::optional<std::vector<Damage>> adopt(const Store& from, const Convert& convert = {});

  const Header& header() const { return region_.header(); }
  std::span<const TableEntry> tables() const { return std::span(header().table).first(header().tables); }
  const Progress& progress() const { return region_.progress(); }
  std::uint64_t sequence() const;     // of the last transaction, 0 when there was none
  std::uint64_t incarnation() const;  // 1 in the process that created the region
  std::uint64_t applied() const;      // likewise, of the last one that is in the tables
  bool pending() const;               // a transaction is committed and not yet applied: only inspect() can see that
  std::size_t octets() const { return header().octets; }  // of the region; memory is taken for what was touched

 private:
  // A region under the name of an unfinished one, locked.
  static Result<Store, std::string> make(const std::filesystem::path& unfinished, const Layout& layout,
                                         const BootId& boot, const Options& options);
  static constexpr std::uint64_t kChunk = 64 << 10;  // a region ends with a page, so perhaps within one

  Store(Mapping mapping, const Region& region)
      : mapping_(std::move(mapping)), region_(region), reserved_(region.header().octets / kChunk + 1) {}
  static Writer this_writer(const Options& options);

  Mapping mapping_;
  Region region_;
  std::vector<bool> reserved_;  // whether the n-th chunk of the region is known to have memory
};

}  // namespace holdfast::checkpoint
