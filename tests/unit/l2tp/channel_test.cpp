#include "l2tp/channel.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::l2tp {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint at(Duration since_start) { return TimePoint{} + since_start; }

class ChannelTest : public ::testing::Test {
 protected:
  // A message leaves now.
  void send(TimePoint now) {
    const auto ns = enqueue(channel_);
    ASSERT_EQ(take_sendable(channel_, policy_, now), (SendRange{ns, 1}));
  }
  Received zlb(std::uint16_t nr, TimePoint now) { return receive(channel_, next_nr(channel_), nr, true, policy_, now); }
  Received message(std::uint16_t ns, std::uint16_t nr, TimePoint now) {
    return receive(channel_, ns, nr, false, policy_, now);
  }
  // What the channel asks for, and when, from one deadline to the next.
  struct Due {
    Duration when;
    Expiry what;
    friend bool operator==(const Due&, const Due&) = default;
  };
  std::vector<Due> until(TimePoint end, bool established = true) {
    std::vector<Due> out;
    for (;;) {
      const TimePoint now = next_due(channel_, policy_);
      if (now > end) return out;
      const auto what = expire(channel_, policy_, established, now);
      if (what != Expiry::nothing) out.push_back({now - at(0s), what});
    }
  }

  ChannelPolicy policy_;
  Channel channel_ = open_channel(4, policy_, at(0s));
};

// RFC 2661 5.8: 1, 2, 4, 8, 8, 8 seconds.
TEST_F(ChannelTest, RetransmitsFiveTimesAndIsExhaustedAfter31Seconds) {
  send(at(0s));
  EXPECT_EQ(until(at(100s)), (std::vector<Due>{{1s, Expiry::retransmit},
                                               {3s, Expiry::retransmit},
                                               {7s, Expiry::retransmit},
                                               {15s, Expiry::retransmit},
                                               {23s, Expiry::retransmit},
                                               {31s, Expiry::exhausted}}));
  EXPECT_EQ(full_cycle(policy_, true), 31s);
}

TEST_F(ChannelTest, HasItsOwnCountOfRetriesBeforeItIsEstablished) {
  policy_.retries_unestablished = 2;
  send(at(0s));
  EXPECT_EQ(until(at(100s), false),
            (std::vector<Due>{{1s, Expiry::retransmit}, {3s, Expiry::retransmit}, {7s, Expiry::exhausted}}));
  EXPECT_EQ(full_cycle(policy_, false), 7s);
}

TEST_F(ChannelTest, DoublesUpToAnotherCap) {
  policy_.cap = 16s;
  send(at(0s));
  EXPECT_EQ(until(at(100s)), (std::vector<Due>{{1s, Expiry::retransmit},
                                               {3s, Expiry::retransmit},
                                               {7s, Expiry::retransmit},
                                               {15s, Expiry::retransmit},
                                               {31s, Expiry::retransmit},
                                               {47s, Expiry::exhausted}}));
}

TEST_F(ChannelTest, StopsRetransmittingWhenThePeerAcknowledges) {
  send(at(0s));
  EXPECT_EQ(until(at(5s)), (std::vector<Due>{{1s, Expiry::retransmit}, {3s, Expiry::retransmit}}));
  EXPECT_EQ(zlb(1, at(5s)), (Received{Arrival::zlb, 1}));
  EXPECT_TRUE(idle(channel_));
  EXPECT_EQ(next_due(channel_, policy_), at(65s)) << "only the HELLO is left";
}

TEST_F(ChannelTest, BeginsTheNextMessageAtOneSecondAgain) {
  send(at(0s));
  (void)until(at(3s));
  (void)enqueue(channel_);
  (void)zlb(1, at(4s));
  EXPECT_EQ(take_sendable(channel_, policy_, at(4s)), (SendRange{1, 1}));
  EXPECT_EQ(until(at(10s)), (std::vector<Due>{{5s, Expiry::retransmit}, {7s, Expiry::retransmit}}));
}

