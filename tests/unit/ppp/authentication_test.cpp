// PAP and CHAP from the authenticator's side (RFC 1334 2, RFC 1994), and what the answer leads to.
#include "support.hpp"

namespace holdfast::ppp {
namespace {

using namespace std::chrono_literals;

// What an accepted link sends next, and the same without IPv6.
constexpr std::string_view kIpcpRequest = "8021 01 01 000a 0306 0a000001";
constexpr std::string_view kIpv6cpRequest = "8057 01 01 000e 010a 0000000000000001";

class Pap : public LinkTest {
 protected:
  Pap() {
    policy.offer_chap = false;
    open_lcp();
  }
  static constexpr std::string_view kRequest = "c023 01 2a 0011 05 7573657231 06 736563726574";  // user1, secret
};

TEST_F(Pap, HandsOutTheCredentialsAndWaits) {
  EXPECT_EQ(due_in(), 30s) << "the whole phase";
  EXPECT_EQ(receive(kRequest), Seen({}, {Notice::authenticate}));
  ASSERT_TRUE(out.authenticate);
  EXPECT_EQ(out.authenticate->method, Authenticate::Method::pap);
  EXPECT_EQ(text_of(out.authenticate->user), "user1");
  EXPECT_EQ(text_of(out.authenticate->secret), "secret");
  EXPECT_TRUE(out.authenticate->challenge.empty());
  EXPECT_EQ(link.user.text(), "user1");
}

TEST_F(Pap, AcksAndBeginsWithTheNetworkProtocols) {
  receive(kRequest);
  AuthAnswer yes = accepted();
  yes.message = "hello";
  EXPECT_EQ(answer(yes), Seen({"c023 02 2a 000a 05 68656c6c6f", kIpcpRequest, kIpv6cpRequest}));
  EXPECT_EQ(link.phase, Phase::network);
  EXPECT_EQ(answer(yes), kNothing) << "an answer counts once";
}

TEST_F(Pap, NaksAndTerminates) {
  receive(kRequest);
  EXPECT_EQ(answer({.accept = false, .request = link.auth_request, .message = "no"}),
            Seen({"c023 03 2a 0007 02 6e6f", "c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::authentication_failed);
  EXPECT_EQ(receive(kRequest), kNothing);
}

TEST_F(Pap, AcksARepeatedRequestAgainWithoutAskingAgain) {
  receive(kRequest);
  answer(accepted());
  EXPECT_EQ(receive("c023 01 2b 0011 05 7573657231 06 736563726574"), Seen({"c023 02 2b 0005 00"}));
  EXPECT_EQ(link.phase, Phase::network);
}

TEST_F(Pap, AnswersTheNewestOfRepeatedRequests) {
  receive(kRequest);
  EXPECT_EQ(receive("c023 01 2b 0011 05 7573657231 06 736563726574"), kNothing);
  EXPECT_EQ(dropped(Drop::stale), 1);
  EXPECT_EQ(receive("c023 01 2c 0006 00 00"), kNothing) << "another user meanwhile does not count";
  EXPECT_EQ(answer(accepted()).frames.at(0),
            "c0230"
            "2"
            "2b"
            "000500");
}

TEST_F(Pap, TakesEmptyNamesAndPasswords) {
  EXPECT_EQ(receive("c023 01 01 0006 00 00"), Seen({}, {Notice::authenticate}));
  EXPECT_TRUE(out.authenticate->secret.empty());
}

TEST_F(Pap, RefusesANameThatIsTooLongForTheRecord) {
  const Seen seen = receive("c023 01 01 0046 40" + std::string(128, '6') + "00");
  EXPECT_EQ(seen, Seen({"c023 03 01 0017 12 75736572206e616d6520746f6f206c6f6e67", "c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::user_name_too_long);
  EXPECT_EQ(name(link.end_reason), "user name too long");
}

TEST_F(Pap, TakesANameOf63Octets) {
  EXPECT_EQ(receive("c023 01 01 0045 3f" + std::string(126, '6') + "00"), Seen({}, {Notice::authenticate}));
}

TEST_F(Pap, DropsRequestsWhoseLengthsDoNotFit) {
  for (const auto* bad :
       {"c023 01 01 0005 05", "c023 01 01 0009 05 75736572", "c023 01 01 0009 01 75 04 7365", "c023 01 01 0004"}) {
    EXPECT_EQ(receive(bad), kNothing);
    EXPECT_EQ(dropped(Drop::malformed), 1) << bad;
  }
}

TEST_F(Pap, DropsWhatOnlyAnAuthenticatorSends) {
  EXPECT_EQ(receive("c023 02 01 0005 00"), kNothing);
  EXPECT_EQ(dropped(Drop::unexpected_code), 1);
}

TEST_F(Pap, DropsChapThatWasNotAgreedOn) {
  EXPECT_EQ(receive("c223 02 01 0015 10 000102030405060708090a0b0c0d0e0f"), kNothing);
  EXPECT_EQ(dropped(Drop::not_negotiated), 1);
}

TEST_F(Pap, DropsNetworkProtocolsBeforeTheAnswer) {
  receive(kRequest);
  for (const auto* early : {"8021 01 01 000a 0306 00000000", "8057 01 01 0004", "80fd 01 01 0004"}) {
    EXPECT_EQ(receive(early), kNothing);
    EXPECT_EQ(dropped(Drop::before_network), 1);
  }
}

TEST_F(Pap, EndsWhenNothingComesInTime) {
  EXPECT_EQ(after(30s), Seen({"c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::authentication_timeout);
}

TEST_F(Pap, EndsWhenTheAnswerDoesNotComeInTime) {
  after(20s);
  receive(kRequest);
  EXPECT_EQ(due_in(), 10s);
  EXPECT_EQ(after(10s), Seen({"c021 05 01 0004"}));
  EXPECT_EQ(answer(accepted()), kNothing) << "too late";
}

TEST_F(Pap, EndsWhenThePeerRejectsTheProtocolThatItAgreedTo) {
  EXPECT_EQ(receive("c021 08 01 0006 c023"), Seen({"c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::no_auth_protocol);
}

TEST_F(Pap, TakesNoAnswerForAnEarlierRequest) {
  receive(kRequest);
  const AuthAnswer late = accepted();
  receive("c021 01 05 0004");  // the peer begins anew while the first request is being checked
  receive("c021 02 02 0012 0104 05b4 0304 c023 0506 05060708");
  receive("c023 01 2b 0011 05 7573657232 06 736563726574");  // as user2
  EXPECT_EQ(link.auth_state, AuthState::waiting_answer);
  EXPECT_EQ(answer(late), kNothing);
  EXPECT_EQ(answer(accepted()).frames.size(), 3u);
}

TEST_F(Pap, GrantsOnlyWhatTheAnswerAndThePolicySay) {
  receive(kRequest);
  AuthAnswer only_ipv6 = accepted();
  only_ipv6.peer_ipv4 = 0;
  EXPECT_EQ(answer(only_ipv6), Seen({"c023 02 2a 0005 00", kIpv6cpRequest}));
  EXPECT_EQ(receive("8021 01 01 000a 0306 00000000"), Seen({"c021 08 01 0010 8021 01 01 000a 0306 00000000"}));
}

TEST_F(Pap, EndsWhenNoNetworkProtocolIsGranted) {
  policy.ipv6 = false;
  receive(kRequest);
  AuthAnswer nothing = accepted();
  nothing.peer_ipv4 = 0;
  EXPECT_EQ(answer(nothing), Seen({"c023 02 2a 0005 00", "c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::no_network_protocol);
}

class Chap : public LinkTest {
 protected:
  Chap() { open_lcp(); }  // the challenge is 05 to 14
  static constexpr std::string_view kResponse = "c223 02 01 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231";
};

TEST_F(Chap, HandsOutTheResponseWithItsChallenge) {
  EXPECT_EQ(receive(kResponse), Seen({}, {Notice::authenticate}));
  ASSERT_TRUE(out.authenticate);
  EXPECT_EQ(out.authenticate->method, Authenticate::Method::chap);
  EXPECT_EQ(out.authenticate->id, 1);
  EXPECT_EQ(text_of(out.authenticate->user), "user1");
  EXPECT_EQ(hex(out.authenticate->secret), "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
  EXPECT_EQ(hex(out.authenticate->challenge), "05060708090a0b0c0d0e0f1011121314");
}

TEST_F(Chap, SendsSuccessAndBeginsWithTheNetworkProtocols) {
  receive(kResponse);
  AuthAnswer yes = accepted();
  yes.message = "hello";
  EXPECT_EQ(answer(yes), Seen({"c223 03 01 0009 68656c6c6f", kIpcpRequest, kIpv6cpRequest}));
}

TEST_F(Chap, SendsFailureAndTerminates) {
  receive(kResponse);
  EXPECT_EQ(answer({.accept = false, .request = link.auth_request}), Seen({"c223 04 01 0004", "c021 05 01 0004"}));
}

TEST_F(Chap, RepeatsTheChallengeWithAnotherIdentifierAndValue) {
  EXPECT_EQ(due_in(), 3s);
  EXPECT_EQ(after(3s), Seen({"c223 01 02 0018 10 15161718191a1b1c1d1e1f2021222324 6c6e73"}));
  EXPECT_EQ(receive(kResponse), kNothing) << "to the challenge before";
  EXPECT_EQ(dropped(Drop::stale), 1);
}

TEST_F(Chap, ChallengesNoMoreOnceThereIsAResponse) {
  receive(kResponse);
  EXPECT_EQ(due_in(), 30s);
  EXPECT_EQ(receive(kResponse), kNothing);
  EXPECT_EQ(dropped(Drop::stale), 1);
}

TEST_F(Chap, EndsAfterTenChallengesWithoutResponse) {
  Seen seen;
  int challenges = 1;
  while (link.phase == Phase::authenticate) {
    seen = after(due_in());
    challenges += link.phase == Phase::authenticate;
  }
  EXPECT_EQ(challenges, 10);
  EXPECT_EQ(seen, Seen({"c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::authentication_timeout);
}

TEST_F(Chap, AnswersARepeatedResponseWithTheSameOutcome) {
  receive(kResponse);
  answer(accepted());
  EXPECT_EQ(receive("c223 02 01 001a 10 ffffffffffffffffffffffffffffffff 7573657232"), Seen({"c223 03 01 0004"}))
      << "RFC 1994 4.1: whatever it holds, so that nothing can be learnt from it";
  EXPECT_EQ(link.user.text(), "user1");
}

TEST_F(Chap, RepeatsSuccessWhileThePeerIsNotHeardInTheNetworkPhase) {
  receive(kResponse);
  answer(accepted());
  EXPECT_EQ(after(3s), Seen({"c223 03 01 0004", kIpcpRequest, "c223 03 01 0004", kIpv6cpRequest}));
  receive("8021 01 01 000a 0306 00000000");
  EXPECT_EQ(after(3s), Seen({kIpcpRequest, kIpv6cpRequest}));
}

TEST_F(Chap, DropsResponsesThatAreNotOfMd5Size) {
  for (const auto* bad : {"c223 02 01 0009 04 a0a1a2a3", "c223 02 01 0005 10", "c223 02 01 0004"}) {
    EXPECT_EQ(receive(bad), kNothing);
    EXPECT_EQ(dropped(Drop::malformed), 1) << bad;
  }
}

TEST_F(Chap, DoesNotLetThePeerChallengeUs) {
  EXPECT_EQ(receive("c223 01 01 0007 02 aabb"), kNothing);
  EXPECT_EQ(dropped(Drop::unexpected_code), 1);
}

TEST_F(Chap, RefusesANameThatIsTooLongForTheRecord) {
  receive("c223 02 01 0055 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf" + std::string(128, '6'));
  EXPECT_EQ(link.end_reason, EndReason::user_name_too_long);
  EXPECT_EQ(hex(out.frames()[0]).substr(0, 6), "c22304");
}

class NoAuthentication : public LinkTest {};

TEST_F(NoAuthentication, AsksForAddressesAllTheSame) {
  policy.offer_chap = policy.offer_pap = false;
  open_lcp();
  ASSERT_TRUE(out.authenticate);
  EXPECT_EQ(out.authenticate->method, Authenticate::Method::none);
  EXPECT_EQ(answer(accepted()), Seen({kIpcpRequest, kIpv6cpRequest}));
}

class MsChapV2 : public LinkTest {
 protected:
  MsChapV2() {
    policy.offer_ms_chap_v2 = true;
    open_lcp();  // the challenge is 05 to 14
  }
  AuthAnswer accepted_with_proof() const {
    AuthAnswer yes = accepted();
    for (std::size_t i = 0; i < yes.proof.size(); ++i) yes.proof[i] = static_cast<std::uint8_t>(0xa0 + i);
    return yes;
  }
  const std::string value = std::string(32, 'a') + std::string(16, '0') + std::string(48, 'b') + "00";
  const std::string response = "c223 02 01 003b 31" + value + "7573657231";
  // "S=" and the proof, " M="
  const std::string success =
      "c223 03 01 0031 533d"
      "41304131413241334134413541364137413841394141414241434144414541464230423142324233"
      "204d3d";
};

TEST_F(MsChapV2, IsAskedForBeforeAllOthers) { EXPECT_NE(start().frames.at(0).find("0305c22381"), std::string::npos); }

TEST_F(MsChapV2, HandsOutTheResponseWithItsChallenge) {
  EXPECT_EQ(receive(response), Seen({}, {Notice::authenticate}));
  ASSERT_TRUE(out.authenticate);
  EXPECT_EQ(out.authenticate->method, Authenticate::Method::ms_chap_v2);
  EXPECT_EQ(text_of(out.authenticate->user), "user1");
  EXPECT_EQ(hex(out.authenticate->secret), value);
  EXPECT_EQ(hex(out.authenticate->challenge), "05060708090a0b0c0d0e0f1011121314");
}

// RFC 2759 5: whoever does not see the proof must end the link.
TEST_F(MsChapV2, SendsTheProofThatThePasswordIsKnownAsOftenAsItIsAskedFor) {
  receive(response);
  EXPECT_EQ(answer(accepted_with_proof()), Seen({success, kIpcpRequest, kIpv6cpRequest}));
  EXPECT_EQ(receive(response), Seen({success}));
  EXPECT_EQ(after(3s).frames.at(0), Seen({success}).frames.at(0)) << "perhaps it was lost";
}

// RFC 2759 6: 691 is a login that failed, and is not to be tried again; C is the challenge.
TEST_F(MsChapV2, SaysInAFailureThatItIsFinal) {
  receive(response);
  const Seen seen = answer({.accept = false, .request = link.auth_request, .message = "no"});
  ASSERT_EQ(seen.frames.size(), 2u);
  const std::vector<std::uint8_t> failure = bytes(seen.frames[0]);
  EXPECT_EQ(text_of(Octets(failure).subspan(6)), "E=691 R=0 C=05060708090A0B0C0D0E0F1011121314 V=3 M=no");
  EXPECT_EQ(link.end_reason, EndReason::authentication_failed);
}

TEST_F(MsChapV2, DropsResponsesOfAnotherSize) {
  EXPECT_EQ(receive("c223 02 01 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231"), kNothing);
  EXPECT_EQ(dropped(Drop::malformed), 1);
}

TEST_F(MsChapV2, GivesWayToTheOthersWhenItIsNakked) {
  const std::string request = start().frames.at(0);
  const std::string id = request.substr(6, 2);
  EXPECT_NE(receive("c021 03 " + id + " 0009 0305c22381").frames.at(0).find("0305c22305"), std::string::npos);
  EXPECT_NE(
      receive("c021 03 " + hex(Octets(&link.lcp.request_id, 1)) + " 0009 0305c22380").frames.at(0).find("0304c023"),
      std::string::npos);
}

}  // namespace
}  // namespace holdfast::ppp
