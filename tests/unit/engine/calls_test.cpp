// Calls of both kinds between two engines: the state tables of RFC 2661 7.2, 7.4 and 7.5 from either side.
#include "l2tp/builder.hpp"
#include "pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace holdfast::engine::test {
namespace {

using l2tp::CallKind;
using l2tp::Role;
using l2tp::SessionState;
using l2tp::TunnelState;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::size_t established(const Lns& node) {
  return static_cast<std::size_t>(
      std::ranges::count(node.sessions(), SessionState::established, &l2tp::Session::state));
}

void expect_nothing_left(const Lns& node) {
  for (const auto table : {Table::tunnel, Table::message, Table::session, Table::subscriber, Table::spec, Table::call})
    EXPECT_EQ(node.used(table), 0u) << "records of table " << static_cast<int>(table);
  EXPECT_EQ(node.engine->indexes().tunnels(), 0u);
  EXPECT_EQ(node.engine->indexes().sessions(), 0u);
}

struct Calls : ::testing::TestWithParam<Terms> {};

TEST_P(Calls, OfSubscribersComeUpAndEndFromEitherSide) {
  Pair p(GetParam());
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(1)});
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(2)});
  p.deliver();
  ASSERT_EQ(established(p.lac), 2u);
  ASSERT_EQ(established(p.lns), 2u);
  EXPECT_EQ(p.lac.tunnels().size(), 1u) << "both calls have the same spec";
  const auto ours = p.lac.sessions().front();
  const auto theirs = p.lns.sessions().front();
  EXPECT_EQ(ours.role, Role::lac);
  EXPECT_EQ(theirs.role, Role::lns);
  EXPECT_EQ(theirs.kind, CallKind::incoming);
  EXPECT_EQ(theirs.tx_speed, 100'000'000u);
  EXPECT_EQ(theirs.rx_speed, 40'000'000u);
  EXPECT_EQ(theirs.calling.text(), "alice's line");
  EXPECT_EQ(theirs.call_serial, ours.call_serial);
  EXPECT_EQ(theirs.peer.value(), ours.id.value());
  EXPECT_EQ(ours.peer.value(), theirs.id.value());
  ASSERT_NE(p.lac.last(NoticeKind::session_up), nullptr);
  EXPECT_EQ(p.lac.last(NoticeKind::session_up)->circuit, 2u);
  EXPECT_EQ(p.lns.used(Table::subscriber), 2u) << "PPP is the LNS's";
  EXPECT_EQ(p.lac.used(Table::subscriber), 0u);
  EXPECT_EQ(p.lac.used(Table::call), 0u) << "what a call was to be like is forgotten once it is";

  p.lac.handle(ClearSession{ours.tunnel, ours.id});
  p.deliver();
  EXPECT_EQ(established(p.lns), 1u);
  p.lns.handle(ClearSession{p.lns.sessions().front().tunnel, p.lns.sessions().front().id});
  p.deliver();
  EXPECT_EQ(established(p.lac), 0u);
  EXPECT_TRUE(p.lac.last(NoticeKind::session_down)->by_peer);

  p.pass(seconds(61));
  EXPECT_EQ(p.lac.tunnels().front().l2tp.state, TunnelState::stopping) << "no session needs the tunnel";
  p.pass(seconds(40));
  expect_nothing_left(p.lac);
  expect_nothing_left(p.lns);
}

