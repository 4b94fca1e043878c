// What has no room is refused in words (RFC 2661 4.4.2: CDN 4), and what exists goes on.
#include "lac.hpp"
#include "pair.hpp"

#include <gtest/gtest.h>

namespace holdfast::engine::test {
namespace {

using l2tp::CallResult;

struct Full : ::testing::Test {
  Lns lns;
  Lac lac{lns};

  void SetUp() override {
    lac.dial();
    lac.take();
    lac.call(1);
    lac.take();
    ASSERT_TRUE(lac.calls[1].ipv4);
  }
  void expect_the_next_call_refused(Count why) {
    lac.call(2);
    lac.take();
    EXPECT_TRUE(lac.calls[2].hung_up);
    ASSERT_NE(lns.last(NoticeKind::session_refused), nullptr);
    const l2tp::Ending& said = lns.last(NoticeKind::session_refused)->ending;
    EXPECT_EQ(said.result, static_cast<std::uint16_t>(CallResult::no_facilities_temporary));
    EXPECT_EQ(said.text.text(), "no room for another session");
    EXPECT_EQ(lns.engine->counters()[why], 1u);
    EXPECT_FALSE(lac.calls[1].hung_up);
  }
  // The call that there is carries PPP, ends, and makes room.
  void expect_the_first_call_to_go_on() {
    lns.handle(ClearSession{lac.tunnel, lac.calls[1].theirs});
    lac.take();
    EXPECT_TRUE(lac.calls[1].hung_up);
    lac.calls.erase(1);  // the next one may have its id
    lac.call(3);
    lac.take();
    EXPECT_TRUE(lac.calls[3].ipv4);
  }
};

TEST_F(Full, SessionTableRefusesCallsUntilOneEnds) {
  const SessionIndex first = session_index(lac.tunnel, lac.calls[1].theirs, 0);
  const SessionRecord record = *lns.records->session(first);
  for (std::uint32_t id = 1; id < kBankRows; ++id) {
    if (id == first.raw) continue;
    SessionRecord another = record;
    another.l2tp.id = SessionId(static_cast<std::uint16_t>(id));
    another.l2tp.role = l2tp::Role::lac;  // it has no subscriber
    const checkpoint::Change change{static_cast<std::uint16_t>(Table::session),
                                    id,
                                    {reinterpret_cast<const std::uint8_t*>(&another), sizeof another}};
    (void)lns.store.commit({&change, 1});
  }
  lns.start();
  ASSERT_EQ(lns.engine->indexes().sessions(), kBankSessions);
  expect_the_next_call_refused(Count::no_session_id);
  expect_the_first_call_to_go_on();
}

TEST_F(Full, MemoryRefusesCallsUntilThereIsSome) {
  lns.records->memory = false;
  expect_the_next_call_refused(Count::no_memory);
  lns.records->memory = true;
  expect_the_first_call_to_go_on();
}

// RFC 2661 4.4.2: StopCCN 2, error 4. Nothing of it is kept.
TEST_F(Full, TunnelTableRefusesTunnelsUntilOneEnds) {
  const TunnelRecord record = *lns.records->tunnel(lac.tunnel);
  for (std::uint16_t id = 1; id < 64; ++id) {
    if (id == lac.tunnel.raw) continue;
    TunnelRecord another = record;
    another.l2tp.id = TunnelId(id);
    another.l2tp.peer = PeerTunnelId(static_cast<std::uint16_t>(1000 + id));
    const checkpoint::Change change{static_cast<std::uint16_t>(Table::tunnel),
                                    id,
                                    {reinterpret_cast<const std::uint8_t*>(&another), sizeof another}};
    (void)lns.store.commit({&change, 1});
  }
  lns.start();
  const unsigned messages = lns.used(Table::message);
  Lac late(lns);
  late.assigned = 78;
  late.dial();
  late.take();
  ASSERT_TRUE(late.stopped);
  EXPECT_EQ(late.stopped->result, 2u);
  EXPECT_EQ(late.stopped->error, 4u);
  EXPECT_EQ(lns.engine->counters()[Count::tunnels_full], 1u);
  EXPECT_EQ(lns.used(Table::tunnel), 63u);
  EXPECT_EQ(lns.used(Table::message), messages);
  EXPECT_FALSE(lac.calls[1].hung_up);
}

TEST_F(Full, MemoryLetsNoCallBePlaced) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(1)});
  p.deliver();
  p.lac.records->memory = false;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming(2)});
  ASSERT_NE(p.lac.last(NoticeKind::call_failed), nullptr);
  EXPECT_EQ(p.lac.last(NoticeKind::call_failed)->circuit, 2u);
  EXPECT_EQ(p.lac.engine->counters()[Count::no_memory], 1u);
  EXPECT_EQ(p.lac.sessions().size(), 1u);
}

}  // namespace
}  // namespace holdfast::engine::test
