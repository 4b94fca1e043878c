// For each rule a trace that breaks it and no other: what the checker does not find here it would not find in a run.
#include "trace.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace holdfast::sim {
void PrintTo(Rule rule, std::ostream* out) { *out << spec(rule).name; }
}  // namespace holdfast::sim

namespace holdfast::sim::test {
namespace {

using Rules = std::vector<Rule>;

struct Checker : ::testing::Test {
  Trace t;
  Peer& a = t.a;
  Peer& b = t.b;

  void at_rest() {
    t.pass(seconds(300));
    t.checker.at_rest(t.now);
  }
  SpecChecker::Alive alive(const Peer& p) const { return t.checker.alive(p.at); }
};

// What is right -----------------------------------------------------------------------------------------------------

TEST_F(Checker, IsContentWithATunnelAndACall) {
  t.open();
  t.connect(5, 6);
  t.data(a, b, 6);
  t.data(b, a, 5);
  at_rest();
  EXPECT_EQ(t.broken(), Rules{});
  EXPECT_EQ(alive(a), (SpecChecker::Alive{1, 1}));
  EXPECT_EQ(alive(b), (SpecChecker::Alive{1, 1}));
}

TEST_F(Checker, IsContentWithAnOutgoingCallWithWenAndSliAndItsEnd) {
  t.open();
  t.exchange(b, a, MessageType::ocrq, 0, Trace::outgoing(6));
  t.exchange(a, b, MessageType::ocrp, 6, Trace::answer(5));
  t.exchange(a, b, MessageType::occn, 6, Trace::connected());
  t.exchange(b, a, MessageType::sli, 5, [](MessageBuilder& m) { m.add(l2tp::Accm{}); });
  t.exchange(a, b, MessageType::wen, 6, [](MessageBuilder& m) { m.add(l2tp::CallErrors{}); });
  t.exchange(b, a, MessageType::hello);
  t.exchange(b, a, MessageType::cdn, 5, Trace::cleared(6));
  t.acknowledge(a, b);
  at_rest();
  EXPECT_EQ(t.broken(), Rules{});
  EXPECT_EQ(alive(a), (SpecChecker::Alive{1, 0}));
}

TEST_F(Checker, IsContentWithChallengesBothWaysAndAStop) {
  t.exchange(a, b, MessageType::sccrq, 0, Trace::opening(a, "from a"));
  t.exchange(b, a, MessageType::sccrp, 0, Trace::opening(b, "from b", MessageType::sccrp, "from a"));
  t.exchange(a, b, MessageType::scccn, 0, [](MessageBuilder& m) { Trace::respond(m, MessageType::scccn, "from b"); });
  t.exchange(b, a, MessageType::stopccn, 0, Trace::stopped(b));
  t.acknowledge(a, b);
  at_rest();
  EXPECT_EQ(t.broken(), Rules{});
  EXPECT_EQ(alive(a), (SpecChecker::Alive{0, 0}));
}

TEST_F(Checker, IsContentWithLossRetransmissionAndAnAnswerToTheDuplicate) {
  t.open();
  const Datagram hello = t.next(a, b, MessageType::hello);
  t.send(hello);
  t.arrive(hello);
  ++b.nr;
  t.send(t.zlb(b, a));  // lost
  for (const auto pause : {seconds(1), seconds(2), seconds(4), seconds(8), seconds(8)}) {
    t.pass(pause);
    t.send(hello);
  }
  t.arrive(hello);
  t.acknowledge(b, a);
  at_rest();
  EXPECT_EQ(t.broken(), Rules{});
}

TEST_F(Checker, CountsAnEndThatWasNeverAnsweredAsGone) {
  t.open();
  const Datagram hello = t.next(a, b, MessageType::hello);
  for (int i = 0; i < 6; ++i) {
    t.send(hello);
    t.pass(seconds(10));
  }
  const Datagram unanswered = t.next(b, a, MessageType::hello);
  t.send(unanswered);
  t.arrive(unanswered);
  t.pass(seconds(10));
  t.checker.at_rest(t.now);
  EXPECT_EQ(t.broken(), Rules{Rule::half_open_tunnel});
}

TEST_F(Checker, AllowsWhatWasQueuedBeforeAStopArrived) {
  b.window = 1;
  t.open();
  t.exchange(b, a, MessageType::stopccn, 0, Trace::stopped(b));
  const Datagram first = t.next(a, b, MessageType::hello);
  t.send(first);  // takes the stop, is not acknowledged yet: what follows may have waited in the queue
  EXPECT_EQ(t.broken(), Rules{});
}

// Of the tunnels that two ends ask each other for, with these values of the Tie Breaker.
struct Tie : Checker {
  Peer a2{a.at, 33};
  Peer b2{b.at, 44};  // opens