TEST_F(ChannelTest, MayTryAnotherCycleAfterExhaustion) {
  send(at(0s));
  (void)until(at(31s));
  EXPECT_EQ(next_due(channel_, policy_), kNever);
  restart_timers(channel_, policy_, at(31s));
  EXPECT_EQ(until(at(33s)), (std::vector<Due>{{32s, Expiry::retransmit}}));
  EXPECT_EQ(zlb(1, at(33s)).acknowledged, 1) << "an acknowledgement that comes late still counts";
  EXPECT_EQ(channel_.retransmissions, 0);
}

// RFC 2661 5.8: with 15 as the last number received, 0..15 and 32784..65535 are duplicates.
TEST_F(ChannelTest, TellsOldFromNewNumbersAsTheRfcDoes) {
  reset_sequence(channel_, 0, 16, at(0s));
  const auto arrival = [&](std::uint16_t ns) {
    Channel copy = channel_;
    return receive(copy, ns, 0, false, policy_, at(0s)).arrival;
  };
  EXPECT_EQ(arrival(16), Arrival::in_order);
  for (const int ns : {0, 15, 32784, 65535})
    EXPECT_EQ(arrival(static_cast<std::uint16_t>(ns)), Arrival::duplicate) << ns;
  for (const int ns : {17, 32783}) EXPECT_EQ(arrival(static_cast<std::uint16_t>(ns)), Arrival::ahead) << ns;
}

TEST_F(ChannelTest, AcknowledgesAMessageAfterTheDelayOrWithTheNextMessage) {
  EXPECT_EQ(message(0, 0, at(1s)), (Received{Arrival::in_order, 0}));
  EXPECT_EQ(next_nr(channel_), 1);
  EXPECT_FALSE(ack_due(channel_, at(1s)));
  EXPECT_EQ(next_due(channel_, policy_), at(1100ms));
  Channel alone = channel_;
  EXPECT_EQ(expire(alone, policy_, true, at(1100ms)), Expiry::ack_due);
  EXPECT_EQ(expire(alone, policy_, true, at(1100ms)), Expiry::nothing);
  send(at(1050ms));
  EXPECT_FALSE(ack_due(channel_, at(10s))) << "the message carried Nr";
}

TEST_F(ChannelTest, AcknowledgesEverySecondMessageAtOnce) {
  (void)message(0, 0, at(1s));
  (void)message(1, 0, at(1s));
  EXPECT_TRUE(ack_due(channel_, at(1s)));
  ack_sent(channel_);
  (void)message(2, 0, at(1s));
  EXPECT_FALSE(ack_due(channel_, at(1s)));
}

TEST_F(ChannelTest, AcknowledgesADuplicateAtOnceAndDoesNotTakeItAgain) {
  (void)message(0, 0, at(1s));
  ack_sent(channel_);
  EXPECT_EQ(message(0, 0, at(2s)), (Received{Arrival::duplicate, 0}));
  EXPECT_EQ(next_nr(channel_), 1);
  EXPECT_TRUE(ack_due(channel_, at(2s)));
}

TEST_F(ChannelTest, DropsAMessageThatComesAheadOfALostOne) {
  EXPECT_EQ(message(1, 0, at(1s)), (Received{Arrival::ahead, 0}));
  EXPECT_EQ(next_nr(channel_), 0);
  EXPECT_FALSE(ack_due(channel_, at(10s)));
  EXPECT_EQ(message(0, 0, at(2s)).arrival, Arrival::in_order);
  EXPECT_EQ(message(1, 0, at(2s)).arrival, Arrival::in_order);
}

TEST_F(ChannelTest, NeverAcknowledgesAZlb) {
  EXPECT_EQ(zlb(0, at(1s)), (Received{Arrival::zlb, 0}));
  EXPECT_FALSE(ack_due(channel_, at(100s)));
  EXPECT_EQ(next_nr(channel_), 0) << "a ZLB takes no number";
}

