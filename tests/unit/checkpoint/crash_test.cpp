// A transaction happens wholly or not at all, wherever the process dies: here after every single store.
#include "checkpoint/begin.hpp"
#include "checkpoint/redo.hpp"
#include "checkpoint/stores.hpp"
#include "crashing_stores.hpp"
#include "fixture.hpp"
#include "image.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

namespace holdfast::checkpoint::test {
namespace {

using sim::CrashingStores;
using sim::Killed;

constexpr std::size_t kAll = SIZE_MAX;
constexpr Writer kWriter{.start = 5, .pid = 6};

// Random transactions on kLayout; often on the same few records, so that old values are overwritten and freed.
class RandomChanges {
 public:
  explicit RandomChanges(std::minstd_rand& random) {
    const std::size_t count = 1 + random() % 5;
    for (std::size_t i = 0; i < count; ++i) {
      const auto table = static_cast<std::uint16_t>(random() % kTables.size());
      const std::size_t most = std::min<std::size_t>(kTables[table].record_octets, 500);
      const std::size_t length = random() % 4 == 0 ? 0 : random() % 3 == 0 ? most : 1 + random() % most;
      values_.push_back(bytes(length, static_cast<std::uint8_t>(random())));
      changes_.push_back({table, static_cast<std::uint32_t>(random() % 5), {}});
    }
    for (std::size_t i = 0; i < count; ++i) changes_[i].bytes = values_[i];
  }
  std::span<const Change> changes() const { return changes_; }

 private:
  std::vector<std::vector<std::uint8_t>> values_;
  std::vector<Change> changes_;
};

// Runs the transaction on a copy of `before` until it dies after `stores` of its stores.
Image died_in_transaction(const Image& before, const RandomChanges& t, std::size_t stores, unsigned seed) {
  Image image = before;
  CrashingStores crashing(stores, seed);
  EXPECT_THROW(transact(image.region(), t.changes(), crashing), Killed);
  return image;
}

Image recovered(Image image) {
  EXPECT_EQ(check_form(image.octets()), Refusal::none);
  EXPECT_EQ(check_redo(image.region()), Refusal::none);
  DirectStores stores;
  take_over(image.region(), kWriter, stores);
  return image;
}

struct Transaction {
  Image before;
  Image after;
  std::size_t stores;  // how many it takes
  unsigned seed;

  Transaction(const Image& start, const RandomChanges& t, unsigned with_seed)
      : before(start), after(start), seed(with_seed) {
    CrashingStores all(kAll, seed);
    transact(after.region(), t.changes(), all);
    stores = all.done();
  }
};

TEST(Crash, AfterAnyStoreOfATransactionLeavesTheOldStateOrTheNew) {
  std::minstd_rand random(20);
  Image state(kLayout);
  std::size_t points = 0;
  for (unsigned round = 0; round < 40; ++round) {
    const RandomChanges changes(random);
    const Transaction t(state, changes, round);
    for (std::size_t stores = 0; stores < t.stores; ++stores, ++points) {
      const Image dead = died_in_transaction(t.before, changes, stores, t.seed);
      const bool happened = dead.progress().committed == t.after.progress().committed;
      const Image alive = recovered(dead);
      ASSERT_TRUE(alive.same_tables(happened ? t.after : t.before))
          << "round " << round << ", after " << stores << " stores";
      ASSERT_EQ(alive.progress().applied, alive.progress().committed);
      ASSERT_EQ(alive.progress().incarnation, t.before.progress().incarnation + 1);
    }
    state = t.after;
  }
  EXPECT_GT(points, 5'000u);
}

TEST(Crash, DuringTheReplayAndDuringTheReplayAfterItDoesNoHarm) {
  std::minstd_rand random(21);
  Image state(kLayout);
  std::size_t points = 0;
  for (unsigned round = 0; round < 40; ++round) {
    const RandomChanges changes(random);
    const Transaction t(state, changes, round);
    for (std::size_t stores = 0; stores < t.stores; stores += 1 + random() % 8) {
      const Image dead = died_in_transaction(t.before, changes, stores, t.seed);
      if (dead.progress().committed == dead.progress().applied) continue;
      for (int attempt = 0; attempt < 20; ++attempt) {
        Image again = dead;
        for (int death = 0; death < 3; ++death) {
          CrashingStores crashing(random() % t.stores, static_cast<unsigned>(random()));
          try {
            take_over(again.region(), kWriter, crashing);
          } catch (const Killed&) {
          }
          ++points;
        }
        ASSERT_TRUE(recovered(again).same_tables(t.after)) << "round " << round << ", after " << stores << " stores";
      }
    }
    state = t.after;
  }
  EXPECT_GT(points, 5'000u);
}

TEST(Crash, WhileARegionIsMadeLeavesOneThatIsNotReady) {
  const auto header = plan(kLayout, kBoot);
  ASSERT_TRUE(header);
  CrashingStores all(kAll, 1);
  Image finished(header->octets);
  begin_new(finished.data(), *header, kWriter, all);
  ASSERT_EQ(check_form(finished.octets()), Refusal::none);
  for (std::size_t stores = 0; stores < all.done(); ++stores) {
    Image image(header->octets);
    CrashingStores crashing(stores, 1);
    EXPECT_THROW(begin_new(image.data(), *header, kWriter, crashing), Killed);
    const Refusal refusal = check_form(image.octets());
    EXPECT_TRUE(refusal == Refusal::bad_magic || refusal == Refusal::not_ready) << name(refusal);
  }
}

TEST(Redo, ThatIsDamagedIsRefusedWhicheverOctetItIs) {
  std::minstd_rand random(22);
  Image state(kLayout);
  const RandomChanges changes(random);
  const Transaction t(state, changes, 1);
  Image dead = died_in_transaction(t.before, changes, t.stores - 1, t.seed);  // all but `applied`
  ASSERT_EQ(check_redo(dead.region()), Refusal::none);
  const auto header = *reinterpret_cast<const RedoHeader*>(dead.region().redo().data());
  std::vector<bool> matters(sizeof(RedoHeader) + header.octets, true);
  std::fill_n(matters.begin() + offsetof(RedoHeader, reserved), sizeof header.reserved, false);
  for_each_entry(dead.region().redo(), [&](const RedoEntry& entry, Octets octets) {
    const auto end = static_cast<std::ptrdiff_t>(octets.data() + octets.size() - dead.region().redo().data());
    std::fill_n(matters.begin() + end, padded(entry.length) - entry.length, false);
  });
  for (std::size_t at = 0; at < matters.size(); ++at) {
    dead.region().redo()[at] ^= 0x04;
    ASSERT_EQ(check_redo(dead.region()), matters[at] ? Refusal::bad_redo : Refusal::none) << "octet " << at;
    dead.region().redo()[at] ^= 0x04;
  }
}

TEST(Redo, IsRefusedWhenMoreThanOneTransactionWouldBeMissing) {
  Image image(kLayout);
  image.progress().committed = 2;
  EXPECT_EQ(check_redo(image.region()), Refusal::bad_redo);
  image.progress().committed = 0;
  image.progress().applied = 1;
  EXPECT_EQ(check_redo(image.region()), Refusal::bad_redo);
}

}  // namespace
}  // namespace holdfast::checkpoint::test
