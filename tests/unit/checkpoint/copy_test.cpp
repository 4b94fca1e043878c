// The copy of a region in a file: whatever moment the file ends at, it is the region as it was at one commit.
#include "checkpoint/copy.hpp"

#include "fixture.hpp"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::checkpoint::test {
namespace {

constexpr Clocks kClocks{1'000'000, 1'700'000'000'000'000'000};

class CopyTest : public RegionTest {
 protected:
  // A file in the making, with an image that is taken a record at a time between commits.
  struct Making {
    std::vector<std::uint8_t> file;
    Store from;
    CopyImage image;
    explicit Making(const std::filesystem::path& path) : from(std::move(Store::inspect(path).value())), image(from) {
      const CopyHeader header = copy_header(from.header(), kClocks, from.applied());
      const Octets octets = object_octets(header);
      file.assign(octets.begin(), octets.end());
    }
    void transaction(const Store& store) {
      const Octets frame = store.last_transaction();
      file.insert(file.end(), frame.begin(), frame.end());
    }
    void finish() {
      while (image.append(file, 1)) {
      }
      append_mark(file, from.sequence());
    }
  };
  static std::vector<Change> random_changes(std::mt19937& random, std::vector<std::vector<std::uint8_t>>& values) {
    std::vector<Change> changes;
    values.clear();
    for (unsigned i = 0; i < 1 + random() % 4; ++i) {
      const auto table = static_cast<std::uint16_t>(random() % kTables.size());
      const std::uint32_t index = static_cast<std::uint32_t>(random() % kTables[table].capacity);
      const std::size_t size = random() % 4 == 0 ? 0 : 1 + random() % kTables[table].record_octets;
      values.push_back(bytes(size, static_cast<std::uint8_t>(random())));
      changes.push_back({table, index, {}});
    }
    for (std::size_t i = 0; i < changes.size(); ++i) changes[i].bytes = values[i];
    return changes;
  }
  static bool same_records(const Store& a, const Store& b) {
    for (std::uint16_t table = 0; table < kTables.size(); ++table)
      for (std::uint32_t i = 0; i < kTables[table].capacity; ++i)
        if (to_vector(a.record(table, i)) != to_vector(b.record(table, i))) return false;
    return true;
  }
};

TEST_F(CopyTest, OfAnEmptyRegionIsAnEmptyRegion) {
  const Store store = create();
  Making making(path_);
  making.finish();
  const auto copy = read_copy(making.file);
  ASSERT_TRUE(copy);
  EXPECT_TRUE(same_records(copy->store, store));
  EXPECT_EQ(copy->unread, 0u);
  EXPECT_EQ(copy->clocks.realtime, kClocks.realtime);
}

TEST_F(CopyTest, TakenWhileTransactionsGoOnIsTheRegionAtEachOfThem) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::filesystem::remove(path_);
    std::mt19937 random(seed);
    std::vector<std::vector<std::uint8_t>> values;
    Store store = create();
    for (int i = 0; i < 30; ++i) store.commit(random_changes(random, values));
    Making making(path_);
    for (bool more = true; more;) {  // the image reads on before and after each commit
      more = making.image.append(making.file, static_cast<std::uint32_t>(random() % 9));
      store.commit(random_changes(random, values));
      making.transaction(store);
    }
    making.finish();
    for (int i = 0; i < 10; ++i) {
      const auto copy = read_copy(making.file);
      ASSERT_TRUE(copy) << "seed " << seed;
      ASSERT_TRUE(same_records(copy->store, store)) << "seed " << seed << ", transaction " << i;
      ASSERT_EQ(copy->sequence, store.sequence());
      store.commit(random_changes(random, values));
      making.transaction(store);
    }
  }
}