  static Trace::Fill breaking(const Peer& p, std::uint64_t value) {
    return [=](MessageBuilder& m) {
      Trace::opening(p)(m);
      m.u64(AvpType::tie_breaker, value);
    };
  }
  void ask_each_other(std::uint64_t of_a, std::uint64_t of_b) {
    const Datagram ours = t.next(a, b, MessageType::sccrq, 0, breaking(a, of_a));
    const Datagram theirs = t.next(b2, a2, MessageType::sccrq, 0, breaking(b2, of_b));
    t.send(ours);
    t.send(theirs);
    t.arrive(ours);
    t.arrive(theirs);
    ++b.nr;
    ++a2.nr;
  }
};

TEST_F(Tie, IsSettledByWhoIgnoresTheLosersRequest) {
  ask_each_other(1, 2);
  t.exchange(b, a, MessageType::sccrp, 0, Trace::opening(b));
  t.exchange(a, b, MessageType::scccn);
  t.acknowledge(b, a);
  at_rest();
  EXPECT_EQ(t.broken(), Rules{});
  EXPECT_EQ(alive(a), (SpecChecker::Alive{1, 0}));
}

TEST_F(Tie, MustNotBeAnsweredByTheWinner) {
  ask_each_other(1, 2);
  t.send(t.next(a2, b2, MessageType::sccrp, 0, Trace::opening(a2)));
  EXPECT_EQ(t.broken(), Rules{Rule::tie_breaker});
}

TEST_F(Tie, MustNotBeAnsweredWithEqualValues) {
  ask_each_other(7, 7);
  t.send(t.next(b, a, MessageType::sccrp, 0, Trace::opening(b)));
  EXPECT_EQ(t.broken(), Rules{Rule::tie_breaker});
}

TEST_F(Checker, SequenceNumbersWrapAround) {
  t.open();
  for (int i = 0; i < 70'000; ++i) {
    t.exchange(a, b, MessageType::hello);
    t.acknowledge(b, a);
  }
  EXPECT_EQ(t.broken(), Rules{});
}

// What is wrong -----------------------------------------------------------------------------------------------------

TEST_F(Checker, FindsAMessageThatCannotBeParsed) {
  Datagram d = t.next(a, b, MessageType::sccrq, 0, Trace::opening(a));
  d.payload.resize(d.payload.size() - 1);
  t.send(d);
  EXPECT_EQ(t.broken(), Rules{Rule::malformed});
}

TEST_F(Checker, FindsAMessageWithoutARequiredAvp) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::answer(5));
  EXPECT_EQ(t.broken(), Rules{Rule::malformed});
}

TEST_F(Checker, FindsASkippedNs) {
  t.open();
  ++a.ns;
  t.send(t.next(a, b, MessageType::hello));
  EXPECT_EQ(t.broken(), Rules{Rule::ns_skipped});
}

TEST_F(Checker, FindsAnNsThatIsUsedAgainForAnotherMessage) {
  t.open();
  t.send(t.next(a, b, MessageType::hello));
  t.pass(seconds(1));
  --a.ns;
  t.send(t.next(a, b, MessageType::icrq, 0, Trace::call(5)));
  EXPECT_EQ(t.broken(), Rules{Rule::ns_reused});
}

TEST_F(Checker, FindsARetransmissionOfWhatIsAcknowledged) {
  t.open();
  const Datagram hello = t.next(a, b, MessageType::hello);
  t.send(hello);
  t.arrive(hello);
  ++b.nr;
  t.acknowledge(b, a);
  t.pass(seconds(1));
  t.send(hello);
  EXPECT_EQ(t.broken(), Rules{Rule::acknowledged_resent});
}

TEST_F(Checker, FindsRetransmissionsWithoutBackOff) {
  t.open();
  const Datagram hello = t.next(a, b, MessageType::hello);
  for (int i = 0; i < 3; ++i) {
    t.send(hello);
    t.pass(seconds(1));
  }
  EXPECT_EQ(t.broken(), Rules{Rule::resent_too_soon});
}

TEST_F(Checker, FindsAnNrOfWhatHasNotArrived) {
  t.open();
  t.send(t.next(b, a, MessageType::hello));  // does not arrive
  ++a.nr;
  t.send(t.zlb(a, b));
  EXPECT_EQ(t.broken(), Rules{Rule::nr_ahead});
}

