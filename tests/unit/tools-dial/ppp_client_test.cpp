// The PPP client by itself, octet for octet.
#include "dial/ppp_client.hpp"

#include "fixture.hpp"
#include "wire/digest.hpp"

#include <gtest/gtest.h>

namespace holdfast::dial::test {
namespace {

using ppp::Event;

struct Frame {
  std::uint16_t protocol;
  Bytes information;
  friend bool operator==(const Frame&, const Frame&) = default;
};

class PppClient : public ::testing::Test, public ppp::Link {
 protected:
  void send(std::uint16_t protocol, Octets information) override {
    sent_.push_back({protocol, {information.begin(), information.end()}});
  }
  ppp::Context context() { return {settings_, {"alice", "wonderland"}, entropy_, *this}; }
  Event receive(std::uint16_t protocol, const Bytes& information) {
    return ppp::receive(client_, protocol, information, context());
  }
  std::vector<Frame> sent() { return std::exchange(sent_, {}); }
  void open_lcp(const Bytes& request) {
    ppp::open(client_, context());
    receive(ppp::kLcp, request);
    receive(ppp::kLcp, {2, 1, 0, 14, 1, 4, 0x05, 0xb4, 5, 6, 1, 2, 3, 5});
  }
  void come_up() {
    open_lcp({1, 7, 0, 4});
    receive(ppp::kIpcp, {1, 1, 0, 10, 3, 6, 10, 0, 0, 1});
    receive(ppp::kIpcp, {3, 2, 0, 10, 3, 6, 10, 0, 0, 9});
    ASSERT_EQ(receive(ppp::kIpcp, {2, 3, 0, 10, 3, 6, 10, 0, 0, 9}), Event::up);
    sent();
  }

  PppSettings settings_;
  CountingEntropy entropy_;
  std::vector<Frame> sent_;
  ppp::Client client_;
};

TEST_F(PppClient, AsksForItsMruAndAMagicNumber) {
  ppp::open(client_, context());
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kLcp, {1, 1, 0, 14, 1, 4, 0x05, 0xb4, 5, 6, 1, 2, 3, 5}}}));
}

TEST_F(PppClient, BeginsWhenThePeerDoes) {
  EXPECT_EQ(receive(ppp::kLcp, {1, 9, 0, 8, 1, 4, 0x05, 0xdc}), Event::nothing);
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kLcp, {1, 1, 0, 14, 1, 4, 0x05, 0xb4, 5, 6, 1, 2, 3, 5}},
                                        {ppp::kLcp, {2, 9, 0, 8, 1, 4, 0x05, 0xdc}}}));
}

TEST_F(PppClient, RejectsWhatItDoesNotKnowAndNothingElse) {
  ppp::open(client_, context());
  sent();
  receive(ppp::kLcp, {1, 9, 0, 12, 1, 4, 0x05, 0xdc, 17, 4, 6, 0x40});  // MRRU
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kLcp, {4, 9, 0, 8, 17, 4, 6, 0x40}}}));
}

TEST_F(PppClient, NaksItsOwnMagicNumber) {
  ppp::open(client_, context());
  sent();
  receive(ppp::kLcp, {1, 9, 0, 10, 5, 6, 1, 2, 3, 5});
  const auto answer = sent();
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_EQ(answer[0].information[0], ppp::kConfigureNak);
}

TEST_F(PppClient, InsistsOnTheAuthenticationItWasToldToUse) {
  settings_.auth = Auth::chap;
  ppp::open(client_, context());
  sent();
  receive(ppp::kLcp, {1, 9, 0, 8, 3, 4, 0xc0, 0x23});
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kLcp, {3, 9, 0, 9, 3, 5, 0xc2, 0x23, 5}}}));
}

// RFC 1994 4.1: MD5 over identifier, secret and challenge.
TEST_F(PppClient, AnswersAChallenge) {
  open_lcp({1, 7, 0, 9, 3, 5, 0xc2, 0x23, 5});
  sent();
  const Bytes challenge{0x10, 0x11, 0x12, 0x13};
  EXPECT_EQ(receive(ppp::kChap, {1, 0x2a, 0, 12, 4, 0x10, 0x11, 0x12, 0x13, 'l', 'n', 's'}), Event::nothing);
  const Md5 value = md5({Bytes{0x2a}, octets_of("wonderland"), challenge});
  Bytes response{2, 0x2a, 0, 26, 16};
  response.insert(response.end(), value.begin(), value.end());
  for (const char c : std::string("alice")) response.push_back(static_cast<std::uint8_t>(c));
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kChap, response}}));
  receive(ppp::kChap, {3, 0x2a, 0, 4});
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kIpcp, {1, 2, 0, 10, 3, 6, 0, 0, 0, 0}}}));
}

TEST_F(PppClient, AnswersAChallengeWhileItIsUp) {
  open_lcp({1, 7, 0, 9, 3, 5, 0xc2, 0x23, 5});
  receive(ppp::kChap, {3, 1, 0, 4});
  sent();
  receive(ppp::kChap, {1, 5, 0, 6, 1, 0x77});
  EXPECT_EQ(sent().size(), 1u);
}

