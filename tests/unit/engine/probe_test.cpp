// A boot from a copy of the records that is older than what the peer has seen: the numbers are found out, what is still
// there goes on, what is not is cleared in order.
#include "lac.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace holdfast::engine::test {
namespace {

using namespace std::chrono_literals;
using l2tp::Numbers;

struct Both {
  Lns lns;
  Lac lac{lns};

  void connect_with(std::uint16_t calls) {
    lac.dial();
    lac.take();
    for (std::uint16_t i = 1; i <= calls; ++i) call(i);
  }
  void call(std::uint16_t id) {
    lac.call(id);
    lac.take();
    ASSERT_TRUE(lac.calls[id].ipv4);
  }
  // Time passes with both ends at work; the LAC's timer, too.
  void run(Duration d) {
    for (const TimePoint until = lns.now + d; lns.now < until;) {
      lns.pass(1s);
      if ((lns.now - TimePoint{}) / 1s % 4 == 0) lac.resend();
      lac.take();
    }
  }
  const TunnelRecord& tunnel() const { return *lns.records->tunnel(lac.tunnel); }
  std::uint64_t count(Count what) const { return lns.engine->counters()[what]; }
  // Control messages that wait to be taken, ZLBs left out.
  unsigned messages_sent() const {
    return static_cast<unsigned>(std::ranges::count_if(lns.sent, [](const Sent& s) {
      return s.header.kind == static_cast<std::uint16_t>(abi::InjectKind::l2tp_control) && s.payload.size() > 12;
    }));
  }
  void expect_all_well(std::size_t sessions) {
    ASSERT_EQ(lns.tunnels().size(), 1u);
    EXPECT_EQ(tunnel().numbers, Numbers::known);
    EXPECT_EQ(tunnel().l2tp.channel.next_nr, lac.ns);
    EXPECT_EQ(tunnel().l2tp.channel.next_ns, lac.nr);
    EXPECT_EQ(lns.sessions().size(), sessions);
    for (const auto& session : lns.sessions()) EXPECT_EQ(session.unconfirmed, 0);
    EXPECT_FALSE(lac.stopped);
  }
  void be_behind_by(std::uint16_t messages);
  void go_back_at_random(unsigned seed);
};
struct Probes : ::testing::Test, Both {};

TEST_F(Probes, OfAnUpToDateCopyChangeNothing) {
  connect_with(3);
  run(5s);
  const auto copy = lns.copy();
  lns.boot_from(copy);
  run(40s);
  expect_all_well(3);
  EXPECT_EQ(count(Count::tunnels_confirmed), 1u);
  EXPECT_EQ(count(Count::sessions_confirmed), 3u);
  EXPECT_EQ(lac.duplicates, count(Count::probes_sent));
  call(9);
}

void Both::be_behind_by(std::uint16_t messages) {
  connect_with(2);
  const auto copy = lns.copy();
  for (std::uint16_t i = 0; i < messages; ++i) {  // our CDNs: each a message of ours
    const auto id = static_cast<std::uint16_t>(100 + i);
    call(id);
    lns.handle(ClearSession{lac.tunnel, lac.calls[id].theirs});
    lac.take();
  }
  run(2s);
  lns.boot_from(copy);
  run(45s);
  expect_all_well(2);
  call(9);
  lac.hang_up(9);
  lac.take();
  expect_all_well(2);
}

TEST(Probe, FindsOurNumberHoweverManyMessagesTheCopyIsBehind) {
  for (std::uint16_t behind = 1; behind <= 40; ++behind) {
    SCOPED_TRACE(behind);
    Both().be_behind_by(behind);
  }
}

TEST_F(Probes, SendNothingElseBeforeTheyAreAnswered) {
  connect_with(2);
  lns.handle(ClearSession{lac.tunnel, lac.calls[1].theirs});  // a CDN that the peer takes after the copy was made
  const auto copy = lns.copy();
  lac.take();
  lns.boot_from(copy);
  lns.handle(ClearSession{lac.tunnel, lac.calls[2].theirs});  // and one that must wait
  EXPECT_EQ(messages_sent(), 0u);
  lns.pass(2s);
  EXPECT_EQ(messages_sent(), count(Count::probes_sent));
  EXPECT_FALSE(lac.calls[2].hung_up);
  lac.take();
  EXPECT_TRUE(lac.calls[2].hung_up);
  run(12s);
  expect_all_well(0);
}

TEST_F(Probes, LeaveMessagesTheirNumbersThatThePeerHasNotTaken) {
  connect_with(2);
  lns.handle(ClearSession{lac.tunnel, lac.calls[1].theirs});
  lns.sent.clear();  // lost on the wire
  const auto copy = lns.copy();
  lns.boot_from(copy);
  run(40s);
  EXPECT_TRUE(lac.calls[1].hung_up);
  expect_all_well(1);
}

TEST_F(Probes, TakeAgainWhatThePeerHasNoAcknowledgementFor) {
  connect_with(2);
  const auto copy = lns.copy();
  lac.hang_up(1);  // committed and acknowledged, but the acknowledgement is lost
  lns.pass(1s);
  lns.sent.clear();
  lac.hang_up(2);
  lns.sent.clear();
  lns.boot_from(copy);
  EXPECT_EQ(lns.sessions().size(), 2u);
  run(20s);
  expect_all_well(0);
}

TEST_F(Probes, WaitForOlderMessagesOfThePeerBeforeTheyTakeNewOnes) {
  connect_with(2);
  const auto copy = lns.copy();
  call(3);
  run(2s);
  lac.hang_up(1);
  lns.sent.clear();
  lns.boot_from(copy);
  lns.pass(2s);
  lac.take();
  ASSERT_EQ(tunnel().numbers, Numbers::settling);
  lac.hello();  // new, behind the CDN that nobody acknowledged
  lac.take();
  EXPECT_EQ(tunnel().numbers, Numbers::settling);
  EXPECT_EQ(lns.sessions().size(), 2u);
  lac.resend();
  lac.take();
  EXPECT_EQ(tunnel().numbers, Numbers::known);
  EXPECT_EQ(lns.sessions().size(), 1u);
}

TEST_F(Probes, GoOnWithThePeersNumberWhenNothingComesAgain) {
  connect_with(1);
  const auto copy = lns.copy();
  call(2);
  run(2s);
  lns.boot_from(copy);
  lns.pass(2s);
  lac.take();
  ASSERT_EQ(tunnel().numbers, Numbers::settling);
  lns.pass(l2tp::kSettle);
  EXPECT_EQ(tunnel().numbers, Numbers::known);
  EXPECT_EQ(tunnel().l2tp.channel.next_nr, lac.ns);
}

TEST_F(Probes, AreSentAgainWhenTheyAreLostAndAnswerWithinThePeersBudget) {
  connect_with(1);
  const auto copy = lns.copy();
  call(2);
  run(2s);
  lns.boot_from(copy);
  std::vector<TimePoint> at;
  const TimePoint begin = lns.now;
  for (unsigned i = 0; i < 230; ++i) {
    lns.pass(100ms);
    if (messages_sent() != 0) at.push_back(lns.now);
    lns.sent.clear();
  }
  ASSERT_EQ(at.size(), 5u);  // after 1, 2, 4 and 8 s
  EXPECT_LE(at.front() - begin, 2s);
  EXPECT_LE(at.back() - begin, 17s);
  run(60s);
  expect_all_well(1);
}

TEST_F(Probes, GiveUpATunnelWhosePeerIsGone) {
  connect_with(2);
  const auto copy = lns.copy();
  lns.boot_from(copy);
  for (unsigned i = 0; i < 40; ++i) {
    lns.pass(1s);
    lns.sent.clear();
  }
  EXPECT_EQ(lns.tunnels().size(), 0u);
  EXPECT_EQ(lns.sessions().size(), 0u);
  EXPECT_NE(lns.last(NoticeKind::tunnel_timeout), nullptr);
}

TEST_F(Probes, ClearASessionThatEndedAfterTheCopyWasMade) {
  connect_with(2);
  const auto copy = lns.copy();
  lac.hang_up(1);
  lac.take();
  lac.calls.erase(1);  // nobody is there to answer
  run(2s);
  lns.boot_from(copy);
  EXPECT_EQ(lns.sessions().size(), 2u);
  run(100s);
  expect_all_well(1);
}

TEST_F(Probes, ClearACallThatWasBeingSetUp) {
  connect_with(1);
  lac.call(2);
  const auto copy = lns.copy();
  lac.take();
  run(2s);
  ASSERT_TRUE(lac.calls[2].ipv4);
  lns.boot_from(copy);
  run(50s);
  EXPECT_TRUE(lac.calls[2].hung_up);
  expect_all_well(1);
}

TEST_F(Probes, GiveUpATunnelThatWasBeingSetUp) {
  lac.dial();
  const auto copy = lns.copy();
  lac.take();
  lns.boot_from(copy);
  EXPECT_EQ(lns.used(Table::tunnel), 1u);
  lns.pass(1s);
  EXPECT_EQ(lns.used(Table::tunnel), 0u);
}

TEST_F(Probes, KeepSessionIdsFromNewCallsThatOldOnesMayHave) {
  connect_with(1);
  const auto copy = lns.copy();
  std::vector<SessionId> unknown;
  for (std::uint16_t i = 2; i < 30; ++i) {
    call(i);
    unknown.push_back(lac.calls[i].theirs);
  }
  lns.boot_from(copy);
  run(40s);
  for (std::uint16_t i = 30; i < 60; ++i) {
    call(i);
    EXPECT_EQ(std::ranges::count(unknown, lac.calls[i].theirs), 0);
  }
}

TEST_F(Probes, AreBegunAgainByAProcessThatDiesMeanwhile) {
  connect_with(1);
  const auto copy = lns.copy();
  call(2);
  run(2s);
  lns.boot_from(copy);
  lns.handle(ClearSession{lac.tunnel, lac.calls[1].theirs});
  lns.restart();
  EXPECT_EQ(messages_sent(), 0u);
  run(60s);
  EXPECT_TRUE(lac.calls[1].hung_up);
  expect_all_well(0);
}

// Calls come and go, messages get lost; a copy is made at some commit, and some time later it is all that is left. At
// rest, what we have is what the peer has; what the peer has besides is younger than the copy.
void Both::go_back_at_random(unsigned seed) {
  std::mt19937 random(seed);
  connect_with(3);
  std::uint16_t next = 10, first_after = 0;
  std::optional<checkpoint::Store> copy;
  const unsigned steps = 5 + random() % 40, copy_at = random() % steps;
  for (unsigned i = 0; i < steps; ++i) {
    if (i == copy_at) {
      copy.emplace(lns.copy());
      first_after = next;
    }
    switch (random() % 6) {
      case 0: lac.call(next++); break;
      case 1:
        for (auto& [id, call] : lac.calls)
          if (call.connected && !call.hung_up && random() % 2 == 0) {
            lac.hang_up(id);
            call.hung_up = true;
            break;
          }
        break;
      case 2:
        for (const auto& session : lns.sessions())
          if (random() % 2 == 0) {
            lns.handle(ClearSession{lac.tunnel, session.id});
            break;
          }
        break;
      case 3: lac.take(1 + static_cast<unsigned>(random() % 3)); break;
      case 4:
        if (!lns.sent.empty()) lns.sent.pop_front();  // lost
        break;
      default: run(random() % 2 == 0 ? 1s : 5s); break;
    }
  }
  lns.boot_from(*copy);
  for (auto& [id, call] : lac.calls) call.answers_echo = !call.hung_up;
  run(3min);
  ASSERT_EQ(lns.tunnels().size(), 1u);
  ASSERT_EQ(tunnel().numbers, Numbers::known);
  ASSERT_EQ(tunnel().l2tp.channel.next_nr, lac.ns);
  ASSERT_EQ(tunnel().l2tp.channel.next_ns, lac.nr);
  ASSERT_EQ(tunnel().sessions, lns.sessions().size());
  for (const auto& session : lns.sessions()) {
    ASSERT_EQ(session.unconfirmed, 0);
    const auto& call = lac.calls[session.peer.value()];
    ASSERT_TRUE(call.connected && !call.hung_up) << "session " << session.id.value();
  }
  for (const auto& [id, call] : lac.calls)
    if (call.connected && !call.hung_up && id < first_after)
      ASSERT_NE(lns.records->session(session_index(lac.tunnel, call.theirs, 0)), nullptr) << "call " << id;
}

TEST(Probe, MakesBothEndsEqualWhateverHappenedSinceTheCopy) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Both().go_back_at_random(seed);
  }
}

}  // namespace
}  // namespace holdfast::engine::test
