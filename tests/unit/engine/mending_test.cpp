// A damaged record costs at most the tunnel or the session that it holds, and what goes with it goes in order.
#include "lac.hpp"
#include "pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::engine::test {
namespace {

using std::chrono::seconds;

constexpr std::uint16_t kCalls = 3;

struct Mending : ::testing::Test {
  Lns lns;
  Lac lac{lns};

  void SetUp() override {
    lac.dial();
    lac.take();
    for (std::uint16_t i = 1; i <= kCalls; ++i) {
      lac.call(i);
      lac.take();
      ASSERT_TRUE(lac.calls[i].ipv4);
    }
  }
  void damage(Table table, std::uint32_t index) {
    ASSERT_TRUE(lns.store.used(static_cast<std::uint16_t>(table), index));
    lns.damage(table, index);
    lac.take();
  }
  SessionIndex index(std::uint16_t call) { return session_index(lac.tunnel, lac.calls[call].theirs, 0); }
  void expect_only_call_2_gone() {
    EXPECT_TRUE(lac.calls[2].hung_up) << "the peer is told";
    EXPECT_FALSE(lac.calls[1].hung_up || lac.calls[3].hung_up);
    EXPECT_EQ(lns.engine->indexes().sessions(), 2u);
    EXPECT_EQ(lns.used(Table::session), 2u);
    EXPECT_EQ(lns.used(Table::subscriber), 2u);
    EXPECT_EQ(lns.records->tunnel(lac.tunnel)->sessions, 2u);
    // Its address is free again, and only once.
    std::vector<std::uint32_t> addresses{lac.calls[1].address, lac.calls[3].address};
    for (std::uint16_t i = 4; i <= 6; ++i) {
      lac.call(i);
      lac.take();
      ASSERT_TRUE(lac.calls[i].ipv4);
      addresses.push_back(lac.calls[i].address);
    }
    std::ranges::sort(addresses);
    EXPECT_EQ(std::ranges::adjacent_find(addresses), addresses.end());
  }
};

TEST_F(Mending, OfASessionsRecordTellsThePeerThatTheCallHasEnded) {
  damage(Table::session, index(2).raw);
  expect_only_call_2_gone();
}

TEST_F(Mending, EndsNoCallThatIsWhereALostOneMayHaveBeen) {
  lns.store.drop(static_cast<std::uint16_t>(Table::session), index(3).raw);
  lns.restart({index(2), index(3)});
  lac.take();
  EXPECT_TRUE(lac.calls[3].hung_up);
  EXPECT_FALSE(lac.calls[1].hung_up || lac.calls[2].hung_up);
}

TEST_F(Mending, OfASubscribersRecordClearsItsCall) {
  damage(Table::subscriber, index(2).raw);
  expect_only_call_2_gone();
}

TEST_F(Mending, OfATunnelsRecordFreesAllThatWasInIt) {
  damage(Table::tunnel, lac.tunnel.raw);
  for (const auto table : {Table::tunnel, Table::session, Table::subscriber}) EXPECT_EQ(lns.used(table), 0u);
  EXPECT_EQ(lns.engine->indexes().sessions(), 0u);
  EXPECT_FALSE(lac.calls[1].hung_up) << "nobody knows the peer any more";
}

TEST_F(Mending, OfAMessageLetsTheOnesBehindItThrough) {
  lns.handle(ClearSession{lac.tunnel, lac.calls[1].theirs});  // a CDN that does not arrive, and whose record is lost
  ASSERT_EQ(lns.sent.size(), 1u);
  const auto cdn = l2tp::parse(lns.sent.front().payload, octets_of("secret"));
  lns.handle(ClearSession{lac.tunnel, lac.calls[2].theirs});
  damage(Table::message, message_index(lac.tunnel, cdn->header.ns));
  lac.take();
  lns.pass(seconds(1));
  lac.take();
  EXPECT_FALSE(lac.calls[1].hung_up);
  EXPECT_TRUE(lac.calls[2].hung_up);
  EXPECT_EQ(lns.records->tunnel(lac.tunnel)->l2tp.state, l2tp::TunnelState::established);
}

// Whatever is lost at whichever moment of a call: both ends come to rest, and have the same.
struct AnyRecord : ::testing::TestWithParam<std::tuple<unsigned, ResyncMethod>> {};

TEST_P(AnyRecord, MayBeLostAtAnyMomentOfACall) {
  const auto [packets, method] = GetParam();
  for (unsigned which = 0;; ++which) {
    Pair p({.secret = true, .hide = true, .resync = method});
    p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
    p.lns.handle(PlaceCall{p.to_lac(), Pair::outgoing()});
    for (unsigned i = 0; i < packets; ++i) p.deliver_one();
    std::vector<std::pair<Table, std::uint32_t>> used;
    struct Into {
      std::vector<std::pair<Table, std::uint32_t>>& used;
      Table table;
    };
    for (const auto table :
         {Table::tunnel, Table::message, Table::session, Table::subscriber, Table::spec, Table::call}) {
      Into into{used, table};
      p.lns.records->for_each(table, &into, [](void* to, std::uint32_t i) {
        static_cast<Into*>(to)->used.emplace_back(static_cast<Into*>(to)->table, i);
      });
    }
    if (which >= used.size()) return;
    p.lns.damage(used[which].first, used[which].second);
    p.pass(seconds(1400));  // longer than a peer that can recover is waited for
    SCOPED_TRACE("table " + std::to_string(static_cast<int>(used[which].first)) + " record " +
                 std::to_string(used[which].second));
    ASSERT_EQ(p.lac.tunnels().size(), p.lns.tunnels().size());
    ASSERT_EQ(p.lac.sessions().size(), p.lns.sessions().size());
    ASSERT_EQ(p.lns.engine->indexes().sessions(), p.lns.sessions().size());
    ASSERT_EQ(p.lns.used(Table::subscriber) <= p.lns.used(Table::session), true);
  }
}
INSTANTIATE_TEST_SUITE_P(Packets, AnyRecord,
                         ::testing::Combine(::testing::Range(0u, 16u),
                                            ::testing::Values(ResyncMethod::silent_failover,
                                                              ResyncMethod::failover_protocol)));

}  // namespace
}  // namespace holdfast::engine::test
