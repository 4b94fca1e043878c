#include "engine/tunnel_selection.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>

namespace holdfast::engine {
namespace {

using std::chrono::seconds;

class Chance final : public Entropy {
 public:
  void fill(MutableOctets out) override {
    for (auto& octet : out) octet = static_cast<std::uint8_t>(random_());
  }

 private:
  std::mt19937 random_{2868};
};

IpAddress lns(std::uint8_t n) { return IpAddress::v4(192, 0, 2, n); }

struct Selection : ::testing::Test {
  TunnelSelection selection{seconds(300)};
  Chance chance;
  TimePoint now = TimePoint{} + seconds(1000);
  TunnelChoices choices;
  std::array<std::uint32_t, 31> sessions{};

  void add(std::uint8_t preference, std::uint16_t max_sessions = 0) {
    TunnelChoice choice;
    choice.preference = preference;
    choice.tunnel.peer = lns(static_cast<std::uint8_t>(choices.size()));
    choice.tunnel.max_sessions = max_sessions;
    ASSERT_TRUE(choices.push(choice));
  }
  std::optional<std::size_t> choose(std::uint32_t tried = 0) {
    return selection.choose(choices, tried, sessions, Env{now, chance});
  }
  // How often each is chosen.
  std::map<std::size_t, int> draw(int times) {
    std::map<std::size_t, int> counts;
    for (int i = 0; i < times; ++i) ++counts[choose().value()];
    return counts;
  }
};

TEST_F(Selection, OfNothingIsNothing) { EXPECT_EQ(choose(), std::nullopt); }

TEST_F(Selection, TakesTheLeastPreferenceAndTheNextWhereThatWasTried) {
  add(7);
  add(0);
  add(3);
  EXPECT_EQ(choose(), 1u);
  EXPECT_EQ(choose(0b010), 2u);
  EXPECT_EQ(choose(0b110), 0u);
  EXPECT_EQ(choose(0b111), std::nullopt) << "each is tried once";
}

TEST_F(Selection, SpreadsCallsWithinALevelByTheSessionsThatEachMayHave) {
  add(1, 100);
  add(1, 300);
  add(2, 65535);
  const auto counts = draw(4000);
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_NEAR(counts.at(0), 1000, 150);
  EXPECT_NEAR(counts.at(1), 3000, 150);
}

TEST_F(Selection, SpreadsCallsEvenlyWhereNoneHasALimit) {
  for (int i = 0; i < 31; ++i) add(0);
  const auto counts = draw(31'000);
  EXPECT_EQ(counts.size(), 31u);
  for (const auto& [position, count] : counts) EXPECT_NEAR(count, 1000, 200) << position;
}

TEST_F(Selection, PassesOverWhatIsFull) {
  add(0, 2);
  add(1, 1);
  sessions = {2, 0};
  EXPECT_EQ(choose(), 1u);
  sessions = {2, 1};
  EXPECT_EQ(choose(), std::nullopt);
  sessions = {1, 1};
  EXPECT_EQ(choose(), 0u);
}

TEST_F(Selection, PassesOverADestinationThatDidNotAnswerForFiveMinutes) {
  add(0);
  add(1);
  selection.lock_out(lns(0), now);
  EXPECT_EQ(choose(), 1u);
  now += seconds(300) - Duration(1);
  EXPECT_EQ(choose(), 1u);
  now += Duration(1);
  EXPECT_EQ(choose(), 0u);
}

TEST_F(Selection, ComesBackToADestinationThatAnswers) {
  add(0);
  add(1);
  selection.lock_out(lns(0), now);
  selection.unlock(lns(0));
  EXPECT_EQ(choose(), 0u);
}

TEST_F(Selection, TriesTheDestinationThatFailedFirstWhenAllAreLockedOut) {
  add(0);
  add(1);
  add(2);
  selection.lock_out(lns(2), now - seconds(20));
  selection.lock_out(lns(1), now - seconds(30));
  selection.lock_out(lns(0), now - seconds(10));
  EXPECT_EQ(choose(), 1u);
  EXPECT_EQ(choose(0b010), 2u) << "and then the next, each once";
  EXPECT_EQ(choose(0b110), 0u);
  EXPECT_EQ(choose(0b111), std::nullopt);
  EXPECT_TRUE(selection.is_locked_out(lns(1), now));
  EXPECT_FALSE(selection.is_locked_out(lns(1), now + seconds(270)));
  unsigned shown = 0;
  selection.for_each_locked_out(now + seconds(270), [&](const IpAddress& destination, TimePoint since) {
    EXPECT_NE(destination, lns(1));
    EXPECT_EQ(since, now - seconds(destination == lns(2) ? 20 : 10));
    ++shown;
  });
  EXPECT_EQ(shown, 2u);
}

}  // namespace
}  // namespace holdfast::engine
