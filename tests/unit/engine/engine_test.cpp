#include "engine/engine.hpp"

#include "lac.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::engine::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Engines : ::testing::Test {
  Lns lns;
  Lac lac{lns};

  void connect() {
    lac.dial();
    lac.take();
    ASSERT_TRUE(lac.up);
  }
  void connect_with(std::uint16_t calls) {
    connect();
    for (std::uint16_t i = 1; i <= calls; ++i) {
      lac.call(i);
      lac.take();
    }
    for (std::uint16_t i = 1; i <= calls; ++i) ASSERT_TRUE(lac.calls[i].ipv4) << "call " << i;
  }
  std::size_t ops(abi::TableOpKind kind) const {
    return static_cast<std::size_t>(std::ranges::count(lns.table_ops, kind, &abi::TableOp::kind));
  }
  const Notice* last(NoticeKind kind) const {
    for (auto i = lns.notices.rbegin(); i != lns.notices.rend(); ++i)
      if (i->kind == kind) return &*i;
    return nullptr;
  }
};

TEST_F(Engines, AnswersSccrqWithSccrpAndWaitsForScccn) {
  lac.dial();
  ASSERT_EQ(lns.sent.size(), 1u);
  const auto sccrp = l2tp::parse(lns.sent.front().payload, octets_of("secret"));
  ASSERT_TRUE(sccrp.has_value());
  EXPECT_EQ(sccrp->type, MessageType::sccrp);
  EXPECT_EQ(sccrp->header, (l2tp::ControlHeader{TunnelId(77), SessionId{}, 0, 1}));
  EXPECT_EQ(sccrp->text(AvpType::host_name), "lns");
  const Md5 response = l2tp::challenge_response(MessageType::sccrp, octets_of("secret"), octets_of("challenge-of-lac"));
  EXPECT_TRUE(std::ranges::equal(*sccrp->octets(AvpType::challenge_response), response));
  const auto* record = lns.records->tunnel(TunnelId(*sccrp->u16(AvpType::assigned_tunnel_id)));
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->l2tp.state, l2tp::TunnelState::wait_ctl_conn);
}

TEST_F(Engines, BringsATunnelUpAndPutsItsRow) {
  connect();
  EXPECT_EQ(lns.records->tunnel(lac.tunnel)->l2tp.state, l2tp::TunnelState::established);
  ASSERT_EQ(ops(abi::TableOpKind::put_tunnel), 1u);
  EXPECT_EQ(lns.table_ops.back().tunnel.peer, kLacAddress);
  ASSERT_NE(last(NoticeKind::tunnel_up), nullptr);
}

TEST_F(Engines, RefusesAnUnknownHostWithResultFour) {
  lac.host = "stranger";
  lac.dial();
  lac.take();
  ASSERT_TRUE(lac.stopped.has_value());
  EXPECT_EQ(lac.stopped->result, 4);
  ASSERT_NE(last(NoticeKind::tunnel_refused), nullptr);
  EXPECT_EQ(last(NoticeKind::tunnel_refused)->name.text(), "stranger");
  EXPECT_EQ(last(NoticeKind::tunnel_refused)->peer, kLacAddress);
}

TEST_F(Engines, EndsATunnelWhosePasswordIsWrongWithResultFour) {
  lac.secret = "guess";
  lac.dial();
  lac.take();
  ASSERT_TRUE(lac.stopped.has_value());
  EXPECT_EQ(lac.stopped->result, 4);
  EXPECT_EQ(last(NoticeKind::tunnel_down)->ending.text.text(), "wrong tunnel password");
  EXPECT_EQ(lns.engine->counters()[Count::tunnel_authentication_failures], 1u);
}

TEST_F(Engines, ForgetsARefusedTunnelAfterAFullRetransmissionCycle) {
  lac.host = "stranger";
  lac.dial();
  lac.take();
  lns.pass(seconds(30));
  EXPECT_EQ(lns.engine->indexes().tunnels(), 1u);
  lns.pass(seconds(2));
  EXPECT_EQ(lns.engine->indexes().tunnels(), 0u);
  unsigned left = 0;
  for (const auto table : {Table::tunnel, Table::message})
    lns.records->for_each(table, &left, [](void* n, std::uint32_t) { ++*static_cast<unsigned*>(n); });
  EXPECT_EQ(left, 0u) << "records of a tunnel that is gone";
}