TEST_F(ChannelTest, GivesAZlbTheNumberOfTheNextMessageToLeave) {
  for (int i = 0; i < 3; ++i) (void)enqueue(channel_);
  (void)take_sendable(channel_, policy_, at(0s));
  EXPECT_EQ(zlb_ns(channel_), 1) << "1 and 2 are queued";
  (void)expire(channel_, policy_, true, at(1s));
  EXPECT_EQ(zlb_ns(channel_), 1) << "a retransmission changes nothing";
  resend_all(channel_);
  EXPECT_EQ(zlb_ns(channel_), 1);
}

TEST_F(ChannelTest, RetransmissionCarriesTheAcknowledgement) {
  send(at(0s));
  (void)message(0, 0, at(950ms));
  EXPECT_EQ(expire(channel_, policy_, true, at(1s)), Expiry::retransmit);
  EXPECT_EQ(oldest_ns(channel_), 0);
  EXPECT_FALSE(ack_due(channel_, at(2s)));
}

TEST_F(ChannelTest, TakesTheNrOfAMessageThatIsAheadOrADuplicate) {
  send(at(0s));
  EXPECT_EQ(message(5, 1, at(500ms)), (Received{Arrival::ahead, 1}));
  send(at(600ms));
  EXPECT_EQ(message(65535, 2, at(700ms)), (Received{Arrival::duplicate, 1}));
  EXPECT_TRUE(idle(channel_));
}

TEST_F(ChannelTest, IgnoresAnOldNrButTakesTheMessage) {
  send(at(0s));
  (void)zlb(1, at(100ms));
  EXPECT_EQ(message(0, 0, at(200ms)), (Received{Arrival::in_order, 0}));
}

TEST_F(ChannelTest, LeavesEverythingAloneWhenNrAcknowledgesWhatWasNeverSent) {
  send(at(0s));
  (void)enqueue(channel_);
  const Channel before = channel_;
  EXPECT_EQ(message(0, 2, at(500ms)), (Received{Arrival::ack_of_unsent, 0})) << "queued is not sent";
  EXPECT_EQ(zlb(2, at(500ms)), (Received{Arrival::ack_of_unsent, 0}));
  EXPECT_EQ(zlb(32767, at(500ms)), (Received{Arrival::ack_of_unsent, 0}));
  EXPECT_EQ(channel_, before);
}

// RFC 2661 appendix A: CWND 1, then one more for each acknowledgement up to the peer's window.
TEST_F(ChannelTest, GrowsByOneAnAcknowledgementUpToThePeersWindow) {
  for (int i = 0; i < 16; ++i) (void)enqueue(channel_);
  EXPECT_EQ(room(channel_), 0u);
  const auto sendable = [&] { return take_sendable(channel_, policy_, at(0s)); };
  EXPECT_EQ(sendable(), (SendRange{0, 1}));
  EXPECT_EQ(sendable(), (SendRange{1, 0})) << "nothing before the acknowledgement";
  (void)zlb(1, at(0s));
  EXPECT_EQ(sendable(), (SendRange{1, 2}));
  (void)zlb(2, at(0s));
  EXPECT_EQ(sendable(), (SendRange{3, 2}));
  (void)zlb(3, at(0s));
  EXPECT_EQ(sendable(), (SendRange{5, 2})) << "window 4: 3, 4, 5, 6 in flight";
  (void)zlb(4, at(0s));
  EXPECT_EQ(sendable(), (SendRange{7, 1})) << "CWND does not exceed the peer's window";
  EXPECT_EQ(unacknowledged(channel_), (SendRange{4, 4}));
  EXPECT_EQ(room(channel_), 4u);
}

