// Failovers by the failover protocol (RFC 4951), as two engines see them: which sessions go on, with which numbers.
#include "l2tp/message.hpp"
#include "pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::engine::test {
namespace {

using l2tp::MessageType;
using l2tp::SessionState;
using l2tp::TunnelState;

struct Recoveries : ::testing::Test {
  Pair pair;

  // A tunnel with so many incoming calls.
  void connect(unsigned calls) {
    for (unsigned i = 0; i < calls; ++i) {
      pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(7 + i), {}});
      pair.deliver();
    }
    pair.pass(std::chrono::seconds(1));
    ASSERT_EQ(established(pair.lac), calls);
    ASSERT_EQ(established(pair.lns), calls);
  }
  void use(Lns& node, config::ResyncMethod method) { node.config.l2tp.resync = method; }

  static unsigned established(const Lns& node) {
    const auto all = node.sessions();
    return static_cast<unsigned>(
        std::ranges::count_if(all, [](const auto& s) { return s.state == SessionState::established; }));
  }
  // The one tunnel that is no recovery tunnel.
  static TunnelRecord tunnel(const Lns& node) {
    auto all = node.tunnels();
    std::erase_if(all, [](const TunnelRecord& t) { return t.resync.phase == ResyncPhase::recovery; });
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? TunnelRecord{} : all.front();
  }
  static Failover story(const Lns& node) {
    EXPECT_EQ(node.engine->failovers().size(), 1u);
    return node.engine->failovers().empty() ? Failover{} : node.engine->failovers().begin()->second;
  }
  // Both ends have the same numbers, and the tunnel serves another call.
  void expect_works() {
    pair.pass(std::chrono::seconds(40));  // recovery tunnels are forgotten
    const TunnelRecord lac = tunnel(pair.lac), lns = tunnel(pair.lns);
    EXPECT_EQ(lac.l2tp.state, TunnelState::established);
    EXPECT_EQ(lns.l2tp.state, TunnelState::established);
    EXPECT_EQ(lac.resync.phase, ResyncPhase::none);
    EXPECT_EQ(lns.resync.phase, ResyncPhase::none);
    EXPECT_EQ(lac.l2tp.channel.next_ns, lns.l2tp.channel.next_nr);
    EXPECT_EQ(lns.l2tp.channel.next_ns, lac.l2tp.channel.next_nr);
    const auto before = established(pair.lns);
    pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(99), {}});
    pair.pass(std::chrono::seconds(1));
    EXPECT_EQ(established(pair.lns), before + 1);
    EXPECT_EQ(established(pair.lac), before + 1);
    EXPECT_EQ(tunnel(pair.lac).l2tp.id, lac.l2tp.id) << "in the same tunnel";
  }
  // The types of the messages that are on the wire, in their order; both directions are delivered.
  std::vector<MessageType> deliver_and_list() {
    std::vector<MessageType> types;
    for (;;) {
      for (const Lns* node : {&pair.lac, &pair.lns}) {
        if (node->sent.empty()) continue;
        const auto message = l2tp::parse(node->sent.front().payload, octets_of("secret"));
        if (message && message->type != MessageType::zlb) types.push_back(message->type);
        break;
      }
      if (!pair.deliver_one()) return types;
    }
  }
};

Octets only_message(const Lns& node) { return node.sent.front().payload; }

TEST_F(Recoveries, BothEndsAnnounceThatTheyCanRecover) {
  pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(), {}});
  const auto sccrq = l2tp::parse(only_message(pair.lac), {});
  ASSERT_TRUE(sccrq && sccrq->failover_capability());
  EXPECT_EQ(*sccrq->failover_capability(), (l2tp::FailoverCapability{true, true, std::chrono::minutes(15)}));
  pair.deliver();
  EXPECT_EQ(tunnel(pair.lac).l2tp.announced, 1);
  EXPECT_EQ(tunnel(pair.lac).l2tp.peer_control_failover, 1);
  EXPECT_EQ(tunnel(pair.lns).l2tp.peer_recovery_time_ms, 900'000u);
}

TEST_F(Recoveries, WhoRecoversOtherwiseAsksForNoTime) {
  for (const auto method : {ResyncMethod::silent_failover, ResyncMethod::disable}) {
    TunnelSpec spec = pair.to_lns();
    spec.resync = method;
    pair.lac.handle(PlaceCall{spec, Pair::incoming(), {}});
    const auto sccrq = l2tp::parse(pair.lac.sent.back().payload, {});
    ASSERT_TRUE(sccrq && sccrq->failover_capability());
    EXPECT_EQ(*sccrq->failover_capability(), (l2tp::FailoverCapability{true, true, std::chrono::milliseconds(0)}));
  }
}

