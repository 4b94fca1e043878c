// The route tables against the plainest table there is: a list of prefixes, all of which are looked at.
#include "packets.hpp"
#include "tables/route4.hpp"
#include "tables/route6.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace holdfast::tables {
namespace {

using test::v6;

struct Rule {
  IpAddress address;
  unsigned length;
  NextHop hop;
};

class Oracle {
 public:
  // first_bit: where prefixes begin in the 16 octets: 96 for IPv4.
  explicit Oracle(unsigned first_bit) : first_bit_(first_bit) {}

  void put(const IpAddress& address, unsigned length, NextHop hop) {
    remove(address, length);
    rules_.push_back({address, length, hop});
  }
  bool remove(const IpAddress& address, unsigned length) {
    return std::erase_if(rules_, [&](const Rule& r) { return r.length == length && covers(r, address); }) != 0;
  }
  NextHop lookup(const IpAddress& address) const {
    const Rule* best = nullptr;
    for (const Rule& r : rules_)
      if (covers(r, address) && (best == nullptr || r.length > best->length)) best = &r;
    return best == nullptr ? NextHop{} : best->hop;
  }
  std::size_t size() const { return rules_.size(); }

 private:
  bool covers(const Rule& r, const IpAddress& address) const {
    const unsigned bits = first_bit_ + r.length, whole = bits / 8;
    if (std::memcmp(r.address.octets.data(), address.octets.data(), whole) != 0) return false;
    return bits % 8 == 0 || (r.address.octets[whole] ^ address.octets[whole]) >> (8 - bits % 8) == 0;
  }
  unsigned first_bit_;
  std::vector<Rule> rules_;
};

// Prefixes crowd together, so that they nest; half of the steps remove.
TEST(Route4, AgreesWithTheOracleAfterEveryChange) {
  Readers readers(1);
  Route4 table(readers, 64);
  Oracle oracle(96);
  std::mt19937 engine(4);
  const auto random = [&] { return static_cast<unsigned>(engine()); };
  const auto address = [&] {
    return IpAddress::v4(10u << 24 | (random() & 3u) << 23 | (random() & 0x701u) << 8 | (random() & 0xff));
  };
  for (unsigned step = 0; step < 3000; ++step) {
    const IpAddress prefix = address();
    const unsigned length = random() % 64 == 0 ? random() % 9 : 8 + random() % 25;
    const NextHop hop(HopKind::neighbour, step + 1);
    if (random() % 2 == 0) {
      ASSERT_TRUE(table.put(prefix.v4_value(), length, hop));
      oracle.put(prefix, length, hop);
    } else {
      ASSERT_EQ(table.remove(prefix.v4_value(), length), oracle.remove(prefix, length));
    }
    ASSERT_EQ(table.size(), oracle.size());
    for (unsigned i = 0; i < 20; ++i) {
      const IpAddress probe = i < 10 ? address() : IpAddress::v4(prefix.v4_value() ^ (1u << random() % 32));
      ASSERT_EQ(table.lookup(probe.v4_value()), oracle.lookup(probe)) << step;
    }
  }
}

TEST(Route4, LooksAtBothEndsOfEveryPrefixLength) {
  Readers readers(1);
  Route4 table(readers);
  for (unsigned length = 0; length <= 32; ++length) {
    const std::uint32_t mask = length == 0 ? 0 : ~0u << (32 - length);
    const std::uint32_t first = 0xac1f5a77 & mask, last = first | ~mask;
    const NextHop hop(HopKind::blackhole, length);
    ASSERT_TRUE(table.put(0xac1f5a77, length, hop));
    EXPECT_EQ(table.lookup(first), hop);
    EXPECT_EQ(table.lookup(last), hop);
    if (length > 0) {
      EXPECT_EQ(table.lookup(first - 1), NextHop{});
      EXPECT_EQ(table.lookup(last + 1), NextHop{});
    }
    EXPECT_TRUE(table.remove(0xac1f5a77, length));
    EXPECT_EQ(table.lookup(first), NextHop{});
    EXPECT_TRUE(table.empty());
  }
}

TEST(Route4, RefusesAPrefixWithoutAGroupLeftAndTakesItWhenOneIsBack) {
  Readers readers(1);
  Route4 table(readers, 2);
  const NextHop hop(HopKind::blackhole, 0);
  EXPECT_TRUE(table.put(0x0a000001, 32, hop));
  EXPECT_TRUE(table.put(0x0a000101, 32, hop));
  EXPECT_FALSE(table.put(0x0a000201, 32, hop));
  EXPECT_EQ(table.lookup(0x0a000201), NextHop{});
  EXPECT_TRUE(table.put(0x0a0001ff, 32, hop));  // shares a group
  EXPECT_TRUE(table.remove(0x0a000001, 32));
  EXPECT_TRUE(table.put(0x0a000201, 32, hop));
  EXPECT_EQ(table.lookup(0x0a000001), NextHop{});
}

// A group that a worker may still read is not filled anew: a fresh one is, as long as there is one.
TEST(Route4, KeepsAGroupFromReuseUntilReadersHavePassed) {
  Readers readers(1);
  Route4 table(readers, 2);
  const NextHop one(HopKind::neighbour, 1), two(HopKind::neighbour, 2);
  ASSERT_TRUE(table.put(0x0a000001, 32, one));
  readers.online(0);
  ASSERT_TRUE(table.remove(0x0a000001, 32));
  ASSERT_TRUE(table.put(0x0b000001, 32, two));
  EXPECT_EQ(table.lookup(0x0b000001), two);
  EXPECT_EQ(table.lookup(0x0b000002), NextHop{});
  readers.offline(0);
  ASSERT_TRUE(table.put(0x0c000001, 32, one));  // the first one again
  EXPECT_EQ(table.lookup(0x0c000001), one);
  EXPECT_EQ(table.lookup(0x0c000002), NextHop{});
}

TEST(Route6, AgreesWithTheOracleAfterEveryChange) {
  Readers readers(1);
  Route6 table(readers);
  Oracle oracle(0);
  std::mt19937 engine(6);
  const auto random = [&] { return static_cast<unsigned>(engine()); };
  const auto address = [&] {
    return v6({0x2001, 0xdb8, random() & 0x8003, random() & 0x81}, {random() & 1, random() & 0x8001});
  };
  const unsigned lengths[] = {0, 1, 32, 47, 48, 56, 63, 64, 65, 96, 112, 127, 128};
  for (unsigned step = 0; step < 10000; ++step) {
    const IpAddress prefix = address();
    const unsigned length = lengths[random() % std::size(lengths)];
    const NextHop hop(HopKind::neighbour, step + 1);
    if (random() % 2 == 0) {
      table.put(prefix, length, hop);
      oracle.put(prefix, length, hop);
    } else {
      ASSERT_EQ(table.remove(prefix, length), oracle.remove(prefix, length));
    }
    ASSERT_EQ(table.size(), oracle.size());
    for (unsigned i = 0; i < 5; ++i) {
      const IpAddress probe = address();
      ASSERT_EQ(table.lookup(probe.octets.data()), oracle.lookup(probe)) << step;
    }
  }
  EXPECT_FALSE(table.empty());
}

// Prefixes that come and go leave used slots behind; the table cleans itself up.
TEST(Route6, LastsForever) {
  Readers readers(1);
  Route6 table(readers);
  const NextHop hop(HopKind::blackhole, 0);
  table.put(v6({0x2001}), 16, hop);
  for (unsigned i = 0; i < 20'000; ++i) {
    const IpAddress prefix = v6({0x2001, 0xdb8, i >> 16, i & 0xffff});
    table.put(prefix, 64, NextHop(HopKind::neighbour, i));
    EXPECT_TRUE(table.remove(prefix, 64));
    EXPECT_EQ(table.lookup(prefix.octets.data()), hop);
  }
  EXPECT_EQ(table.size(), 1u);
}

}  // namespace
}  // namespace holdfast::tables
