// The rules of RFC 4951: a recovery that keeps them all, and for each rule a trace that breaks it and no other.
#include "trace.hpp"

#include <gtest/gtest.h>

namespace holdfast::sim::test {
namespace {

using Rules = std::vector<Rule>;
using l2tp::FailoverCapability;
using l2tp::FailoverSessionState;
using l2tp::SuggestedControlSequence;
using l2tp::TunnelRecovery;

Trace::Fill both(Trace::Fill first, Trace::Fill second) {
  return [=](MessageBuilder& m) {
    first(m);
    second(m);
  };
}

constexpr FailoverCapability kCapable{true, false, milliseconds(30'000)};
constexpr FailoverCapability kNumberedDataOnly{false, true, milliseconds(0)};

// a opens the tunnel, fails, and recovers it through a tunnel between r and p.
struct Failover : ::testing::Test {
  Trace t;
  Peer& a = t.a;
  Peer& b = t.b;
  Peer r{t.a.at, 33};
  Peer p{t.b.at, 44};

  static Trace::Fill announce(const FailoverCapability& c) {
    return [=](MessageBuilder& m) { m.add(c); };
  }
  void open(const FailoverCapability& of_a = kCapable, const FailoverCapability& of_b = kCapable) {
    t.exchange(a, b, MessageType::sccrq, 0, both(Trace::opening(a), announce(of_a)));
    t.exchange(b, a, MessageType::sccrp, 0, both(Trace::opening(b), announce(of_b)));
    t.exchange(a, b, MessageType::scccn);
    t.acknowledge(b, a);
  }
  Trace::Fill wanting(std::uint16_t theirs, std::uint16_t ours) const {
    return [=, own = r](MessageBuilder& m) {
      Trace::opening(own)(m);
      m.add(TunnelRecovery{TunnelId(theirs), PeerTunnelId(ours)}).u64(AvpType::tie_breaker, 7);
    };
  }
  // AVP 77 has the sender's id first: encoded as {ours, theirs}.
  Trace::Fill recovery() const { return wanting(a.tunnel, b.tunnel); }
  void recover(std::optional<SuggestedControlSequence> suggested = SuggestedControlSequence{1000, 2000}) {
    t.exchange(r, p, MessageType::sccrq, 0, recovery());
    t.exchange(p, r, MessageType::sccrp, 0, both(Trace::opening(p), [=](MessageBuilder& m) {
                 if (suggested) m.add(*suggested);
               }));
    const auto numbers = suggested.value_or(SuggestedControlSequence{});
    a.ns = numbers.ns;
    a.nr = numbers.nr;
    t.exchange(r, p, MessageType::scccn);
    b.ns = numbers.nr;
    b.nr = numbers.ns;
    t.acknowledge(p, r);
  }
  static Trace::Fill state(std::uint16_t own, std::uint16_t peers) {
    return [=](MessageBuilder& m) { m.add(FailoverSessionState{SessionId(own), PeerSessionId(peers)}); };
  }
  void at_rest() {
    t.acknowledge(a, b);
    t.acknowledge(b, a);
    t.pass(seconds(300));
    t.checker.at_rest(t.now);
  }
  SpecChecker::Alive alive(const Peer& peer) const { return t.checker.alive(peer.at); }
};

TEST_F(Failover, IsContentWithARecoveryAndWhatBothEndsAskEachOther) {
  open();
  t.connect(5, 6);
  recover();
  t.exchange(a, b, MessageType::fsq, 0, state(5, 6));
  t.exchange(b, a, MessageType::fsr, 0, state(6, 5));
  t.exchange(b, a, MessageType::fsq, 0, state(6, 5));
  t.exchange(a, b, MessageType::fsr, 0, state(5, 6));
  t.exchange(r, p, MessageType::stopccn, 0, Trace::stopped(r));
  t.acknowledge(p, r);
  t.connect(7, 8);
  at_rest();
  EXPECT_EQ(t.broken(), Rules{});
  EXPECT_EQ(alive(a), (SpecChecker::Alive{1, 2}));
  EXPECT_EQ(alive(b), (SpecChecker::Alive{1, 2}));
}

TEST_F(Failover, CountsFromZeroWhereNothingIsSuggested) {
  open();
  recover(std::nullopt);
  t.exchange(a, b, MessageType::hello);
  t.exchange(b, a, MessageType::hello);
  at_rest();
  EXPECT_EQ(t.broken(), Rules{});
}

TEST_F(Failover, ClearsSilentlyWhatOneEndDoesNotKnow) {
  open();
  t.connect(5, 6);
  // Connected for a, which sent the ICCN that never arrived; b waits for it.
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(7));
  t.exchange(b, a, MessageType::icrp, 7, Trace::answer(8));
  t.send(t.next(a, b, MessageType::iccn, 8, Trace::connected()));
  recover();
  t.exchange(a, b, MessageType::fsq, 0, both(state(5, 6), state(7, 8)));
  t.exchange(b, a, MessageType::fsr, 0, both(state(6, 5), state(0, 7)));
  at_rest();
  EXPECT_EQ(t.broken(), Rules{});
  EXPECT_EQ(alive(a), (SpecChecker::Alive{1, 1}));
  EXPECT_EQ(alive(b), (SpecChecker::Alive{1, 1}));
}

TEST_F(Failover, OwesNoAnswerInWhatIsBeingRecovered) {
  open();
  t.exchange(r, p, MessageType::sccrq, 0, recovery());
  t.exchange(p, r, MessageType::sccrp, 0, Trace::opening(p));
  t.acknowledge(r, p);
  t.arrive(t.next(a, b, MessageType::hello));
  t.pass(seconds(2));
  t.exchange(r, p, MessageType::scccn);
  EXPECT_EQ(t.broken(), Rules{});
}

TEST_F(Failover, WaitsForTheRecoveryTimeBeforeItCountsAnEndAsGivenUp) {
  open();
  const Datagram hello = t.next(b, a, MessageType::hello);
  for (int i = 0; i < 6; ++i) {
    t.send(hello);
    t.pass(milliseconds(4900));
  }
  EXPECT_EQ(alive(b), (SpecChecker::Alive{1, 0})) << "29.4 s after its first HELLO";
  t.pass(seconds(10));
  t.send(t.zlb(a, b));
  EXPECT_EQ(alive(b), (SpecChecker::Alive{0, 0}));
}

TEST_F(Failover, FindsTheNumbersOfBeforeAfterTheReset) {
  open();
  const auto ns = a.ns, nr = a.nr;
  recover();
  a.ns = ns;
  a.nr = nr;
  t.send(t.next(a, b, MessageType::hello));
  EXPECT_EQ(t.broken(), (Rules{Rule::nr_backwards, Rule::ns_skipped}));
}

TEST_F(Failover, FindsAvpsInTheWrongMessage) {
  open();
  t.exchange(a, b, MessageType::hello, 0, announce(kCapable));
  t.exchange(a, b, MessageType::hello, 0, [](MessageBuilder& m) { m.add(SuggestedControlSequence{1, 2}); });
  EXPECT_EQ(t.broken().front(), Rule::failover_avp_misplaced);
}

TEST_F(Failover, FindsASuggestionInAnOrdinaryTunnel) {
  t.exchange(a, b, MessageType::sccrq, 0, Trace::opening(a));
  t.exchange(b, a, MessageType::sccrp, 0, both(Trace::opening(b), [](MessageBuilder& m) {
               m.add(SuggestedControlSequence{1, 2});
             }));
  EXPECT_EQ(t.broken(), Rules{Rule::failover_avp_misplaced});
}

TEST_F(Failover, FindsACapabilityOfNothing) {
  t.exchange(a, b, MessageType::sccrq, 0, both(Trace::opening(a), announce({false, false, milliseconds(0)})));
  EXPECT_EQ(t.broken(), Rules{Rule::capability_empty});
}

TEST_F(Failover, FindsACapabilityInARecoveryTunnel) {
  open();
  t.exchange(r, p, MessageType::sccrq, 0, both(recovery(), announce(kCapable)));
  EXPECT_EQ(t.broken(), Rules{Rule::recovery_announces});
}

TEST_F(Failover, FindsARecoveryWithoutTieBreaker) {
  open();
  t.exchange(r, p, MessageType::sccrq, 0, both(Trace::opening(r), [&](MessageBuilder& m) {
               m.add(TunnelRecovery{TunnelId(a.tunnel), PeerTunnelId(b.tunnel)});
             }));
  EXPECT_EQ(t.broken(), Rules{Rule::recovery_without_tie});
}

TEST_F(Failover, FindsARecoveryOfATunnelThatIsNotThere) {
  open();
  t.exchange(r, p, MessageType::sccrq, 0, wanting(a.tunnel, 99));
  EXPECT_EQ(t.broken(), Rules{Rule::recovery_unknown});
}

TEST_F(Failover, FindsARecoveryOfATunnelThatWasStopped) {
  open();
  t.exchange(a, b, MessageType::stopccn, 0, Trace::stopped(a));
  t.exchange(r, p, MessageType::sccrq, 0, recovery());
  EXPECT_EQ(t.broken(), Rules{Rule::recovery_unknown});
}

TEST_F(Failover, FindsThatARecoveryWasAcceptedWhereOneEndDidNotAnnounceIt) {
  open(kCapable, kNumberedDataOnly);
  t.exchange(r, p, MessageType::sccrq, 0, recovery());
  t.exchange(p, r, MessageType::sccrp, 0, Trace::opening(p));
  EXPECT_EQ(t.broken(), Rules{Rule::recovery_accepted});
}

TEST_F(Failover, FindsACallInARecoveryTunnel) {
  open();
  recover();
  t.exchange(r, p, MessageType::icrq, 0, Trace::call(5));
  EXPECT_EQ(t.broken(), Rules{Rule::recovery_message});
}

TEST_F(Failover, FindsAQueryThatIsNeverAnswered) {
  open();
  t.connect(5, 6);
  recover();
  t.exchange(a, b, MessageType::fsq, 0, state(5, 6));
  at_rest();
  EXPECT_EQ(t.broken(), Rules{Rule::query_unanswered});
}

TEST_F(Failover, FindsAnAnswerThatNobodyAskedFor) {
  open();
  t.connect(5, 6);
  recover();
  t.exchange(b, a, MessageType::fsr, 0, state(0, 5));
  EXPECT_EQ(t.broken(), Rules{Rule::answer_unasked});
}

TEST_F(Failover, FindsThatASessionIsDeniedWhichIsThere) {
  open();
  t.connect(5, 6);
  recover();
  t.exchange(a, b, MessageType::fsq, 0, state(5, 6));
  t.exchange(b, a, MessageType::fsr, 0, state(0, 5));
  EXPECT_EQ(t.broken(), Rules{Rule::answer_wrong});
}

TEST_F(Failover, FindsThatASessionIsConfirmedWhichIsPairedWithAnother) {
  open();
  t.connect(5, 6);
  recover();
  t.exchange(a, b, MessageType::fsq, 0, state(9, 6));
  t.exchange(b, a, MessageType::fsr, 0, state(6, 9));
  EXPECT_EQ(t.broken(), Rules{Rule::answer_wrong});
}

TEST_F(Failover, FindsACdnForWhatIsToBeClearedSilently) {
  open();
  t.exchange(a, b, MessageType::icrq, 0, Trace::call(5));
  t.exchange(b, a, MessageType::icrp, 5, Trace::answer(6));
  recover();
  t.exchange(a, b, MessageType::cdn, 6, Trace::cleared(5));
  EXPECT_EQ(t.broken(), Rules{Rule::cleared_aloud});
}

// Both ends have failed: of the two recovery tunnels for one tunnel the one with the lower value is accepted.
TEST_F(Failover, FindsThatTheLosingRecoveryIsAccepted) {
  open();
  Peer r2{b.at, 55};
  Peer p2{a.at, 66};
  const Datagram ours = t.next(r, p, MessageType::sccrq, 0, recovery());
  const Datagram theirs = t.next(r2, p2, MessageType::sccrq, 0, [&](MessageBuilder& m) {
    Trace::opening(r2)(m);
    m.add(TunnelRecovery{TunnelId(b.tunnel), PeerTunnelId(a.tunnel)}).u64(AvpType::tie_breaker, 8);
  });
  for (const Datagram& d : {ours, theirs}) t.send(d);
  for (const Datagram& d : {ours, theirs}) t.arrive(d);
  ++p.nr, ++p2.nr;
  t.exchange(p2, r2, MessageType::sccrp, 0, Trace::opening(p2));
  EXPECT_EQ(t.broken(), Rules{Rule::tie_breaker});
}

}  // namespace
}  // namespace holdfast::sim::test
