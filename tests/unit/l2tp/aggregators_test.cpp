#include "l2tp/aggregators.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace holdfast::l2tp {
namespace {

std::vector<std::string> all(const Aggregators& aggregators) {
  std::vector<std::string> out;
  aggregators.for_each([&](Octets id) { out.emplace_back(text_of(id)); });
  return out;
}

TEST(Aggregators, AreKeptInTheOrderInWhichTheyCame) {
  Aggregators a;
  EXPECT_TRUE(a.add(octets_of("one")));
  EXPECT_TRUE(a.add(octets_of("three")));
  EXPECT_EQ(all(a), (std::vector<std::string>{"one", "three"}));
  EXPECT_TRUE(a.contains(octets_of("three")));
  EXPECT_FALSE(a.contains(octets_of("thre")));
  EXPECT_FALSE(a.contains(octets_of("")));
}

TEST(Aggregators, AreAsManyAsThereIsRoomFor) {
  Aggregators a;
  EXPECT_FALSE(a.add({}));
  EXPECT_FALSE(a.add(octets_of(std::string(127, 'x'))));
  EXPECT_TRUE(a.add(octets_of(std::string(63, 'x'))));
  EXPECT_TRUE(a.add(octets_of(std::string(62, 'y'))));
  EXPECT_FALSE(a.add(octets_of("z")));
  EXPECT_EQ(all(a), (std::vector<std::string>{std::string(63, 'x'), std::string(62, 'y')}));
}

// What a damaged record may hold that its checksum did not give away.
TEST(Aggregators, AreReadOnlyAsFarAsTheyAreWhole) {
  Aggregators a;
  ASSERT_TRUE(a.add(octets_of("one")));
  ASSERT_TRUE(a.add(octets_of("two")));
  a.ids.length = 6;
  EXPECT_EQ(all(a), (std::vector<std::string>{"one"}));
}

}  // namespace
}  // namespace holdfast::l2tp
