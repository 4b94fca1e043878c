#include "dataplane/control_watch.hpp"

#include <gtest/gtest.h>

namespace holdfast::dataplane {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

struct ControlWatches : ::testing::Test {
  abi::ControlAbsence counters{};
  ControlWatch watch{counters, 10 * kSecond, 100 * kSecond};
};

TEST_F(ControlWatches, RaisesOneAlarmForAnAbsenceThatLastsTooLong) {
  watch.attached(101 * kSecond);
  watch.detached(200 * kSecond);
  EXPECT_FALSE(watch.check(210 * kSecond - 1));
  EXPECT_EQ(counters.alarm, 0u);
  EXPECT_TRUE(watch.check(210 * kSecond));
  EXPECT_FALSE(watch.check(211 * kSecond)) << "it was said already";
  EXPECT_EQ(counters.alarm, 1u);
  EXPECT_EQ(counters.alarms, 1u);
  EXPECT_EQ(counters.away_since_ns, 200 * kSecond);
  EXPECT_TRUE(watch.attached(215 * kSecond));
  EXPECT_EQ(counters.alarm, 0u);
  EXPECT_EQ(counters.alarms, 1u);
  EXPECT_EQ(counters.absences, 1u);
  EXPECT_EQ(counters.last_ms, 15'000u);
  EXPECT_EQ(counters.away_since_ns, 0u);
}

TEST_F(ControlWatches, RaisesNoAlarmForAShortAbsence) {
  watch.attached(101 * kSecond);
  watch.detached(200 * kSecond);
  EXPECT_FALSE(watch.check(205 * kSecond));
  EXPECT_FALSE(watch.attached(206 * kSecond));
  EXPECT_FALSE(watch.check(500 * kSecond)) << "it is there";
  EXPECT_EQ(counters.alarms, 0u);
  EXPECT_EQ(counters.last_ms, 6'000u);
}

TEST_F(ControlWatches, CountsFromTheStartUntilControlComesForTheFirstTime) {
  EXPECT_FALSE(watch.check(109 * kSecond));
  EXPECT_TRUE(watch.check(110 * kSecond));
  EXPECT_EQ(counters.absences, 0u) << "it was never there";
}

TEST(ControlWatch, RaisesNoAlarmWhereNoneIsWanted) {
  abi::ControlAbsence counters{};
  ControlWatch watch(counters, 0, kSecond);
  EXPECT_FALSE(watch.check(1'000'000 * kSecond));
}

}  // namespace
}  // namespace holdfast::dataplane
