// The copy on disk follows the store, whatever the disk does, and a daemon goes on from it.
#include "io/disk_copy.hpp"

#include "checkpoint/records.hpp"
#include "io/checkpoint_file.hpp"
#include "io/system.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <fstream>
#include <functional>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace holdfast::io {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct DiskCopies : ::testing::Test {
  fs::path folder = fs::temp_directory_path() / ("holdfast-copy-" + std::to_string(::getpid()));
  fs::path disk = folder / "disk";
  Options options;
  std::optional<CheckpointFile> file;
  std::optional<DiskCopy> copy;

  void SetUp() override {
    fs::create_directories(folder);
    options.shm_dir = folder.string();
    options.max_tunnels = 64;
    options.copy = (disk / "default.checkpoint").string();
    open();
  }
  void TearDown() override {
    copy.reset();
    file.reset();
    fs::remove_all(folder);
  }
  void open() {
    auto opened = open_checkpoint(options, {});
    ASSERT_TRUE(opened) << opened.error();
    file.emplace(std::move(*opened));
  }
  void follow() { copy.emplace(file->path, options.copy, 50ms); }
  template <class Record>
  void commit(Table table, std::uint32_t index, const Record& record) {
    const checkpoint::Change change{
        static_cast<std::uint16_t>(table), index, {reinterpret_cast<const std::uint8_t*>(&record), sizeof record}};
    ASSERT_TRUE(file->store.reserve(change.table, change.index));
    const auto done = file->store.commit({&change, 1});
    if (copy) copy->committed(file->store.last_transaction(), done);
  }
  void commit_tunnel(std::uint16_t id) {
    TunnelRecord record{};
    record.l2tp.id = TunnelId(id);
    record.l2tp.state = l2tp::TunnelState::established;
    record.l2tp.since = now();
    commit(Table::tunnel, id, record);
  }
  // Another thread is at work here: its state is waited for.
  static bool comes_true(const std::function<bool()>& is_true) {
    for (int i = 0; i < 1000; ++i) {
      if (is_true()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  bool is_current() {
    const TimePoint from = now();
    return comes_true([&] { return copy->status().current.value_or(TimePoint{}) >= from; });
  }
  bool fails() {
    const auto errors = copy->status().errors;
    return comes_true([&] { return copy->status().errors > errors; });
  }
  // The system is started again.
  void boot() {
    copy.reset();
    file.reset();
    fs::remove(folder / "holdfast.default.checkpoint");
    open();
  }
  unsigned tunnels() const {
    unsigned count = 0;
    file->store.for_each_used(static_cast<std::uint16_t>(Table::tunnel), [&](std::uint32_t) { ++count; });
    return count;
  }
};

TEST_F(DiskCopies, AreWhatADaemonGoesOnFromAfterABoot) {
  commit_tunnel(1);
  follow();
  ASSERT_TRUE(is_current());
  for (std::uint16_t id = 2; id < 40; ++id) commit_tunnel(id);
  ASSERT_TRUE(is_current());
  boot();
  EXPECT_TRUE(file->from_copy);
  EXPECT_EQ(file->damaged, 0u);
  EXPECT_EQ(tunnels(), 39u);
  const engine::StoredRecords records(file->store);
  EXPECT_EQ(records.tunnel(TunnelId(7))->numbers, l2tp::Numbers::asked);
}

TEST_F(DiskCopies, HoldWhatWasCommittedBeforeAnOrderlyEnd) {
  follow();
  for (std::uint16_t id = 1; id < 20; ++id) commit_tunnel(id);
  ASSERT_TRUE(comes_true([&] { return copy->status().images == 1; }));
  commit_tunnel(20);
  EXPECT_TRUE(copy->stop(10s));
  boot();
  EXPECT_EQ(tunnels(), 20u);
}

TEST_F(DiskCopies, AreLeftAloneWhereACheckpointIsThere) {
  commit_tunnel(1);
  follow();
  ASSERT_TRUE(is_current());
  copy.reset();
  commit_tunnel(2);
  file.reset();
  open();
  EXPECT_FALSE(file->from_copy);
  EXPECT_EQ(tunnels(), 2u);
}

TEST_F(DiskCopies, GoOnAfterTheirDirectoryWasRemoved) {
  follow();
  ASSERT_TRUE(is_current());
  fs::remove_all(disk);
  ASSERT_TRUE(fails());
  EXPECT_NE(copy->status().error.find("was removed"), std::string::npos) << copy->status().error;
  commit_tunnel(1);
  ASSERT_TRUE(is_current());
  EXPECT_TRUE(copy->status().error.empty());
  boot();
  EXPECT_EQ(tunnels(), 1u);
}

TEST_F(DiskCopies, WaitForADirectoryThatCannotBeMade) {
  std::ofstream(disk) << "in the way";
  follow();
  ASSERT_TRUE(fails());
  commit_tunnel(1);
  EXPECT_FALSE(copy->status().current);
  fs::remove(disk);
  ASSERT_TRUE(is_current());
  boot();
  EXPECT_EQ(tunnels(), 1u);
}

// As on a full disk: the system takes no more octets.
TEST_F(DiskCopies, KeepWhatTheyHaveWhenNoMoreCanBeWritten) {
  commit_tunnel(1);
  follow();
  ASSERT_TRUE(is_current());
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handled = std::signal(SIGXFSZ, SIG_IGN);
  rlimit full = before;
  full.rlim_cur = copy->status().octets + 100;
  ::setrlimit(RLIMIT_FSIZE, &full);
  for (std::uint16_t id = 2; id < 10; ++id) commit_tunnel(id);
  EXPECT_TRUE(fails());
  EXPECT_TRUE(fails());
  for (std::uint16_t id = 10; id < 20; ++id) commit_tunnel(id);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handled);
  ASSERT_TRUE(is_current());
  EXPECT_TRUE(copy->status().error.empty());
  boot();
  EXPECT_EQ(tunnels(), 19u);
}

TEST_F(DiskCopies, AreBegunAnewWhenTheQueueWasTooSmall) {
  copy.emplace(file->path, options.copy, 50ms, 16 << 10);
  ASSERT_TRUE(is_current());
  for (std::uint16_t round = 0; round < 1000; ++round) commit_tunnel(static_cast<std::uint16_t>(1 + round % 60));
  ASSERT_TRUE(is_current());
  EXPECT_GT(copy->status().overruns, 0u);
  boot();
  EXPECT_EQ(tunnels(), 60u);
}

TEST_F(DiskCopies, AreSetAsideWhenTheyAreDamaged) {
  commit_tunnel(1);
  follow();
  ASSERT_TRUE(is_current());
  copy.reset();
  {
    std::fstream damaged(options.copy, std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(40);
    damaged.put('x');
  }
  boot();
  EXPECT_FALSE(file->from_copy);
  EXPECT_EQ(tunnels(), 0u);
  EXPECT_EQ(file->refusal, "copy: bad-header-crc");
  EXPECT_TRUE(fs::exists(options.copy + ".refused-bad-header-crc-1"));
}

TEST_F(DiskCopies, TakeTimesToTheClockOfThisBoot) {
  commit_tunnel(1);
  const TimePoint since = engine::StoredRecords(file->store).tunnel(TunnelId(1))->l2tp.since;
  follow();
  ASSERT_TRUE(is_current());
  boot();
  const TimePoint restored = engine::StoredRecords(file->store).tunnel(TunnelId(1))->l2tp.since;
  EXPECT_LT(std::chrono::abs(restored - since), 1s);
}

TEST_F(DiskCopies, AreFullOfWhatTheStoreHadWhenManyTransactionsGoBy) {
  follow();
  for (std::uint32_t round = 0; round < 200000; ++round) commit_tunnel(static_cast<std::uint16_t>(1 + round % 60));
  ASSERT_TRUE(is_current());
  std::vector<std::uint64_t> before;
  for (std::uint16_t id = 1; id <= 60; ++id)
    before.push_back(static_cast<std::uint64_t>(
        engine::StoredRecords(file->store).tunnel(TunnelId(id))->l2tp.since.time_since_epoch().count()));
  boot();
  ASSERT_EQ(tunnels(), 60u);
  std::vector<std::uint64_t> after;
  for (std::uint16_t id = 1; id <= 60; ++id)
    after.push_back(static_cast<std::uint64_t>(
        engine::StoredRecords(file->store).tunnel(TunnelId(id))->l2tp.since.time_since_epoch().count()));
  for (std::size_t i = 1; i < before.size(); ++i) EXPECT_EQ(after[i] - after[0], before[i] - before[0]);
}

}  // namespace
}  // namespace holdfast::io