TEST_F(Checker, FindsAnNrThatGoesBackwards) {
  t.open();
  --a.nr;
  t.send(t.zlb(a, b));
  EXPECT_EQ(t.broken(), Rules{Rule::nr_backwards});
}

TEST_F(Checker, FindsAZlbWithANumberOfItsOwn) {
  t.open();
  ++a.ns;
  t.send(t.zlb(a, b));
  EXPECT_EQ(t.broken(), Rules{Rule::zlb_numbered});
}

TEST_F(Checker, FindsAZlbThatConsumedAnNs) {
  t.open();
  t.acknowledge(a, b);
  ++a.ns;
  t.exchange(a, b, MessageType::hello);
  EXPECT_EQ(t.broken(), Rules{Rule::ns_skipped});
}

TEST_F(Checker, FindsMoreMessagesThanTheWindowHolds) {
  b.window = 2;
  t.open();
  for (int i = 0; i < 3; ++i) t.send(t.next(a, b, MessageType::hello));
  EXPECT_EQ(t.broken(), Rules{Rule::window_overrun});
}

TEST_F(Checker, TakesTheWindowOfAPeerThatDoesNotSayAsFour) {
  t.exchange(a, b, MessageType::sccrq, 0, [](MessageBuilder& m) {
    m.u16(AvpType::protocol_version, 0x0100).u32(AvpType::framing_capabilities, 3).text(AvpType::host_name, "host");
    m.u16(AvpType::assigned_tunnel_id, 11);
  });
  t.exchange(b, a, MessageType::sccrp, 0, Trace::opening(b));
  t.exchange(a, b, MessageType::scccn);
  for (int i = 0; i < 5; ++i) t.send(t.next(b, a, MessageType::hello));
  EXPECT_EQ(t.broken(), Rules{Rule::window_overrun});
}

TEST_F(Checker, FindsAMessageThatIsNotAcknowledged) {
  t.open();
  t.exchange(a, b, MessageType::hello);
  t.pass(milliseconds(1001));
  t.acknowledge(b, a);
  EXPECT_EQ(t.broken(), Rules{Rule::not_acknowledged});
}

TEST_F(Checker, FindsADuplicateThatIsNotAcknowledged) {
  t.open();
  const Datagram hello = t.next(a, b, MessageType::hello);
  t.send(hello);
  t.arrive(hello);
  ++b.nr;
  t.send(t.zlb(b, a));  // lost
  t.pass(seconds(1));
  t.send(hello);
  t.arrive(hello);
  t.pass(milliseconds(1001));
  t.acknowledge(b, a);
  EXPECT_EQ(t.broken(), Rules{Rule::not_acknowledged});
}

TEST_F(Checker, FindsAStopThatIsNotAcknowledged) {
  t.open();
  t.exchange(a, b, MessageType::stopccn, 0, Trace::stopped(a));
  t.pass(seconds(2));
  t.acknowledge(b, a);
  EXPECT_EQ(t.broken(), Rules{Rule::not_acknowledged});
}

TEST_F(Checker, FindsAHeaderWithAWrongTunnelId) {
  t.open();
  Peer stranger = b;
  stranger.tunnel = 23;
  t.send(t.next(a, stranger, MessageType::hello));
  EXPECT_EQ(t.broken(), Rules{Rule::unknown_tunnel});
}

TEST_F(Checker, FindsATunnelIdThatIsAssignedTwice) {
  t.open();
  Peer second = a;
  second.tunnel = 12;
  second.ns = second.nr = 0;
  Peer accepts = b;
  accepts.ns = accepts.nr = 0;
  t.exchange(second, accepts, MessageType::sccrq, 0, Trace::opening(second));
  t.exchange(accepts, second, MessageType::sccrp, 0, Trace::opening(accepts));
  EXPECT_EQ(t.broken(), Rules{Rule::tunnel_id_in_use});
}

TEST_F(Checker, FindsASccrpFromTheSideThatOpened) {
  t.exchange(a, b, MessageType::sccrq, 0, Trace::opening(a));
  t.exchange(b, a, MessageType::sccrp, 0, Trace::opening(b));
  t.exchange(a, b, MessageType::sccrp, 0, Trace::opening(a));
  EXPECT_EQ(t.broken(), Rules{Rule::tunnel_state});
}

TEST_F(Checker, FindsACallBeforeTheTunnelIsUp) {
  t.exchange(a, b, MessageType::sccrq, 0, Trace::opening(a));
  t.exchange(b, a, MessageType::sccrp, 0, Trace::opening(b));
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  EXPECT_EQ(t.broken(), Rules{Rule::tunnel_state});
}

