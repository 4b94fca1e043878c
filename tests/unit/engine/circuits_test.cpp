// PPPoE sessions at a LAC: those whose users are its own, and those that go to an LNS.
#include "line.hpp"

#include <gtest/gtest.h>

namespace holdfast::engine::test {
namespace {

using l2tp::SessionState;
using std::chrono::seconds;

CircuitState state(const Lines& lines, const Client& client) {
  const auto* circuit = lines.pair.lac.records->circuit(circuit_id(client.mac[5], client.session, 0));
  return circuit != nullptr ? circuit->state : CircuitState::ending;
}

void expect_no_line_left(const Lns& lac) {
  for (const auto table : {Table::session, Table::subscriber, Table::call, Table::circuit})
    EXPECT_EQ(lac.used(table), 0u) << "records of table " << static_cast<int>(table);
  EXPECT_EQ(lac.engine->indexes().circuits(), 0u);
  EXPECT_EQ(lac.engine->indexes().sessions(), 0u);
}

TEST(Circuits, OfOurOwnUsersEndHere) {
  Lines l;
  Client& c = l.dial(Lines::alice());
  ASSERT_NE(c.session, 0);
  EXPECT_TRUE(c.ppp.authenticated());
  EXPECT_TRUE(c.ppp.ipv4_is_up());
  EXPECT_TRUE(c.ppp.ipv6_is_up());
  EXPECT_EQ(state(l, c), CircuitState::ppp);
  EXPECT_EQ(l.pair.lac.used(Table::call), 0u) << "no call was needed";
  ASSERT_NE(l.pair.lac.last(NoticeKind::subscriber_up), nullptr);
  EXPECT_EQ(l.pair.lac.last(NoticeKind::subscriber_up)->mac, c.mac);
  ASSERT_EQ(l.lac.circuits.size(), 1u);
  ASSERT_EQ(l.lac.sessions.size(), 1u);
  EXPECT_EQ(l.lac.sessions.begin()->second.flags & (abi::kSessionToCircuit | abi::kSessionIpv4),
            abi::kSessionToCircuit | abi::kSessionIpv4);
  l.hang_up(c);
  l.deliver();
  expect_no_line_left(l.pair.lac);
  EXPECT_TRUE(l.lac.circuits.empty());
  EXPECT_TRUE(l.lac.sessions.empty());
  EXPECT_FALSE(c.ended) << "who has ended it is not told so";
}

TEST(Circuits, OfADomainWithTunnelsGoToItsLns) {
  Lines l;
  Client& c = l.dial(Lines::bob());
  ASSERT_EQ(state(l, c), CircuitState::tunnel);
  EXPECT_TRUE(c.ppp.authenticated());
  EXPECT_TRUE(c.ppp.ipv4_is_up());
  EXPECT_EQ(c.lcp_requests, 1u) << "of the LAC";
  EXPECT_EQ(l.lns_lcp_requests, 0u) << "LCP is opened already";
  EXPECT_EQ(l.pair.lns.engine->counters()[Count::proxy_authentication_taken], 1u);
  EXPECT_EQ(l.pair.lac.used(Table::session), 1u) << "PPP is the LNS's";
  EXPECT_EQ(l.pair.lac.used(Table::subscriber), 0u);
  EXPECT_EQ(l.pair.lac.used(Table::call), 0u);
  EXPECT_EQ(l.pair.lns.used(Table::subscriber), 1u);
  ASSERT_EQ(l.lac.sessions.size(), 1u) << "the row of PPP that ended here is gone";
  const auto& row = l.lac.sessions.begin()->second;
  EXPECT_EQ(row.onward, circuit_id(c.mac[5], c.session, 0).raw);
  EXPECT_NE(row.flags & abi::kSessionToCircuit, 0u);
  l.hang_up(c);
  l.deliver();
  expect_no_line_left(l.pair.lac);
  EXPECT_EQ(l.pair.lns.used(Table::session), 0u) << "the LNS was told";
}

// As the dataplane tells it, which has seen that the PADT was his.
TEST(Circuits, ThatTheDataplaneSawEndedAreToldToTheLns) {
  Lines l;
  Client& c = l.dial(Lines::bob());
  ASSERT_EQ(state(l, c), CircuitState::tunnel);
  const CircuitId id = circuit_id(c.mac[5], c.session, 0);
  l.pair.lac.handle(CircuitHungUp{id});
  l.deliver();
  EXPECT_FALSE(c.ended) << "who has ended it is not told so";
  expect_no_line_left(l.pair.lac);
  EXPECT_EQ(l.pair.lns.used(Table::session), 0u);
  l.pair.lac.handle(CircuitHungUp{id});  // by the next process, once more
  EXPECT_TRUE(l.pair.lac.sent.empty());
}

TEST(Circuits, ThatTheLnsEndsAreEndedByPadt) {
  Lines l;
  Client& c = l.dial(Lines::bob());
  ASSERT_EQ(state(l, c), CircuitState::tunnel);
  const auto session = l.pair.lns.sessions().front();
  l.pair.lns.handle(ClearSession{session.tunnel, session.id});
  l.deliver();
  EXPECT_TRUE(c.ended);
  expect_no_line_left(l.pair.lac);
}

TEST(Circuits, OfATunnelThatDiesAreEndedByPadt) {
  Lines l;
  for (int i = 0; i < 40; ++i) l.dial(Lines::bob());
  l.pair.lac.handle(ClearTunnel{l.pair.lac.tunnels().front().l2tp.id});
  l.pass(seconds(1));
  for (const Client& c : l.clients) EXPECT_TRUE(c.ended);
  expect_no_line_left(l.pair.lac);
}

TEST(Circuits, ThatAllEndAtOnceAreToldToTheLnsAsFastAsItTakesThem) {
  Lines l;
  for (int i = 0; i < 60; ++i) l.dial(Lines::bob());
  ASSERT_EQ(l.pair.lns.used(Table::session), 60u);
  for (Client& c : l.clients) l.hang_up(c);
  EXPECT_GT(l.pair.lac.engine->counters()[Count::back_pressure], 0u);
  l.lac.take(l.pair.lac);
  EXPECT_TRUE(l.lac.circuits.empty()) << "the lines are dead at once";
  l.deliver();
  expect_no_line_left(l.pair.lac);
  EXPECT_EQ(l.pair.lns.used(Table::session), 0u) << "no timer was needed";
}

TEST(Circuits, WithAWrongPasswordAreRefusedByTheLnsAndEnd) {
  Lines l;
  auto habits = Lines::bob();
  habits.password = "destroyer";
  Client& c = l.dial(habits);
  l.pass(seconds(30));
  EXPECT_FALSE(c.ppp.authenticated());
  EXPECT_TRUE(c.ended);
  expect_no_line_left(l.pair.lac);
}

TEST(Circuits, TryEveryTunnelInTheOrderOfPreference) {
  Lines l;
  auto& tunnels = l.pair.lac.config.aaa.domains.front().tunnels;
  tunnels.push_back(tunnels.front());
  tunnels[0].number = 1;
  tunnels[0].address = address_of(false, 9);  // nobody there
  tunnels[1].preference = 1;
  Client& c = l.dial(Lines::bob());
  EXPECT_EQ(state(l, c), CircuitState::calling);
  l.pass(seconds(70));
  EXPECT_EQ(state(l, c), CircuitState::tunnel);
  EXPECT_TRUE(c.ppp.ipv4_is_up());
  EXPECT_EQ(l.pair.lac.used(Table::lockout), 1u);
  l.pair.lac.restart();
  Client& second = l.dial(Lines::bob());
  EXPECT_EQ(state(l, second), CircuitState::tunnel) << "the lockout was remembered";
}

TEST(Circuits, WithoutAnyTunnelLeftAreRefused) {
  Lines l;
  l.reach_lns = false;
  Client& c = l.dial(Lines::bob());
  l.pass(seconds(120));
  EXPECT_TRUE(c.ended);
  EXPECT_EQ(l.pair.lac.engine->counters()[Count::no_tunnel_left], 1u);
  expect_no_line_left(l.pair.lac);
}

TEST(Circuits, ThatTheSubscriberEndsBeforeTheCallIsUpLeaveNothing) {
  Lines l;
  l.reach_lns = false;
  Client& c = l.dial(Lines::bob());
  ASSERT_EQ(state(l, c), CircuitState::calling);
  l.hang_up(c);
  l.deliver();
  expect_no_line_left(l.pair.lac);
}

TEST(Circuits, AreOfferedAfterThePauseThatIsConfigured) {
  Lines l;
  l.pair.lac.config.pppoe.pado_delay = std::chrono::milliseconds(200);
  Client& first = l.add(Lines::alice());
  Client& second = l.add(Lines::alice());
  l.padi(first);
  l.pass(std::chrono::milliseconds(150));
  l.padi(second);
  l.pass(std::chrono::milliseconds(49));
  EXPECT_EQ(first.session, 0);
  l.pass(std::chrono::milliseconds(1));
  EXPECT_NE(first.session, 0);
  EXPECT_EQ(second.session, 0) << "each PADI has its own pause";
  l.pass(std::chrono::milliseconds(149));
  EXPECT_EQ(second.session, 0);
  l.pass(std::chrono::milliseconds(1));
  EXPECT_TRUE(second.ppp.ipv4_is_up());
}

TEST(Circuits, AreOfferedSoManyAtATimeWhereThereIsAPause) {
  Lines l;
  l.pair.lac.config.pppoe.pado_delay = std::chrono::milliseconds(100);
  Client& c = l.add(Lines::alice());
  for (unsigned i = 0; i < 1030; ++i) l.padi(c);
  EXPECT_EQ(l.pair.lac.engine->counters()[Count::pppoe_overload], 6u);
  EXPECT_TRUE(l.pair.lac.sent.empty());
  l.pair.lac.pass(std::chrono::milliseconds(100));
  EXPECT_EQ(l.pair.lac.sent.size(), 1024u);
}

// Whoever misses it asks again (RFC 2516 8).
TEST(Circuits, ForgetOffersThatWaitInARestart) {
  Lines l;
  l.pair.lac.config.pppoe.pado_delay = std::chrono::milliseconds(100);
  Client& c = l.add(Lines::alice());
  l.padi(c);
  l.pair.lac.restart();
  l.pass(seconds(1));
  EXPECT_EQ(c.session, 0);
  l.padi(c);
  l.pass(seconds(1));
  EXPECT_TRUE(c.ppp.ipv4_is_up());
}

TEST(Circuits, AreGivenTheSameSessionWhenThePadsWasLost) {
  Lines l;
  Client& c = l.add(Lines::alice());
  l.padi(c);
  l.deliver();
  const auto before = c.session;
  l.padi(c);  // the client repeats its PADR with the same Host-Uniq
  l.deliver();
  EXPECT_EQ(c.session, before);
  EXPECT_EQ(l.pair.lac.used(Table::circuit), 1u);
  EXPECT_EQ(l.pair.lac.engine->counters()[Count::pppoe_repeated], 1u);
}

TEST(Circuits, OfASubscriberWithTooManyGiveWayToTheNewest) {
  Lines l;
  Client& c = l.dial(Lines::bob());
  ASSERT_EQ(state(l, c), CircuitState::tunnel);
  const auto before = c.session;
  l.pass(seconds(31));
  c.ppp = ppp::Peer(Lines::bob());  // its power was cut
  l.padi(c);
  l.deliver();
  EXPECT_NE(c.session, before);
  EXPECT_EQ(state(l, c), CircuitState::tunnel);
  EXPECT_EQ(l.pair.lac.used(Table::circuit), 1u);
  EXPECT_EQ(l.pair.lns.used(Table::session), 1u);
}

TEST(Circuits, AreRefusedToAForgedCookieAndEndedByNobodyElse) {
  Lines l;
  Client& c = l.dial(Lines::alice());
  access::Bytes request = access::tag(access::TagType::service_name);
  access::put(request, access::tag(access::TagType::ac_cookie, access::Bytes(16, 7)));
  const Client stranger(99, Lines::alice());
  l.discovery(stranger, access::Code::padr, request);
  EXPECT_EQ(l.pair.lac.engine->counters()[Count::pppoe_bad_cookie], 1u);
  EXPECT_EQ(l.pair.lac.used(Table::circuit), 1u);
  l.discovery(stranger, access::Code::padt, {}, c.session);
  EXPECT_EQ(l.pair.lac.engine->counters()[Count::pppoe_wrong_source], 1u);
  EXPECT_EQ(l.pair.lac.used(Table::circuit), 1u);
}

TEST(Circuits, AreSetUpSoManyAtATimeAndTheOthersInTheirTurn) {
  Lines l;
  l.reach_lns = false;
  for (unsigned i = 0; i < 63; ++i) l.dial(Lines::bob());  // as many calls as the node has room for
  ASSERT_EQ(l.pair.lac.engine->indexes().free_calls(), 0u);
  Client& late = l.dial(Lines::bob());
  EXPECT_EQ(late.session, 0);
  EXPECT_TRUE(late.errors.empty()) << "who hears nothing asks again";
  EXPECT_EQ(l.pair.lac.engine->counters()[Count::pppoe_overload], 1u);
  l.reach_lns = true;
  l.pass(seconds(10));
  l.padi(late);
  l.deliver();
  EXPECT_EQ(state(l, late), CircuitState::tunnel);
}

TEST(Circuits, AreServedWhereTheConfigurationSaysSo) {
  Lines l;
  Client& tagged = l.add(Lines::alice());
  tagged.vlans = {0x81, 0x00, 0x00, 150};
  l.padi(tagged);
  l.deliver();
  EXPECT_TRUE(tagged.ppp.ipv4_is_up());
  EXPECT_EQ(l.lac.circuits.begin()->second.outer_vlan, 150);
  Client& outside = l.add(Lines::alice());
  outside.vlans = {0x81, 0x00, 0x00, 99};
  l.padi(outside);
  l.deliver();
  EXPECT_EQ(outside.session, 0);
  EXPECT_EQ(l.pair.lac.engine->counters()[Count::pppoe_not_served], 1u);
}

TEST(Circuits, OutliveARestartAtAnyMomentOfTheirSetUp) {
  for (unsigned stop = 0;; ++stop) {
    Lines l;
    Client& c = l.add(Lines::bob());
    l.padi(c);
    unsigned steps = 0;
    const bool done = l.deliver_until([&] { return steps++ == stop; });
    l.pair.lac.restart();
    l.lac.resynchronize(*l.pair.lac.engine);
    l.pass(seconds(30));
    if (c.session == 0) l.padi(c);
    l.pass(seconds(30));
    EXPECT_EQ(state(l, c), CircuitState::tunnel) << "restarted after " << stop << " packets";
    EXPECT_TRUE(c.ppp.ipv4_is_up()) << "restarted after " << stop << " packets";
    EXPECT_EQ(l.pair.lac.used(Table::circuit), 1u);
    EXPECT_EQ(l.pair.lac.used(Table::session), 1u);
    EXPECT_EQ(l.pair.lns.used(Table::session), 1u) << "restarted after " << stop << " packets";
    if (done) break;
  }
}

TEST(Circuits, ThatAreUpDoNotNoticeARestart) {
  Lines l;
  Client& mine = l.dial(Lines::alice());
  Client& theirs = l.dial(Lines::bob());
  ASSERT_EQ(state(l, theirs), CircuitState::tunnel);
  const auto before = l.lac.circuits.size();
  l.pair.lac.restart();
  l.lac.resynchronize(*l.pair.lac.engine);
  l.pass(seconds(200));
  EXPECT_EQ(l.lac.circuits.size(), before);
  EXPECT_EQ(state(l, theirs), CircuitState::tunnel);
  EXPECT_TRUE(mine.ppp.ipv4_is_up());
  EXPECT_TRUE(theirs.ppp.ipv4_is_up());
  EXPECT_FALSE(mine.ended || theirs.ended);
  l.hang_up(mine);
  l.hang_up(theirs);
  l.deliver();
  expect_no_line_left(l.pair.lac);
}

TEST(Circuits, WithADamagedRecordEndAloneAndInOrder) {
  for (const auto table : {Table::circuit, Table::session, Table::subscriber, Table::call}) {
    Lines l;
    Client& mine = l.dial(Lines::alice());
    Client& theirs = l.dial(Lines::bob());
    l.reach_lns = false;
    Client& calling = l.dial(Lines::bob());
    l.reach_lns = true;
    const auto used = l.pair.lac.used(table);
    for (std::uint32_t i = 0; i < used; ++i) {
      std::vector<std::uint32_t> all;
      l.pair.lac.records->for_each(table, &all, [](void* p, std::uint32_t index) {
        static_cast<std::vector<std::uint32_t>*>(p)->push_back(index);
      });
      if (all.empty()) break;
      l.pair.lac.damage(table, all.front());
      l.lac.resynchronize(*l.pair.lac.engine);
      l.pass(seconds(100));
    }
    for (Client* c : {&mine, &theirs, &calling})
      if (!c->ended) l.hang_up(*c);
    l.pass(seconds(100));
    expect_no_line_left(l.pair.lac);
    EXPECT_EQ(l.pair.lns.used(Table::session), 0u) << "table " << static_cast<int>(table);
  }
}

}  // namespace
}  // namespace holdfast::engine::test
