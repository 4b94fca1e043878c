// Whole bring-ups against a concentrator made of control/access and control/ppp.
#include "concentrator.hpp"
#include "dial/ip_packet.hpp"
#include "pppoe/generator.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <set>

namespace holdfast::pppoe::test {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint at(Duration since_start) { return TimePoint{} + since_start; }

class QueueWire : public Wire {
 public:
  MutableOctets room() override { return room_; }
  void send(std::size_t length) override {
    sent.emplace_back(room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(length));
  }
  std::deque<Bytes> sent;

 private:
  std::array<std::uint8_t, 2048> room_{};
};

class SubscribersTest : public ::testing::Test {
 protected:
  void begin(TimePoint now = at(0s)) {
    generator_.emplace(settings_, wire_, entropy_);
    generator_->start(now);
  }
  // Frames go to and fro until there are none.
  void exchange(TimePoint now) {
    generator_->run(now);
    while (!wire_.sent.empty() || !arrived_.empty()) {
      for (; !wire_.sent.empty(); wire_.sent.pop_front()) concentrator_.receive(wire_.sent.front(), now);
      for (; !arrived_.empty(); arrived_.pop_front()) generator_->receive(arrived_.front(), now);
      generator_->run(now);
    }
  }
  void come_up(std::uint32_t count) {
    settings_.subscribers = count;
    begin();
    exchange(at(10ms));
    ASSERT_EQ(counters().up, count);
  }
  const Counters& counters() { return generator_->subscribers().counters(); }

