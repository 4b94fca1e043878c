// What a peer, or somebody in its name, may get wrong about recoveries (RFC 4951): each kind has its answer and its
// counter, and none harms the tunnel that it names.
#include "peer_recovery.hpp"

namespace holdfast::engine::test {
namespace {

TEST_F(PeerRecovery, OfAnUnknownTunnelIsRefused) {
  from_peer(sccrq({TunnelId(theirs), PeerTunnelId(4000)}));
  expect_refused(2, 3);
  EXPECT_EQ(count(Count::recovery_unknown), 1u);
  expect_no_harm();
}

TEST_F(PeerRecovery, WithoutTheIdOfATunnelIsRefused) {
  from_peer(sccrq({TunnelId(theirs), PeerTunnelId{}}));
  expect_refused(2, 3);
  EXPECT_EQ(count(Count::recovery_unknown), 1u);
  expect_no_harm();
}

TEST_F(PeerRecovery, WithAWrongIdOfThePeersIsRefused) {
  from_peer(sccrq({TunnelId(static_cast<std::uint16_t>(theirs + 1)), PeerTunnelId(ours.value())}));
  expect_refused(2, 3);
  EXPECT_EQ(count(Count::recovery_unknown), 1u);
  expect_no_harm();
}

// It must not learn that there is such a tunnel: it hears what it would of one that there is not.
TEST_F(PeerRecovery, FromAnotherAddressIsRefusedLikeThatOfAnUnknownTunnel) {
  from_peer(sccrq({TunnelId(theirs), PeerTunnelId(4000)}), kStranger);
  const auto unknown = answer(MessageType::stopccn);
  from_peer(sccrq(right(), kId + 1), kStranger);
  const auto known = answer(MessageType::stopccn, kId + 1);
  ASSERT_TRUE(unknown && known);
  const auto of_unknown = read(*unknown).result_code(), of_known = read(*known).result_code();
  ASSERT_TRUE(of_unknown && of_known);
  EXPECT_EQ(of_known->result, of_unknown->result);
  EXPECT_EQ(of_known->error, of_unknown->error);
  EXPECT_EQ(of_known->text, of_unknown->text);
  EXPECT_EQ(count(Count::recovery_wrong_peer), 1u);
  EXPECT_EQ(count(Count::recovery_unknown), 1u);
  EXPECT_EQ(count(Count::peer_failovers), 0u);
  expect_no_harm();
}

TEST_F(PeerRecovery, OfATunnelWhoseEndsDidNotAnnounceItIsRefused) {
  for (const bool peer : {true, false}) {
    TunnelRecord changed = old();
    (peer ? changed.l2tp.peer_control_failover : changed.l2tp.announced) = 0;
    const checkpoint::Change change{static_cast<std::uint16_t>(Table::tunnel),
                                    ours.raw,
                                    {reinterpret_cast<const std::uint8_t*>(&changed), sizeof changed}};
    (void)lns.store.commit({&change, 1});
    lns.sent.clear();
    from_peer(sccrq(right(), peer ? kId + 1 : kId));
  }
  expect_refused(4, 0);
  EXPECT_EQ(count(Count::recovery_not_announced), 2u);
  expect_no_harm();
}

TEST_F(PeerRecovery, OfAnotherProtocolVersionIsRefusedWithOurs) {
  from_peer(sccrq(right(), kId, 0x0200));
  expect_refused(5, 0x0100);
  EXPECT_EQ(count(Count::faulty), 1u);
  expect_no_harm();
}

TEST_F(PeerRecovery, OfL2tpVersion3IsDropped) {
  Message message = sccrq(right());
  message[1] = static_cast<std::uint8_t>((message[1] & 0xf0) | 3);
  from_peer(message);
  EXPECT_TRUE(lns.sent.empty());
  EXPECT_EQ(lns.engine->counters().malformed[static_cast<std::size_t>(l2tp::ParseError::wrong_version)], 1u);
  expect_no_harm();
}

TEST_F(PeerRecovery, OfARecoveryTunnelIsRefused) {
  from_peer(sccrq(right()));
  const PeerTunnelId recovery = assigned();
  lns.sent.clear();
  from_peer(sccrq({TunnelId(kId), recovery}, kId + 1));
  ASSERT_TRUE(answer(MessageType::stopccn, kId + 1));
  EXPECT_EQ(count(Count::recovery_unknown), 1u);
  expect_no_harm();
}

TEST_F(PeerRecovery, WithAWrongSecretResetsNothing) {
  from_peer(sccrq(right()));
  const auto channel = old().l2tp.channel;
  ASSERT_EQ(phase(), ResyncPhase::half_open);
  from_peer(scccn("guess"));
  const auto stopccn = answer(MessageType::stopccn);
  ASSERT_TRUE(stopccn);
  EXPECT_EQ(read(*stopccn).result_code()->result, 4);
  EXPECT_EQ(count(Count::tunnel_authentication_failures), 1u);
  EXPECT_EQ(phase(), ResyncPhase::none) << "the old tunnel listens again at once";
  EXPECT_EQ(outcome(), FailoverOutcome::abandoned);
  EXPECT_EQ(old().l2tp.channel.next_nr, channel.next_nr);
  EXPECT_EQ(l2tp::next_ns(old().l2tp.channel), l2tp::next_ns(channel));
  expect_no_harm();
}

TEST_F(PeerRecovery, WithTheRightSecretGoesOnWithWhatWasSuggested) {
  from_peer(sccrq(right()));
  const auto suggested = read(*answer(MessageType::sccrp)).suggested_control_sequence();
  ASSERT_TRUE(suggested);
  from_peer(scccn("secret"));
  EXPECT_EQ(old().l2tp.channel.next_nr, suggested->ns);
  EXPECT_EQ(l2tp::next_ns(old().l2tp.channel), suggested->nr);
  EXPECT_EQ(phase(), ResyncPhase::clearing);
}

// The same once more: it is a duplicate in the recovery tunnel that it began, which is not begun anew.
TEST_F(PeerRecovery, ThatComesTwiceIsOne) {
  from_peer(sccrq(right()));
  const TunnelId partner = old().resync.partner;
  const TimePoint deadline = old().resync.deadline;
  lns.pass(milliseconds(500));
  from_peer(sccrq(right()));
  EXPECT_EQ(count(Count::duplicates), 1u);
  EXPECT_EQ(count(Count::peer_failovers), 1u);
  EXPECT_EQ(recovery_tunnels(), 1u);
  EXPECT_EQ(old().resync.partner, partner);
  EXPECT_EQ(old().resync.deadline, deadline);
  expect_no_harm();
}

// Nobody can answer the challenge twice with what was recorded once.
TEST_F(PeerRecovery, ThatIsReplayedWhenItIsOverResetsNothing) {
  pair.lac.restart();
  std::vector<Message> recorded;
  for (unsigned n = 0; n < 8; ++n) {
    if (!pair.lac.sent.empty()) recorded.push_back(pair.lac.sent.front().payload);
    pair.deliver_one();
  }
  pair.pass(seconds(4));
  ASSERT_EQ(outcome(), FailoverOutcome::recovered);
  for (const bool forgotten : {false, true}) {
    if (forgotten) pair.pass(seconds(40));
    EXPECT_EQ(recovery_tunnels(), forgotten ? 0u : 1u);
    const auto before = old().l2tp.channel;
    lns.sent.clear();
    for (const Message& message : recorded) from_peer(message);
    EXPECT_EQ(count(Count::failovers_recovered), 1u);
    EXPECT_EQ(old().l2tp.channel.next_nr, before.next_nr);
    EXPECT_EQ(l2tp::next_ns(old().l2tp.channel), l2tp::next_ns(before));
    if (!forgotten) EXPECT_EQ(established(lns), kCalls);
  }
}

// It gets as far as our SCCRP. What comes meanwhile is dropped; then all goes on where it was.
TEST_F(PeerRecovery, ThatStopsHalfwayLeavesTheTunnelWhereItWas) {
  from_peer(sccrq(right()));
  ASSERT_TRUE(answer(MessageType::sccrp));
  EXPECT_FALSE(read(*answer(MessageType::sccrp)).failover_capability());
  const auto before = old().l2tp.channel;
  hello();
  EXPECT_EQ(count(Count::recovery_discarded), 1u);
  EXPECT_EQ(old().l2tp.channel.next_nr, before.next_nr);
  lns.pass(milliseconds(4900));
  EXPECT_EQ(phase(), ResyncPhase::half_open);
  lns.pass(milliseconds(200));
  EXPECT_EQ(phase(), ResyncPhase::none);
  EXPECT_EQ(outcome(), FailoverOutcome::abandoned);
  EXPECT_EQ(count(Count::peer_failovers_abandoned), 1u);
  EXPECT_EQ(recovery_tunnels(), 0u) << "its recovery tunnel is forgotten";
  EXPECT_EQ(l2tp::next_ns(old().l2tp.channel), l2tp::next_ns(before));
  hello();
  EXPECT_EQ(count(Count::recovery_discarded), 1u);
  EXPECT_EQ(old().l2tp.channel.next_nr, static_cast<std::uint16_t>(before.next_nr + 1));
}

TEST_F(PeerRecovery, ThatStopsHalfwayDoesNotHarm) {
  from_peer(sccrq(right()));
  expect_no_harm();
}

// What the LAC says while the tunnel stands still is said again, and heard then.
TEST_F(PeerRecovery, ThatStopsHalfwayLosesNothingThatIsSaidMeanwhile) {
  from_peer(sccrq(right()));
  lns.sent.clear();
  pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(3), {}});
  pair.pass(seconds(1));
  EXPECT_EQ(established(lns), kCalls);
  EXPECT_GE(count(Count::recovery_discarded), 1u);
  pair.pass(seconds(8));
  EXPECT_EQ(established(lns), kCalls + 1);
  EXPECT_EQ(established(pair.lac), kCalls + 1);
}