TEST_F(ChannelTest, GrowsByOneARoundTripInCongestionAvoidance) {
  set_peer_window(channel_, 16);
  for (int i = 0; i < 16; ++i) (void)enqueue(channel_);
  std::uint16_t acknowledged = 0;
  const auto acknowledge_one = [&] {
    (void)take_sendable(channel_, policy_, at(0s));
    (void)zlb(++acknowledged, at(0s));
    (void)enqueue(channel_);
  };
  while (channel_.cwnd < 8) acknowledge_one();
  (void)take_sendable(channel_, policy_, at(0s));
  ASSERT_EQ(expire(channel_, policy_, true, at(1s)), Expiry::retransmit);
  EXPECT_EQ(channel_.ssthresh, 4);
  EXPECT_EQ(channel_.cwnd, 1);
  std::vector<int> cwnd;
  for (int i = 0; i < 12; ++i) {
    acknowledge_one();
    cwnd.push_back(channel_.cwnd);
  }
  EXPECT_EQ(cwnd, (std::vector<int>{2, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 6}));
}

TEST_F(ChannelTest, SendsTheRestAgainAfterARetransmissionAsTheWindowReopens) {
  for (int i = 0; i < 3; ++i) (void)enqueue(channel_);
  (void)take_sendable(channel_, policy_, at(0s));
  (void)zlb(1, at(0s));
  ASSERT_EQ(take_sendable(channel_, policy_, at(0s)), (SendRange{1, 2}));
  ASSERT_EQ(expire(channel_, policy_, true, at(1s)), Expiry::retransmit);
  EXPECT_EQ(oldest_ns(channel_), 1);
  EXPECT_EQ(unacknowledged(channel_), (SendRange{1, 2}));
  Channel drops_what_is_ahead = channel_;
  EXPECT_EQ(receive(drops_what_is_ahead, 0, 2, true, policy_, at(1s)).acknowledged, 1);
  EXPECT_EQ(take_sendable(drops_what_is_ahead, policy_, at(1s)), (SendRange{2, 1}));
  Channel keeps_what_is_ahead = channel_;
  EXPECT_EQ(receive(keeps_what_is_ahead, 0, 3, true, policy_, at(1s)).acknowledged, 2);
  EXPECT_EQ(take_sendable(keeps_what_is_ahead, policy_, at(1s)), (SendRange{3, 0}));
  EXPECT_TRUE(idle(keeps_what_is_ahead));
}

TEST_F(ChannelTest, FreesAllThatACumulativeNrCovers) {
  set_peer_window(channel_, 16);
  for (int i = 0; i < 8; ++i) (void)enqueue(channel_);
  for (std::uint16_t nr = 1; nr <= 3; ++nr) {
    (void)take_sendable(channel_, policy_, at(0s));
    (void)zlb(nr, at(0s));
  }
  ASSERT_EQ(take_sendable(channel_, policy_, at(0s)), (SendRange{5, 2}));
  EXPECT_EQ(unacknowledged(channel_), (SendRange{3, 4}));
  EXPECT_EQ(zlb(6, at(500ms)), (Received{Arrival::zlb, 3})) << "3, 4 and 5, in part of the window";
  EXPECT_EQ(unacknowledged(channel_), (SendRange{6, 1}));
  EXPECT_EQ(until(at(1500ms)), (std::vector<Due>{{1500ms, Expiry::retransmit}})) << "the timer began anew";
}

TEST_F(ChannelTest, TellsTheRoomThatThereWillBeWhenAnNrIsTaken) {
  for (int i = 0; i < 12; ++i) enqueue(channel_);
  ASSERT_EQ(take_sendable(channel_, policy_, at(0s)), (SendRange{0, 1}));
  ASSERT_EQ(room(channel_), 4u);
  EXPECT_EQ(room_after(channel_, 0), 4u);
  EXPECT_EQ(room_after(channel_, 1), 5u);
  EXPECT_EQ(room_after(channel_, 2), 4u) << "never sent";
  EXPECT_EQ(room_after(channel_, 65535), 4u) << "old";
}

