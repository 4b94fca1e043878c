// What a LAC keeps of the PPP it did, for the proxy AVPs of ICCN (RFC 2661 4.4.5).
#include "ppp/overheard.hpp"

#include "support.hpp"
#include "wire.hpp"

namespace holdfast::ppp {
namespace {

Overheard heard(std::initializer_list<std::string_view> frames) {
  Overheard overheard;
  for (const auto frame : frames)  // "<" from the subscriber, ">" to it
    frame[0] == '<' ? overheard.received(bytes(frame.substr(1))) : overheard.sent(bytes(frame.substr(1)));
  return overheard;
}

TEST(Overheard, KeepsTheFirstRequestReceivedAndTheLastOfEitherSide) {
  const auto o =
      heard({"> c021 01 01 0013 0104 05b4 0305 c22305 0506 01020304", "< c021 01 01 000c 0104 05d4 0702 0802",
             "> c021 04 01 0006 0702", "< c021 01 02 000a 0104 05d4 0802",
             "> c021 01 02 0012 0104 05b4 0304 c023 0506 01020304", "< c021 02 02 0004"});
  EXPECT_EQ(hex(o.initial_received.octets()), "010405d407020802");
  EXPECT_EQ(hex(o.last_received.octets()), "010405d40802");
  EXPECT_EQ(hex(o.last_sent.octets()), "010405b40304c023050601020304");
  EXPECT_EQ(o.method, AuthMethod::none);
}

TEST(Overheard, KeepsThePapRequestThatCameLast) {
  const auto o = heard({"< c023 01 2a 000c 03 626f62 03 6f6e65", "< c023 01 2b 0011 05 7573657231 06 736563726574"});
  EXPECT_EQ(o.method, AuthMethod::pap);
  EXPECT_EQ(o.id, 0x2b);
  EXPECT_EQ(o.name.text(), "user1");
  EXPECT_EQ(o.response.text(), "secret");
  EXPECT_TRUE(o.challenge.empty());
}

TEST(Overheard, KeepsTheChapResponseToTheLastChallenge) {
  constexpr std::string_view kFirst = "> c223 01 06 000c 04 a1a2a3a4 6c6163";
  constexpr std::string_view kChallenge = "> c223 01 07 000c 04 01020304 6c6163";
  constexpr std::string_view kResponse = "< c223 02 07 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231";
  const auto o = heard({kFirst, kChallenge, kResponse});
  EXPECT_EQ(o.method, AuthMethod::chap);
  EXPECT_EQ(o.id, 7);
  EXPECT_EQ(hex(o.challenge.octets()), "01020304");
  EXPECT_EQ(hex(o.response.octets()), "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
  EXPECT_EQ(o.name.text(), "user1");
  EXPECT_EQ(heard({kFirst, kResponse}).method, AuthMethod::none) << "the response to another challenge";
  EXPECT_EQ(heard({kResponse}).method, AuthMethod::none) << "no challenge is known";
  EXPECT_EQ(heard({kChallenge, kResponse, kFirst}).method, AuthMethod::none) << "the response is not there yet";
  EXPECT_EQ(heard({kResponse, kChallenge, "> c223 02 07 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231"}).method,
            AuthMethod::none)
      << "what we say of ourselves";
}

TEST(Overheard, ForgetsTheCredentialsWhenLcpBeginsAnew) {
  for (const auto* request : {"< c021 01 02 0004", "> c021 01 02 0004"}) {
    const auto o = heard({"< c021 01 01 0006 0702", "< c023 01 2b 0011 05 7573657231 06 736563726574", request});
    EXPECT_EQ(o.method, AuthMethod::none);
    EXPECT_TRUE(o.name.empty() && o.response.empty());
    EXPECT_EQ(hex(o.initial_received.octets()), "0702");
  }
}

std::string times(int n, std::string_view text) {
  std::string all;
  while (n-- > 0) all += text;
  return all;
}

TEST(Overheard, LeavesOutWhatDoesNotFitAndNeverCutsIt) {
  const std::string fits = "c021 01 01 0043 0d3f" + times(61, "41");
  const std::string too_long = "c021 01 01 0044 0d40" + times(62, "41");
  EXPECT_EQ(heard({"<" + fits}).last_received.length, 63);
  auto o = heard({"<" + too_long});
  EXPECT_TRUE(o.last_received.empty());
  o = heard({"<" + too_long, "<" + fits, ">" + fits, ">" + too_long});
  EXPECT_TRUE(o.initial_received.empty()) << "the second is not the initial one";
  EXPECT_EQ(o.last_received.length, 63);
  EXPECT_TRUE(o.last_sent.empty()) << "the last one sent did not fit, and another one is no substitute";

  const std::string name_too_long = "< c023 01 01 0046 40" + times(64, "61") + "00";
  const std::string password_too_long = "< c023 01 01 0046 00 40" + times(64, "61");
  EXPECT_EQ(heard({name_too_long}).method, AuthMethod::none);
  EXPECT_EQ(heard({password_too_long}).method, AuthMethod::none);
  const std::string challenge_too_long = "> c223 01 07 0025 20" + times(32, "01");
  EXPECT_EQ(heard({challenge_too_long, "< c223 02 07 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231"}).method,
            AuthMethod::none);
}

TEST(Overheard, PassesOverWhatIsMalformedAndWhatIsData) {
  const Overheard nothing;
  for (const auto* frame : {"", "c021", "c021 01 01 0003", "c021 01 01 0006 0703", "c021 01 01 0005 01",
                            "0021 45000014", "8021 01 01 000a 0306 0a000001", "c021 09 01 0008 01020304",
                            "c023 01 01 0005 05", "c223 02 01 0009 04 a0a1a2a3", "c223 01 01 0005 05"}) {
    auto o = heard({"<" + std::string(frame), ">" + std::string(frame)});
    EXPECT_EQ(std::memcmp(&o, &nothing, sizeof o), 0) << frame;
  }
}

TEST(Overheard, HasAllThatAWholeBringUpSays) {
  for (const bool takes_chap : {true, false}) {
    Wire wire({.takes_chap = takes_chap});
    ASSERT_TRUE(wire.bring_up());
    Overheard o;
    // What the link sent is known by the MRU that it asks for, and as the challenge.
    for (const Bytes& frame : wire.frames) {
      const bool ours = hex(frame).find("05b4") != std::string::npos || hex(frame).starts_with("c22301");
      ours ? o.sent(frame) : o.received(frame);
    }
    EXPECT_EQ(o.method, takes_chap ? AuthMethod::chap : AuthMethod::pap);
    EXPECT_EQ(o.name.text(), "user1");
    EXPECT_EQ(o.response.length, takes_chap ? 16 : 6);
    EXPECT_EQ(o.challenge.length, takes_chap ? 16 : 0);
    EXPECT_TRUE(hex(o.last_sent.octets()).starts_with(takes_chap ? "010405b40305c223" : "010405b40304c023"));
    EXPECT_EQ(hex(o.last_received.octets()), "0206000000000506aabbccdd07020802");
  }
}

}  // namespace
}  // namespace holdfast::ppp
