#include "l2tp/tie_breaker.hpp"

#include <gtest/gtest.h>

namespace holdfast::l2tp {
namespace {

TEST(TieBreaker, LeavesBothTunnelsWhereNobodyAskedForOne) { EXPECT_EQ(settle({}, {}), Tie::none); }

TEST(TieBreaker, LetsTheLowerValueWinAsAnUnsignedNumber) {
  EXPECT_EQ(settle(1, 2), Tie::won);
  EXPECT_EQ(settle(2, 1), Tie::lost);
  EXPECT_EQ(settle(0, UINT64_MAX), Tie::won);
  EXPECT_EQ(settle(UINT64_MAX, 0), Tie::lost);
}

TEST(TieBreaker, LetsTheOnlyEndWithAValueWin) {
  EXPECT_EQ(settle(UINT64_MAX, {}), Tie::won);
  EXPECT_EQ(settle({}, UINT64_MAX), Tie::lost);
}

TEST(TieBreaker, LeavesNeitherWithEqualValues) { EXPECT_EQ(settle(7, 7), Tie::equal); }

}  // namespace
}  // namespace holdfast::l2tp
