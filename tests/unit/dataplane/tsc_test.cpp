#include "dataplane/tsc.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

using dataplane::tsc_hz;
using dataplane::TscSample;

TEST(Tsc, IsMeasuredToTenMegahertz) {
  EXPECT_EQ(tsc_hz({1'000, 500}, {1'000 + 24'000'000, 500 + 10'000'000}), 2'400'000'000u);
  // 1 us too much at one end of 10 ms
  EXPECT_EQ(tsc_hz({1'000, 500}, {1'000 + 24'002'400, 500 + 10'000'000}), 2'400'000'000u);
  EXPECT_EQ(tsc_hz({0, 0}, {29'960'000, 10'000'000}), 3'000'000'000u);
}

TEST(Tsc, IsUnknownWhereNoTimeHasPassed) {
  EXPECT_EQ(tsc_hz({5, 7}, {5, 7}), 0u);
  EXPECT_EQ(tsc_hz({5, 7}, {9, 7}), 0u);
  EXPECT_EQ(tsc_hz({9, 7}, {5, 8}), 0u);
}

}  // namespace
}  // namespace holdfast::test