TEST_F(Checker, FindsAnAcceptorThatDoesNotWaitForScccn) {
  t.exchange(a, b, MessageType::sccrq, 0, Trace::opening(a));
  t.exchange(b, a, MessageType::sccrp, 0, Trace::opening(b));
  t.send(t.next(a, b, MessageType::scccn));  // lost
  t.exchange(b, a, MessageType::hello);
  EXPECT_EQ(t.broken(), Rules{Rule::tunnel_state});
}

TEST_F(Checker, FindsAScccnBeforeTheSccrp) {
  t.exchange(a, b, MessageType::sccrq, 0, Trace::opening(a));
  t.send(t.next(b, a, MessageType::sccrp, 0, Trace::opening(b)));  // lost
  t.exchange(a, b, MessageType::scccn);
  EXPECT_EQ(t.broken(), Rules{Rule::tunnel_state});
}

TEST_F(Checker, FindsASecondScccn) {
  t.open();
  t.exchange(a, b, MessageType::scccn);
  EXPECT_EQ(t.broken(), Rules{Rule::tunnel_state});
}

TEST_F(Checker, FindsAMessageAfterItsSenderStopped) {
  t.open();
  t.exchange(a, b, MessageType::stopccn, 0, Trace::stopped(a));
  t.exchange(a, b, MessageType::hello);
  EXPECT_EQ(t.broken(), Rules{Rule::after_stop});
}

TEST_F(Checker, FindsAMessageFromTheSideThatTookAStop) {
  t.open();
  t.exchange(a, b, MessageType::stopccn, 0, Trace::stopped(a));
  t.acknowledge(b, a);
  t.exchange(b, a, MessageType::hello);
  EXPECT_EQ(t.broken(), Rules{Rule::after_stop});
}

TEST_F(Checker, FindsAChallengeThatIsNotAnswered) {
  t.exchange(a, b, MessageType::sccrq, 0, Trace::opening(a, "from a"));
  t.exchange(b, a, MessageType::sccrp, 0, Trace::opening(b));
  EXPECT_EQ(t.broken(), Rules{Rule::response_wrong});
}

TEST_F(Checker, FindsAWrongResponse) {
  t.exchange(a, b, MessageType::sccrq, 0, Trace::opening(a));
  t.exchange(b, a, MessageType::sccrp, 0, Trace::opening(b, "from b"));
  t.exchange(a, b, MessageType::scccn, 0, [](MessageBuilder& m) { Trace::respond(m, MessageType::sccrp, "from b"); });
  EXPECT_EQ(t.broken(), Rules{Rule::response_wrong});
}

TEST_F(Checker, FindsAHeaderWithAWrongSessionId) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  t.exchange(b, a, MessageType::icrp, 7, Trace::answer(6));
  EXPECT_EQ(t.broken(), Rules{Rule::unknown_session});
}

TEST_F(Checker, FindsARequestThatNamesASession) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 9, Trace::call(5));
  EXPECT_EQ(t.broken(), Rules{Rule::unknown_session});
}

TEST_F(Checker, FindsADisconnectOfNoCall) {
  t.open();
  t.exchange(a, b, MessageType::cdn, 6, Trace::cleared(5));
  EXPECT_EQ(t.broken(), Rules{Rule::unknown_session});
}

TEST_F(Checker, FindsADisconnectUnderAnotherIdThanItsOwn) {
  t.open();
  t.connect(5, 6);
  t.exchange(a, b, MessageType::cdn, 6, Trace::cleared(7));
  EXPECT_EQ(t.broken(), Rules{Rule::unknown_session});
}

TEST_F(Checker, FindsASessionIdThatIsAssignedTwice) {
  t.open();
  t.connect(5, 6);
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  EXPECT_EQ(t.broken(), Rules{Rule::session_id_in_use});
}

TEST_F(Checker, AllowsASessionIdOfACallThatIsOver) {
  t.open();
  t.connect(5, 6);
  t.exchange(a, b, MessageType::cdn, 6, Trace::cleared(5));
  t.acknowledge(b, a);
  t.connect(5, 6);
  EXPECT_EQ(t.broken(), Rules{});
}

TEST_F(Checker, FindsAnIccnBeforeTheIcrp) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  t.send(t.next(b, a, MessageType::icrp, 5, Trace::answer(6)));  // lost
  t.exchange(a, b, MessageType::iccn, 6, Trace::connected());
  EXPECT_EQ(t.broken(), Rules{Rule::session_state});
}

