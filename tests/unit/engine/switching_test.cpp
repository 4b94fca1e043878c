// Tunnel switching: calls that come in one tunnel and go on in another.
#include "chain.hpp"

#include <gtest/gtest.h>

namespace holdfast::engine::test {
namespace {

using l2tp::CallResult;
using l2tp::SessionState;
using std::chrono::seconds;

// Node 1 places calls to node 2, which switches those of example.net to node 3.
struct Scene {
  Scene() {
    for (int i = 0; i < 3; ++i) chain.add();
    chain.let_switch(2, {3});
    chain.node(3).config.aaa.users.push_back({"bob@example.net", "builder", {}});
    for (std::size_t n = 1; n <= 3; ++n) chain.node(n).start();
  }
  Caller& dial(ppp::Peer::Habits habits = Lines::bob(), const l2tp::CallSpec& spec = Chain::plain()) {
    Caller& caller = chain.call(std::move(habits), spec);
    chain.deliver();
    return caller;
  }
  std::uint64_t count(std::size_t n, Count what) { return chain.node(n).engine->counters()[what]; }
  // The session of a node with this role; the test has one.
  SessionRecord half(std::size_t n, l2tp::Role role) {
    SessionRecord found{};
    for (const auto& s : chain.node(n).sessions())
      if (s.role == role) found = *chain.node(n).records->session(session_index(s.tunnel, s.id, 0));
    return found;
  }
  void expect_nothing_left() {
    for (std::size_t n = 1; n <= 3; ++n)
      for (const auto table : {Table::session, Table::subscriber, Table::call})
        EXPECT_EQ(chain.node(n).used(table), 0u) << "node " << n << ", table " << static_cast<int>(table);
    EXPECT_EQ(chain.node(2).engine->indexes().free_calls(), 63u);
    EXPECT_EQ(chain.node(2).engine->indexes().sessions(), 0u);
    EXPECT_TRUE(chain.nodes[1].rows.sessions.empty());
  }

