// What a storm must not starve: a tunnel whose two ends have more to say than their queues hold goes on, and what keeps
// it alive is never behind what begins.
#include "pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::engine::test {
namespace {

using std::chrono::seconds;

// Calls of one tunnel that are up.
struct Overload : ::testing::Test {
  Pair p;

  void set_up(std::uint32_t calls) {
    for (std::uint32_t i = 1; i <= calls; ++i) p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(i)});
    p.deliver();
    ASSERT_EQ(p.lac.used(Table::session), calls);
    ASSERT_EQ(p.lns.used(Table::session), calls);
  }
  // The node ends so many of its calls, from the first on (or from the last on), and what it says stays on the wire.
  static void clear(Lns& node, std::size_t count, bool from_the_end = false) {
    auto all = node.sessions();
    if (from_the_end) std::ranges::reverse(all);
    for (std::size_t i = 0; i < count; ++i) node.handle(ClearSession{all[i].tunnel, all[i].id});
  }
  void expect_tunnel_up(std::size_t sessions) {
    for (const Lns* node : {&p.lac, &p.lns}) {
      ASSERT_EQ(node->tunnels().size(), 1u);
      EXPECT_EQ(node->tunnels().front().l2tp.state, l2tp::TunnelState::established);
      EXPECT_EQ(node->sessions().size(), sessions);
      EXPECT_EQ(node->engine->counters()[Count::tunnel_timeouts], 0u);
    }
  }
};

// Each end refused what the other said, for want of room to answer it, until one gave the tunnel up.
TEST_F(Overload, OfBothEndsAtOnceDoesNotEndTheTunnel) {
  set_up(50);
  clear(p.lac, 20);
  clear(p.lns, 20, true);
  p.deliver();
  expect_tunnel_up(10);
}

TEST_F(Overload, OfNewCallsAndDisconnectionsAtOnceDoesNotEndTheTunnel) {
  set_up(30);
  for (std::uint32_t i = 100; i < 120; ++i) p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(i)});
  clear(p.lac, 15);
  clear(p.lns, 15, true);
  p.pass(seconds(2));  // where an answer had no room after all, its request comes again
  expect_tunnel_up(20);
}

// A disconnection needs no answer: it is taken when nothing could be answered, and those behind it are not sent in
// vain.
TEST_F(Overload, TakesDisconnectionsWithoutRoomForAnswers) {
  set_up(40);
  clear(p.lac, 20);
  clear(p.lns, 20, true);
  p.deliver();
  EXPECT_EQ(p.lac.engine->counters()[Count::messages_retransmitted], 0u);
  EXPECT_EQ(p.lns.engine->counters()[Count::messages_retransmitted], 0u);
  expect_tunnel_up(0);
}

TEST_F(Overload, LeavesRoomToAnswerHoweverManyCallsEnd) {
  set_up(40);
  clear(p.lac, 40);
  EXPECT_EQ(l2tp::room(p.lac.tunnels().front().l2tp.channel), 4u);
  p.deliver();
  expect_tunnel_up(0);
}

}  // namespace
}  // namespace holdfast::engine::test