TEST_F(Recoveries, ALacThatFailedRecoversItsTunnelAndSessions) {
  connect(3);
  const TunnelRecord before = tunnel(pair.lac);
  pair.lac.restart();
  const auto sccrq = l2tp::parse(only_message(pair.lac), {});
  ASSERT_TRUE(sccrq && sccrq->tunnel_recovery());
  EXPECT_EQ(sccrq->header.tunnel, TunnelId{});
  EXPECT_EQ(sccrq->tunnel_recovery()->theirs.value(), before.l2tp.id.value()) << "the receiver's view";
  EXPECT_EQ(sccrq->tunnel_recovery()->ours.value(), before.l2tp.peer.value());
  EXPECT_NE(sccrq->u16(l2tp::AvpType::assigned_tunnel_id), before.l2tp.id.value());
  EXPECT_TRUE(sccrq->u64(l2tp::AvpType::tie_breaker));
  EXPECT_FALSE(sccrq->failover_capability());
  EXPECT_TRUE(sccrq->octets(l2tp::AvpType::challenge)) << "with the tunnel's secret";
  EXPECT_EQ(pair.lac.sent.size(), 1u) << "nothing goes out in the tunnel itself";
  pair.pass(std::chrono::seconds(5));
  EXPECT_EQ(established(pair.lac), 3u);
  EXPECT_EQ(established(pair.lns), 3u);
  EXPECT_EQ(tunnel(pair.lac).l2tp.id, before.l2tp.id);
  const Failover told = story(pair.lac), heard = story(pair.lns);
  EXPECT_EQ(told.outcome, FailoverOutcome::recovered);
  EXPECT_TRUE(told.ours);
  EXPECT_EQ(told.kept, 3u);
  EXPECT_GE(told.messages, 5u);
  EXPECT_EQ(heard.outcome, FailoverOutcome::recovered);
  EXPECT_FALSE(heard.ours);
  EXPECT_EQ(heard.kept, 3u);
  expect_works();
}

TEST_F(Recoveries, AnLnsThatFailedDoesSoAsWell) {
  connect(2);
  pair.lns.restart();
  expect_works();
  EXPECT_EQ(story(pair.lns).outcome, FailoverOutcome::recovered);
  EXPECT_EQ(story(pair.lns).kept, 2u);
}

TEST_F(Recoveries, TheMessagesComeInTheirOrder) {
  connect(1);
  pair.lac.restart();
  const auto types = deliver_and_list();
  ASSERT_GE(types.size(), 4u);
  EXPECT_EQ((std::vector(types.begin(), types.begin() + 3)),
            (std::vector{MessageType::sccrq, MessageType::sccrp, MessageType::scccn}));
  pair.pass(std::chrono::seconds(1));
}

TEST_F(Recoveries, TheSuggestedNumbersAreUsed) {
  connect(2);
  const auto lns = tunnel(pair.lns).l2tp.channel;
  pair.lac.restart();
  pair.deliver_one();  // SCCRQ
  const auto sccrp = l2tp::parse(only_message(pair.lns), {});
  ASSERT_TRUE(sccrp && sccrp->suggested_control_sequence());
  EXPECT_EQ(sccrp->suggested_control_sequence()->ns, lns.next_nr);
  EXPECT_EQ(sccrp->suggested_control_sequence()->nr, lns.next_ns);
  expect_works();
}

TEST_F(Recoveries, ACallInItsSetUpIsClearedByBothEndsWithoutAWord) {
  connect(1);
  pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(42), {}});
  pair.deliver_one();  // ICRQ
  ASSERT_EQ(pair.lns.sessions().size(), 2u);
  pair.lac.restart();
  pair.pass(std::chrono::seconds(5));
  EXPECT_EQ(pair.lac.sessions().size(), 1u);
  EXPECT_EQ(pair.lns.sessions().size(), 1u);
  EXPECT_EQ(story(pair.lac).not_established, 1u);
  EXPECT_EQ(story(pair.lns).not_established, 1u);
  expect_works();
}

TEST_F(Recoveries, ASessionThatOneEndHasLostIsClearedAtTheOther) {
  connect(3);
  // The LNS cleared one, and its CDN was never delivered.
  const auto all = pair.lns.sessions();
  pair.lns.handle(ClearSession{all[1].tunnel, all[1].id});
  pair.lns.sent.clear();
  pair.lac.restart();
  pair.pass(std::chrono::seconds(5));
  EXPECT_EQ(established(pair.lns), 2u);
  EXPECT_EQ(established(pair.lac), 2u);
  EXPECT_EQ(story(pair.lac).unknown_to_peer, 1u);
  expect_works();
}

TEST_F(Recoveries, BothEndsFailAtOnceAndTheLowerTieBreakerWins) {
  connect(2);
  pair.lac.restart();
  pair.lns.restart();
  pair.pass(std::chrono::seconds(5));
  EXPECT_EQ(established(pair.lac), 2u);
  EXPECT_EQ(established(pair.lns), 2u);
  expect_works();
}