TEST_F(PeerRecovery, WhoseTunnelIsStoppedHalfwayLeavesTheOldOne) {
  from_peer(sccrq(right()));
  stop(assigned());
  EXPECT_EQ(phase(), ResyncPhase::none);
  EXPECT_EQ(outcome(), FailoverOutcome::abandoned);
  expect_no_harm();
}

TEST_F(PeerRecovery, WhoseTunnelIsStoppedAfterwardsLeavesTheOldOne) {
  from_peer(sccrq(right()));
  const PeerTunnelId recovery = assigned();
  from_peer(scccn("secret"));
  std::array<std::uint8_t, 64> room{};
  MessageBuilder b(room, MessageType::stopccn, recovery, PeerSessionId{});
  b.u16(AvpType::assigned_tunnel_id, kId).result(1);
  from_peer(finished(b, 2, 1));
  EXPECT_EQ(old().l2tp.state, TunnelState::established);
  EXPECT_EQ(established(lns), kCalls);
  lns.pass(seconds(1));
  EXPECT_EQ(phase(), ResyncPhase::comparing);
}

TEST_F(PeerRecovery, CarriesNoCallsInItsTunnel) {
  from_peer(sccrq(right()));
  const PeerTunnelId recovery = assigned();
  icrq(recovery, 9, 1, 1);
  EXPECT_EQ(count(Count::not_established), 1u);
  EXPECT_EQ(lns.sessions().size(), kCalls);
  const Message connected = scccn("secret");
  lns.sent.clear();
  Message next = connected;
  l2tp::set_sequence(next, 2, 1);
  from_peer(next);
  icrq(recovery, 9, 3, 1);
  EXPECT_EQ(lns.sessions().size(), kCalls);
  EXPECT_FALSE(answer(MessageType::icrp));
  const auto cdn = answer(MessageType::cdn);
  ASSERT_TRUE(cdn);
  EXPECT_EQ(read(*cdn).result_code()->result, 2);
  EXPECT_EQ(read(*cdn).result_code()->error, 1);
  EXPECT_EQ(count(Count::sessions_refused), 1u);
}

