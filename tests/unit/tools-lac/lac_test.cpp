// Tunnels and calls of the synthetic LAC against an LNS that a test plays by hand, in virtual time.
#include "dial/ip_packet.hpp"
#include "fixture.hpp"

#include <gtest/gtest.h>

namespace holdfast::lac::test {
namespace {

using namespace std::chrono_literals;

using l2tp::MessageType;
using Types = std::vector<MessageType>;

class LacTest : public ::testing::Test {
 protected:
  LacTest() {
    settings_.ppp.user = "alice";
    settings_.ppp.password = "wonderland";
  }
  Generator& generator() {
    if (!generator_) generator_.emplace(settings_, wire_, entropy_);
    return *generator_;
  }
  void start() {
    generator().start(at(0s));
    lns_.emplace(generator());
  }
  // With one call at wait_reply, nothing unacknowledged by the LNS but its ICRQ.
  void establish() {
    start();
    lns_->nr = 1;
    lns_->sccrp(at(1ms));
    lns_->nr = 2;
    lns_->acknowledge(at(2ms));
    wire_.take();
  }
  void bring_up() {
    establish();
    lns_->nr = 3;
    lns_->icrp(1, 500, at(3ms));
    lns_->nr = 4;
    lns_->acknowledge(at(4ms));
    lns_->ppp(1, {0xc0, 0x21, 1, 1, 0, 4}, at(5ms));
    acknowledge_latest(0xc021, at(6ms));
    lns_->ppp(1, {0x80, 0x21, 1, 1, 0, 10, 3, 6, 10, 0, 0, 1}, at(7ms));
    lns_->ppp(1, {0x80, 0x21, 3, 2, 0, 10, 3, 6, 10, 0, 0, 9}, at(8ms));
    acknowledge_latest(0x8021, at(9ms));
    ASSERT_EQ(counters().calls_up, 1u);
    wire_.take();
  }
  // The LNS acknowledges the latest Configure-Request of this protocol.
  void acknowledge_latest(std::uint16_t protocol, TimePoint now) {
    for (auto i = wire_.sent.rbegin(); i != wire_.sent.rend(); ++i) {
      const auto data = parse_data(*i);
      if (!data || data->protocol != protocol || data->information[0] != 1) continue;
      Bytes ack{static_cast<std::uint8_t>(protocol >> 8), static_cast<std::uint8_t>(protocol)};
      ack.insert(ack.end(), data->information.begin(), data->information.end());
      ack[2] = 2;
      return lns_->ppp(1, ack, now);
    }
    FAIL() << "no request";
  }
  const Counters& counters() { return generator().lac().counters(); }
  // What is sent until then, deadline by deadline.
  std::vector<std::pair<Duration, MessageType>> until(TimePoint end) {
    std::vector<std::pair<Duration, MessageType>> out;
    wire_.take();
    for (TimePoint now; (now = generator().next_due()) <= end;) {
      generator().run(now);
      for (const auto& datagram : wire_.take()) out.emplace_back(now - at(0s), type_of(datagram));
    }
    return out;
  }