  Chain chain;
};
struct Switching : ::testing::Test, Scene {};

TEST_F(Switching, SendsACallOnThroughTheTunnelOfItsUsersDomain) {
  Caller& c = dial();
  EXPECT_TRUE(c.ppp.authenticated());
  EXPECT_TRUE(c.ppp.ipv4_is_up());
  EXPECT_TRUE(c.ppp.ipv6_is_up());
  EXPECT_EQ(chain.lcp_requests[2], 1);
  EXPECT_EQ(chain.lcp_requests[3], 0) << "node 3 goes on with the LCP that node 2 negotiated";
  EXPECT_EQ(count(3, Count::proxy_authentication_taken), 1u);
  EXPECT_EQ(count(2, Count::sessions_switched), 1u);
  EXPECT_EQ(chain.node(2).used(Table::session), 2u);
  EXPECT_EQ(chain.node(2).used(Table::subscriber), 0u) << "PPP is node 3's";
  EXPECT_EQ(chain.node(2).used(Table::call), 0u);
  EXPECT_EQ(chain.node(3).used(Table::subscriber), 1u);
  const auto& rows = chain.nodes[1].rows.sessions;
  ASSERT_EQ(rows.size(), 2u);
  for (const auto& [key, row] : rows) EXPECT_NE(row.flags & abi::kSessionToSession, 0u);
  const Notice* notice = chain.node(2).last(NoticeKind::session_switched);
  ASSERT_NE(notice, nullptr);
  EXPECT_EQ(notice->name.text(), "bob@example.net");
  EXPECT_EQ(notice->from_session, half(2, l2tp::Role::lns).l2tp.id);
  EXPECT_EQ(notice->session, half(2, l2tp::Role::lac).l2tp.id);
}

TEST_F(Switching, PassesOnWhatTheFirstLacSaysOfTheCall) {
  l2tp::CallSpec spec = Chain::plain();
  spec.sequencing = 1;
  dial(Lines::bob(), spec);
  const l2tp::Session s = half(3, l2tp::Role::lns).l2tp;
  EXPECT_EQ(s.state, SessionState::established);
  EXPECT_EQ(s.calling.text(), "5551234");
  EXPECT_EQ(s.called.text(), "5556789");
  EXPECT_EQ(s.tx_speed, 16'000'000u);
  EXPECT_EQ(s.rx_speed, 1'000'000u);
  EXPECT_EQ(s.sequencing, 1);
}

// LCP as the first LAC has negotiated it, and the password that it was told (RFC 2661 4.4.5).
TEST_F(Switching, PassesOnThePppThatTheFirstLacHasDone) {
  l2tp::CallSpec spec = Chain::plain();
  const std::array<std::uint8_t, 14> sent{1, 4, 5, 0xb4, 3, 4, 0xc0, 0x23, 5, 6, 9, 9, 9, 9};
  const std::array<std::uint8_t, 6> received{5, 6, 1, 2, 3, 4};
  ASSERT_TRUE(spec.proxy.initial_received_confreq.assign(Octets(received)));
  ASSERT_TRUE(spec.proxy.last_sent_confreq.assign(Octets(sent)));
  ASSERT_TRUE(spec.proxy.last_received_confreq.assign(Octets(received)));
  spec.proxy.authen_type = 3;
  spec.proxy.authen_id = 42;
  (void)spec.proxy.name.assign("bob@example.net");
  (void)spec.proxy.response.assign("builder");
  dial(Lines::bob(), spec);
  EXPECT_EQ(count(2, Count::proxy_authentication_taken), 1u);
  EXPECT_EQ(count(3, Count::proxy_authentication_taken), 1u);
  EXPECT_EQ(count(3, Count::logins_refused), 0u);
  EXPECT_EQ(count(2, Count::sessions_switched), 1u);
}

TEST_F(Switching, IsOffUntilItIsConfigured) {
  chain.node(2).config.l2tp.destinations.front().hosts.front().tunnel_switching = false;
  chain.node(2).config.aaa.users.push_back({"bob@example.net", "builder", {}});
  chain.node(2).start();
  Caller& c = dial();
  EXPECT_TRUE(c.ppp.ipv4_is_up());
  EXPECT_EQ(chain.node(2).used(Table::session), 1u);
  EXPECT_EQ(chain.node(2).used(Table::subscriber), 1u);
  EXPECT_EQ(chain.node(2).used(Table::call), 0u);
}

TEST_F(Switching, ServesUsersWithoutATunnelItself) {
  Caller& c = dial(Lines::alice());
  EXPECT_TRUE(c.ppp.ipv4_is_up());
  EXPECT_EQ(chain.node(2).used(Table::subscriber), 1u);
  EXPECT_EQ(chain.node(2).used(Table::call), 0u);
  EXPECT_EQ(chain.node(3).used(Table::session), 0u);
}

TEST_F(Switching, EndsTheOtherHalfForTheSameReason) {
  Caller& first = dial();
  chain.hang_up(first);
  chain.deliver();
  expect_nothing_left();
  const Notice* down = chain.node(3).last(NoticeKind::session_down);
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(down->ending.result, static_cast<std::uint16_t>(CallResult::administrative));
  EXPECT_TRUE(down->by_peer);

  Caller& second = dial();
  const auto at_the_end = half(3, l2tp::Role::lns).l2tp;
  chain.node(3).handle(ClearSession{at_the_end.tunnel, at_the_end.id});
  chain.deliver();
  ASSERT_TRUE(second.ended);
  EXPECT_EQ(second.ended->result, static_cast<std::uint16_t>(CallResult::administrative));
  expect_nothing_left();

  Caller& third = dial();
  const auto out = half(2, l2tp::Role::lac).l2tp;
  chain.node(2).handle(ClearSession{out.tunnel, out.id});
  chain.deliver();
  EXPECT_TRUE(third.ended);
  expect_nothing_left();
}

TEST_F(Switching, EndsTheOtherHalvesOfATunnelThatEnds) {
  for (int i = 0; i < 40; ++i) dial();
  ASSERT_EQ(chain.node(3).used(Table::session), 40u);
  chain.node(2).handle(ClearTunnel{half(2, l2tp::Role::lac).l2tp.tunnel});
  chain.pass(seconds(5));
  for (const Caller& c : chain.callers) {
    ASSERT_TRUE(c.ended);
    EXPECT_EQ(c.ended->result, static_cast<std::uint16_t>(CallResult::carrier_lost));
  }
  expect_nothing_left();
}

TEST_F(Switching, EndsACallThatIsOnItsWayWhenTheFirstHalfEnds) {
  chain.unreachable = 3;
  Caller& c = dial();
  ASSERT_EQ(chain.node(2).used(Table::session), 2u);
  chain.hang_up(c);
  chain.deliver();
  expect_nothing_left();
}

TEST_F(Switching, BeginsAnewWithASubscriberWhoDoes) {
  chain.unreachable = 3;
  Caller& c = dial();
  ASSERT_EQ(chain.node(2).used(Table::session), 2u);
  c.ppp = ppp::Peer(Lines::alice());
  c.ppp.start(chain.node(1).now);
  chain.pass(seconds(1));
  EXPECT_TRUE(c.ppp.ipv4_is_up()) << "alice is node 2's own";
  EXPECT_EQ(chain.node(2).used(Table::session), 1u);
  EXPECT_EQ(chain.node(2).used(Table::call), 0u);
}

TEST_F(Switching, TriesTheNextTunnelAndTellsTheLacWhenNoneIsLeft) {
  chain.add();
  chain.node(4).config.aaa.users.push_back({"bob@example.net", "builder", {}});
  chain.node(4).start();
  chain.let_switch(2, {3, 4});
  chain.unreachable = 3;
  Caller& c = dial();
  EXPECT_FALSE(c.ppp.authenticated());
  chain.pass(seconds(70));
  EXPECT_TRUE(c.ppp.ipv4_is_up());
  EXPECT_EQ(chain.node(4).used(Table::subscriber), 1u);
  chain.hang_up(c);
  chain.deliver();

  chain.node(4).config.l2tp.destinations.clear();  // node 2 is nobody there
  chain.pass(seconds(300));
  Caller& last = dial();
  chain.pass(seconds(140));
  ASSERT_TRUE(last.ended);
  EXPECT_EQ(last.ended->result, static_cast<std::uint16_t>(CallResult::no_facilities_temporary));
  expect_nothing_left();
  EXPECT_EQ(count(2, Count::no_tunnel_left), 1u);
}

TEST_F(Switching, PassesOnTheResultOfTheLastTry) {
  chain.node(3).config.l2tp.destinations.front().hosts.front().max_sessions = 1;
  dial();
  Caller& second = dial();
  ASSERT_TRUE(second.ended);
  EXPECT_EQ(second.ended->result, static_cast<std::uint16_t>(CallResult::no_facilities_temporary));
  EXPECT_EQ(chain.node(2).used(Table::session), 2u);
}

// Node 3 switches to node 4, and that back to node 2.
TEST_F(Switching, RefusesACallThatHasComeThroughBefore) {
  chain.add();
  chain.let_switch(3, {4});
  chain.let_switch(4, {2});
  for (std::size_t n = 3; n <= 4; ++n) chain.node(n).start();
  Caller& c = dial();
  chain.pass(seconds(1));
  ASSERT_TRUE(c.ended);
  EXPECT_EQ(c.ended->result, static_cast<std::uint16_t>(CallResult::loop));
  EXPECT_EQ(count(2, Count::switching_loops), 1u);
  for (std::size_t n = 1; n <= 4; ++n) EXPECT_EQ(chain.node(n).used(Table::session), 0u) << "node " << n;
}

TEST_F(Switching, SendsNoCallBackToWhereItCameFrom) {
  chain.let_switch(2, {1});
  Caller& c = dial();
  chain.pass(seconds(1));
  ASSERT_TRUE(c.ended);
  EXPECT_EQ(c.ended->result, static_cast<std::uint16_t>(CallResult::loop));
  EXPECT_EQ(chain.node(1).used(Table::session), 0u);
  expect_nothing_left();
}

TEST_F(Switching, RefusesACallThatWasSwitchedTooOften) {
  l2tp::CallSpec spec = Chain::plain();
  ASSERT_TRUE(spec.aggregators.add(octets_of(std::string(63, 'a'))));
  ASSERT_TRUE(spec.aggregators.add(octets_of(std::string(57, 'b'))));
  Caller& c = dial(Lines::bob(), spec);
  ASSERT_TRUE(c.ended);
  EXPECT_EQ(c.ended->result, static_cast<std::uint16_t>(CallResult::loop)) << "there is no room for one more id";
  EXPECT_EQ(c.ended->text.text(), "the call has been switched too often");
}

TEST_F(Switching, PassesOnLineErrorsAndLinkInfo) {
  Caller& c = dial();
  chain.node(1).handle(LineErrors{c.tunnel, c.session, {.crc = 7}});
  chain.deliver();
  ASSERT_NE(chain.node(3).last(NoticeKind::line_errors), nullptr);
  EXPECT_EQ(chain.node(3).last(NoticeKind::line_errors)->errors.crc, 7u);
  const auto end = half(3, l2tp::Role::lns).l2tp;
  chain.node(3).handle(LinkInfo{end.tunnel, end.id, {.send = 5, .receive = 6}});
  chain.deliver();
  ASSERT_NE(chain.node(1).last(NoticeKind::link_info), nullptr);
  EXPECT_EQ(chain.node(1).last(NoticeKind::link_info)->accm, (l2tp::Accm{5, 6}));
}

TEST_F(Switching, OutlivesARestartAtAnyMomentOfTheSetUp) {
  for (unsigned stop = 0;; ++stop) {
    Scene s;
    Caller& c = s.chain.call(Lines::bob());
    unsigned steps = 0;
    const bool done = s.chain.deliver_until([&] { return steps++ == stop; });
    s.chain.restart(2);
    s.chain.pass(seconds(60));
    EXPECT_TRUE(c.ppp.ipv4_is_up()) << "restarted after " << stop << " packets";
    EXPECT_FALSE(c.ended) << "restarted after " << stop << " packets";
    EXPECT_EQ(s.chain.node(2).used(Table::session), 2u) << "restarted after " << stop << " packets";
    EXPECT_EQ(s.chain.node(2).used(Table::call), 0u);
    EXPECT_EQ(s.chain.node(2).used(Table::subscriber), 0u);
    EXPECT_EQ(s.chain.node(3).used(Table::session), 1u) << "restarted after " << stop << " packets";
    EXPECT_EQ(s.count(3, Count::sessions_established), 1u);
    s.chain.hang_up(c);
    s.chain.pass(seconds(1));
    s.expect_nothing_left();
    if (done) break;
  }
}

TEST_F(Switching, OutlivesARestartAtAnyMomentOfTheEnd) {
  for (unsigned stop = 0;; ++stop) {
    Scene s;
    Caller& c = s.dial();
    s.chain.hang_up(c);
    unsigned steps = 0;
    const bool done = s.chain.deliver_until([&] { return steps++ == stop; });
    s.chain.restart(2);
    s.chain.pass(seconds(60));
    s.expect_nothing_left();
    if (done) break;
  }
}

TEST_F(Switching, IsNotNoticedToRestartWhenItIsUp) {
  Caller& c = dial();
  const auto before = chain.nodes[1].rows.sessions.size();
  chain.restart(2);
  EXPECT_EQ(chain.nodes[1].rows.sessions.size(), before);
  chain.pass(seconds(200));
  EXPECT_FALSE(c.ended);
  EXPECT_EQ(chain.node(2).used(Table::session), 2u);
  EXPECT_EQ(chain.lcp_requests[2] + chain.lcp_requests[3], 1);
}

TEST_F(Switching, EndsACallOfWhichARecordWasDamagedAlone) {
  for (const auto table : {Table::session, Table::subscriber, Table::call}) {
    Scene s;
    s.dial();
    s.chain.unreachable = 3;
    s.dial();
    s.chain.unreachable = 0;
    const auto used = s.chain.node(2).used(table);
    for (std::uint32_t i = 0; i < used; ++i) {
      std::vector<std::uint32_t> all;
      s.chain.node(2).records->for_each(table, &all, [](void* p, std::uint32_t index) {
        static_cast<std::vector<std::uint32_t>*>(p)->push_back(index);
      });
      if (all.empty()) break;
      s.chain.node(2).damage(table, all.front());
      s.chain.nodes[1].rows.resynchronize(*s.chain.node(2).engine);
      s.chain.pass(seconds(100));
    }
    for (const Caller& c : s.chain.callers)
      if (!c.ended) s.chain.hang_up(c);
    s.chain.pass(seconds(100));
    s.expect_nothing_left();
  }
}

}  // namespace
}  // namespace holdfast::engine::test
