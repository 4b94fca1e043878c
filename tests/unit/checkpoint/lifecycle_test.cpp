// How a region is made, found, looked at, replaced and set aside.
#include "checkpoint/stores.hpp"
#include "fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <sys/stat.h>
#include <unistd.h>

namespace holdfast::checkpoint::test {
namespace {

namespace fs = std::filesystem;

using CreateTest = RegionTest;
using InspectTest = RegionTest;
using SetAsideTest = RegionTest;
using AdoptTest = RegionTest;
using ReserveTest = RegionTest;
using StoreDeathTest = RegionTest;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

TEST_F(CreateTest, LeavesOnlyTheRegionLockedAndForItsOwnerAlone) {
  const Store store = create();
  EXPECT_EQ(names_in(folder_), std::vector<std::string>{"region"});
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::file_size(path_), store.octets());
  EXPECT_EQ(refusal(), Refusal::in_use);
}

TEST_F(CreateTest, DoesNotReplaceARegionThatExists) {
  create().commit(std::array{Change{kSessions, 5, bytes(264, 1)}});
  const auto second = Store::create(path_, kLayout, kBoot);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), "can't create the checkpoint " + path_.string() + ": can't name it: File exists");
  EXPECT_EQ(names_in(folder_), std::vector<std::string>{"region"});
  EXPECT_TRUE(open()->used(kSessions, 5));
}

TEST_F(CreateTest, StartsAfreshWhereAnotherWasKilledInTheMiddle) {
  std::ofstream(folder_ / "region.new") << std::string(100'000, 'x');
  fs::permissions(folder_ / "region.new", fs::perms::owner_read | fs::perms::owner_write);
  (void)create();
  EXPECT_EQ(names_in(folder_), std::vector<std::string>{"region"});
  const auto store = open();
  ASSERT_TRUE(store) << name(store.error());
  for (std::uint16_t table = 0; table < kTables.size(); ++table)
    store->for_each_used(table, [&](std::uint32_t index) { ADD_FAILURE() << table << " " << index; });
}

TEST_F(CreateTest, DoesNotDisturbAnotherInTheMiddle) {
  const auto other = File::open(folder_ / "region.new", Access::write, File::Make::yes);
  ASSERT_TRUE(other);
  const auto store = Store::create(path_, kLayout, kBoot);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error(), "can't create the checkpoint " + path_.string() + ": its unfinished file is in-use");
}

TEST_F(CreateTest, SaysWhatIsWrongWithALayout) {
  const auto store = Store::create(path_, {.tables = {}, .hash = 1, .major = 1, .minor = 0}, kBoot);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error(), "can't create the checkpoint " + path_.string() + ": no table, or too many");
}

TEST_F(CreateTest, SaysThatTheFileSystemIsTooSmall) {
  const std::array<TableSpec, 1> tables{{{"a", kMaxRecordOctets, kMaxCapacity}}};  // 256 TiB
  const auto store = Store::create(path_, {.tables = tables, .hash = 1, .major = 1, .minor = 0}, kBoot);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().find("its file system has"), std::string::npos) << store.error();
  EXPECT_EQ(names_in(folder_), std::vector<std::string>{});
}

TEST_F(CreateTest, TakesAllMemoryUpFrontWhenAsked) {
  const auto blocks = [&](Pages pages) {
    const auto store = Store::create(path_, kLayout, kBoot, {.pages = pages});
    EXPECT_TRUE(store);
    struct stat status {};
    EXPECT_EQ(::stat(path_.c_str(), &status), 0);
    fs::remove(path_);
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
  };
  EXPECT_GE(blocks(Pages::up_front), plan(kLayout, kBoot)->octets);
  EXPECT_LT(blocks(Pages::when_touched), plan(kLayout, kBoot)->octets);
}