  Settings settings_;
  RecordingWire wire_;
  CountingEntropy entropy_;
  std::optional<Generator> generator_;
  std::optional<Lns> lns_;
};

TEST_F(LacTest, BeginsWithSccrqToPort1701) {
  start();
  ASSERT_EQ(types_of(wire_.sent), Types{MessageType::sccrq});
  EXPECT_EQ(wire_.ports, std::vector<std::uint16_t>{1701});
  const auto sccrq = l2tp::parse(wire_.sent[0], {});
  EXPECT_FALSE(sccrq->fault);
  EXPECT_EQ(sccrq->header, (l2tp::ControlHeader{TunnelId{}, SessionId{}, 0, 0}));
  EXPECT_EQ(sccrq->text(l2tp::AvpType::host_name), "lac");
  EXPECT_EQ(sccrq->u16(l2tp::AvpType::assigned_tunnel_id), 1);
}

TEST_F(LacTest, CallsInTheTunnelAsSoonAsItIsUpAndAtThePortTheLnsChose) {
  start();
  wire_.take();
  lns_->nr = 1;
  lns_->sccrp(at(1ms), {}, {}, 1702);
  ASSERT_EQ(types_of(wire_.sent), (Types{MessageType::scccn, MessageType::icrq}));
  EXPECT_EQ(wire_.ports, (std::vector<std::uint16_t>{1702, 1702}));
  EXPECT_EQ(header_of(wire_.sent[0]), (l2tp::ControlHeader{TunnelId(1000), SessionId{}, 1, 1}));
  EXPECT_EQ(header_of(wire_.sent[1]), (l2tp::ControlHeader{TunnelId(1000), SessionId{}, 2, 1}));
  EXPECT_EQ(l2tp::parse(wire_.sent[1], {})->u16(l2tp::AvpType::assigned_session_id), 1);
}

TEST_F(LacTest, ProvesThatItKnowsTheSecretAndSeesThatTheLnsDoes) {
  settings_.tunnel.secret = "secret";
  start();
  const auto sccrq = l2tp::parse(wire_.sent[0], octets_of("secret"));
  const auto challenge = sccrq->octets(l2tp::AvpType::challenge);
  ASSERT_TRUE(challenge);
  const auto response = l2tp::challenge_response(MessageType::sccrp, octets_of("secret"), *challenge);
  const Bytes theirs(16, 0x5a);
  wire_.take();
  lns_->nr = 1;
  lns_->sccrp(at(1ms), response, theirs);
  const auto scccn = l2tp::parse(wire_.sent[0], octets_of("secret"));
  ASSERT_EQ(scccn->type, MessageType::scccn);
  const auto expected = l2tp::challenge_response(MessageType::scccn, octets_of("secret"), theirs);
  EXPECT_EQ(Bytes(scccn->octets(l2tp::AvpType::challenge_response)->begin(),
                  scccn->octets(l2tp::AvpType::challenge_response)->end()),
            Bytes(expected.begin(), expected.end()));
}

TEST_F(LacTest, EndsATunnelToAnLnsWithAnotherSecret) {
  settings_.tunnel.secret = "secret";
  start();
  wire_.take();
  lns_->nr = 1;
  lns_->sccrp(at(1ms), Bytes(16, 0), Bytes(16, 1));
  EXPECT_EQ(types_of(wire_.sent), Types{MessageType::stopccn});
  EXPECT_EQ(l2tp::parse(wire_.sent[0], {})->result_code()->result, 4);
  EXPECT_EQ(generator().lac().endings(),
            (std::map<std::string, std::uint32_t>{{"tunnel: the LNS has another secret", 1}}));
  ASSERT_TRUE(generator().set_up());
  EXPECT_EQ(generator().set_up()->failed, 1u);
}

// RFC 2661 5.8: 1, 2, 4, 8, 8 seconds, and after 31 the tunnel is given up.
TEST_F(LacTest, RepeatsSccrqAndGivesUp) {
  start();
  EXPECT_EQ(until(at(40s)), (std::vector<std::pair<Duration, MessageType>>{{1s, MessageType::sccrq},
                                                                           {3s, MessageType::sccrq},
                                                                           {7s, MessageType::sccrq},
                                                                           {15s, MessageType::sccrq},
                                                                           {23s, MessageType::sccrq}}));
  EXPECT_EQ(counters().retransmissions, 5u);
  EXPECT_EQ(counters().tunnels_failed, 1u);
}

TEST_F(LacTest, ConnectsTheCallWhenTheLnsReplies) {
  establish();
  lns_->nr = 3;
  lns_->icrp(1, 500, at(3ms));
  ASSERT_EQ(types_of(wire_.sent), Types{MessageType::iccn});
  EXPECT_EQ(header_of(wire_.sent[0]), (l2tp::ControlHeader{TunnelId(1000), SessionId(500), 3, 2}));
}

TEST_F(LacTest, BeginsLcpItselfWhenTheLnsIsSlow) {
  establish();
  lns_->nr = 3;
  lns_->icrp(1, 500, at(3ms));
  lns_->nr = 4;
  lns_->acknowledge(at(4ms));
  wire_.take();
  generator().run(at(502ms));
  EXPECT_EQ(counters().data_sent, 0u);
  generator().run(at(503ms));
  ASSERT_EQ(counters().data_sent, 1u);
  const auto data = parse_data(wire_.sent.back());
  EXPECT_EQ(data->tunnel, TunnelId(1000));
  EXPECT_EQ(data->session, SessionId(500));
  EXPECT_EQ(data->protocol, ppp::kLcp);
}

TEST_F(LacTest, CountsASecondReplyToTheSameRequestAsAFault) {
  establish();
  lns_->nr = 3;
  lns_->icrp(1, 500, at(3ms));
  lns_->icrp(1, 501, at(4ms));
  EXPECT_EQ(counters().answered_twice, 1u);
  EXPECT_EQ(counters().duplicates, 0u);
}

TEST_F(LacTest, AcknowledgesADuplicateAndCountsIt) {
  establish();
  lns_->plain(MessageType::hello, at(3ms));
  wire_.take();
  lns_->send_again(lns_->last, at(4ms));
  EXPECT_EQ(types_of(wire_.sent), Types{MessageType::zlb});
  EXPECT_EQ(counters().duplicates, 1u);
  EXPECT_EQ(counters().reused_ns, 0u);
}

TEST_F(LacTest, CountsAnNsThatIsUsedForSomethingElseAsAFault) {
  establish();
  lns_->plain(MessageType::hello, at(3ms));
  --lns_->ns;
  lns_->cdn(1, 500, at(4ms));
  EXPECT_EQ(counters().reused_ns, 1u);
  EXPECT_EQ(counters().duplicates, 0u);
  EXPECT_EQ(counters().calls_failed, 0u);
}

TEST_F(LacTest, CountsASubscriberThatHasAnAddressAsUp) {
  bring_up();
  EXPECT_EQ(counters().calls_came_up, 1u);
  EXPECT_EQ(generator().lac().sessions()[0].ppp.address, 0x0a000009u);
  ASSERT_TRUE(generator().set_up());
  EXPECT_EQ(generator().set_up()->up, 1u);
  EXPECT_EQ(generator().set_up()->peak, 1u);
}

TEST_F(LacTest, CountsACallThatTheLnsEndsAsLost) {
  bring_up();
  lns_->cdn(1, 500, at(1s));
  EXPECT_EQ(counters().calls_up, 0u);
  EXPECT_EQ(counters().calls_lost, 1u);
  EXPECT_EQ(generator().lac().endings(), (std::map<std::string, std::uint32_t>{{"call: CDN 3 enough", 1}}));
}

TEST_F(LacTest, TakesAllCallsDownWithTheirTunnel) {
  bring_up();
  lns_->plain(MessageType::stopccn, at(1s));
  EXPECT_EQ(counters().tunnels_lost, 1u);
  EXPECT_EQ(counters().calls_lost, 1u);
}

TEST_F(LacTest, HangsUpWithTerminateRequestFirst) {
  bring_up();
  EXPECT_EQ(generator().lac().hang_up(1, true, at(1s)), 1u);
  ASSERT_EQ(wire_.sent.size(), 1u);
  EXPECT_EQ(parse_data(wire_.take()[0])->information[0], ppp::kTerminateRequest);
  lns_->ppp(1, {0xc0, 0x21, 6, 4, 0, 4}, at(2s));
  EXPECT_EQ(types_of(wire_.sent), Types{MessageType::cdn});
  EXPECT_EQ(counters().calls_ended, 1u);
  EXPECT_EQ(counters().calls_lost, 0u);
}

TEST_F(LacTest, DropsTheLineWithCdnAlone) {
  bring_up();
  EXPECT_EQ(generator().lac().hang_up(1, false, at(1s)), 1u);
  generator().run(at(1s));
  ASSERT_EQ(types_of(wire_.sent), Types{MessageType::cdn});
  EXPECT_EQ(header_of(wire_.sent[0]).session, SessionId(500));
}

TEST_F(LacTest, CallsAgainWithAnIdThatWasNotUsedYet) {
  bring_up();
  generator().lac().hang_up(1, false, at(1s));
  EXPECT_EQ(generator().lac().call(1), 1u);
  generator().run(at(1s));
  lns_->nr = 5;
  lns_->acknowledge(at(2s));
  ASSERT_EQ(type_of(wire_.sent.back()), MessageType::icrq);
  EXPECT_EQ(l2tp::parse(wire_.sent.back(), {})->u16(l2tp::AvpType::assigned_session_id), 2);
}

TEST_F(LacTest, KeepsToTheRate) {
  settings_.sessions = 100;
  settings_.rate = 10;
  establish();
  EXPECT_EQ(counters().calls_begun, 1u);
  for (auto now = at(10ms); now <= at(999ms); now += 1ms) {
    lns_->nr = static_cast<std::uint16_t>(2 + counters().calls_begun);
    lns_->acknowledge(now);
  }
  EXPECT_EQ(counters().calls_begun, 10u);
}

TEST_F(LacTest, SendsStopCcnAndWaitsForItsAcknowledgement) {
  bring_up();
  generator().lac().stop(at(1s));
  EXPECT_EQ(types_of(wire_.sent), Types{MessageType::stopccn});
  EXPECT_FALSE(generator().lac().is_stopped());
  lns_->nr = 5;
  lns_->acknowledge(at(2s));
  EXPECT_TRUE(generator().lac().is_stopped());
  EXPECT_EQ(counters().calls_ended, 1u);
}

TEST_F(LacTest, SendsAHelloAfterAMinuteOfSilence) {
  bring_up();
  lns_->acknowledge(at(10s));
  EXPECT_EQ(until(at(70s)), (std::vector<std::pair<Duration, MessageType>>{{70s, MessageType::hello}}));
}

TEST_F(LacTest, SendsTheProbingHelloEveryTwoMillisecondsUntilItIsAcknowledged) {
  bring_up();
  ASSERT_TRUE(generator().hello().start(at(1s)));
  for (auto now = at(1s); now < at(1s + 9ms); now += 1ms) generator().run(now);
  EXPECT_EQ(generator().hello().copies(), 5u);
  const auto copies = wire_.take();
  ASSERT_EQ(types_of(copies), Types(5, MessageType::hello));
  for (const auto& copy : copies) EXPECT_EQ(copy, copies[0]);
  EXPECT_EQ(counters().retransmissions, 0u);
  lns_->nr = 5;
  lns_->acknowledge(at(1s + 10ms));
  EXPECT_FALSE(generator().hello().is_running());
  EXPECT_EQ(generator().hello().acknowledged_at() - generator().hello().sent_at(), 10ms);
}

TEST_F(LacTest, CountsRepliesToItsEchoes) {
  bring_up();
  generator().echo().start(at(1s));
  const auto request = parse_data(wire_.sent.back());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->information[0], ppp::kEchoRequest);
  lns_->ppp(1, {0xc0, 0x21, 10, 1, 0, 8, 0, 0, 0, 0}, at(1s));
  EXPECT_FALSE(generator().echo().is_running());
  EXPECT_EQ(generator().echo().answered(), 1u);
}

TEST_F(LacTest, GivesUpAnEchoAfterTwoSeconds) {
  bring_up();
  generator().echo().start(at(1s));
  generator().run(at(2999ms));
  EXPECT_TRUE(generator().echo().is_running());
  generator().run(at(3s));
  EXPECT_FALSE(generator().echo().is_running());
  EXPECT_EQ(generator().echo().answered(), 0u);
}

TEST_F(LacTest, PingsAtTheRateAndMeasuresTheGap) {
  settings_.ping.target = IpAddress::v4(203, 0, 113, 1);
  settings_.ping.rate = 100;
  bring_up();
  generator().pinger().start(at(10s));
  const auto answer = [&](const Bytes& datagram, TimePoint now) {
    auto packet = *dial::parse_ip(parse_data(datagram)->information);
    std::swap(packet.source, packet.destination);
    packet.kind = dial::PacketKind::echo_reply;
    std::array<std::uint8_t, 256> room{};
    const auto reply = dial::build_ip(room, packet);
    Bytes frame{0x00, 0x21};
    frame.insert(frame.end(), reply.begin(), reply.end());
    lns_->ppp(1, frame, now);
  };
  for (auto now = at(10s); now < at(11s); now += 10ms) {
    generator().run(now);
    const auto sent = wire_.take();
    ASSERT_EQ(sent.size(), 1u);
    const bool deaf = now >= at(10s + 300ms) && now < at(10s + 350ms);
    if (!deaf) answer(sent[0], now + 1ms);
    if (!deaf) answer(sent[0], now + 2ms);
  }
  generator().pinger().stop();
  const auto figures = generator().pinger().figures();
  EXPECT_EQ(figures.sent, 100u);
  EXPECT_EQ(figures.received, 95u);
  EXPECT_EQ(figures.duplicates, 95u);
  EXPECT_EQ(figures.longest_gap, 60ms);
  EXPECT_EQ(generator().misdelivered(), 0u);
}

// RFC 4861 6.3.7 and 10: three solicitations, four seconds apart.
TEST_F(LacTest, AsksForAPrefixThreeTimes) {
  settings_.ppp.ipv6 = true;
  establish();
  lns_->nr = 3;
  lns_->icrp(1, 500, at(0s));
  lns_->nr = 4;
  lns_->acknowledge(at(0s));
  lns_->ppp(1, {0xc0, 0x21, 1, 1, 0, 4}, at(0s));
  acknowledge_latest(0xc021, at(0s));
  lns_->ppp(1, {0x80, 0x57, 1, 1, 0, 14, 1, 10, 0, 0, 0, 0, 0, 0, 0, 1}, at(0s));
  acknowledge_latest(0x8057, at(0s));
  lns_->ppp(1, {0x80, 0x21, 1, 1, 0, 10, 3, 6, 10, 0, 0, 1}, at(0s));
  lns_->ppp(1, {0x80, 0x21, 3, 2, 0, 10, 3, 6, 10, 0, 0, 9}, at(0s));
  EXPECT_EQ(counters().calls_up, 0u);
  wire_.take();
  lns_->ppp(1, {0x80, 0x21, 2, 4, 0, 10, 3, 6, 10, 0, 0, 9}, at(0s));
  EXPECT_EQ(counters().calls_up, 1u);
  std::vector<Duration> asked;
  for (auto now = at(0s); now <= at(20s); now += 500ms) {
    generator().run(now);
    for (const auto& datagram : wire_.take()) {
      const auto data = parse_data(datagram);
      if (data && data->protocol == ppp::kIpv6 && data->information[40] == 133) asked.push_back(now - at(0s));
    }
  }
  EXPECT_EQ(asked, (std::vector<Duration>{0s, 4s, 8s}));
}

TEST_F(LacTest, CountsAPacketForSomebodyElse) {
  bring_up();
  const dial::IpPacket packet{
      IpAddress::v4(203, 0, 113, 1), IpAddress::v4(10, 0, 0, 10), dial::PacketKind::echo_request, 1, 1, {}};
  std::array<std::uint8_t, 256> room{};
  const auto octets = dial::build_ip(room, packet);
  Bytes frame{0x00, 0x21};
  frame.insert(frame.end(), octets.begin(), octets.end());
  lns_->ppp(1, frame, at(1s));
  EXPECT_EQ(generator().misdelivered(), 1u);
}

}  // namespace
}  // namespace holdfast::lac::test
