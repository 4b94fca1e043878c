// What restart_timers() makes of a record that was restored: see its declaration.
#include "support.hpp"

namespace holdfast::ppp {
namespace {

using namespace std::chrono_literals;

class Restart : public LinkTest {
 protected:
  // Another process, possibly on a clock that began anew.
  void restore() {
    now = TimePoint{5s};
    restart_timers(link, policy, now);
  }
};

TEST_F(Restart, LeavesAnAnswerOnItsWayTheTimeToComeAndThenRepeatsTheRequestWithoutLosingACount) {
  const Seen request = start();
  const std::uint8_t left = link.lcp.restarts;
  for (int crash = 0; crash < 50; ++crash) {
    restore();
    EXPECT_EQ(due_in(), 3s);
    EXPECT_EQ(after(3s), request);
    EXPECT_EQ(link.lcp.restarts, left);
  }
  EXPECT_EQ(due_in(), 3s);
}

TEST_F(Restart, SendsTheLastRequestOnceMoreInsteadOfGivingUp) {
  const Seen request = start();
  for (int sent = 1; sent < 10; ++sent) after(3s);
  ASSERT_EQ(link.lcp.restarts, 0);
  restore();
  EXPECT_EQ(after(3s), request);
  EXPECT_EQ(after(3s), Seen({}, {Notice::link_down}));
}

TEST_F(Restart, ChallengesAnewForAResponseWhoseCheckWasLost) {
  open_lcp();
  receive("c223 02 01 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231");
  const AuthAnswer lost = accepted();
  restore();
  EXPECT_EQ(after(3s), Seen({"c223 01 02 0018 10 15161718191a1b1c1d1e1f2021222324 6c6e73"}));
  EXPECT_EQ(answer(lost), kNothing);
  EXPECT_EQ(receive("c223 02 02 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231"),
            Seen({}, {Notice::authenticate}));
  EXPECT_EQ(link.phase_deadline - now, 27s) << "at full length from the restart";
}

TEST_F(Restart, TakesTheNextPapRequestForOneWhoseCheckWasLost) {
  policy.offer_chap = false;
  open_lcp();
  receive("c023 01 2a 0011 05 7573657231 06 736563726574");
  restore();
  EXPECT_EQ(expire(), kNothing);
  EXPECT_EQ(receive("c023 01 2b 0011 05 7573657231 06 736563726574"), Seen({}, {Notice::authenticate}));
}

TEST_F(Restart, AsksForAddressesAgainWithoutAuthentication) {
  policy.offer_chap = policy.offer_pap = false;
  open_lcp();
  restore();
  EXPECT_EQ(after(3s), Seen({}, {Notice::authenticate}));
  EXPECT_EQ(answer(accepted()).frames.size(), 2u);
}

TEST_F(Restart, LeavesAnEstablishedLinkInPeace) {
  open_network();
  receive("8021 02 01 000a 0306 0a000001");
  receive("8021 01 01 000a 0306 0a000002");
  receive("c021 08 01 0006 8057");
  policy.echo_interval = 10s;
  link.echo_unanswered = 2;
  restore();
  EXPECT_EQ(due_in(), 10s);
  EXPECT_EQ(link.echo_unanswered, 0) << "replies may have been lost with the process";
  EXPECT_EQ(expire(), kNothing);
}

TEST_F(Restart, RepeatsTheTerminateRequest) {
  open_lcp();
  close(EndReason::admin);
  restore();
  EXPECT_EQ(after(3s), Seen({"c021 05 02 0004"}));
}

TEST_F(Restart, DoesNotTerminateByItselfAfterThePeerDid) {
  open_lcp();
  receive("c021 05 42 0004");
  restore();
  EXPECT_EQ(due_in(), 3s);
  EXPECT_EQ(after(3s), Seen({}, {Notice::link_down}));
}

TEST_F(Restart, LeavesADeadLinkDead) {
  restore();
  EXPECT_EQ(due_in(), Duration::max());
  EXPECT_EQ(expire(), kNothing);
}

}  // namespace
}  // namespace holdfast::ppp