TEST_P(Calls, ThatTheLnsPlacesComeUpAndEndFromEitherSide) {
  Pair p(GetParam());
  p.lns.handle(PlaceCall{p.to_lac(), Pair::outgoing(1)});
  p.lns.handle(PlaceCall{p.to_lac(), Pair::outgoing(2)});
  p.deliver();
  ASSERT_EQ(established(p.lns), 2u);
  ASSERT_EQ(established(p.lac), 2u);
  const auto ours = p.lns.sessions().front();
  const auto theirs = p.lac.sessions().front();
  EXPECT_EQ(ours.role, Role::lns);
  EXPECT_EQ(ours.kind, CallKind::outgoing);
  EXPECT_EQ(theirs.role, Role::lac);
  EXPECT_EQ(theirs.called.text(), "5556789");
  EXPECT_EQ(ours.tx_speed, 256'000u);
  EXPECT_EQ(ours.rx_speed, 256'000u);
  EXPECT_EQ(p.lns.used(Table::subscriber), 2u);

  p.lns.handle(ClearSession{ours.tunnel, ours.id});
  p.deliver();
  EXPECT_EQ(established(p.lac), 1u);
  p.lac.handle(ClearSession{p.lac.sessions().front().tunnel, p.lac.sessions().front().id});
  p.pass(seconds(101));
  expect_nothing_left(p.lac);
  expect_nothing_left(p.lns);
}

INSTANTIATE_TEST_SUITE_P(Terms, Calls,
                         ::testing::Values(Terms{}, Terms{.secret = false}, Terms{.hide = true}, Terms{.ipv6 = true},
                                           Terms{.hide = true, .ipv6 = true}));

// Whether any AVP of the message has the H bit (RFC 2661 4.1).
bool hides(const std::vector<std::uint8_t>& message) {
  for (std::size_t at = 12; at + 6 <= message.size();) {
    if ((message[at] & 0x40) != 0) return true;
    at += std::max<std::size_t>(6, (message[at] & 0x03u) << 8 | message[at + 1]);
  }
  return false;
}

TEST(HiddenAvps, AreInNoMessageByWhichThePeerIsYetToFindTheSecret) {
  Pair p(Terms{.hide = true});
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  std::map<unsigned, bool> hidden;  // by message type
  do {
    for (const Lns* node : {&p.lac, &p.lns})
      for (const Sent& s : node->sent)
        if (s.header.kind == static_cast<std::uint16_t>(abi::InjectKind::l2tp_control) && s.payload.size() > 20)
          hidden[s.payload[18] * 256u + s.payload[19]] = hides(s.payload);
  } while (p.deliver_one());
  const std::map<unsigned, bool> expected{{1, false}, {2, false}, {3, true}, {10, true}, {11, true}, {12, true}};
  EXPECT_EQ(hidden, expected) << "SCCRQ and SCCRP name the peers; SCCCN, ICRQ, ICRP and ICCN follow";
  EXPECT_EQ(established(p.lns), 1u);
}

TEST(CallsOfBothKinds, ShareATunnel) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  p.deliver();
  const TunnelId theirs = p.lns.tunnels().front().l2tp.id;
  p.lns.handle(PlaceCall{{}, Pair::outgoing(), theirs});
  p.lns.handle(PlaceCall{{}, Pair::incoming(), theirs});
  p.deliver();
  EXPECT_EQ(p.lns.tunnels().size(), 1u);
  EXPECT_EQ(established(p.lns), 3u);
  EXPECT_EQ(established(p.lac), 3u);
  EXPECT_EQ(std::ranges::count(p.lns.sessions(), Role::lac, &l2tp::Session::role), 1);
  EXPECT_EQ(std::ranges::count(p.lac.sessions(), Role::lac, &l2tp::Session::role), 2);
}

TEST(CallsOfBothKinds, MayUseTunnelsOfTheirOwnBetweenTheSameHosts) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  p.lns.handle(PlaceCall{p.to_lac(), Pair::incoming()});
  TunnelSpec named = p.to_lns();
  (void)named.assignment_id.assign("gold");
  p.lac.handle(PlaceCall{named, Pair::incoming()});
  p.deliver();
  EXPECT_EQ(p.lac.tunnels().size(), 3u);
  EXPECT_EQ(established(p.lac), 3u);
  EXPECT_EQ(established(p.lns), 3u);
}

TEST(PlaceCall, OpensAnotherTunnelWhenOneIsFull) {
  Pair p;
  TunnelSpec spec = p.to_lns();
  spec.max_sessions = 2;
  for (std::uint32_t i = 0; i < 5; ++i) p.lac.handle(PlaceCall{spec, Pair::incoming(i)});
  p.deliver();
  EXPECT_EQ(p.lac.tunnels().size(), 3u);
  EXPECT_EQ(established(p.lns), 5u);
}

TEST(PlaceCall, WaitsForRoomWhenManyCallsComeAtOnce) {
  Pair p;
  for (std::uint32_t i = 0; i < 60; ++i) p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(i)});
  p.deliver();
  p.pass(seconds(1));
  EXPECT_EQ(established(p.lac), 60u);
  EXPECT_EQ(established(p.lns), 60u);
  EXPECT_EQ(p.lac.engine->counters()[Count::back_pressure], 0u);
  EXPECT_EQ(p.lac.engine->counters()[Count::messages_retransmitted], 0u);
}

