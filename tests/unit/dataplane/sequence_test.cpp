// Sequence numbers of data messages (RFC 2661 5.4): what is sent, what is counted, what waits for its turn.
#include "lns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

namespace holdfast::test {
namespace {

using abi::Drop;
using Sequence = Lns::Sequence;

const Bytes kFf03{0xff, 0x03};

// The subscriber's packet with that number in it, and what the core gets of it.
Bytes packet(unsigned number, unsigned ttl = 64) {
  return ip(kUser4, kCore4, udp(5000, number, Bytes(8, 1)), {.ttl = ttl});
}
Bytes core_frame(unsigned number) { return ethernet(kCoreMac, kPort1, 0x0800) + packet(number, 63); }
Bytes from_core() { return ethernet(kPort1, kCoreMac, 0x0800) + ip(kCore4, kUser4, udp(1, 2, Bytes(8, 2))); }

Bytes sequenced(unsigned ns, const Bytes& frame, unsigned nr = 0x1234) {
  return be16(0x0802) + be16(kTunnel.raw) + be16(kSession.raw) + be16(ns) + be16(nr) + frame;
}

class Sequencing : public testing::Test {
 protected:
  void set(std::uint32_t flags, unsigned packets = 0, unsigned milliseconds = 0) {
    auto row = lns.session_row();
    row.flags |= flags;
    row.reorder_packets = static_cast<std::uint8_t>(packets);
    row.reorder_milliseconds = static_cast<std::uint8_t>(milliseconds);
    lns.put(row);
  }
  Bytes frame(unsigned ns) const {
    return lns.from_peer(sequenced(ns & 0xffff, kFf03 + be16(0x21) + packet(ns & 0xffff)));
  }
  // Frames with these numbers in one burst.
  Outcome receive(const std::vector<unsigned>& numbers) {
    std::vector<Bytes> frames;
    for (const unsigned ns : numbers) frames.push_back(frame(ns));
    return lns.receive(frames, 0);
  }
  // Which were forwarded, in this order.
  static Outcome forwarded(const std::vector<unsigned>& numbers) {
    Outcome outcome;
    for (const unsigned ns : numbers) outcome.sent.emplace_back(1, core_frame(ns & 0xffff));
    return outcome;
  }
  static Outcome with_late(Outcome outcome, unsigned count) {
    outcome.drops["l2tp_late"] = count;
    return outcome;
  }

  Lns lns;
};

TEST_F(Sequencing, PassesWhatComesInOrderAndIgnoresNr) {
  EXPECT_EQ(receive({0, 1, 2}), forwarded({0, 1, 2}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{}));
}

TEST_F(Sequencing, TakesTheFirstNumberForTheFirst) {
  EXPECT_EQ(receive({40000, 40001}), forwarded({40000, 40001}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{}));
}

TEST_F(Sequencing, CountsWhatIsLost) {
  EXPECT_EQ(receive({0, 1, 5, 6, 9}), forwarded({0, 1, 5, 6, 9}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.lost = 5}));
}

TEST_F(Sequencing, DropsWhatComesLateOrTwice) {
  EXPECT_EQ(receive({0, 2, 1, 2, 3}), with_late(forwarded({0, 2, 3}), 2));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.lost = 1, .late = 2}));
}

TEST_F(Sequencing, CountsBeyond65535) {
  EXPECT_EQ(receive({65534, 65535, 0, 1, 65535}), with_late(forwarded({65534, 65535, 0, 1}), 1));
  EXPECT_EQ(receive({3}), forwarded({3}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.lost = 1, .late = 1}));
}

TEST_F(Sequencing, TakesUpTo32767AheadForLaterAndTheRestForLate) {
  EXPECT_EQ(receive({0, 0x8000}), forwarded({0, 0x8000}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.lost = 0x7fff}));
  EXPECT_EQ(receive({1}), with_late({}, 1));  // 0x8001 is next, and this is 0x8000 ahead of it
}

