#include "io/test_calls.hpp"

#include "io/call_notices.hpp"

#include <gtest/gtest.h>

namespace holdfast::io {
namespace {

using engine::Notice;
using engine::NoticeKind;
using std::chrono::seconds;

TimePoint at(seconds s) { return TimePoint{} + s; }

TEST(TestCalls, AreKnownByACircuitThatIsNeverZeroAndAwaitedOnce) {
  TestCalls calls(0xffff'fffe);
  const auto first = calls.add({.ticket = 7, .command = {}, .placed = at(seconds(1))});
  const auto second = calls.add({.ticket = 8, .command = {}, .placed = at(seconds(2))});
  EXPECT_EQ(first, 0xffff'ffffu);
  EXPECT_EQ(second, 1u);
  ASSERT_TRUE(calls.take(first));
  EXPECT_FALSE(calls.take(first));
  EXPECT_EQ(calls.take(second)->ticket, 8u);
  EXPECT_FALSE(calls.take(99));
}

TEST(TestCalls, AreGivenUpInTheOrderInWhichTheyWerePlaced) {
  TestCalls calls(5);
  const auto first = calls.add({.ticket = 7, .command = {}, .placed = at(seconds(1))});
  const auto second = calls.add({.ticket = 8, .command = {}, .placed = at(seconds(2))});
  ASSERT_TRUE(calls.next_due());
  EXPECT_EQ(calls.next_due()->circuit, first);
  EXPECT_EQ(calls.next_due()->at, at(seconds(1)) + cli::kCallLimit);
  calls.give_up(first);
  EXPECT_EQ(calls.next_due()->circuit, second);
  calls.give_up(second);
  EXPECT_FALSE(calls.next_due());
  EXPECT_TRUE(calls.take(first)->late) << "whoever waits is still to be told";
}

struct Log final : engine::Reporter {
  int lines = 0;
  void report(const Notice&) override { ++lines; }
};

Notice of(NoticeKind kind, std::uint32_t circuit) {
  Notice notice{};
  notice.kind = kind;
  notice.circuit = circuit;
  return notice;
}

TEST(CallNotices, KeepWhatBecameOfPlacedCallsAndWhatPeersWantPlaced) {
  Log log;
  CallNotices notices(log);
  notices.report(of(NoticeKind::session_up, 0));  // a call of the peer's
  notices.report(of(NoticeKind::session_up, 5));
  notices.report(of(NoticeKind::session_down, 5));
  notices.report(of(NoticeKind::call_failed, 6));
  notices.report(of(NoticeKind::circuit_wanted, 0));
  notices.report(of(NoticeKind::tunnel_timeout, 0));
  EXPECT_EQ(log.lines, 6) << "the log has all of them";
  EXPECT_EQ(notices.take()->kind, NoticeKind::session_up);
  EXPECT_EQ(notices.take()->circuit, 6u);
  EXPECT_EQ(notices.take()->kind, NoticeKind::circuit_wanted);
  EXPECT_FALSE(notices.take());
}

}  // namespace
}  // namespace holdfast::io
