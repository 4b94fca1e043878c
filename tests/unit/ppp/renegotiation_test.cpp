// The peer begins LCP anew on a link that was up (RFC 1661 4.3: the implementation must be prepared): nothing of the
// negotiation before may leak into the new one.
#include "support.hpp"

namespace holdfast::ppp {
namespace {

using namespace std::chrono_literals;

class Renegotiation : public LinkTest {
 protected:
  // The peer's new request and its Ack to ours; without options of its own.
  Seen renegotiate() {
    const Seen seen = receive("c021 01 63 0004");
    EXPECT_EQ(seen.frames.at(1), "c02102630004");
    return receive(with_code(seen.frames[0], '2'));
  }
};

TEST_F(Renegotiation, AuthenticatesThePeerAgain) {
  open_lcp();
  receive("c223 02 01 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231");
  answer(accepted());
  receive("8021 01 01 000a 0306 0a000002");
  EXPECT_EQ(renegotiate(), Seen({"c223 01 02 0018 10 191a1b1c1d1e1f202122232425262728 6c6e73"}, {Notice::lcp_up}));
  EXPECT_TRUE(link.user.empty());
  receive("c223 02 02 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657232");
  EXPECT_EQ(link.user.text(), "user2");
  answer(accepted());
  EXPECT_EQ(after(3s).frames.at(0), "c22303020004") << "the peer was not heard in the new network phase";
}

TEST_F(Renegotiation, AsksAgainForWhatWasRejectedBefore) {
  policy.offer_chap = policy.offer_pap = false;
  start();
  const Seen without = receive("c021 04 01 000e 0104 05b4 0506 01020304");
  EXPECT_EQ(without, Seen({"c021 01 02 0004"}));
  receive("c021 02 02 0004");
  receive("c021 01 01 0004");
  answer(accepted());
  receive("8021 04 01 000a 0306 0a000001");
  EXPECT_EQ(receive("c021 01 63 0004").frames.at(0), "c0210103000e010405b4050605060708");
  receive("c021 02 03 000e 0104 05b4 0506 05060708");
  EXPECT_EQ(answer(accepted()).frames.at(0), "80210103000a03060a000001");
}

TEST_F(Renegotiation, AsksThePeerForItsAddressAgain) {
  open_network();
  EXPECT_EQ(receive("8021 01 01 0004"), Seen({"8021 03 01 000a 0306 0a000002"}));
  renegotiate();
  answer(accepted());
  EXPECT_EQ(receive("8021 01 01 0004"), Seen({"8021 03 01 000a 0306 0a000002"}));
}

TEST_F(Renegotiation, SendsNoEchoMeanwhileAndTriesItAgainAfterwards) {
  policy.echo_interval = 1s;
  open_network();
  EXPECT_EQ(due_in(), 1s);
  receive("c021 07 01 000c 09010008 01020304");
  EXPECT_EQ(after(1s), kNothing) << "the peer does not know Echo-Request";
  const Seen seen = receive("c021 01 63 0004");
  EXPECT_EQ(due_in(), 3s) << "only the Restart timer";
  receive(with_code(seen.frames.at(0), '2'));
  EXPECT_EQ(due_in(), 1s);
  receive("c021 01 64 0004");
  EXPECT_EQ(due_in(), 3s);
}

TEST_F(Renegotiation, CountsLoopsFromTheBeginning) {
  policy.offer_chap = policy.offer_pap = false;
  start();
  for (int i = 0; i < 4; ++i) receive("c021 01 01 000a 0506 01020304");
  EXPECT_EQ(link.loops, 4);
  receive("c021 02 01 000e 0104 05b4 0506 01020304");
  receive("c021 01 01 0004");
  ASSERT_EQ(link.phase, Phase::authenticate);
  receive("c021 01 63 0004");
  EXPECT_EQ(link.loops, 0);
}

TEST_F(Renegotiation, LeavesNoTimerOfTheNetworkPhaseWhenOnlyIpv6IsUp) {
  open_network();
  receive("c021 08 01 0006 8021");
  receive("8057 02 01 000e 010a 0000000000000001");
  EXPECT_EQ(receive("8057 01 01 000e 010a 0000000000000002"),
            Seen({"8057 02 01 000e 010a 0000000000000002"}, {Notice::ipv6_up}));
  EXPECT_EQ(due_in(), Duration::max());
}

}  // namespace
}  // namespace holdfast::ppp