TEST(PlaceCall, IsRefusedWhenTooManyCallsAreBeingPlaced) {
  Pair p;
  for (std::uint32_t i = 1; i <= 64; ++i) p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(i)});
  EXPECT_EQ(p.lac.engine->counters()[Count::calls_full], 1u);
  ASSERT_NE(p.lac.last(NoticeKind::call_failed), nullptr);
  EXPECT_EQ(p.lac.last(NoticeKind::call_failed)->circuit, 64u);
}

TEST(PlaceCall, FailsWithTheTunnelWhenThePasswordIsWrong) {
  for (const std::string_view guess : {"guess", ""}) {
    Pair p;
    TunnelSpec spec = p.to_lns();
    spec.secret.clear();
    (void)spec.secret.assign(guess);
    p.lac.handle(PlaceCall{spec, Pair::incoming()});
    p.pass(milliseconds(10));
    ASSERT_NE(p.lac.last(NoticeKind::call_failed), nullptr) << '"' << guess << '"';
    EXPECT_EQ(p.lac.last(NoticeKind::call_failed)->ending.result, 4);
    EXPECT_EQ(p.lac.last(NoticeKind::call_failed)->circuit, 7u);
    p.pass(seconds(40));
    expect_nothing_left(p.lac);
    expect_nothing_left(p.lns);
  }
}

TEST(PlaceCall, FailsWhenThePeerCallsItselfByAnotherName) {
  Pair p;
  TunnelSpec spec = p.to_lns();
  (void)spec.peer_host.assign("other");
  p.lac.handle(PlaceCall{spec, Pair::incoming()});
  p.pass(milliseconds(10));
  ASSERT_NE(p.lac.last(NoticeKind::call_failed), nullptr);
  EXPECT_EQ(p.lac.last(NoticeKind::call_failed)->ending.text.text(), "unexpected host name");
  EXPECT_EQ(p.lns.last(NoticeKind::tunnel_down)->ending.result, 4);
}

TEST(PlaceCall, FailsWhenNobodyAnswers) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  p.lac.pass(seconds(32));  // 1, 2, 4, 8, 8, 8 seconds
  ASSERT_NE(p.lac.last(NoticeKind::call_failed), nullptr);
  EXPECT_EQ(p.lac.sent.size(), 6u);
  p.lac.pass(seconds(1));
  expect_nothing_left(p.lac);
}

TEST(PlaceCall, TakesTheAnswerFromAnotherPortAndStaysThere) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  p.deliver_one();  // SCCRQ
  Sent sccrp = p.lns.sent.front();
  p.lns.sent.pop_front();
  p.lac.handle(ControlDatagram{sccrp.header.source, sccrp.header.destination, 40001, 1701, sccrp.payload});
  EXPECT_EQ(p.lac.tunnels().front().l2tp.state, TunnelState::established);
  ASSERT_FALSE(p.lac.sent.empty());
  EXPECT_EQ(p.lac.sent.front().header.destination_port, 40001);
  p.lac.handle(ControlDatagram{sccrp.header.source, sccrp.header.destination, 40002, 1701, sccrp.payload});
  EXPECT_EQ(p.lac.engine->counters()[Count::wrong_peer], 1u);
}

TEST(PlaceCall, IsWithdrawnBeforeThePeerHasAnswered) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  p.deliver();
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(8)});
  const auto call = p.lac.sessions().back();
  ASSERT_EQ(call.state, SessionState::wait_reply);
  p.lac.handle(ClearSession{call.tunnel, call.id});  // the CDN names our id only: the peer's is not known
  p.deliver();
  EXPECT_EQ(established(p.lns), 1u);
  EXPECT_EQ(p.lns.sessions().size(), 1u);
  EXPECT_EQ(p.lac.sessions().size(), 1u);
}

TEST(PlaceCall, IsWithdrawnBeforeTheTunnelIsUp) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  const auto call = p.lac.sessions().front();
  ASSERT_EQ(call.state, SessionState::wait_tunnel);
  p.lac.handle(ClearSession{call.tunnel, call.id});
  EXPECT_EQ(p.lac.sessions().size(), 0u);
  p.deliver();
  EXPECT_EQ(p.lns.sessions().size(), 0u);
  p.pass(seconds(101));
  expect_nothing_left(p.lac);
  expect_nothing_left(p.lns);
}

