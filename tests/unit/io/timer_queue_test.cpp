#include "io/timer_queue.hpp"

#include <gtest/gtest.h>

namespace holdfast::io {
namespace {

using engine::Timer;
using engine::TimerKey;
using std::chrono::seconds;

constexpr TimerKey kTunnel{TimerKey::Kind::tunnel, 7}, kSession{TimerKey::Kind::session, 7};
TimePoint at(int s) { return TimePoint(seconds(s)); }

TEST(TimerQueue, GivesTheEarliestDeadlineFirst) {
  TimerQueue queue;
  queue.arm({kTunnel, at(5)});
  queue.arm({kSession, at(3)});
  EXPECT_EQ(queue.next(), at(3));
  EXPECT_EQ(queue.take(), kSession);
  EXPECT_EQ(queue.take(), kTunnel);
  EXPECT_EQ(queue.next(), kNever);
}

TEST(TimerQueue, KeepsOneDeadlineAKey) {
  TimerQueue queue;
  queue.arm({kTunnel, at(5)});
  queue.arm({kTunnel, at(9)});
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.next(), at(9));
}

TEST(TimerQueue, ForgetsADeadlineThatBecomesNever) {
  TimerQueue queue;
  queue.arm({kTunnel, at(5)});
  queue.arm({kTunnel, kNever});
  queue.arm({kSession, kNever});
  EXPECT_EQ(queue.next(), kNever);
  EXPECT_EQ(queue.size(), 0u);
}

}  // namespace
}  // namespace holdfast::io