TEST_F(Engines, TakesARepeatedSccrqForTheSameTunnel) {
  lac.dial();
  lac.resend();
  EXPECT_EQ(lns.engine->indexes().tunnels(), 1u);
  EXPECT_EQ(lns.engine->counters()[Count::duplicates], 1u);
  lac.take();
  EXPECT_TRUE(lac.up);
}

TEST_F(Engines, DropsAMessageForATunnelFromAnotherAddressOrPort) {
  connect();
  std::array<std::uint8_t, 64> room{};
  MessageBuilder b(room, MessageType::stopccn, PeerTunnelId(lac.tunnel.value()), PeerSessionId{});
  b.u16(AvpType::assigned_tunnel_id, 77).result(1);
  const Octets o = b.finish();
  std::vector<std::uint8_t> forged(o.begin(), o.end());
  l2tp::set_sequence(forged, lac.ns, lac.nr);
  lns.datagram(forged, IpAddress::v4(192, 0, 2, 66));
  lns.datagram(forged, kLacAddress, 4711);
  EXPECT_EQ(lns.engine->counters()[Count::wrong_peer], 2u);
  EXPECT_EQ(lns.records->tunnel(lac.tunnel)->l2tp.state, l2tp::TunnelState::established);
}

TEST_F(Engines, GivesASubscriberAnAddressItsRowAndItsRoute) {
  connect_with(1);
  EXPECT_EQ(lac.calls[1].address, 0x0a000002u);
  const auto& route = *std::ranges::find(lns.table_ops, abi::TableOpKind::put_route, &abi::TableOp::kind);
  EXPECT_EQ(route.route.prefix, (IpPrefix{IpAddress::v4(10, 0, 0, 2), 32}));
  EXPECT_EQ(route.route.session, lac.calls[1].theirs);
  ASSERT_NE(last(NoticeKind::subscriber_up), nullptr);
  EXPECT_EQ(last(NoticeKind::subscriber_up)->name.text(), "alice");
}

TEST_F(Engines, RefusesAWrongUserPasswordAndClearsTheCall) {
  lac.password = "looking-glass";
  connect();
  lac.call(1);
  lac.take();
  EXPECT_FALSE(lac.calls[1].authenticated);
  ASSERT_NE(last(NoticeKind::login_refused), nullptr);
  EXPECT_EQ(last(NoticeKind::login_refused)->ending.text.text(), "wrong password");
  lns.pass(seconds(10));
  lac.take();
  EXPECT_TRUE(lac.calls[1].hung_up);
  EXPECT_EQ(lns.engine->indexes().sessions(), 0u);
}

TEST_F(Engines, GivesEverythingBackWhenTheCallIsHungUp) {
  connect_with(2);
  lac.hang_up(1);
  lac.take();
  EXPECT_EQ(lns.engine->indexes().sessions(), 1u);
  EXPECT_EQ(ops(abi::TableOpKind::remove_session), 1u);
  EXPECT_EQ(ops(abi::TableOpKind::remove_route), 1u);
  ASSERT_NE(last(NoticeKind::subscriber_down), nullptr);
}

TEST_F(Engines, ClearsAllSessionsOfATunnelThatThePeerStops) {
  connect_with(50);
  lac.stop();
  lns.pass(milliseconds(1));
  EXPECT_EQ(lns.engine->indexes().sessions(), 0u);
  EXPECT_EQ(ops(abi::TableOpKind::remove_session), 50u);
  lns.pass(seconds(32));
  EXPECT_EQ(lns.engine->indexes().tunnels(), 0u);
}

TEST_F(Engines, SendsHelloAfterAMinuteOfSilenceAndGivesUpWhenNobodyAnswers) {
  connect();
  lns.pass(seconds(1));
  lns.sent.clear();  // the acknowledgement of SCCCN
  lns.pass(seconds(58));
  EXPECT_TRUE(lns.sent.empty());
  lns.pass(seconds(1));
  lac.take();
  EXPECT_EQ(lac.received.back(), MessageType::hello);
  lns.pass(seconds(59));
  EXPECT_TRUE(lns.sent.empty()) << "the answer was heard a minute ago";
  lns.pass(seconds(1 + 31));  // 1, 2, 4, 8, 8, 8 seconds
  EXPECT_EQ(lns.engine->counters()[Count::tunnel_timeouts], 1u);
  EXPECT_EQ(lns.engine->indexes().tunnels(), 0u);
}