TEST(ClearTunnel, StopsASetUpThatThePeerHasNotAnswered) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  const TunnelId id = p.lac.tunnels().front().l2tp.id;
  p.lac.handle(ClearTunnel{id});
  p.pass(seconds(5));
  ASSERT_EQ(p.lns.tunnels().size(), 1u);
  EXPECT_EQ(p.lns.tunnels().front().l2tp.state, TunnelState::stopping);
  p.pass(seconds(40));
  expect_nothing_left(p.lac);
  expect_nothing_left(p.lns);
}

TEST(OutgoingCall, IsRefusedWhereTheHostProfileDoesNotAllowIt) {
  Pair p;
  p.lac.config.l2tp.destinations[0].hosts[0].dial_out = false;
  p.lns.handle(PlaceCall{p.to_lac(), Pair::outgoing()});
  p.deliver();
  ASSERT_NE(p.lns.last(NoticeKind::call_failed), nullptr);
  EXPECT_EQ(p.lns.last(NoticeKind::call_failed)->ending.result, 5);
  EXPECT_TRUE(p.lns.last(NoticeKind::call_failed)->by_peer);
  EXPECT_EQ(p.lac.sessions().size(), 0u);
}

TEST(OutgoingCall, EndsWithTheResultOfItsCircuit) {
  Pair p;
  p.connect_circuits = false;
  p.lns.handle(PlaceCall{p.to_lac(), Pair::outgoing()});
  p.deliver();
  const Notice wanted = *p.lac.last(NoticeKind::circuit_wanted);
  EXPECT_EQ(p.lac.sessions().front().state, SessionState::wait_cs_answer);
  EXPECT_EQ(p.lns.sessions().front().state, SessionState::wait_connect);
  p.lac.handle(CircuitFailed{wanted.tunnel, wanted.session, l2tp::CallResult::busy});
  p.deliver();
  EXPECT_EQ(p.lns.last(NoticeKind::call_failed)->ending.result, 8);
}

TEST(OutgoingCall, IsGivenUpWhenItsCircuitTakesAMinute) {
  Pair p;
  p.connect_circuits = false;
  p.lns.handle(PlaceCall{p.to_lac(), Pair::outgoing()});
  p.pass(seconds(61));
  EXPECT_EQ(p.lac.sessions().size(), 0u);
  EXPECT_EQ(p.lns.sessions().size(), 0u);
  EXPECT_EQ(p.lns.last(NoticeKind::call_failed)->ending.result, 10);
}

TEST(IncomingCall, IsRefusedInATunnelThatWeOpenedToAPeerWithoutAProfile) {
  Pair p;
  p.lac.config.l2tp.destinations.clear();
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  p.deliver();
  ASSERT_EQ(established(p.lac), 1u);
  p.lns.handle(PlaceCall{{}, Pair::incoming(), p.lns.tunnels().front().l2tp.id});
  p.deliver();
  EXPECT_EQ(p.lns.last(NoticeKind::call_failed)->ending.result, 5);
}

// kill -9 of either end after any packet, with everything lost that it had not sent yet: the call comes up all the
// same.
TEST(Calls, CompleteWhenEitherEndIsKilledAfterAnyPacket) {
  for (const bool outgoing : {false, true}) {
    for (const bool kill_the_lac : {false, true}) {
      for (unsigned killed_after = 0; killed_after < 12; ++killed_after) {
        Pair p(Terms{.hide = killed_after % 2 == 0, .resync = ResyncMethod::silent_failover});
        if (outgoing)
          p.lns.handle(PlaceCall{p.to_lac(), Pair::outgoing()});
        else
          p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
        for (unsigned i = 0; i < killed_after && p.deliver_one(); ++i) p.answer_circuits();
        (kill_the_lac ? p.lac : p.lns).restart();
        p.answer_circuits();
        p.pass(seconds(20));
        EXPECT_EQ(established(p.lac), 1u) << outgoing << kill_the_lac << killed_after;
        EXPECT_EQ(established(p.lns), 1u) << outgoing << kill_the_lac << killed_after;
      }
    }
  }
}

TEST(Calls, ThatWaitForRoomSurviveARestart) {
  Pair p(kSilent);
  for (std::uint32_t i = 0; i < 40; ++i) p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(i)});
  for (unsigned i = 0; i < 12; ++i) p.deliver_one();
  p.lac.restart();
  p.pass(seconds(10));
  EXPECT_EQ(established(p.lac), 40u);
  EXPECT_EQ(established(p.lns), 40u);
}

}  // namespace
}  // namespace holdfast::engine::test