TEST_F(PppClient, SendsItsPasswordWithPap) {
  open_lcp({1, 7, 0, 8, 3, 4, 0xc0, 0x23});
  EXPECT_EQ(sent().back(), (Frame{ppp::kPap, {1,   2,   0,   21,  5,   'a', 'l', 'i', 'c', 'e', 10,
                                              'w', 'o', 'n', 'd', 'e', 'r', 'l', 'a', 'n', 'd'}}));
  EXPECT_EQ(receive(ppp::kPap, {3, 2, 0, 5, 0}), Event::failed);
  EXPECT_EQ(client_.failure, ppp::Failure::refused);
}

TEST_F(PppClient, TakesTheAddressThatItIsGiven) {
  come_up();
  EXPECT_EQ(client_.address, 0x0a000009u);
  EXPECT_EQ(client_.peer_address, 0x0a000001u);
  EXPECT_FALSE(ppp::is_waiting(client_));
}

TEST_F(PppClient, IsUpWithoutIpv6WhenThePeerRejectsIt) {
  settings_.ipv6 = true;
  open_lcp({1, 7, 0, 4});
  receive(ppp::kIpcp, {1, 1, 0, 10, 3, 6, 10, 0, 0, 1});
  receive(ppp::kIpcp, {3, 2, 0, 10, 3, 6, 10, 0, 0, 9});
  EXPECT_EQ(receive(ppp::kIpcp, {2, 4, 0, 10, 3, 6, 10, 0, 0, 9}), Event::nothing);
  EXPECT_EQ(receive(ppp::kLcp, {8, 1, 0, 6, 0x80, 0x57}), Event::up);
}

TEST_F(PppClient, TakesTheInterfaceIdentifierThatItIsGiven) {
  settings_.ipv6 = true;
  open_lcp({1, 7, 0, 4});
  sent();
  receive(ppp::kIpv6cp, {3, 3, 0, 14, 1, 10, 0, 0, 0, 0, 0, 0, 0, 2});
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kIpv6cp, {1, 4, 0, 14, 1, 10, 0, 0, 0, 0, 0, 0, 0, 2}}}));
}

TEST_F(PppClient, IgnoresAnAckOfSomethingElse) {
  ppp::open(client_, context());
  receive(ppp::kLcp, {1, 7, 0, 4});
  receive(ppp::kLcp, {2, 1, 0, 4});                                       // other options
  receive(ppp::kLcp, {2, 9, 0, 14, 1, 4, 0x05, 0xb4, 5, 6, 1, 2, 3, 5});  // another identifier
  receive(ppp::kLcp, {2, 1, 0, 15, 1, 4, 0x05, 0xb4, 5, 6, 1, 2, 3, 5});  // a length beyond the packet
  EXPECT_EQ(client_.phase, ppp::Phase::establish);
}

TEST_F(PppClient, RepliesToAnEchoWithItsMagicNumberAndTheData) {
  come_up();
  receive(ppp::kLcp, {9, 0x33, 0, 10, 9, 9, 9, 9, 0xab, 0xcd});
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kLcp, {10, 0x33, 0, 10, 1, 2, 3, 5, 0xab, 0xcd}}}));
}

TEST_F(PppClient, RejectsAnUnknownProtocolAndStaysUp) {
  come_up();
  EXPECT_EQ(receive(0x80fd, {1, 1, 0, 4}), Event::nothing);  // CCP
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kLcp, {8, 4, 0, 10, 0x80, 0xfd, 1, 1, 0, 4}}}));
  EXPECT_EQ(client_.up, 1);
}

TEST_F(PppClient, TellsWhenThePeerForgotTheLink) {
  come_up();
  EXPECT_EQ(receive(ppp::kLcp, {1, 1, 0, 4}), Event::down);
  const auto again = sent();
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0].information[0], ppp::kConfigureRequest);
  EXPECT_EQ(again[1], (Frame{ppp::kLcp, {2, 1, 0, 4}}));
}

TEST_F(PppClient, GivesUpAfterTenRequestsWithoutAnAnswer) {
  ppp::open(client_, context());
  for (unsigned i = 1; i < ppp::kMaxConfigure; ++i) ASSERT_EQ(ppp::expire(client_, context()), Event::nothing);
  EXPECT_EQ(sent().size(), 10u);
  EXPECT_EQ(ppp::expire(client_, context()), Event::failed);
  EXPECT_EQ(client_.failure, ppp::Failure::no_answer);
}

TEST_F(PppClient, TerminatesTwiceAndThenJustLeaves) {
  come_up();
  ppp::terminate(client_, context());
  EXPECT_EQ(ppp::expire(client_, context()), Event::nothing);
  EXPECT_EQ(ppp::expire(client_, context()), Event::nothing);
  EXPECT_EQ(sent().size(), 3u);
  EXPECT_EQ(ppp::expire(client_, context()), Event::terminated);
}

TEST_F(PppClient, AcknowledgesATermination) {
  come_up();
  EXPECT_EQ(receive(ppp::kLcp, {5, 8, 0, 4}), Event::terminated);
  EXPECT_EQ(sent(), (std::vector<Frame>{{ppp::kLcp, {6, 8, 0, 4}}}));
}

}  // namespace
}  // namespace holdfast::dial::test
