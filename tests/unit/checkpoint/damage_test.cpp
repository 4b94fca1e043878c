// Whatever is written over a region, opening and verifying it never crash, and damage to records is found.
#include "checkpoint/mapping.hpp"
#include "fixture.hpp"
#include "image.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace holdfast::checkpoint::test {
namespace {

class DamageTest : public RegionTest {
 protected:
  DamageTest() {
    Store store = create();
    for (std::uint32_t i = 0; i < kTables[kSessions].capacity; i += 2)
      store.commit(std::array{Change{kSessions, i, bytes(1 + i % 264, static_cast<std::uint8_t>(i + 1))}});
    for (std::uint32_t i = 0; i < kTables[kChannels].capacity; i += 2)
      store.commit(std::array{Change{kChannels, i, bytes(1 + i * 100, static_cast<std::uint8_t>(i + 1))}});
  }
  Mapping writable() const {
    auto file = File::open(path_, Access::write);
    return std::move(Mapping::of(std::move(file.value()), Access::write, sizeof(Header)).value());
  }
  // The records whose slot changed, or which are in use and whose octets changed.
  static std::vector<Store::Damage> differences(const Region& before, const Region& after) {
    std::vector<Store::Damage> found;
    for (std::uint16_t table = 0; table < kTables.size(); ++table) {
      const Region::Table& was = before.tables()[table];
      const Region::Table& is = after.tables()[table];
      for (std::uint32_t i = 0; i < was.capacity; ++i) {
        const bool same = std::equal(was.record(i), was.record(i) + was.record_octets, is.record(i));
        if (was.slots[i] != is.slots[i] || (was.slots[i] != 0 && !same)) found.push_back({table, i});
      }
    }
    return found;
  }
};

TEST_F(DamageTest, OfAnyOctetOfARecordInUseIsFound) {
  const std::uint32_t record_octets = kTables[kSessions].record_octets;
  for (std::uint32_t at = 0; at < record_octets; ++at) {
    const Mapping mapping = writable();
    Region(mapping.base()).tables()[kSessions].record(4)[at] ^= 0x80;
    const auto store = Store::inspect(path_);
    ASSERT_TRUE(store);
    ASSERT_EQ(store->verify(), (std::vector<Store::Damage>{{kSessions, 4}})) << "octet " << at;
    Region(mapping.base()).tables()[kSessions].record(4)[at] ^= 0x80;
  }
}

TEST_F(DamageTest, OfAnyBitOfASlotIsFoundAlsoWhereTheRecordIsFree) {
  for (const std::uint32_t index : {4u, 5u}) {
    for (unsigned bit = 0; bit < 64; ++bit) {
      const Mapping mapping = writable();
      std::uint64_t& slot = Region(mapping.base()).tables()[kSessions].slots[index];
      slot ^= std::uint64_t{1} << bit;
      const auto store = Store::inspect(path_);
      ASSERT_TRUE(store);
      ASSERT_EQ(store->verify(), (std::vector<Store::Damage>{{kSessions, index}})) << "bit " << bit;
      slot ^= std::uint64_t{1} << bit;
    }
  }
}

TEST_F(DamageTest, IsGoneAfterTheRecordIsDropped) {
  {
    const Mapping mapping = writable();
    const Region region(mapping.base());
    region.tables()[kSessions].record(4)[263] ^= 1;                 // past what is in use
    region.tables()[kSessions].slots[6] ^= std::uint64_t{1} << 63;  // a length that can't be
    region.tables()[kSessions].slots[8] = Slot::of(1, 0).raw;       // a length that is too short
    region.tables()[kSessions].slots[9] = 1;                        // a free record that seems used
  }
  const std::vector<Store::Damage> expected{{kSessions, 4}, {kSessions, 6}, {kSessions, 8}, {kSessions, 9}};
  auto store = open();
  ASSERT_TRUE(store) << name(store.error());
  EXPECT_EQ(store->verify(), expected);
  for (const Store::Damage& damage : expected) store->drop(damage.table, damage.index);
  EXPECT_EQ(store->verify(), std::vector<Store::Damage>{});
  for (const Store::Damage& damage : expected) {
    EXPECT_FALSE(store->used(damage.table, damage.index));
    store->commit(std::array{Change{damage.table, damage.index, bytes(1, 7)}});
    std::vector<std::uint8_t> whole(264);
    whole[0] = 7;
    EXPECT_EQ(to_vector(store->record(damage.table, damage.index)), whole) << damage.index;
  }
}

TEST_F(DamageTest, AnywhereNeverCrashesAndIsFoundInRecords) {
  std::minstd_rand random(30);
  Image sound(writable().octets());
  int opened = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<Store::Damage> expected;
    {
      const Mapping mapping = writable();
      std::ranges::copy(sound.octets(), mapping.base());
      const std::size_t flips = 1 + random() % 20;
      // Half of the rounds spare the header, of which a flipped bit is nearly always refused.
      const std::size_t from = round % 2 == 0 ? 0 : sound.region().header().redo;
      for (std::size_t i = 0; i < flips; ++i) {
        const std::size_t at = from + random() % (sound.octets().size() - from);
        mapping.base()[at] = static_cast<std::uint8_t>(mapping.base()[at] ^ (1u << random() % 8));
      }
      Image spoilt(mapping.octets());
      std::ranges::copy(sound.octets().first(sizeof(Header)), spoilt.data());  // where the tables really lie
      expected = differences(sound.region(), spoilt.region());
    }
    auto store = open();
    if (!store) continue;
    ++opened;
    ASSERT_EQ(store->verify(), expected) << "round " << round;
    for (const Store::Damage& damage : expected) store->drop(damage.table, damage.index);
    ASSERT_EQ(store->verify(), std::vector<Store::Damage>{}) << "round " << round;
  }
  EXPECT_GT(opened, 1000);
}

}  // namespace
}  // namespace holdfast::checkpoint::test
