#include "checkpoint/crc32c.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace holdfast::checkpoint {
namespace {

std::vector<std::uint8_t> counting(std::uint8_t first, int step) {
  std::vector<std::uint8_t> out;
  for (int i = 0; i < 32; ++i) out.push_back(static_cast<std::uint8_t>(first + i * step));
  return out;
}

class Crc32cTest : public ::testing::TestWithParam<std::uint32_t (*)(Octets, std::uint32_t)> {
 protected:
  void SetUp() override {
    if (GetParam() == crc32c_by_instruction && !has_crc32c_instruction())
      GTEST_SKIP() << "this processor lacks SSE4.2 or PCLMULQDQ";
  }
};

TEST_P(Crc32cTest, GivesTheValuesOfRfc3720B4) {
  EXPECT_EQ(GetParam()(std::vector<std::uint8_t>(32, 0x00), 0), 0x8a9136aa);
  EXPECT_EQ(GetParam()(std::vector<std::uint8_t>(32, 0xff), 0), 0x62a8ab43);
  EXPECT_EQ(GetParam()(counting(0, 1), 0), 0x46dd794e);
  EXPECT_EQ(GetParam()(counting(31, -1), 0), 0x113fdb5c);
}

TEST_P(Crc32cTest, GivesTheCheckValueOfTheNineDigits) { EXPECT_EQ(GetParam()(octets_of("123456789"), 0), 0xe3069283); }

TEST_P(Crc32cTest, GoesOnWhereItStopped) {
  std::mt19937 random(1);
  std::vector<std::uint8_t> octets(1000);
  std::ranges::generate(octets, [&] { return static_cast<std::uint8_t>(random()); });
  const std::uint32_t whole = GetParam()(octets, 0);
  for (std::size_t cut = 0; cut <= octets.size(); ++cut)
    ASSERT_EQ(GetParam()(Octets(octets).subspan(cut), GetParam()(Octets(octets).first(cut), 0)), whole) << cut;
}

INSTANTIATE_TEST_SUITE_P(ByTable, Crc32cTest, ::testing::Values(crc32c_by_table));
INSTANTIATE_TEST_SUITE_P(ByInstruction, Crc32cTest, ::testing::Values(crc32c_by_instruction));
INSTANTIATE_TEST_SUITE_P(AsUsed, Crc32cTest, ::testing::Values(crc32c));

TEST(Crc32c, IsTheSameBothWaysForEveryLengthAndAlignment) {
  if (!has_crc32c_instruction()) GTEST_SKIP() << "this processor lacks SSE4.2 or PCLMULQDQ";
  std::mt19937 random(2);
  std::vector<std::uint8_t> octets(20'000);
  std::ranges::generate(octets, [&] { return static_cast<std::uint8_t>(random()); });
  for (std::size_t length = 0; length < 1200; ++length) {
    const Octets piece = Octets(octets).subspan(length % 8, length);
    ASSERT_EQ(crc32c_by_instruction(piece, 0), crc32c_by_table(piece, 0)) << length;
  }
  for (std::size_t length = 1200; length < octets.size() - 8; length += 97) {
    const Octets piece = Octets(octets).subspan(length % 8, length);
    ASSERT_EQ(crc32c_by_instruction(piece, 0), crc32c_by_table(piece, 0)) << length;
  }
}

}  // namespace
}  // namespace holdfast::checkpoint