  Settings settings_{.ppp = {.user = "user{}", .password = "p{}", .auth = {}, .mru = 1492}, .ping = {}};
  QueueWire wire_;
  CountingEntropy entropy_;
  std::deque<Bytes> arrived_;
  Concentrator concentrator_{[this](Octets frame) { arrived_.emplace_back(frame.begin(), frame.end()); }};
  std::optional<Generator> generator_;
};

TEST_F(SubscribersTest, ComeUpAndHaveAnAddressEach) {
  settings_.subscribers = 300;
  begin();
  EXPECT_FALSE(generator_->set_up());
  exchange(at(20ms));
  ASSERT_TRUE(generator_->set_up());
  EXPECT_EQ(generator_->set_up()->up, 300u);
  EXPECT_EQ(generator_->set_up()->failed, 0u);
  EXPECT_EQ(generator_->set_up()->median, 20ms);
  EXPECT_EQ(generator_->set_up()->sessions_per_s, 300 / 0.02);
  const auto status = generator_->status(true);
  EXPECT_EQ(status["distinct_addresses"], 300);
  EXPECT_EQ(status["all_addresses"].size(), 300u);
  for (const auto* fault : {"lost", "failed", "renegotiations", "misdelivered", "malformed", "wrong_vlan", "strays"})
    EXPECT_EQ(status[fault], 0) << fault;
  EXPECT_EQ(concentrator_.authenticated, 300u);
  EXPECT_EQ(concentrator_.cookies_refused, 0u);
}

TEST_F(SubscribersTest, ComeUpWithPap) {
  settings_.ppp.auth = dial::Auth::pap;
  come_up(2);
}

TEST_F(SubscribersTest, ComeUpInVlansInTurn) {
  settings_.vlan = {100, 101};
  settings_.outer = {10, 11};
  std::set<std::pair<int, int>> seen;
  for (std::uint32_t i = 0; i < 4; ++i) seen.emplace(vlans_of(settings_, i).outer, vlans_of(settings_, i).inner);
  EXPECT_EQ(seen, (std::set<std::pair<int, int>>{{10, 100}, {10, 101}, {11, 100}, {11, 101}}));
  EXPECT_EQ(vlans_of(settings_, 0), (Vlans{10, 100, kServiceTag}));
  come_up(5);
  settings_.outer = {};
  EXPECT_EQ(vlans_of(settings_, 3), (Vlans{101, 0, kCustomerTag}));
}

TEST_F(SubscribersTest, HaveMacAddressesThatFollowEachOther) {
  settings_.first_mac = {0x02, 0x50, 0, 0, 0xff, 0xff};
  EXPECT_EQ(mac_of(settings_, 0), (MacAddress{0x02, 0x50, 0, 0, 0xff, 0xff}));
  EXPECT_EQ(mac_of(settings_, 2), (MacAddress{0x02, 0x50, 0, 1, 0x00, 0x01}));
  come_up(3);
}

TEST_F(SubscribersTest, AskForTheirService) {
  settings_.service = "voice";
  concentrator_.habits.services = {"internet", "voice"};
  come_up(1);
}

TEST_F(SubscribersTest, RepeatAPadiWithPausesThatDouble) {
  concentrator_.habits.answers_padi = false;
  settings_.tries = 4;
  begin();
  exchange(at(0s));
  EXPECT_EQ(concentrator_.requests.size(), 1u);
  for (const auto& [due, count] : {std::pair(1s, 2u), {3s, 3u}, {7s, 4u}}) {
    exchange(at(due - 1ms));
    EXPECT_EQ(concentrator_.requests.size(), count - 1);
    exchange(at(due));
    EXPECT_EQ(concentrator_.requests.size(), count);
  }
  exchange(at(15s));
  EXPECT_EQ(concentrator_.requests.size(), 4u);
  ASSERT_TRUE(generator_->set_up());
  EXPECT_EQ(generator_->set_up()->failed, 1u);
  EXPECT_EQ(generator_->report()["endings"]["no PADO"], 1);
}

TEST_F(SubscribersTest, RepeatAPadrUntilItIsAnswered) {
  concentrator_.habits.answers_padr = false;
  begin();
  exchange(at(0s));
  concentrator_.habits.answers_padr = true;
  exchange(at(1s));
  EXPECT_EQ(concentrator_.requests, (std::vector<std::string>{"PADI", "PADR", "PADR"}));
  EXPECT_EQ(counters().up, 1u);
  EXPECT_EQ(counters().retransmissions, 1u);
}

TEST_F(SubscribersTest, FailWithTheReasonThatTheyAreGiven) {
  concentrator_.habits.full = true;
  begin();
  exchange(at(0s));
  EXPECT_EQ(generator_->report()["endings"]["PADS: AC-System-Error: full"], 1);
  concentrator_.habits = {.takes_passwords = false, .services = {}};
  EXPECT_EQ(generator_->subscribers().dial(5), 1u);
  exchange(at(1s));
  EXPECT_EQ(generator_->report()["endings"]["authentication-refused"], 1);
  EXPECT_EQ(concentrator_.padts, 1u);
  EXPECT_EQ(counters().failed, 2u);
}

TEST_F(SubscribersTest, AreSetUpSoManyAtATime) {
  settings_.subscribers = 10;
  settings_.at_once = 3;
  concentrator_.habits.answers_padr = false;
  begin();
  exchange(at(0s));
  EXPECT_EQ(counters().setting_up, 3u);
  EXPECT_EQ(generator_->subscribers().pending(), 10u);
  concentrator_.habits.answers_padr = true;
  exchange(at(1s));
  EXPECT_EQ(counters().up, 10u);
}

TEST_F(SubscribersTest, HangUpPolitelyAndOtherwiseAndDialAgain) {
  come_up(4);
  EXPECT_EQ(generator_->subscribers().hang_up(1, false, at(1s)), 1u);
  EXPECT_EQ(counters().ended, 1u);
  EXPECT_EQ(generator_->subscribers().hang_up(9, true, at(1s)), 3u);
  EXPECT_EQ(counters().closing, 3u);
  exchange(at(1s));
  EXPECT_EQ(counters().ended, 4u);
  EXPECT_EQ(concentrator_.padts, 4u);
  EXPECT_EQ(generator_->subscribers().dial(UINT32_MAX), 4u);
  exchange(at(2s));
  EXPECT_EQ(counters().up, 4u);
  EXPECT_EQ(counters().came_up, 8u);
}

TEST_F(SubscribersTest, AreLostByAPadt) {
  come_up(2);
  concentrator_.end_all("maintenance");
  exchange(at(1s));
  EXPECT_EQ(counters().lost, 2u);
  EXPECT_EQ(counters().up, 0u);
  const auto report = generator_->report();
  EXPECT_EQ(report["padts_received"], 2);
  EXPECT_EQ(report["endings"]["PADT: Generic-Error: maintenance"], 2);
}

TEST_F(SubscribersTest, CountWhenLcpBeginsAnew) {
  come_up(2);
  concentrator_.renegotiate_all(at(1s));
  exchange(at(1s));
  EXPECT_EQ(counters().renegotiations, 2u);
  EXPECT_EQ(counters().up, 2u);
  EXPECT_EQ(generator_->report()["renegotiations"], 2);
}

TEST_F(SubscribersTest, AnswerEchoRequests) {
  come_up(3);
  concentrator_.echo_all();
  exchange(at(1s));
  EXPECT_EQ(counters().echoes_answered, 3u);
  EXPECT_EQ(counters().renegotiations, 0u);
}

TEST_F(SubscribersTest, TakeFramesOfTheirOwnVlanAndSessionOnly) {
  settings_.vlan = {100, 199};
  come_up(1);
  const auto echo = [&](std::uint16_t vlan, std::uint16_t session, MacAddress from) {
    std::array<std::uint8_t, 100> room{};
    const Ethernet ethernet{mac_of(settings_, 0), from, {vlan, 0, kCustomerTag}};
    constexpr std::array<std::uint8_t, 8> kEcho{9, 1, 0, 8, 0, 0, 0, 0};
    generator_->receive(write_session(room, ethernet, session, 0xc021, kEcho), at(1s));
  };
  const MacAddress concentrator = generator_->subscribers().all()[0].concentrator;
  echo(101, 1, concentrator);
  EXPECT_EQ(counters().wrong_vlan, 1u);
  echo(100, 2, concentrator);
  echo(100, 1, kBroadcast);
  EXPECT_EQ(counters().strays, 2u);
  EXPECT_EQ(counters().echoes_answered, 0u);
  echo(100, 1, concentrator);
  EXPECT_EQ(counters().echoes_answered, 1u);
}

TEST_F(SubscribersTest, SendTrafficFromTheirAddressesInTurn) {
  come_up(2);
  EXPECT_TRUE(generator_->pinger().start(IpAddress::v4(198, 51, 100, 2), 100, at(1s)));
  exchange(at(1s));
  exchange(at(1s + 10ms));
  ASSERT_EQ(concentrator_.packets.size(), 2u);
  std::set<std::uint32_t> from;
  for (const auto& packet : concentrator_.packets) {
    const auto ip = dial::parse_ip(packet);
    ASSERT_TRUE(ip);
    from.insert(ip->source.v4_value());
  }
  EXPECT_EQ(from, (std::set<std::uint32_t>{0x0a010001, 0x0a010002}));
  EXPECT_EQ(generator_->pinger().figures().sent, 2u);
}

TEST_F(SubscribersTest, AreNotUpWhenTheTimeIsOver) {
  concentrator_.habits.answers_padi = false;
  settings_.timeout = 2s;
  settings_.subscribers = 2;
  begin();
  exchange(at(1s));
  EXPECT_FALSE(generator_->set_up());
  exchange(at(2s));
  ASSERT_TRUE(generator_->set_up());
  EXPECT_EQ(generator_->set_up()->failed, 2u);
}

}  // namespace
}  // namespace holdfast::pppoe::test
