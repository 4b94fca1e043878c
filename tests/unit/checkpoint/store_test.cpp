#include "checkpoint/store.hpp"

#include "fixture.hpp"

#include <gtest/gtest.h>

#include <array>

namespace holdfast::checkpoint::test {
namespace {

using StoreTest = RegionTest;

TEST_F(StoreTest, KeepsWhatWasCommittedOverARestart) {
  const auto session = bytes(264, 7);
  const Tunnel tunnel{.id = 42, .more = {1, 2, 3, 4}};
  {
    Store store = create();
    EXPECT_EQ(store.incarnation(), 1u);
    const Committed done =
        store.commit(std::array{Change{kTunnels, 3, object_octets(tunnel)}, Change{kSessions, 99, session}});
    EXPECT_EQ(done.sequence(), 1u);
  }
  const auto store = open();
  ASSERT_TRUE(store) << name(store.error());
  EXPECT_EQ(store->incarnation(), 2u);
  EXPECT_EQ(store->sequence(), 1u);
  ASSERT_NE(store->get<Tunnel>(kTunnels, 3), nullptr);
  EXPECT_EQ(*store->get<Tunnel>(kTunnels, 3), tunnel);
  EXPECT_EQ(to_vector(store->record(kSessions, 99)), session);
  EXPECT_EQ(store->verify(), std::vector<Store::Damage>{});
}

TEST_F(StoreTest, FillsARecordWithZerosPastAShorterValue) {
  Store store = create();
  store.commit(std::array{Change{kSessions, 5, bytes(264, 1)}});
  store.commit(std::array{Change{kSessions, 5, bytes(3, 9)}});
  std::vector<std::uint8_t> expected(264);
  expected[0] = 9;
  expected[1] = 10;
  expected[2] = 11;
  EXPECT_EQ(to_vector(store.record(kSessions, 5)), expected);
  EXPECT_EQ(store.verify(), std::vector<Store::Damage>{});
}

TEST_F(StoreTest, FreesARecordThatBecomesEmpty) {
  Store store = create();
  store.commit(std::array{Change{kSessions, 5, bytes(264, 1)}});
  store.commit(std::array{Change{kSessions, 5, {}}});
  EXPECT_FALSE(store.used(kSessions, 5));
  EXPECT_TRUE(store.record(kSessions, 5).empty());
  store.commit(std::array{Change{kSessions, 5, bytes(1, 1)}});
  std::vector<std::uint8_t> expected(264);
  expected[0] = 1;
  EXPECT_EQ(to_vector(store.record(kSessions, 5)), expected) << "nothing of the old value may show through";
}

TEST_F(StoreTest, AppliesChangesOfOneRecordInTheirOrder) {
  Store store = create();
  store.commit(std::array{Change{kSessions, 5, bytes(200, 1)}, Change{kSessions, 5, {}},
                          Change{kSessions, 5, bytes(8, 2)}, Change{kSessions, 6, bytes(8, 3)},
                          Change{kSessions, 6, {}}});
  std::vector<std::uint8_t> expected = bytes(8, 2);
  expected.resize(264);
  EXPECT_EQ(to_vector(store.record(kSessions, 5)), expected);
  EXPECT_FALSE(store.used(kSessions, 6));
}

TEST_F(StoreTest, MovesARecordWithinATransaction) {
  Store store = create();
  const auto value = bytes(264, 1);
  store.commit(std::array{Change{kSessions, 5, value}});
  store.commit(std::array{Change{kSessions, 5, {}}, Change{kSessions, 6, store.record(kSessions, 5)}});
  EXPECT_FALSE(store.used(kSessions, 5));
  EXPECT_EQ(to_vector(store.record(kSessions, 6)), value);
}

TEST_F(StoreTest, CommitsNothingForNoChanges) {
  Store store = create();
  EXPECT_EQ(store.commit({}).sequence(), 0u);
  store.commit(std::array{Change{kSessions, 5, bytes(264, 1)}});
  EXPECT_EQ(store.commit({}).sequence(), 1u);
}

TEST_F(StoreTest, SaysThatARecordOutOfRangeIsFree) {
  const Store store = create();
  EXPECT_FALSE(store.used(kSessions, 100));
  EXPECT_TRUE(store.record(kSessions, 0xffffffff).empty());
  EXPECT_TRUE(store.record(3, 0).empty());
  EXPECT_EQ(store.get<Tunnel>(kTunnels, 16), nullptr);
}

}  // namespace
}  // namespace holdfast::checkpoint::test