TEST_F(Checker, FindsASecondIcrp) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  t.exchange(b, a, MessageType::icrp, 5, Trace::answer(6));
  t.exchange(b, a, MessageType::icrp, 5, Trace::answer(6));
  EXPECT_EQ(t.broken(), Rules{Rule::session_state});
}

TEST_F(Checker, FindsAnIccnFromTheLns) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  t.exchange(b, a, MessageType::icrp, 5, Trace::answer(6));
  t.exchange(b, a, MessageType::iccn, 5, Trace::connected());
  EXPECT_EQ(t.broken(), Rules{Rule::session_state});
}

TEST_F(Checker, FindsAnOccnWithoutOcrp) {
  t.open();
  t.exchange(b, a, MessageType::ocrq, 0, Trace::outgoing(6));
  t.exchange(a, b, MessageType::occn, 6, Trace::connected());
  EXPECT_EQ(t.broken(), Rules{Rule::session_state});
}

TEST_F(Checker, FindsAnOutgoingReplyToAnIncomingCall) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  t.exchange(b, a, MessageType::ocrp, 5, Trace::answer(6));
  EXPECT_EQ(t.broken(), Rules{Rule::session_state});
}

TEST_F(Checker, FindsAnSliBeforeTheCallIsConnected) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  t.exchange(b, a, MessageType::icrp, 5, Trace::answer(6));
  t.exchange(b, a, MessageType::sli, 5, [](MessageBuilder& m) { m.add(l2tp::Accm{}); });
  EXPECT_EQ(t.broken(), Rules{Rule::session_state});
}

TEST_F(Checker, FindsAMessageAfterItsSenderDisconnected) {
  t.open();
  t.connect(5, 6);
  t.exchange(a, b, MessageType::cdn, 6, Trace::cleared(5));
  t.exchange(a, b, MessageType::cdn, 6, Trace::cleared(5));
  EXPECT_EQ(t.broken(), Rules{Rule::after_disconnect});
}

TEST_F(Checker, FindsAMessageFromTheSideThatTookADisconnect) {
  t.open();
  t.connect(5, 6);
  t.exchange(a, b, MessageType::cdn, 6, Trace::cleared(5));
  t.acknowledge(b, a);
  t.exchange(b, a, MessageType::cdn, 5, Trace::cleared(6));
  EXPECT_EQ(t.broken(), Rules{Rule::after_disconnect});
}

TEST_F(Checker, FindsDataBeforeTheCallIsConnected) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  t.exchange(b, a, MessageType::icrp, 5, Trace::answer(6));
  t.data(b, a, 5);
  EXPECT_EQ(t.broken(), Rules{Rule::data_without_session});
}

TEST_F(Checker, FindsDataAfterTheCallWasCleared) {
  t.open();
  t.connect(5, 6);
  t.exchange(a, b, MessageType::cdn, 6, Trace::cleared(5));
  t.acknowledge(b, a);
  t.data(a, b, 6);
  EXPECT_EQ(t.broken(), Rules{Rule::data_without_session});
}

TEST_F(Checker, FindsATunnelThatIsAliveOnOneSideOnly) {
  t.open();
  t.connect(5, 6);
  t.send(t.next(a, b, MessageType::stopccn, 0, Trace::stopped(a)));  // never arrives
  at_rest();
  EXPECT_EQ(t.broken(), Rules{Rule::half_open_tunnel});
}

TEST_F(Checker, FindsASessionThatIsAliveOnOneSideOnly) {
  t.open();
  t.connect(5, 6);
  t.send(t.next(a, b, MessageType::cdn, 6, Trace::cleared(5)));  // never arrives
  at_rest();
  EXPECT_EQ(t.broken(), (Rules{Rule::not_at_rest, Rule::half_open_session}));
}

TEST_F(Checker, FindsASessionThatNeverConnects) {
  t.open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  t.exchange(b, a, MessageType::icrp, 5, Trace::answer(6));
  t.acknowledge(a, b);
  at_rest();
  EXPECT_EQ(t.broken(), Rules{Rule::not_at_rest});
}

TEST_F(Checker, FindsATunnelThatNeverGetsUp) {
  t.exchange(a, b, MessageType::sccrq, 0, Trace::opening(a));
  t.exchange(b, a, MessageType::sccrp, 0, Trace::opening(b));
  t.acknowledge(a, b);
  at_rest();
  EXPECT_EQ(t.broken(), Rules{Rule::not_at_rest});
}

}  // namespace
}  // namespace holdfast::sim::test