TEST_F(Engines, KeepsTheSameTunnelsSessionsAndNumbersOverARestart) {
  connect_with(3);
  lns.pass(seconds(1));
  lac.take();
  lns.restart();
  EXPECT_EQ(lns.engine->indexes().tunnels(), 1u);
  EXPECT_EQ(lns.engine->indexes().sessions(), 3u);
  EXPECT_EQ(lac.take(), 0u) << "a peer that waits for nothing hears nothing";
  lac.hello();
  lns.pass(seconds(1));
  lac.take();
  EXPECT_EQ(lac.duplicates, 0u);
  lac.call(4);
  lac.take();
  EXPECT_TRUE(lac.calls[4].ipv4);
  EXPECT_NE(lac.calls[4].address, lac.calls[3].address);
}

// kill -9 after any packet that the LNS took, with everything lost that it had not sent yet: the call completes, and
// the peer never sees a message that it has not seen take another's place.
TEST_F(Engines, CompletesACallThatWasInterruptedAnywhere) {
  for (unsigned killed_after = 0; killed_after < 40; ++killed_after) {
    Lns node;
    Lac peer(node);
    peer.dial();
    unsigned taken = 0;
    bool dialled = false;
    for (unsigned round = 0; round < 60 && !peer.calls[1].ipv4; ++round) {
      while (!node.sent.empty()) {
        if (taken++ == killed_after) {
          node.restart();
          break;
        }
        peer.take(1);
      }
      if (peer.up && !dialled && node.sent.empty()) {
        peer.call(1);
        dialled = true;
      }
      node.pass(seconds(1));
      if (node.sent.empty()) {  // a peer that waits sends again what it waits for
        peer.resend();
        if (dialled && peer.calls[1].connected) peer.ask_again(1);
      }
    }
    EXPECT_TRUE(peer.calls[1].ipv4) << "killed after packet " << killed_after;
    EXPECT_EQ(node.engine->indexes().sessions(), 1u);
  }
}

TEST_F(Engines, ClosesTunnelsAfterARestartWhereResynchronizationIsDisabled) {
  config::Config config = configuration();
  config.l2tp.resync = config::ResyncMethod::disable;
  Lns node(config);
  Lac peer(node);
  peer.dial();
  peer.take();
  peer.call(1);
  peer.take();
  node.restart();
  peer.take();
  EXPECT_TRUE(peer.stopped.has_value());
  node.pass(milliseconds(1));
  EXPECT_EQ(node.engine->indexes().sessions(), 0u);
}

TEST_F(Engines, CountsMalformedMessagesByReason) {
  lns.datagram(Octets{});
  const std::array<std::uint8_t, 12> l2f{0xc8, 0x01, 0, 12};
  lns.datagram(l2f);
  const auto& counters = lns.engine->counters();
  EXPECT_EQ(counters.malformed[static_cast<std::size_t>(l2tp::ParseError::header_too_short)], 1u);
  EXPECT_EQ(counters.malformed[static_cast<std::size_t>(l2tp::ParseError::wrong_version)], 1u);
}

TEST_F(Engines, BoundsTunnelsThatNobodyHasAuthenticated) {
  std::array<std::uint8_t, 256> room{};
  for (std::uint16_t id = 1; id < 60; ++id) {
    MessageBuilder b(room, MessageType::sccrq, PeerTunnelId{}, PeerSessionId{});
    b.u16(AvpType::protocol_version, 0x0100).u32(AvpType::framing_capabilities, 3).text(AvpType::host_name, "lac1");
    b.u16(AvpType::assigned_tunnel_id, id);
    lns.datagram(b.finish());
  }
  EXPECT_EQ(lns.engine->indexes().tunnels(), 16u);
  EXPECT_EQ(lns.engine->counters()[Count::setup_limit], 43u);
}

TEST_F(Engines, KeepsRoomForKnownPeersWhenStrangersKnock) {
  for (std::uint16_t id = 1; id < 60; ++id) {
    Lac stranger(lns);
    stranger.host = "stranger";
    stranger.assigned = id;
    stranger.dial();
    lns.sent.clear();
  }
  EXPECT_LE(lns.engine->indexes().tunnels(), 16u);
}

