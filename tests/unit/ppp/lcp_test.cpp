// LCP: options, identifiers, schedules, termination. Frames are whole; our magic number is always 01020304 at first.
#include "support.hpp"

namespace holdfast::ppp {
namespace {

using namespace std::chrono_literals;

class Lcp : public LinkTest {};

constexpr std::string_view kRequest = "c021 01 01 0013 0104 05b4 0305 c223 05 0506 01020304";
constexpr std::string_view kAck = "c021 02 01 0013 0104 05b4 0305 c223 05 0506 01020304";

TEST_F(Lcp, BeginsWithMruAuthenticationAndMagicNumber) {
  EXPECT_EQ(start(), Seen({kRequest}));
  EXPECT_EQ(link.phase, Phase::establish);
  EXPECT_EQ(due_in(), 3s);
}

TEST_F(Lcp, AsksForNothingThatIsTheDefault) {
  policy.mru = 1500;
  policy.offer_chap = policy.offer_pap = false;
  EXPECT_EQ(start(), Seen({"c021 01 01 000a 0506 01020304"}));
}

TEST_F(Lcp, SendsTenRequestsThreeSecondsApartAndGivesUp) {
  start();
  for (int sent = 1; sent < 10; ++sent) {
    EXPECT_EQ(due_in(), 3s);
    EXPECT_EQ(after(3s), Seen({kRequest})) << "a retransmission keeps its Identifier";
  }
  EXPECT_EQ(after(3s), Seen({}, {Notice::link_down}));
  EXPECT_EQ(link.end_reason, EndReason::lcp_timeout);
  EXPECT_EQ(link.phase, Phase::dead);
  EXPECT_EQ(next_due(link), kNever);
}

TEST_F(Lcp, EndsANegotiationThatNeverConverges) {
  Seen seen = start();
  for (int round = 0; round < 1000 && link.phase == Phase::establish; ++round) {
    for (const auto& ours : seen.frames) receive(with_code(ours, '2'));  // acknowledges all that we ask for
    receive("c021 01 01 0008 0304 c023");                                // but wants us to authenticate ourselves
    now = next_due(link);
    seen = expire();
  }
  EXPECT_EQ(now, TimePoint{1060s});
  EXPECT_EQ(link.end_reason, EndReason::lcp_timeout);
}

TEST_F(Lcp, AcknowledgesWhatPppdAsksFor) {
  start();
  EXPECT_EQ(receive("c021 01 07 0018 0104 05d4 0206 00000000 0506 aabbccdd 0702 0802"),
            Seen({"c021 02 07 0018 0104 05d4 0206 00000000 0506 aabbccdd 0702 0802"}));
  EXPECT_EQ(link.peer_mru, 1492);
  EXPECT_EQ(link.peer_magic, 0xaabbccddu);
  EXPECT_EQ(link.peer_pfc, 1);
  EXPECT_EQ(link.peer_acfc, 1);
}

TEST_F(Lcp, AnswersADuplicateRequestAgain) {
  start();
  EXPECT_EQ(receive("c021 01 07 0006 0702"), Seen({"c021 02 07 0006 0702"}));
  EXPECT_EQ(receive("c021 01 07 0006 0702"), Seen({"c021 02 07 0006 0702"}));
}

TEST_F(Lcp, RejectsWhatItDoesNotDoAndNothingElse) {
  start();
  // PAP of ourselves, LQR, FCS alternatives, callback, MRRU, endpoint discriminator; between them what would be acked
  EXPECT_EQ(receive("c021 01 07 002d 0304 c023 0104 05d4 0408 c025 00000bb8 0903 02 0d03 06 1104 05dc 0506 aabbccdd"
                    "1309 03 000102030405"),
            Seen({"c021 04 07 0023 0304 c023 0408 c025 00000bb8 0903 02 0d03 06 1104 05dc 1309 03 000102030405"}));
  EXPECT_EQ(link.peer_mru, 1500) << "nothing of a refused request counts";
}

TEST_F(Lcp, NaksAnMruThatIsTooSmallAndAMagicNumberOfZero) {
  start();
  EXPECT_EQ(receive("c021 01 07 000e 0104 007f 0506 00000000"), Seen({"c021 03 07 000e 0104 05dc 0506 05060708"}));
}

TEST_F(Lcp, NaksWrongLengthsWithRightOnesAndRejectsBooleansThatHaveAValue) {
  start();
  EXPECT_EQ(receive("c021 01 07 000d 0103 05 0206 00000000"), Seen({"c021 03 07 0008 0104 05dc"}));
  EXPECT_EQ(receive("c021 01 08 0006 0202"), Seen({"c021 03 08 000a 0206 00000000"}));
  EXPECT_EQ(receive("c021 01 09 0007 0703 01"), Seen({"c021 04 09 0007 0703 01"}));
}

TEST_F(Lcp, RejectsTheSecondOfTwoEqualOptions) {
  start();
  EXPECT_EQ(receive("c021 01 07 000c 0104 05d4 0104 05d5"), Seen({"c021 04 07 0008 0104 05d5"}));
}

TEST_F(Lcp, RejectsInsteadOfNakkingAfterMaxFailure) {
  start();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(receive("c021 01 07 0008 0104 0010"), Seen({"c021 03 07 0008 0104 05dc"}));
  EXPECT_EQ(receive("c021 01 07 0008 0104 0010"), Seen({"c021 04 07 0008 0104 0010"}));
}

TEST_F(Lcp, DropsAPacketWhoseOptionsOrLengthsDoNotFit) {
  start();
  for (const auto* packet : {"c021 01 07 0008 0105 05d4", "c021 01 07 0005 01", "c021 01 07 0006 0100",
                             "c021 01 07 0003", "c021 01 07 0010 0104 05d4"}) {
    EXPECT_EQ(receive(packet), kNothing) << packet;
    EXPECT_EQ(dropped(Drop::malformed), 1) << packet;
  }
  EXPECT_EQ(receive("c021 01 07"), kNothing);
  EXPECT_EQ(dropped(Drop::too_short), 1);
}

TEST_F(Lcp, IgnoresPaddingAfterThePacket) {
  start();
  EXPECT_EQ(receive("c021 01 07 0006 0702 deadbeef"), Seen({"c021 02 07 0006 0702"}));
}

TEST_F(Lcp, TakesOnlyTheExactAckOfItsLastRequest) {
  start();
  for (const auto* stale : {"c021 02 02 0013 0104 05b4 0305 c223 05 0506 01020304",  // another Identifier
                            "c021 02 01 0013 0104 05b5 0305 c223 05 0506 01020304",  // another MRU
                            "c021 02 01 000f 0305 c223 05 0506 01020304",            // one option less
                            "c021 04 01 0008 0104 05b5", "c021 04 01 0004"}) {       // rejects what was not asked
    EXPECT_EQ(receive(stale), kNothing);
    EXPECT_EQ(dropped(Drop::stale), 1) << stale;
  }
  EXPECT_EQ(receive(kAck), kNothing);
  EXPECT_EQ(link.lcp.state, State::ack_received);
  EXPECT_EQ(receive(kAck), kNothing) << "the wire may double a frame";
  EXPECT_EQ(dropped(Drop::stale), 1);
}

TEST_F(Lcp, GoesUpAndChallengesThePeer) {
  start();
  receive(kAck);
  EXPECT_FALSE(echo_answerable(link));
  EXPECT_EQ(receive("c021 01 01 0004"),
            Seen({"c021 02 01 0004", "c223 01 01 0018 10 05060708090a0b0c0d0e0f1011121314 6c6e73"}, {Notice::lcp_up}));
  EXPECT_EQ(link.phase, Phase::authenticate);
  EXPECT_TRUE(echo_answerable(link));
}

TEST_F(Lcp, TakesASmallerMruThatThePeerSuggestsButNoLargerOne) {
  start();
  EXPECT_EQ(receive("c021 03 01 0008 0104 0578"), Seen({"c021 01 02 0013 0104 0578 0305 c223 05 0506 01020304"}));
  EXPECT_EQ(receive("c021 03 02 0008 0104 05dc"), Seen({"c021 01 03 0013 0104 0578 0305 c223 05 0506 01020304"}));
}

TEST_F(Lcp, StopsAskingForWhatWasRejected) {
  start();
  EXPECT_EQ(receive("c021 04 01 000e 0104 05b4 0506 01020304"), Seen({"c021 01 02 0009 0305 c223 05"}));
  EXPECT_EQ(link.our_mru, 1500);
  EXPECT_EQ(link.our_magic, 0x01020304u) << "RFC 1661 6.4: as if the magic number had been acknowledged";
}

TEST_F(Lcp, OffersPapWhenThePeerNaksChap) {
  start();
  EXPECT_EQ(receive("c021 03 01 0008 0304 c023"), Seen({"c021 01 02 0012 0104 05b4 0304 c023 0506 01020304"}));
}

TEST_F(Lcp, OffersPapWhenThePeerWantsAnotherKindOfChap) {
  start();
  EXPECT_EQ(receive("c021 03 01 0009 0305 c223 81"), Seen({"c021 01 02 0012 0104 05b4 0304 c023 0506 01020304"}));
}

TEST_F(Lcp, EndsWhenThePeerRefusesToAuthenticateItself) {
  start();
  EXPECT_EQ(receive("c021 04 01 0009 0305 c223 05"), Seen({"c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::no_auth_protocol);
  EXPECT_EQ(link.phase, Phase::terminate);
}

TEST_F(Lcp, EndsWhenEveryAuthenticationProtocolIsNakkedAgainAndAgain) {
  policy.offer_pap = false;
  start();
  for (const auto* nak : {"c021 03 01 0008 0304 c023", "c021 03 02 0008 0304 c023", "c021 03 03 0008 0304 c023",
                          "c021 03 04 0008 0304 c023"})
    EXPECT_EQ(receive(nak).frames.size(), 1u);
  EXPECT_EQ(receive("c021 03 05 0008 0304 c023"), Seen({"c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::no_auth_protocol);
}

TEST_F(Lcp, FindsOutThatTheLineIsLoopedBack) {
  std::vector<std::string> looped = start().frames;
  int passes = 0;
  for (; !looped.empty() && link.phase == Phase::establish && passes < 100; ++passes) {
    const std::string next = looped.front();
    looped.erase(looped.begin());
    const Seen seen = receive(next);
    looped.insert(looped.end(), seen.frames.begin(), seen.frames.end());
  }
  EXPECT_EQ(link.end_reason, EndReason::lcp_loop);
  EXPECT_LE(passes, 10) << "five requests and the Naks between them";
}

TEST_F(Lcp, RenegotiatesWhenThePeerBeginsAnew) {
  open_network();
  receive("8021 02 01 000a 0306 0a000001");
  ASSERT_EQ(receive("8021 01 01 000a 0306 0a000002"), Seen({"8021 02 01 000a 0306 0a000002"}, {Notice::ipv4_up}));
  EXPECT_EQ(receive("c021 01 09 000a 0506 11111111"),
            Seen({"c021 01 02 000e 0104 05b4 0506 05060708", "c021 02 09 000a 0506 11111111"}, {Notice::ipv4_down}));
  EXPECT_EQ(link.phase, Phase::establish);
  EXPECT_EQ(receive("c021 02 02 000e 0104 05b4 0506 05060708"), Seen({}, {Notice::lcp_up, Notice::authenticate}));
  EXPECT_EQ(link.peer_magic, 0x11111111u);
  EXPECT_EQ(receive("8021 01 01 000a 0306 0a000002"), kNothing) << "not before the network phase";
  EXPECT_EQ(dropped(Drop::before_network), 1);
}

TEST_F(Lcp, AcknowledgesTerminationAndIsDownAfterOneRestartTime) {
  open_network();
  receive("8021 02 01 000a 0306 0a000001");
  receive("8021 01 01 000a 0306 0a000002");
  EXPECT_EQ(receive("c021 05 42 0008 62796521"), Seen({"c021 06 42 0004"}, {Notice::ipv4_down}));
  EXPECT_EQ(link.phase, Phase::terminate);
  EXPECT_FALSE(echo_answerable(link));
  EXPECT_EQ(receive("8021 01 01 000a 0306 0a000002"), kNothing);
  EXPECT_EQ(receive("c021 05 42 0008 62796521"), Seen({"c021 06 42 0004"})) << "and again, when the Ack was lost";
  EXPECT_EQ(due_in(), 3s);
  EXPECT_EQ(after(3s), Seen({}, {Notice::link_down}));
  EXPECT_EQ(link.end_reason, EndReason::peer_terminated);
  EXPECT_EQ(receive("c021 01 09 0004"), kNothing) << "only start() begins anew";
  EXPECT_EQ(dropped(Drop::dead), 1);
}

TEST_F(Lcp, TerminatesOnRequestAndIsDownWithThePeersAck) {
  open_network();
  receive("8057 02 01 000e 010a 0000000000000001");
  receive("8057 01 01 000e 010a 0000000000000002");
  EXPECT_EQ(close(EndReason::admin), Seen({"c021 05 01 0004"}, {Notice::ipv6_down}));
  EXPECT_EQ(close(EndReason::authentication_failed), kNothing) << "it is closing already";
  EXPECT_EQ(receive("c021 06 01 0004"), Seen({}, {Notice::link_down}));
  EXPECT_EQ(link.end_reason, EndReason::admin);
  EXPECT_EQ(close(EndReason::admin), kNothing);
}

TEST_F(Lcp, TerminatesWithoutThePeersHelpAfterTwoRequests) {
  open_lcp();
  EXPECT_EQ(close(EndReason::admin), Seen({"c021 05 01 0004"}));
  EXPECT_EQ(after(3s), Seen({"c021 05 02 0004"}));
  EXPECT_EQ(after(3s), Seen({}, {Notice::link_down}));
}

TEST_F(Lcp, RejectsUnknownCodes) {
  start();
  EXPECT_EQ(receive("c021 0e 33 0006 abcd"), Seen({"c021 07 01 000a 0e33 0006 abcd"}));
  EXPECT_EQ(receive("c021 00 33 0004"), Seen({"c021 07 02 0008 0033 0004"})) << "with a fresh Identifier";
}

TEST_F(Lcp, ToleratesIdentificationAndTimeRemaining) {
  open_lcp();
  EXPECT_EQ(receive("c021 0c 01 000c 00000000 4d696b72"), kNothing);
  EXPECT_EQ(receive("c021 0d 01 0010 00000000 00000e10 4d696b72"), kNothing);
  EXPECT_EQ(receive("c021 0b 01 0008 00000000"), kNothing);
  EXPECT_EQ(link.phase, Phase::authenticate);
}

TEST_F(Lcp, EndsWhenThePeerRejectsACodeThatItCannotDoWithout) {
  open_lcp();
  EXPECT_EQ(receive("c021 07 01 0008 01010004"), Seen({"c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::lcp_rejected);
}

TEST_F(Lcp, RejectsCompressionAndEncryptionControlAndGoesOn) {
  open_network();
  EXPECT_EQ(receive("80fd 01 05 000a 1206 01000060"), Seen({"c021 08 01 0010 80fd 01 05 000a 1206 01000060"}));
  EXPECT_EQ(receive("8053 01 01 0004"), Seen({"c021 08 02 000a 8053 01 01 0004"}));
  EXPECT_EQ(receive("8281 01 01 0004"), Seen({"c021 08 03 000a 8281 01 01 0004"}));
  EXPECT_EQ(link.phase, Phase::network);
  EXPECT_EQ(link.ipcp.state, State::request_sent);
}

TEST_F(Lcp, CutsWhatItRejectsToThePeersMru) {
  policy.offer_chap = policy.offer_pap = false;
  start();
  receive("c021 02 01 000e 0104 05b4 0506 01020304");
  receive("c021 01 01 0008 0104 0080");  // an MRU of 128
  answer(accepted());
  const std::string sent = receive("80fd" + std::string(600, 'a')).frames.at(0);
  EXPECT_EQ(sent,
            "c0210801"
            "0080"
            "80fd" +
                std::string(2 * (128 - 6), 'a'));
}

TEST_F(Lcp, RejectsProtocolsOfOneOctetToo) {
  open_network();
  EXPECT_EQ(receive("2d 0102"), Seen({"c021 08 01 0008 002d 0102"}));
  EXPECT_EQ(receive("21 4500"), kNothing);
  EXPECT_EQ(dropped(Drop::network_data), 1);
}

TEST_F(Lcp, DropsFramesWithoutAWholeProtocolFieldAndFramesThatAreTooLong) {
  open_network();
  EXPECT_EQ(receive(""), kNothing);
  EXPECT_EQ(dropped(Drop::too_short), 1);
  EXPECT_EQ(receive("80"), kNothing);
  EXPECT_EQ(dropped(Drop::too_short), 1);
  EXPECT_EQ(receive("80fd" + std::string(2 * (kMaxFrame - 1), '0')), kNothing);
  EXPECT_EQ(dropped(Drop::too_long), 1);
}

TEST_F(Lcp, DropsEverythingButLcpBeforeItIsOpened) {
  start();
  for (const auto* early : {"8021 01 01 000a 0306 0a000002", "80fd 01 01 0004", "c023 01 01 0006 0000"}) {
    EXPECT_EQ(receive(early), kNothing);
    EXPECT_EQ(dropped(Drop::before_lcp), 1);
  }
}

TEST_F(Lcp, AnswersEchoWithItsOwnMagicNumber) {
  start();
  EXPECT_EQ(receive("c021 09 05 0008 aabbccdd"), kNothing) << "RFC 1661 5.8: only in the Opened state";
  EXPECT_EQ(dropped(Drop::before_lcp), 1);
  open_lcp();
  const std::uint32_t magic = link.our_magic;
  EXPECT_EQ(magic, 0x05060708u);
  EXPECT_EQ(receive("c021 09 05 000c aabbccdd 01020304"), Seen({"c021 0a 05 000c 05060708 01020304"}));
  EXPECT_EQ(receive("c021 09 05 0007 aabbcc"), kNothing);
  EXPECT_EQ(dropped(Drop::malformed), 1);
}

class Keepalive : public LinkTest {
 protected:
  Keepalive() {
    policy.echo_interval = 10s;
    policy.authentication_timeout = 1000s;
    policy.offer_chap = false;  // PAP leaves the wire quiet
  }
};

TEST_F(Keepalive, SendsAnEchoEachIntervalWhileItIsAnswered) {
  open_lcp();
  EXPECT_EQ(due_in(), 10s);
  for (const std::string id : {"01", "02", "03", "04", "05", "06"}) {
    EXPECT_EQ(after(10s), Seen({"c021 09 " + id + " 0008 01020304"}));
    EXPECT_EQ(receive("c021 0a " + id + " 0008 00000000"), kNothing);
  }
}

TEST_F(Keepalive, GivesTheLinkUpAfterThreeUnansweredEchoes) {
  open_lcp();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(after(10s).frames.size(), 1u);
  EXPECT_EQ(after(10s), Seen({"c021 05 04 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::echo_timeout);
}

TEST_F(Keepalive, TakesItsOwnEchoForNoSignOfLife) {
  open_lcp();
  after(10s);
  EXPECT_EQ(receive("c021 0a 01 0008 01020304"), kNothing);
  EXPECT_EQ(dropped(Drop::stale), 1);
  EXPECT_EQ(link.echo_unanswered, 1);
}

TEST_F(Keepalive, StopsWhenThePeerDoesNotKnowEcho) {
  open_lcp();
  after(10s);
  EXPECT_EQ(receive("c021 07 01 000c 09010008 01020304"), kNothing);
  EXPECT_EQ(after(10s), kNothing);
  EXPECT_EQ(due_in(), 980s) << "only the authentication phase is timed now";
}

}  // namespace
}  // namespace holdfast::ppp