TEST_F(Sequencing, CountsEachSessionByItself) {
  auto row = lns.session_row();
  row.session = SessionId(10);
  lns.put(row);
  EXPECT_EQ(receive({7, 8}), forwarded({7, 8}));
  Bytes other = sequenced(3, kFf03 + be16(0x21) + packet(3));
  other[5] = 10;
  EXPECT_EQ(lns.receive(lns.from_peer(other)), forwarded({3}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{}));
}

TEST_F(Sequencing, LetsPassWhatHasNoNumber) {
  EXPECT_EQ(receive({5}), forwarded({5}));
  EXPECT_EQ(lns.receive(lns.from_user(kFf03 + be16(0x21) + packet(1))), forwarded({1}));
  EXPECT_EQ(receive({6}), forwarded({6}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{}));
}

TEST_F(Sequencing, NumbersFramesOfThePppControlProtocolsToo) {
  const Bytes terminate{5, 1, 0, 4};
  const auto lcp = [&](unsigned ns) { return lns.from_peer(sequenced(ns, kFf03 + be16(0xc021) + terminate)); };
  EXPECT_EQ(lns.receive(lcp(1)), handed(nodes::Handoff::punt_ppp, terminate));
  EXPECT_EQ(lns.receive(lcp(1)), dropped(Drop::l2tp_late));
}

// RFC 3931 appendix C: a peer that has started again counts from 0.
TEST_F(Sequencing, FollowsAPeerThatCountsAnew) {
  EXPECT_EQ(receive({500}), forwarded({500}));
  EXPECT_EQ(receive({0, 1, 2, 3, 4, 5, 6, 7, 8}), with_late(forwarded({7, 8}), 7));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.late = 7, .restarts = 1}));
}

TEST_F(Sequencing, DoesNotTakeScatteredLateOnesForANewCount) {
  EXPECT_EQ(receive({500}), forwarded({500}));
  EXPECT_EQ(receive({0, 1, 2, 3, 4, 5, 6, 501, 7, 8, 9, 20, 21, 22, 23, 24, 25, 26, 28}),
            with_late(forwarded({501}), 18));
}

TEST_F(Sequencing, BeginsAnewWithTheNextCallOfTheSameIds) {
  set(abi::kSessionSendSequence);
  EXPECT_EQ(receive({500}), forwarded({500}));
  EXPECT_EQ(lns.receive(from_core(), 1).sent.size(), 1u);
  abi::TableOp op;
  op.kind = abi::TableOpKind::remove_session;
  op.session = lns.session_row();
  EXPECT_TRUE(lns.agent.apply(op));
  set(abi::kSessionSendSequence);
  EXPECT_EQ(receive({0}), forwarded({0}));
  const Bytes first = lns.receive(from_core(), 1).sent.at(0).second;
  EXPECT_EQ(Bytes(first.begin() + 48, first.begin() + 50), be16(0));
}

TEST_F(Sequencing, IgnoresNumbersWhereTheRowSaysSo) {
  set(abi::kSessionIgnoreSequence, 8, 10);
  EXPECT_EQ(receive({5, 3, 5, 9}), forwarded({5, 3, 5, 9}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{}));
}

TEST_F(Sequencing, AnswersInTheWayThatTheLnsHasChosen) {
  const auto has_sequence = [&] { return (lns.receive(from_core(), 1).sent.at(0).second.at(14 + 28) & 8) != 0; };
  const Bytes plain = lns.from_user(kFf03 + be16(0x21) + packet(1));
  set(abi::kSessionMirrorSequence);
  EXPECT_FALSE(has_sequence());
  lns.receive(frame(0));
  EXPECT_TRUE(has_sequence());
  lns.receive(plain);
  EXPECT_FALSE(has_sequence());
}