TEST_F(ChannelTest, TakesTheWindowThatThePeerAnnounces) {
  EXPECT_EQ(open_channel(kDefaultWindow, policy_, at(0s)).peer_window, 4);
  EXPECT_EQ(open_channel(0, policy_, at(0s)).peer_window, 1) << "0 is invalid";
  set_peer_window(channel_, 1);
  for (int i = 0; i < 3; ++i) (void)enqueue(channel_);
  for (std::uint16_t ns = 0; ns < 3; ++ns) {
    EXPECT_EQ(take_sendable(channel_, policy_, at(0s)), (SendRange{ns, 1}));
    (void)zlb(static_cast<std::uint16_t>(ns + 1), at(0s));
  }
}

TEST_F(ChannelTest, NeverSendsMoreThanItHasSlotsHoweverLargeTheWindow) {
  set_peer_window(channel_, 65535);
  std::uint16_t acknowledged = 0;
  for (int i = 0; i < 100; ++i) {
    while (room(channel_) > 0) (void)enqueue(channel_);
    (void)take_sendable(channel_, policy_, at(0s));
    EXPECT_LE(unacknowledged(channel_).count, kSlots);
    (void)zlb(++acknowledged, at(0s));
  }
  EXPECT_EQ(channel_.cwnd, kSlots);
}

TEST_F(ChannelTest, CountsRoundThe16BitsOnBothSides) {
  reset_sequence(channel_, 65534, 65535, at(0s));
  for (int i = 0; i < 4; ++i) (void)enqueue(channel_);
  EXPECT_EQ(take_sendable(channel_, policy_, at(0s)), (SendRange{65534, 1}));
  EXPECT_EQ(message(65535, 65535, at(0s)), (Received{Arrival::in_order, 1}));
  EXPECT_EQ(next_nr(channel_), 0);
  EXPECT_EQ(take_sendable(channel_, policy_, at(0s)), (SendRange{65535, 2}));
  EXPECT_EQ(message(65535, 1, at(0s)), (Received{Arrival::duplicate, 2}));
  EXPECT_EQ(message(0, 1, at(0s)), (Received{Arrival::in_order, 0}));
  EXPECT_EQ(take_sendable(channel_, policy_, at(0s)), (SendRange{1, 1}));
  EXPECT_EQ(next_ns(channel_), 2);
}

// RFC 2661 appendix B.2: the ICRP is lost, the ICRQ comes twice.
TEST_F(ChannelTest, PlaysTheLostPacketOfAppendixB) {
  Channel lns = channel_;
  reset_sequence(lns, 1, 2, at(0s));
  EXPECT_EQ(receive(lns, 2, 1, false, policy_, at(0s)), (Received{Arrival::in_order, 0})) << "ICRQ";
  (void)enqueue(lns);
  EXPECT_EQ(take_sendable(lns, policy_, at(100ms)), (SendRange{1, 1})) << "ICRP, lost";
  EXPECT_EQ(receive(lns, 2, 1, false, policy_, at(1s)), (Received{Arrival::duplicate, 0}));
  EXPECT_EQ(expire(lns, policy_, true, at(1s)), Expiry::ack_due) << "ZLB with Nr 3";
  EXPECT_EQ(next_nr(lns), 3);
  EXPECT_EQ(next_due(lns, policy_), at(1100ms));
  EXPECT_EQ(expire(lns, policy_, true, at(1100ms)), Expiry::retransmit) << "ICRP";
  EXPECT_EQ(receive(lns, 3, 2, false, policy_, at(1200ms)), (Received{Arrival::in_order, 1})) << "ICCN";
  EXPECT_EQ(next_nr(lns), 4);
}

// RFC 2661 5.5, 6.5.
TEST_F(ChannelTest, AsksForAHelloAfterSixtySecondsOfSilence) {
  EXPECT_EQ(until(at(130s)), (std::vector<Due>{{60s, Expiry::hello_due}, {120s, Expiry::hello_due}}))
      << "nobody sent the HELLOs";
}