TEST_F(InspectTest, SeesTheRegionOfARunningWriterAndWhoItIs) {
  using namespace std::chrono_literals;
  auto writer = Store::create(path_, kLayout, kBoot, {.writer_start = TimePoint(5s)});
  ASSERT_TRUE(writer);
  const auto store = Store::inspect(path_);
  ASSERT_TRUE(store) << name(store.error());
  writer->commit(std::array{Change{kSessions, 5, bytes(264, 1)}});
  EXPECT_EQ(to_vector(store->record(kSessions, 5)), bytes(264, 1));
  EXPECT_EQ(store->sequence(), 1u);
  EXPECT_EQ(store->incarnation(), 1u) << "looking does not count";
  EXPECT_FALSE(store->pending());
  EXPECT_EQ(store->progress().writer_start, 5'000'000'000u);
  EXPECT_EQ(store->progress().writer_pid, static_cast<std::uint64_t>(::getpid()));
  EXPECT_EQ(store->header().major, kLayout.major);
  EXPECT_EQ(store->header().boot, kBoot);
  ASSERT_EQ(store->tables().size(), kTables.size());
  for (std::size_t i = 0; i < kTables.size(); ++i) {
    EXPECT_EQ(store->tables()[i].text(), kTables[i].name);
    EXPECT_EQ(store->tables()[i].record_octets, kTables[i].record_octets);
    EXPECT_EQ(store->tables()[i].capacity, kTables[i].capacity);
  }
}

TEST_F(InspectTest, CopiesOnlyARecordThatIsWhole) {
  Store writer = create();
  writer.commit(std::array{Change{kSessions, 5, bytes(100, 1)}});
  const auto store = Store::inspect(path_);
  ASSERT_TRUE(store);
  std::vector<std::uint8_t> out(264);
  EXPECT_TRUE(store->copy(kSessions, 5, out));
  EXPECT_EQ(out, to_vector(writer.record(kSessions, 5)));
  EXPECT_FALSE(store->copy(kSessions, 6, out)) << "free";
  EXPECT_FALSE(store->copy(kSessions, 100, out)) << "out of range";
  EXPECT_FALSE(store->copy(kSessions, 5, MutableOctets(out).first(100))) << "not the size of a record";
  const_cast<std::uint8_t&>(writer.record(kSessions, 5)[3]) ^= 1;
  EXPECT_FALSE(store->copy(kSessions, 5, out)) << "damaged, or being written";
}

TEST_F(InspectTest, ReplaysTheLastTransactionOfASavedRegionInACopyOfItsOwn) {
  create().commit(std::array{Change{kSessions, 5, bytes(264, 1)}});
  std::string region = contents();
  auto& progress = *reinterpret_cast<Progress*>(region.data() + sizeof(Header));
  progress.applied = progress.committed - 1;
  const auto& sessions = reinterpret_cast<const Header*>(region.data())->table[kSessions];
  region[sessions.records + 5 * sessions.record_octets] ^= 1;
  std::ofstream(path_, std::ios::binary) << region;
  EXPECT_EQ(Store::inspect(path_)->verify().size(), 1u);
  const auto store = Store::read_saved(path_);
  ASSERT_TRUE(store) << name(store.error());
  EXPECT_EQ(store->verify(), std::vector<Store::Damage>{});
  EXPECT_EQ(to_vector(store->record(kSessions, 5)), bytes(264, 1));
  EXPECT_EQ(contents(), region) << "the file stays as it was";
}

TEST_F(InspectTest, RefusesASavedRegionWhoseLastTransactionIsDamaged) {
  create().commit(std::array{Change{kSessions, 5, bytes(264, 1)}});
  std::string region = contents();
  auto& progress = *reinterpret_cast<Progress*>(region.data() + sizeof(Header));
  progress.applied = progress.committed - 1;
  region[reinterpret_cast<const Header*>(region.data())->redo + sizeof(RedoHeader) + sizeof(RedoEntry)] ^= 1;
  std::ofstream(path_, std::ios::binary) << region;
  EXPECT_EQ(Store::read_saved(path_).error(), Refusal::bad_redo);
}

TEST_F(InspectTest, RefusesWhatIsNoRegion) {
  const auto refused = [&] { return Store::inspect(path_).error(); };
  EXPECT_EQ(refused(), Refusal::missing);
  std::ofstream(path_) << "short";
  EXPECT_EQ(refused(), Refusal::too_short);
  std::ofstream(path_) << std::string(100'000, 'x');
  EXPECT_EQ(refused(), Refusal::bad_magic);
}

TEST_F(SetAsideTest, KeepsTheLastFewUnderNamesThatSayWhy) {
  std::ofstream(folder_ / "region.refused-by-hand") << "not ours to remove";
  std::ofstream(folder_ / "region2.refused-bad-magic-1") << "of another instance";
  for (int i = 1; i <= 5; ++i) {
    std::ofstream(path_) << i;
    const Refusal reason = i % 2 == 0 ? Refusal::other_boot : Refusal::bad_header_crc;
    EXPECT_EQ(Store::set_aside(path_, reason),
              folder_ / ("region.refused-" + std::string(name(reason)) + "-" + std::to_string(i)));
  }
  EXPECT_EQ(names_in(folder_),
            (std::vector<std::string>{"region.refused-bad-header-crc-3", "region.refused-bad-header-crc-5",
                                      "region.refused-by-hand", "region.refused-other-boot-4",
                                      "region2.refused-bad-magic-1"}));
}

TEST_F(SetAsideTest, DoesNothingWhereThereIsNothing) {
  EXPECT_EQ(Store::set_aside(path_, Refusal::bad_magic), fs::path());
}

TEST_F(SetAsideTest, LeavesARegionThatIsInUse) {
  const Store writer = create();
  EXPECT_EQ(Store::set_aside(path_, Refusal::in_use), fs::path());
  EXPECT_EQ(names_in(folder_), std::vector<std::string>{"region"});
}

// Other capacities, another order of tables, another boot.
struct OldLayout {
  std::array<TableSpec, 3> tables{{kTables[2], {"session", kTables[1].record_octets, 300}, kTables[0]}};
  Layout layout{kLayout};
  OldLayout() { layout.tables = tables; }
};

TEST_F(AdoptTest, TakesTheRecordsOverWhenACapacityOrTheBootChanged) {
  const OldLayout old;
  Store from = Store::in_memory(old.layout);
  from.commit(std::array{Change{1, 99, bytes(100, 1)}, Change{1, 100, bytes(100, 2)}, Change{1, 7, bytes(264, 3)},
                         Change{2, 5, bytes(40, 4)}, Change{0, 5, bytes(1400, 5)}});
  const_cast<std::uint8_t&>(from.record(1, 7)[3]) ^= 1;
  Store store = create();
  EXPECT_EQ(store.adopt(from), (std::vector<Store::Damage>{{1, 7}, {1, 100}}))
      << "one damaged, one beyond the capacity";
  EXPECT_EQ(to_vector(store.record(kSessions, 99)), to_vector(from.record(1, 99)));
  EXPECT_EQ(to_vector(store.record(kTunnels, 5)), to_vector(from.record(2, 5)));
  EXPECT_EQ(to_vector(store.record(kChannels, 5)), to_vector(from.record(0, 5)));
  EXPECT_FALSE(store.used(kSessions, 7));
  EXPECT_EQ(store.verify(), std::vector<Store::Damage>{});
}

TEST_F(AdoptTest, TakesOverWhatWasCommittedAndNotYetApplied) {
  const OldLayout old;
  {
    Store from = Store::create(path_, old.layout, {}).value();
    from.commit(std::array{Change{1, 1, bytes(264, 1)}, Change{1, 2, bytes(264, 2)}, Change{1, 3, bytes(264, 3)}});
    // As if killed in the middle of changing 1, freeing 2 and adding 4 and, beyond the capacity, 100.
    const Region region(const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(&from.header())));
    DirectStores stores;
    write_redo(region,
               std::array{Change{1, 1, bytes(100, 9)}, Change{1, 2, {}}, Change{1, 4, bytes(8, 4)},
                          Change{1, 100, bytes(8, 4)}},
               2, stores);
    stores.publish(region.progress().committed, 2);
    region.tables()[1].record(1)[0] = 9;
  }
  const auto from = Store::inspect(path_);
  ASSERT_TRUE(from && from->pending());
  Store store = Store::in_memory(kLayout);
  EXPECT_EQ(store.adopt(*from), (std::vector<Store::Damage>{{1, 100}}));
  std::vector<std::uint8_t> first = bytes(100, 9);
  first.resize(264);
  EXPECT_EQ(to_vector(store.record(kSessions, 1)), first);
  EXPECT_FALSE(store.used(kSessions, 2));
  EXPECT_EQ(to_vector(store.record(kSessions, 3)), bytes(264, 3));
  EXPECT_TRUE(store.used(kSessions, 4));
  EXPECT_EQ(store.verify(), std::vector<Store::Damage>{});
}

TEST_F(AdoptTest, RefusesRecordsOfAnotherKind) {
  Layout other = kLayout;
  other.hash ^= 1;
  Store from = Store::in_memory(other);
  from.commit(std::array{Change{kSessions, 5, bytes(100, 1)}});
  Store store = create();
  EXPECT_EQ(store.adopt(from), std::nullopt);
  EXPECT_FALSE(store.used(kSessions, 5));
}

TEST_F(ReserveTest, FindsMemoryForEveryRecordOfASmallRegion) {
  Store store = create();
  for (std::uint16_t table = 0; table < kTables.size(); ++table)
    for (std::uint32_t index = 0; index < kTables[table].capacity; ++index) ASSERT_TRUE(store.reserve(table, index));
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_GE(static_cast<std::uint64_t>(status.st_blocks) * 512, store.octets());
  EXPECT_TRUE(Store::in_memory(kLayout).reserve(kSessions, 5));
}

TEST_F(StoreDeathTest, AbortsOnATransactionLargerThanTheRedoArea) {
  Store store = Store::in_memory(kLayout);
  const auto value = bytes(264, 1);
  const std::size_t fit = store.redo_octets() / Store::redo_octets(Change{kSessions, 0, value});
  std::vector<Change> changes(fit, Change{kSessions, 0, value});
  EXPECT_EQ(store.commit(changes).sequence(), 1u);
  changes.push_back({kSessions, 1, value});
  EXPECT_DEATH(store.commit(changes), "");
}

TEST_F(StoreDeathTest, AbortsOnAChangeThatNamesNoRecord) {
  Store store = Store::in_memory(kLayout);
  EXPECT_DEATH(store.commit(std::array{Change{kSessions, 100, bytes(8, 1)}}), "");
  EXPECT_DEATH(store.commit(std::array{Change{3, 0, bytes(8, 1)}}), "");
  EXPECT_DEATH(store.commit(std::array{Change{kSessions, 0, bytes(265, 1)}}), "");
}

TEST_F(StoreDeathTest, AbortsWhenAReaderWrites) {
  (void)create();
  auto store = Store::inspect(path_);
  ASSERT_TRUE(store);
  EXPECT_DEATH(store->commit({}), "");
}

TEST_F(StoreDeathTest, AbortsOnARecordOfAnotherSizeThanItsTables) {
  Store store = Store::in_memory(kLayout);
  store.commit(std::array{Change{kSessions, 0, bytes(8, 1)}});
  EXPECT_DEATH((void)store.get<Tunnel>(kSessions, 0), "");
}

}  // namespace
}  // namespace holdfast::checkpoint::test