// The subscribers' PPP has nobody to talk to and ends after half a minute: each round has calls of its own.
struct DyingRecoveries : Recoveries, ::testing::WithParamInterface<unsigned> {};

TEST_P(DyingRecoveries, BeginAnew) {
  connect(2);
  for (Lns* node : {&pair.lac, &pair.lns}) {
    node->restart();
    for (unsigned i = 0; i < GetParam(); ++i) pair.deliver_one();
    node->restart();
    pair.pass(std::chrono::seconds(8));
    EXPECT_EQ(established(pair.lac), 2u);
    EXPECT_EQ(established(pair.lns), 2u);
    EXPECT_EQ(tunnel(*node).resync.phase, ResyncPhase::none);
  }
  expect_works();
}
INSTANTIATE_TEST_SUITE_P(Packets, DyingRecoveries, ::testing::Range(0u, 12u));

TEST_F(Recoveries, APeerThatIsGoneForGoodCostsTheTunnel) {
  connect(2);
  pair.lac.restart();
  for (int i = 0; i < 80; ++i) {
    pair.lac.pass(std::chrono::seconds(1));
    pair.lac.sent.clear();
  }
  EXPECT_TRUE(pair.lac.sessions().empty());
  EXPECT_TRUE(pair.lac.tunnels().empty());
  EXPECT_EQ(story(pair.lac).outcome, FailoverOutcome::failed);
}

TEST_F(Recoveries, APeerIsAwaitedForAsLongAsItAskedFor) {
  connect(1);
  pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(42), {}});  // something that is not acknowledged
  const auto alone = [this](Duration d) {
    pair.lac.pass(d);
    pair.lac.sent.clear();
  };
  alone(std::chrono::minutes(14));
  ASSERT_EQ(pair.lac.tunnels().size(), 1u);
  EXPECT_EQ(tunnel(pair.lac).resync.phase, ResyncPhase::unreachable);
  EXPECT_NE(pair.lac.last(NoticeKind::peer_awaited), nullptr);
  pair.lns.now = pair.lac.now;
  pair.lns.restart();
  expect_works();
}

TEST_F(Recoveries, APeerThatDoesNotRecoverInTimeIsGivenUp) {
  connect(1);
  pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(42), {}});
  pair.lac.pass(std::chrono::minutes(16));
  EXPECT_TRUE(pair.lac.tunnels().empty());
  EXPECT_TRUE(pair.lac.sessions().empty());
}

TEST_F(Recoveries, ADisabledMethodDisconnectsAndSilentFailoverIsSilent) {
  for (const auto method : {ResyncMethod::disable, ResyncMethod::silent_failover}) {
    Pair fresh;
    TunnelSpec spec = fresh.to_lns();
    spec.resync = method;
    fresh.lac.handle(PlaceCall{spec, Pair::incoming(), {}});
    fresh.pass(std::chrono::seconds(1));
    ASSERT_EQ(established(fresh.lac), 1u);
    fresh.lac.restart();
    fresh.pass(std::chrono::seconds(1));
    const bool silent = method == ResyncMethod::silent_failover;
    EXPECT_EQ(established(fresh.lac), silent ? 1u : 0u);
    EXPECT_EQ(established(fresh.lns), silent ? 1u : 0u);
    EXPECT_EQ(fresh.lac.engine->counters()[Count::failovers_begun], 0u);
    EXPECT_EQ(story(fresh.lac).outcome, silent ? FailoverOutcome::silent : FailoverOutcome::disconnected);
  }
}

TEST_F(Recoveries, ADrillDoesWhatARestartWould) {
  connect(2);
  pair.lac.handle(TestFailover{tunnel(pair.lac).l2tp.id});
  expect_works();
  EXPECT_EQ(story(pair.lac).outcome, FailoverOutcome::recovered);
  EXPECT_EQ(story(pair.lac).kept, 2u);
}

TEST_F(Recoveries, ManySessionsAreComparedInManyMessagesWithinThePeersWindow) {
  constexpr unsigned kCalls = 200;
  for (unsigned i = 0; i < kCalls; ++i) {
    pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(7 + i % 30), {}});
    pair.deliver();
    if (i % 20 == 19) pair.pass(std::chrono::seconds(1));
  }
  pair.pass(std::chrono::seconds(2));
  ASSERT_EQ(established(pair.lac), kCalls);
  pair.lac.restart();
  pair.pass(std::chrono::seconds(10));
  EXPECT_EQ(established(pair.lac), kCalls);
  EXPECT_EQ(established(pair.lns), kCalls);
  EXPECT_EQ(story(pair.lac).kept, kCalls);
  EXPECT_EQ(story(pair.lns).kept, kCalls);
  expect_works();
}

}  // namespace
}  // namespace holdfast::engine::test