TEST_F(ChannelTest, PostponesTheHelloForAnyControlOrDataMessage) {
  (void)zlb(0, at(10s));
  EXPECT_EQ(next_due(channel_, policy_), at(70s));
  heard(channel_, at(30s));
  EXPECT_EQ(next_due(channel_, policy_), at(90s));
  heard(channel_, at(20s));
  EXPECT_EQ(next_due(channel_, policy_), at(90s)) << "a report that comes late changes nothing";
}

TEST_F(ChannelTest, SendsNoHelloWhileAMessageIsUnacknowledged) {
  (void)until(at(59s));
  send(at(59s));
  EXPECT_EQ(until(at(70s)),
            (std::vector<Due>{{60s, Expiry::retransmit}, {62s, Expiry::retransmit}, {66s, Expiry::retransmit}}));
}

TEST_F(ChannelTest, DiesOfAnUnansweredHello31SecondsLater) {
  EXPECT_EQ(until(at(60s)), (std::vector<Due>{{60s, Expiry::hello_due}}));
  send(at(60s));
  EXPECT_EQ(until(at(200s)).back(), (Due{91s, Expiry::exhausted}));
}

TEST_F(ChannelTest, SendsNoHelloBeforeTheTunnelIsEstablishedOrWhenTurnedOff) {
  EXPECT_EQ(until(at(200s), false), std::vector<Due>{});
  policy_.hello = 0s;
  EXPECT_EQ(next_due(channel_, policy_), kNever);
  EXPECT_EQ(expire(channel_, policy_, true, at(1000s)), Expiry::nothing);
}

TEST_F(ChannelTest, RestartsItsTimersInFullAfterARestore) {
  send(at(0s));
  (void)until(at(20s));
  ASSERT_EQ(channel_.retransmissions, 4);
  restart_timers(channel_, policy_, at(22s));
  EXPECT_EQ(until(at(30s)),
            (std::vector<Due>{{23s, Expiry::retransmit}, {25s, Expiry::retransmit}, {29s, Expiry::retransmit}}));
}

TEST_F(ChannelTest, OwesAnAcknowledgementAtOnceAfterARestore) {
  (void)message(0, 0, at(1s));
  restart_timers(channel_, policy_, at(1050ms));
  EXPECT_TRUE(ack_due(channel_, at(1050ms)));
  ack_sent(channel_);
  restart_timers(channel_, policy_, at(2s));
  EXPECT_FALSE(ack_due(channel_, at(100s))) << "none was owed";
}

TEST_F(ChannelTest, SendsEverythingUnacknowledgedAgainOnRequest) {
  for (int i = 0; i < 3; ++i) (void)enqueue(channel_);
  (void)take_sendable(channel_, policy_, at(0s));
  (void)zlb(1, at(0s));
  ASSERT_EQ(take_sendable(channel_, policy_, at(0s)), (SendRange{1, 2}));
  restart_timers(channel_, policy_, at(10s));
  resend_all(channel_);
  EXPECT_EQ(take_sendable(channel_, policy_, at(10s)), (SendRange{1, 1}));
  EXPECT_EQ(zlb(3, at(10s)), (Received{Arrival::zlb, 2})) << "the peer had both all the time";
  EXPECT_TRUE(idle(channel_));
}

// RFC 4951 3.2.2, appendix A: suggested 3 and 100.
TEST_F(ChannelTest, GoesOnWithSuggestedNumbersAndForgetsWhatWasQueued) {
  for (int i = 0; i < 5; ++i) (void)enqueue(channel_);
  (void)take_sendable(channel_, policy_, at(0s));
  reset_sequence(channel_, 3, 100, at(50s));
  EXPECT_TRUE(idle(channel_));
  EXPECT_EQ(next_ns(channel_), 3);
  EXPECT_EQ(next_nr(channel_), 100);
  EXPECT_EQ(channel_.peer_window, 4);
  EXPECT_EQ(until(at(100s)), std::vector<Due>{}) << "no timer of the past";
  EXPECT_EQ(message(100, 3, at(100s)).arrival, Arrival::in_order);
}

}  // namespace
}  // namespace holdfast::l2tp
