// What a peer may get wrong about the states of sessions (RFC 4951 4): what is asked of sessions that are not there, or
// told without having been asked, ends none.
#include "peer_recovery.hpp"

namespace holdfast::engine::test {
namespace {

struct SessionStates : PeerRecovery {};

TEST_F(SessionStates, AsksOfSessionsThatDoNotExistAndIsToldZero) {
  const l2tp::Session known = session();
  states(MessageType::fsq, {state(999, 888), state(known.peer.value(), known.id.value()), state(998, 0)});
  const auto fsr = answer(MessageType::fsr, theirs);
  ASSERT_TRUE(fsr);
  const ControlMessage message = read(*fsr);
  ASSERT_EQ(message.session_states().size(), 3u);
  EXPECT_EQ(message.session_states()[0], state(999, 0)) << "the receiver's view: its id, and ours, which is 0";
  EXPECT_EQ(message.session_states()[1], state(known.peer.value(), known.id.value()));
  EXPECT_EQ(message.session_states()[2], state(998, 0));
  EXPECT_EQ(count(Count::fsq_received), 1u);
  EXPECT_EQ(count(Count::sessions_stale), 0u);
  EXPECT_EQ(established(lns), kCalls);
  EXPECT_EQ(phase(), ResyncPhase::none);
}

// RFC 4951 4.2: it is marked and asked about, and nothing is cleared until that is answered.
TEST_F(SessionStates, AsksOfASessionWithAnotherPartnerAndIsAskedLater) {
  const l2tp::Session known = session();
  states(MessageType::fsq, {state(777, known.id.value())});
  const auto fsr = answer(MessageType::fsr, theirs);
  ASSERT_TRUE(fsr);
  EXPECT_EQ(read(*fsr).session_states()[0], state(777, 0));
  EXPECT_EQ(count(Count::sessions_stale), 1u);
  EXPECT_EQ(established(lns), kCalls);
  hello();  // acknowledges the FSR
  lns.pass(seconds(1));
  const auto fsq = answer(MessageType::fsq, theirs);
  ASSERT_TRUE(fsq);
  const ControlMessage asked = read(*fsq);
  ASSERT_EQ(asked.session_states().size(), 1u) << "only the one";
  EXPECT_EQ(asked.session_states()[0], state(known.peer.value(), known.id.value()));
  EXPECT_EQ(established(lns), kCalls);
}

TEST_F(SessionStates, KeepsAStaleSessionThatItHasAfterAll) {
  const l2tp::Session known = session();
  states(MessageType::fsq, {state(777, known.id.value())});
  hello();
  lns.pass(seconds(1));
  states(MessageType::fsr, {state(known.peer.value(), known.id.value())});
  lns.pass(seconds(1));
  EXPECT_EQ(established(lns), kCalls);
  EXPECT_EQ(phase(), ResyncPhase::none);
  EXPECT_EQ(record(known.id).stale, 0);
  EXPECT_EQ(count(Count::fsr_unasked), 0u);
}

TEST_F(SessionStates, EndsAStaleSessionThatItDoesNotHave) {
  const l2tp::Session known = session();
  states(MessageType::fsq, {state(777, known.id.value())});
  hello();
  lns.pass(seconds(1));
  lns.sent.clear();
  states(MessageType::fsr, {state(0, known.id.value())});
  lns.pass(seconds(1));
  EXPECT_EQ(established(lns), kCalls - 1);
  EXPECT_EQ(count(Count::sessions_reconciled), 1u);
  EXPECT_FALSE(answer(MessageType::cdn, theirs)) << "without a word";
  EXPECT_EQ(old().l2tp.state, TunnelState::established);
}

TEST_F(SessionStates, AnswersWhatNobodyAskedAndEndsNothing) {
  const l2tp::Session known = session();
  states(MessageType::fsr, {state(0, known.id.value()), state(777, known.id.value()), state(0, 888), state(5, 0)});
  lns.pass(seconds(2));
  EXPECT_EQ(count(Count::fsr_received), 1u);
  EXPECT_EQ(count(Count::fsr_unasked), 4u);
  EXPECT_EQ(established(lns), kCalls);
  EXPECT_FALSE(answer(MessageType::cdn, theirs));
}

// The second answer to one question is one that nobody asked for.
TEST_F(SessionStates, AnswersTwiceAndTheFirstCounts) {
  const l2tp::Session known = session();
  states(MessageType::fsq, {state(777, known.id.value())});
  hello();
  lns.pass(seconds(1));
  states(MessageType::fsr, {state(known.peer.value(), known.id.value()), state(0, known.id.value())});
  lns.pass(seconds(1));
  EXPECT_EQ(count(Count::fsr_unasked), 1u);
  EXPECT_EQ(established(lns), kCalls);
}

TEST_F(SessionStates, AsksMoreThanFitsOneAnswerAndIsToldAll) {
  constexpr std::uint16_t kAsked = 70;
  in_the_tunnel(MessageType::fsq, [&](MessageBuilder& b) {
    for (std::uint16_t i = 0; i < kAsked; ++i) b.add(state(static_cast<std::uint16_t>(3000 + i), 888));
  });
  std::vector<FailoverSessionState> told;
  for (unsigned n = 0; n < 5; ++n) {
    for (const Sent& s : lns.sent) {
      const auto message = l2tp::parse(s.payload, octets_of("secret"));
      if (!message || message->type != MessageType::fsr) continue;
      for (const auto& one : message->session_states()) told.push_back(one);
    }
    lns.sent.clear();
    hello();
  }
  ASSERT_EQ(told.size(), kAsked);
  for (std::uint16_t i = 0; i < kAsked; ++i) EXPECT_EQ(told[i], state(static_cast<std::uint16_t>(3000 + i), 0));
}

// RFC 4951 4.1: a state is mandatory there. That is a fault like any other, for which RFC 2661 7.1 has the answer.
TEST_F(SessionStates, AsksOfNothingAndIsFaulty) {
  states(MessageType::fsq, {});
  EXPECT_EQ(count(Count::faulty), 1u);
  EXPECT_EQ(read(*answer(MessageType::stopccn, theirs)).result_code()->result, 2);
}

// RFC 4951 3.3: before both ends know what the other has, a call with the id of an established one ends that one.
TEST_F(SessionStates, PlacesACallWithTheIdOfAnEstablishedOne) {
  from_peer(sccrq(right()));
  from_peer(scccn("secret"));
  lns.pass(milliseconds(1));
  ASSERT_EQ(phase(), ResyncPhase::comparing);
  const l2tp::Session known = session();
  lns.sent.clear();
  icrq(PeerTunnelId(ours.value()), known.peer.value(), old().l2tp.channel.next_nr, old().l2tp.channel.unsent_ns);
  lns.pass(milliseconds(1));
  const auto cdn = answer(MessageType::cdn, theirs);
  ASSERT_TRUE(cdn);
  EXPECT_EQ(read(*cdn).u16(AvpType::assigned_session_id), known.id.value());
  EXPECT_FALSE(answer(MessageType::icrp, theirs));
  EXPECT_EQ(established(lns), kCalls - 1);
  EXPECT_EQ(lns.sessions().size(), kCalls - 1);
}

}  // namespace
}  // namespace holdfast::engine::test