TEST_F(CopyTest, CutAnywhereIsRefusedOrEndsAtACommit) {
  Store store = create();
  store.commit(std::array{Change{kSessions, 1, bytes(20, 1)}, Change{kTunnels, 1, bytes(40, 2)}});
  Making making(path_);
  making.finish();
  const std::size_t complete = making.file.size();
  std::vector<std::size_t> ends{complete};
  for (std::uint8_t i = 0; i < 3; ++i) {
    store.commit(std::array{Change{kSessions, i, bytes(30, i)}, Change{kChannels, i, bytes(100, i)}});
    making.transaction(store);
    ends.push_back(making.file.size());
  }
  for (std::size_t size = 0; size < making.file.size(); ++size) {
    const std::vector<std::uint8_t> file(making.file.begin(), making.file.begin() + static_cast<std::ptrdiff_t>(size));
    const auto copy = read_copy(file);
    if (size < sizeof(CopyHeader)) {
      ASSERT_EQ(copy.error(), Refusal::too_short);
    } else if (size < complete) {
      ASSERT_EQ(copy.error(), Refusal::not_ready) << size;
    } else {
      ASSERT_TRUE(copy) << size;
      const auto whole = std::ranges::upper_bound(ends, size) - ends.begin() - 1;
      ASSERT_EQ(copy->sequence, 1u + static_cast<std::uint64_t>(whole)) << size;
      ASSERT_EQ(copy->unread, size - ends[static_cast<std::size_t>(whole)]);
    }
  }
}

// Every octet, and more at a time: never a crash, never a record that was not committed at the commit that it claims.
TEST_F(CopyTest, DamagedAnywhereIsRefusedOrCostsWhatIsDamaged) {
  Store store = create();
  std::vector<std::vector<std::vector<std::uint8_t>>> at_commit;  // record, by sequence and index, of kSessions
  const auto remember = [&] {
    auto& now = at_commit.emplace_back();
    for (std::uint32_t i = 0; i < kTables[kSessions].capacity; ++i)
      now.push_back(to_vector(store.record(kSessions, i)));
  };
  remember();
  for (std::uint8_t i = 0; i < 5; ++i) {
    store.commit(std::array{Change{kSessions, i, bytes(20u + i, i)}, Change{kSessions, 50u + i, bytes(9, i)}});
    remember();
  }
  Making making(path_);
  making.finish();
  for (std::uint8_t i = 0; i < 5; ++i) {
    store.commit(std::array{Change{kSessions, i, bytes(60u + i, i)}, Change{kSessions, 70u + i, bytes(9, i)}});
    making.transaction(store);
    remember();
  }
  const auto check = [&](const std::vector<std::uint8_t>& file, std::size_t at) {
    const auto copy = read_copy(file);
    if (!copy) return;
    ASSERT_LT(copy->sequence, at_commit.size());
    std::size_t lost = 0;
    for (std::uint32_t i = 0; i < kTables[kSessions].capacity; ++i) {
      const auto record = to_vector(copy->store.record(kSessions, i));
      if (record == at_commit[copy->sequence][i]) continue;
      ASSERT_TRUE(record.empty()) << "octet " << at << ", record " << i;
      ++lost;
    }
    ASSERT_LE(lost, 12u);
  };
  for (std::size_t at = 0; at < making.file.size(); ++at) {
    for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
      auto file = making.file;
      file[at] = static_cast<std::uint8_t>(file[at] ^ flip);
      check(file, at);
    }
  }
  std::mt19937 random(1);
  for (int run = 0; run < 10000; ++run) {
    auto file = making.file;
    for (unsigned i = 0; i < 1 + random() % 8; ++i) file[random() % file.size()] = static_cast<std::uint8_t>(random());
    check(file, 0);
  }
}

TEST_F(CopyTest, IsRefusedByName) {
  const Store store = create();
  Making making(path_);
  making.finish();
  const auto damaged = [&](std::size_t at) {
    auto file = making.file;
    file[at] ^= 1;
    return read_copy(file).error();
  };
  EXPECT_EQ(damaged(0), Refusal::bad_magic);
  EXPECT_EQ(damaged(8), Refusal::other_format);
  EXPECT_EQ(damaged(16), Refusal::bad_header_crc);
  EXPECT_EQ(damaged(sizeof(CopyHeader) + 4), Refusal::not_ready);
}

TEST_F(CopyTest, WithoutATransactionThatItsImageNeedsIsRefused) {
  Store store = create();
  Making making(path_);
  store.commit(std::array{Change{kSessions, 1, bytes(20, 1)}});  // and never handed over
  store.commit(std::array{Change{kSessions, 2, bytes(20, 1)}});
  making.transaction(store);
  making.finish();
  EXPECT_EQ(read_copy(making.file).error(), Refusal::bad_redo);
}

}  // namespace
}  // namespace holdfast::checkpoint::test
