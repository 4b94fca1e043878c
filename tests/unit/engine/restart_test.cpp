// A restart in pieces: whatever happens in between, the forwarding tables end as the records say.
#include "engine/restart.hpp"

#include "lac.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::engine::test {
namespace {

using abi::TableOp;
using abi::TableOpKind;

// What the dataplane has: rows by what they are of.
class Tables {
 public:
  void apply(const TableOp& op) {
    switch (op.kind) {
      case TableOpKind::put_tunnel: rows_[{1, op.tunnel.tunnel.raw, 0, {}}] = bytes(op); break;
      case TableOpKind::remove_tunnel: rows_.erase({1, op.tunnel.tunnel.raw, 0, {}}); break;
      case TableOpKind::put_session: rows_[{2, op.session.tunnel.raw, op.session.session.raw, {}}] = bytes(op); break;
      case TableOpKind::remove_session: rows_.erase({2, op.session.tunnel.raw, op.session.session.raw, {}}); break;
      case TableOpKind::put_route:
        rows_[{3, op.route.prefix.length, 0, op.route.prefix.address.octets}] = bytes(op);
        break;
      case TableOpKind::remove_route:
        rows_.erase({3, op.route.prefix.length, 0, op.route.prefix.address.octets});
        break;
      default: ADD_FAILURE() << "an operation that no event leads to";
    }
  }
  std::size_t size() const { return rows_.size(); }
  friend bool operator==(const Tables&, const Tables&) = default;

 private:
  struct Key {
    int kind;
    unsigned a, b;
    std::array<std::uint8_t, 16> address;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  static std::vector<std::uint8_t> bytes(const TableOp& op) { return {op.octets.begin(), op.octets.end()}; }

  std::map<Key, std::vector<std::uint8_t>> rows_;
};

struct Restarts : ::testing::Test {
  Lns lns;
  Lac lac{lns};

  void connect_with(std::uint16_t calls) {
    lac.dial();
    lac.take();
    for (std::uint16_t i = 1; i <= calls; ++i) {
      lac.call(i);
      lac.take();
    }
    for (std::uint16_t i = 1; i <= calls; ++i) ASSERT_TRUE(lac.calls[i].ipv4) << "call " << i;
  }
  // A new process, before any of its rows is put; the dataplane is new too, so it has nothing.
  Restart begin() {
    lns.due.clear();
    lns.sent.clear();
    lns.table_ops.clear();
    lns.start();
    Restart restart(*lns.engine, *lns.records);
    restart.begin();
    return restart;
  }
  void put(Restart& restart, std::size_t count) {
    restart.put_rows(count, [this](const TableOp& op) { lns.table_ops.push_back(op); });
  }
  void finish(Restart& restart) {
    while (!restart.rows_done()) put(restart, 1);
    while (!restart.done()) restart.tell(1, [this](const Restored& event) { lns.handle(event); });
  }
  Tables tables() const {
    Tables t;
    for (const TableOp& op : lns.table_ops) t.apply(op);
    return t;
  }
  Tables wanted() const {
    Tables t;
    lns.engine->rows(&t, [](void* p, const TableOp& op) { static_cast<Tables*>(p)->apply(op); });
    return t;
  }
};

TEST_F(Restarts, PutsEveryRowTunnelsFirst) {
  connect_with(3);
  Restart restart = begin();
  ASSERT_EQ(restart.tunnels(), 1u);
  put(restart, restart.tunnels());
  ASSERT_EQ(lns.table_ops.size(), 1u);
  EXPECT_EQ(lns.table_ops[0].kind, TableOpKind::put_tunnel);
  EXPECT_FALSE(restart.rows_done());
  put(restart, 1000);
  EXPECT_TRUE(restart.rows_done());
  EXPECT_EQ(tables(), wanted());
  EXPECT_EQ(tables().size(), 1 + 3 * 2u) << "a session has a row and a route";
}

TEST_F(Restarts, UndoesNothingThatHappensBetweenThePieces) {
  connect_with(6);
  for (std::size_t pieces = 0; pieces <= 7; ++pieces) {
    Restart restart = begin();
    put(restart, pieces);
    lac.hang_up(2);
    lac.hang_up(5);
    lac.take();
    lac.call(7);
    lac.call(2);  // its address and its session id may be those that were just given back
    lac.take();
    ASSERT_TRUE(lac.calls[7].ipv4 && lac.calls[2].ipv4);
    finish(restart);
    EXPECT_EQ(tables(), wanted()) << "after " << pieces << " pieces";
    lac.hang_up(7);
    lac.call(5);
    lac.take();
    ASSERT_EQ(lns.engine->indexes().sessions(), 6u);
  }
}

TEST_F(Restarts, LeavesNoRowOfATunnelThatEndsMeanwhile) {
  connect_with(3);
  Restart restart = begin();
  put(restart, 2);
  lac.stop();
  lns.pass(std::chrono::milliseconds(1));
  finish(restart);
  EXPECT_EQ(tables().size(), 0u);
}

TEST_F(Restarts, TellsEachTunnelAndSessionOnceThatItWasRestored) {
  connect_with(2);
  Restart restart = begin();
  put(restart, 1000);
  std::vector<TimerKey> told;
  const auto tell = [&](const Restored& event) { told.push_back(event.key); };
  restart.tell(2, tell);
  EXPECT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].kind, TimerKey::Kind::tunnel);
  EXPECT_FALSE(restart.done());
  restart.tell(1000, tell);
  EXPECT_TRUE(restart.done());
  EXPECT_EQ(told.size(), 3u);
}

TEST_F(Restarts, BeginsAnewWhenTheDataplaneGoesInTheMiddle) {
  connect_with(3);
  Restart restart = begin();
  put(restart, 3);
  restart.cancel();
  EXPECT_TRUE(restart.done());
  lns.table_ops.clear();
  restart.begin();
  finish(restart);
  EXPECT_EQ(tables(), wanted());
}

// The process died between the commit of an ICRP and its sending; the LAC repeats its ICRQ before the tunnel's turn.
TEST_F(Restarts, SendWhatWasCommittedBeforeTheyAcknowledgeWhatCameTwice) {
  connect_with(1);
  lac.call(2);
  ASSERT_FALSE(lns.sent.empty());
  lns.due.clear();
  lns.sent.clear();
  lns.start();
  lac.resend();
  ASSERT_FALSE(lns.sent.empty());
  const auto first = l2tp::parse(lns.sent.front().payload, octets_of("secret"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->type, l2tp::MessageType::icrp) << "an acknowledgement alone would name a number that was never sent";
  lns.sent.clear();
  lns.handle(Restored{{TimerKey::Kind::tunnel, lns.tunnels().front().l2tp.id.raw}});
  EXPECT_TRUE(lns.sent.empty()) << "its turn is taken";
}

}  // namespace
}  // namespace holdfast::engine::test