// RFC 2661 5.4: "picks up where it left off".
TEST_F(Sequencing, GoesOnCountingAfterAWhileWithout) {
  const auto ns = [&] {
    const Bytes sent = lns.receive(from_core(), 1).sent.at(0).second;
    return Bytes(sent.begin() + 48, sent.begin() + 50);
  };
  set(abi::kSessionSendSequence);
  EXPECT_EQ(ns(), be16(0));
  EXPECT_EQ(ns(), be16(1));
  set(0);
  lns.receive(from_core(), 1);
  set(abi::kSessionSendSequence);
  EXPECT_EQ(ns(), be16(2));
}

TEST_F(Sequencing, SendsNumbersBeyond65535) {
  set(abi::kSessionSendSequence);
  lns.tables.sessions.sequence(lns.tables.sessions.index(kTunnel, kSession)).next_ns = 65535;
  for (const unsigned ns : {65535u, 0u, 1u}) {
    const Bytes sent = lns.receive(from_core(), 1).sent.at(0).second;
    EXPECT_EQ(Bytes(sent.begin() + 48, sent.begin() + 50), be16(ns));
  }
}

TEST_F(Sequencing, SendsTheLengthWhereTheRowSaysSo) {
  const Bytes inner = kFf03 + be16(0x21) + ip(kCore4, kUser4, udp(1, 2, Bytes(8, 2)), {.ttl = 63});
  const Bytes ids = be16(77) + be16(99);
  set(abi::kSessionSendLength);
  EXPECT_EQ(lns.receive(from_core(), 1), sent(0, lns.to_peer(be16(0x4002) + be16(8 + size(inner)) + ids + inner, 0)));
  set(abi::kSessionSendLength | abi::kSessionSendSequence);
  EXPECT_EQ(lns.receive(from_core(), 1),
            sent(0, lns.to_peer(be16(0x4802) + be16(12 + size(inner)) + ids + be16(0) + be16(0) + inner, 1)));
}

class Reordering : public Sequencing {
 protected:
  void SetUp() override { set(0, 4, 10); }
};

TEST_F(Reordering, PassesWhatComesInOrder) {
  EXPECT_EQ(receive({0, 1, 2}), forwarded({0, 1, 2}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{}));
}

TEST_F(Reordering, RestoresTheOrderOfOneBurst) {
  EXPECT_EQ(receive({0, 2, 4, 3, 1, 5}), forwarded({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.reordered = 3}));
}

TEST_F(Reordering, RestoresTheOrderOfSeveralBursts) {
  EXPECT_EQ(receive({0, 2}), forwarded({0}));
  EXPECT_EQ(receive({3}), forwarded({}));
  EXPECT_EQ(receive({1, 4}), forwarded({1, 2, 3, 4}));
  EXPECT_EQ(lns.wait(1000), forwarded({}));
}

TEST_F(Reordering, RestoresTheOrderBeyond65535) {
  EXPECT_EQ(receive({65534, 1, 0, 65535, 2}), forwarded({65534, 65535, 0, 1, 2}));
}

TEST_F(Reordering, LetsNoMoreWaitThanTheRowSays) {
  EXPECT_EQ(receive({0, 2, 3, 4, 5}), forwarded({0}));
  EXPECT_EQ(receive({6}), forwarded({2, 3, 4, 5, 6}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.lost = 1, .reordered = 5}));
  EXPECT_EQ(receive({1, 7}), with_late(forwarded({7}), 1));
}

TEST_F(Reordering, GivesUpGapAfterGap) {
  EXPECT_EQ(receive({0, 2, 4, 6, 8, 10}), forwarded({0, 2}));
  EXPECT_EQ(receive({3}), forwarded({3, 4}));
  EXPECT_EQ(lns.wait(10), forwarded({6, 8, 10}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.lost = 4, .reordered = 5}));
}