// As many as one source may ask for, and they are forgotten when their StopCCNs are not acknowledged.
TEST_F(PeerRecovery, OfUnknownTunnelsInAStormTakesBoundedMemory) {
  for (std::uint16_t i = 0; i < 1000; ++i) from_peer(sccrq({TunnelId(theirs), PeerTunnelId(4000)}, kId + i), kStranger);
  EXPECT_LE(recovery_tunnels(), 20u);
  EXPECT_GE(count(Count::source_limit) + count(Count::total_limit) + count(Count::setup_limit), 900u);
  expect_no_harm();
}

TEST_F(PeerRecovery, InAStormHasOneTunnelAtATime) {
  for (std::uint16_t i = 0; i < 1000; ++i) {
    from_peer(sccrq(right(), kId + i));
    ASSERT_LE(recovery_tunnels(), 1u);
  }
  expect_no_harm();
}

// Somebody who knows both ids and forges the address can't keep the tunnel standing still for good.
TEST_F(PeerRecovery, AgainAndAgainDoesNotKeepTheTunnelStandingStill) {
  constexpr unsigned kTenths = 200;
  unsigned still = 0;
  for (std::uint16_t i = 0; i < kTenths; ++i) {
    from_peer(sccrq(right(), kId + i));
    if (i == 100) pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(3), {}});
    pair.pass(milliseconds(100));
    still += phase() == ResyncPhase::half_open ? 1 : 0;
  }
  EXPECT_GT(still, 0u);
  EXPECT_LE(still, kTenths / 2);
  EXPECT_GE(count(Count::recovery_too_often), kTenths / 3);
  EXPECT_EQ(old().l2tp.state, TunnelState::established);
  EXPECT_EQ(established(lns), kCalls + 1) << "a call got through meanwhile";
}

}  // namespace
}  // namespace holdfast::engine::test