TEST_F(Engines, ForgetsFailedSetUpsSoThatTheyDoNotCountForEver) {
  for (int i = 0; i < 40; ++i) {
    Lac guesser(lns);
    guesser.secret = "guess";
    guesser.dial();
    guesser.take();
    ASSERT_TRUE(guesser.stopped.has_value()) << "attempt " << i;
    lns.pass(seconds(40));
    lns.sent.clear();
  }
  connect();
  EXPECT_EQ(lns.engine->counters()[Count::setup_limit], 0u);
}

TEST_F(Engines, RefusesACallBeyondTheLimitOfTheHostProfile) {
  config::Config config = configuration();
  config.l2tp.destinations[0].hosts[0].max_sessions = 1;
  Lns node(config);
  Lac peer(node);
  peer.dial();
  peer.take();
  peer.call(1);
  peer.take();
  peer.call(2);
  peer.take();
  EXPECT_TRUE(peer.calls[1].ipv4);
  EXPECT_TRUE(peer.calls[2].hung_up);
}

// Killed between giving the tunnel up and forgetting it: the peer was told nothing and must not hear of it again.
TEST_F(Engines, StaysSilentAfterARestartInATunnelThatWasGivenUp) {
  connect();
  const auto given_up = [&] { return lns.records->tunnel(lac.tunnel)->l2tp.state == l2tp::TunnelState::stopping; };
  while (!given_up()) {
    const auto first = std::ranges::min_element(lns.due, {}, [](const auto& entry) { return entry.second; });
    ASSERT_NE(first, lns.due.end());
    const TimerKey key{static_cast<TimerKey::Kind>(first->first.first), first->first.second};
    lns.now = first->second;
    lns.due.erase(first);
    lns.handle(TimerExpired{key});
  }
  lns.restart();
  lac.hello();
  EXPECT_TRUE(lns.sent.empty());
  lns.pass(seconds(1));
  EXPECT_TRUE(lns.sent.empty());
  EXPECT_EQ(lns.engine->indexes().tunnels(), 0u);
}

// It waits behind a HELLO that a deaf peer does not acknowledge, and must go out when the peer hears again.
TEST(Engine, KeepsAStoppedTunnelWhileItsStopCcnWaitsForTheWindow) {
  config::Config config = configuration();
  config.l2tp.retransmission.established = 8;
  config.l2tp.retransmission.not_established = 8;
  Lns node(config);
  Lac peer(node);
  peer.dial();
  peer.take();
  node.pass(config.l2tp.hello_interval);
  ASSERT_FALSE(node.sent.empty());
  node.handle(ClearTunnel{peer.tunnel});
  node.pass(seconds(45));
  peer.take();
  EXPECT_TRUE(peer.stopped.has_value());
  node.pass(seconds(32));
  EXPECT_EQ(node.engine->indexes().tunnels(), 0u);
}

TEST_F(Engines, IgnoresACdnOfAnotherCallThatHadTheSessionIdBefore) {
  connect_with(1);
  std::array<std::uint8_t, 64> room{};
  MessageBuilder b(room, MessageType::cdn, PeerTunnelId(lac.tunnel.value()),
                   PeerSessionId(lac.calls[1].theirs.value()));
  b.result(3).u16(AvpType::assigned_session_id, 99);
  const Octets o = b.finish();
  std::vector<std::uint8_t> late(o.begin(), o.end());
  l2tp::set_sequence(late, lac.ns++, lac.nr);
  lns.datagram(late);
  EXPECT_EQ(lns.engine->indexes().sessions(), 1u);
  EXPECT_EQ(lns.engine->counters()[Count::unknown_session], 1u);
}

TEST_F(Engines, AssignsNoSessionIdAgainSoonAfterARestart) {
  connect_with(3);
  const SessionId last = lac.calls[3].theirs;
  for (std::uint16_t i = 1; i <= 3; ++i) lac.hang_up(i);
  lac.take();
  ASSERT_EQ(lns.engine->indexes().sessions(), 0u);
  lns.restart();
  lac.call(4);
  lac.take();
  EXPECT_GT(lac.calls[4].theirs, last);
}

TEST_F(Engines, AssignsTunnelIdsFromWhereTheProcessSays) {
  lns.engine->rebuild(40);
  connect();
  EXPECT_EQ(lac.tunnel, TunnelId(41));
}

}  // namespace
}  // namespace holdfast::engine::test