TEST_F(Reordering, WaitsNoLongerThanTheRowSays) {
  EXPECT_EQ(receive({0, 2}), forwarded({0}));
  EXPECT_EQ(lns.wait(9), forwarded({}));
  EXPECT_EQ(receive({4}), forwarded({}));
  EXPECT_EQ(lns.wait(1), forwarded({2}));
  EXPECT_EQ(lns.wait(8), forwarded({}));
  EXPECT_EQ(lns.wait(1), forwarded({4}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.lost = 2, .reordered = 2}));
}

// 3 came long after 5, so it is 5 that has waited long enough.
TEST_F(Reordering, LetsNoneWaitForOneThatCameLaterItself) {
  EXPECT_EQ(receive({0, 5}), forwarded({0}));
  lns.context.now += 9;
  EXPECT_EQ(receive({3}), forwarded({}));
  EXPECT_EQ(lns.wait(1), forwarded({3, 5}));
}

TEST_F(Reordering, DropsWhatComesTwiceOrLate) {
  EXPECT_EQ(receive({0, 2, 2, 0}), with_late(forwarded({0}), 2));
  EXPECT_EQ(receive({1, 1}), with_late(forwarded({1, 2}), 1));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.late = 3, .reordered = 1}));
}

TEST_F(Reordering, LetsWhatWaitedGoOnWhenThePeerCountsAnew) {
  EXPECT_EQ(receive({500, 502}), forwarded({500}));
  EXPECT_EQ(receive({0, 1, 2, 3, 4, 5, 6, 7, 8}), with_late(forwarded({502, 7, 8}), 7));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.late = 7, .reordered = 1, .restarts = 1}));
}

TEST_F(Reordering, LetsWhatWaitsGoOnWhenItIsTurnedOff) {
  EXPECT_EQ(receive({0, 2, 4}), forwarded({0}));
  set(0);
  EXPECT_EQ(receive({7}), forwarded({2, 4, 7}));
  EXPECT_EQ(receive({8, 10}), forwarded({8, 10}));
  EXPECT_EQ(lns.sequence_counters(), (Sequence{.lost = 5, .reordered = 3}));
}

TEST_F(Reordering, DropsWhatWaitedForASessionThatHasGone) {
  EXPECT_EQ(receive({0, 2, 3}), forwarded({0}));
  abi::TableOp op;
  op.kind = abi::TableOpKind::remove_session;
  op.session = lns.session_row();
  EXPECT_TRUE(lns.agent.apply(op));
  Outcome two_dropped;
  two_dropped.drops["l2tp_no_session"] = 2;
  EXPECT_EQ(lns.wait(10), two_dropped);
}

TEST_F(Reordering, KeepsPacketsOfACallFromTheNextOneOfTheSameIds) {
  EXPECT_EQ(receive({0, 2}), forwarded({0}));
  abi::TableOp op;
  op.kind = abi::TableOpKind::remove_session;
  op.session = lns.session_row();
  EXPECT_TRUE(lns.agent.apply(op));
  set(0, 4, 10);
  EXPECT_EQ(receive({7, 9}), forwarded({7}));
  Outcome one_of_each = forwarded({9});
  one_of_each.drops["l2tp_no_session"] = 1;
  EXPECT_EQ(lns.wait(10), one_of_each);
}

// Whatever is lost, doubled and delayed: what goes on is in order, and what was delayed by no more than the row allows
// is among it.
TEST_F(Reordering, ForwardsInOrderWhateverTheWireDoes) {
  std::mt19937 draw(1701);
  const auto one_in = [&](unsigned n) { return draw() % n == 0; };
  std::vector<unsigned> came{65000};  // so that the numbers wrap soon
  for (unsigned ns = 65001; ns < 68000; ++ns) {
    if (one_in(20)) continue;
    came.push_back(ns);
    if (one_in(20)) came.push_back(ns);
  }
  for (std::size_t i = 1; i + 4 < came.size(); ++i)
    if (one_in(5)) std::swap(came[i], came[i + draw() % 4]);
  Outcome all;
  for (std::size_t i = 0; i < came.size(); i += 8) {
    const auto end = std::min(came.size(), i + 8);
    const auto outcome = receive({came.begin() + static_cast<long>(i), came.begin() + static_cast<long>(end)});
    all.sent.insert(all.sent.end(), outcome.sent.begin(), outcome.sent.end());
  }
  const auto rest = lns.wait(10);
  all.sent.insert(all.sent.end(), rest.sent.begin(), rest.sent.end());

  std::vector<unsigned> forwarded_numbers;
  for (const auto& [port, sent_frame] : all.sent) {
    const unsigned ns = static_cast<unsigned>(sent_frame[36]) << 8 | sent_frame[37];  // the UDP port
    forwarded_numbers.push_back(ns < 10000 ? ns + 65536 : ns);
  }
  EXPECT_TRUE(std::is_sorted(forwarded_numbers.begin(), forwarded_numbers.end(), std::less_equal<>()));
  const std::set<unsigned> distinct(came.begin(), came.end());
  const auto counted = lns.sequence_counters();
  EXPECT_EQ(forwarded_numbers.size() + counted.late, came.size());
  EXPECT_EQ(forwarded_numbers.size() + counted.lost, came.back() - 65000 + 1);
  EXPECT_GT(forwarded_numbers.size(), distinct.size() * 95 / 100);
}

// Every session that may be known at all has a gap: there is no room for one more, and nothing is lost by it.
TEST_F(Reordering, GoesOnWithoutWaitingWhereThereIsNoRoom) {
  auto row = lns.session_row();
  row.reorder_packets = 255;
  row.reorder_milliseconds = 10;
  const auto of_session = [&](unsigned session, unsigned ns) {
    Bytes message = sequenced(ns, kFf03 + be16(0x21) + packet(ns));
    message[4] = static_cast<std::uint8_t>(session >> 8);
    message[5] = static_cast<std::uint8_t>(session);
    return lns.from_peer(message);
  };
  for (unsigned session = 100; session < 100 + nodes::Reorder::kGaps + 1u; ++session) {
    row.session = SessionId(static_cast<std::uint16_t>(session));
    lns.put(row);
    const bool room = session < 100 + nodes::Reorder::kGaps;
    EXPECT_EQ(lns.receive({of_session(session, 0), of_session(session, 2)}, 0),
              room ? forwarded({0}) : forwarded({0, 2}));
  }
  EXPECT_EQ(lns.wait(10).sent.size(), nodes::Reorder::kGaps);
  EXPECT_EQ(receive({0, 2, 1}), forwarded({0, 1, 2}));  // there is room again
}

TEST_F(Reordering, HasRoomForSoManyPacketsAndNoMore) {
  set(0, 255, 255);
  auto row = lns.session_row();
  row.reorder_packets = 255;
  row.reorder_milliseconds = 255;
  unsigned waiting = 0;
  for (unsigned session = 100; session < 105; ++session) {
    row.session = SessionId(static_cast<std::uint16_t>(session));
    lns.put(row);
    for (unsigned ns = 0; ns < 250; ++ns) {
      Bytes message = sequenced(ns * 2, kFf03 + be16(0x21) + packet(ns));
      message[5] = static_cast<std::uint8_t>(session);
      const bool waits = ns != 0 && waiting < nodes::Reorder::kPackets;
      const auto outcome = lns.receive(lns.from_peer(message));
      ASSERT_TRUE(outcome.drops.empty());
      if (waits) {
        ASSERT_TRUE(outcome.sent.empty()) << session << " " << ns;
        ++waiting;
      } else if (ns != 0) {
        waiting -= static_cast<unsigned>(outcome.sent.size()) - 1;
      }
    }
  }
  EXPECT_EQ(lns.wait(255).sent.size(), waiting);
}

}  // namespace
}  // namespace holdfast::test
