// A link that an LNS takes over from a LAC (RFC 2661 4.4.5): what is taken, what is asked anew, and what must be
// negotiated again.
#include "ppp/proxy.hpp"

#include "ppp/overheard.hpp"
#include "support.hpp"
#include "wire.hpp"

#include <functional>

namespace holdfast::ppp {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kIpcpRequest = "8021 01 01 000a 0306 0a000001";
constexpr std::string_view kIpv6cpRequest = "8057 01 01 000e 010a 0000000000000001";

// What a LAC tells. The octets lie here, so that a test may change one thing.
struct Told {
  std::optional<std::string> last_sent = "0104 05b4 0305 c22305 0506 0a0b0c0d";
  std::optional<std::string> last_received = "0104 05d4 0506 aabbccdd 0702 0802";
  AuthMethod method = AuthMethod::chap;
  std::optional<std::uint8_t> id = 0x2a;
  std::optional<std::string> name = "7573657231";  // user1
  std::optional<std::string> challenge = "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf";
  std::optional<std::string> response = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";
};

Told told_of_pap() {
  return {.last_sent = "0104 05b4 0304 c023 0506 0a0b0c0d",
          .method = AuthMethod::pap,
          .challenge = std::nullopt,
          .response = "736563726574"};  // secret
}

class Proxy : public LinkTest {
 protected:
  Seen take(const Told& told) {
    octets_.clear();
    const auto octets = [&](const std::optional<std::string>& text) -> std::optional<Octets> {
      if (!text) return std::nullopt;
      octets_.push_back(bytes(*text));
      return Octets(octets_.back());
    };
    const Proxied proxied{.last_sent = octets(told.last_sent),
                          .last_received = octets(told.last_received),
                          .method = told.method,
                          .id = told.id,
                          .name = octets(told.name),
                          .challenge = octets(told.challenge),
                          .response = octets(told.response)};
    return call([&] { result = start_proxied(link, proxied, policy, env(), out); });
  }
  void restore() {
    now = TimePoint{5s};
    restart_timers(link, policy, now);
  }

  ProxyResult result{};

 private:
  std::deque<Bytes> octets_;  // what Output points into
};

const Seen kTaken({}, {Notice::lcp_up, Notice::authenticate});

TEST_F(Proxy, OpensLcpAsItWasLeftAndSendsNothing) {
  EXPECT_EQ(take({}), kTaken);
  EXPECT_EQ(result, ProxyResult::authentication_taken);
  EXPECT_EQ(link.lcp.state, State::opened);
  EXPECT_EQ(link.phase, Phase::authenticate);
  EXPECT_EQ(link.our_mru, 1460);
  EXPECT_EQ(link.our_magic, 0x0a0b0c0du);
  EXPECT_EQ(link.peer_mru, 1492);
  EXPECT_EQ(link.peer_magic, 0xaabbccddu);
  EXPECT_EQ(link.peer_pfc, 1);
  EXPECT_EQ(link.peer_acfc, 1);
  EXPECT_EQ(due_in(), 30s) << "for the answer";
}

TEST_F(Proxy, ShowsTheResponseWithTheLacsChallengeAndAnswersItWithSuccess) {
  EXPECT_EQ(take({}), kTaken);
  ASSERT_TRUE(out.authenticate);
  EXPECT_EQ(out.authenticate->method, Authenticate::Method::chap);
  EXPECT_EQ(out.authenticate->id, 0x2a);
  EXPECT_EQ(text_of(out.authenticate->user), "user1");
  EXPECT_EQ(hex(out.authenticate->secret), "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
  EXPECT_EQ(hex(out.authenticate->challenge), "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf");
  EXPECT_EQ(answer(accepted()), Seen({"c223 03 2a 0004", kIpcpRequest, kIpv6cpRequest}));
  EXPECT_EQ(link.user.text(), "user1");
  EXPECT_EQ(receive("c223 02 2a 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231"), Seen({"c223 03 2a 0004"}));
}

TEST_F(Proxy, RefusesAWrongResponseWithFailureAndTerminates) {
  take({});
  EXPECT_EQ(answer({.accept = false, .request = link.auth_request}), Seen({"c223 04 2a 0004", "c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::authentication_failed);
}

TEST_F(Proxy, TakesChallengesOfAnyLength) {
  for (const auto* challenge : {"01", "0102030405060708090a0b0c0d0e0f101112131415161718"}) {
    EXPECT_EQ(take({.challenge = challenge}), kTaken);
    EXPECT_EQ(hex(out.authenticate->challenge), challenge);
  }
}

TEST_F(Proxy, ShowsThePapRequestAndAcksIt) {
  EXPECT_EQ(take(told_of_pap()), kTaken);
  EXPECT_EQ(result, ProxyResult::authentication_taken);
  EXPECT_EQ(out.authenticate->method, Authenticate::Method::pap);
  EXPECT_EQ(text_of(out.authenticate->user), "user1");
  EXPECT_EQ(text_of(out.authenticate->secret), "secret");
  EXPECT_TRUE(out.authenticate->challenge.empty());
  EXPECT_EQ(answer(accepted()), Seen({"c023 02 2a 0005 00", kIpcpRequest, kIpv6cpRequest}));
}

TEST_F(Proxy, NaksAWrongPasswordAndTerminates) {
  take(told_of_pap());
  EXPECT_EQ(answer({.accept = false, .request = link.auth_request}), Seen({"c023 03 2a 0005 00", "c021 05 01 0004"}));
}

TEST_F(Proxy, AsksForAddressesAtOnceWhereNobodyIsToAuthenticate) {
  policy.offer_chap = policy.offer_pap = false;
  EXPECT_EQ(take({.last_sent = "0104 05b4 0506 0a0b0c0d", .method = AuthMethod::none}), kTaken);
  EXPECT_EQ(result, ProxyResult::authentication_taken);
  EXPECT_EQ(out.authenticate->method, Authenticate::Method::none);
}

TEST_F(Proxy, RefusesANameThatIsTooLongForTheRecord) {
  Told told = told_of_pap();
  told.name = std::string(128, '6');
  EXPECT_EQ(take(told),
            Seen({"c023 03 2a 0017 12 75736572206e616d6520746f6f206c6f6e67", "c021 05 01 0004"}, {Notice::lcp_up}));
  EXPECT_EQ(link.end_reason, EndReason::user_name_too_long);
}

TEST_F(Proxy, ChallengesAgainWhereTheCredentialsAreOfNoUse) {
  const std::vector<std::pair<const char*, std::function<void(Told&)>>> cases{
      {"not told", [](Told& t) { t.method = AuthMethod::none; }},
      {"of another method", [](Told& t) { t.method = AuthMethod::pap; }},
      {"no Identifier", [](Told& t) { t.id.reset(); }},
      {"no name", [](Told& t) { t.name.reset(); }},
      {"no challenge", [](Told& t) { t.challenge.reset(); }},
      {"a challenge without octets", [](Told& t) { t.challenge = ""; }},
      {"no response", [](Told& t) { t.response.reset(); }},
      {"a response that is not of MD5's size", [](Told& t) { t.response = "a0a1a2a3a4a5a6a7a8a9aaabacadae"; }}};
  for (const auto& [what, change] : cases) {
    Told told;
    change(told);
    const Seen seen = take(told);
    EXPECT_EQ(result, ProxyResult::lcp_taken) << what;
    EXPECT_EQ(seen.notices, std::vector{Notice::lcp_up}) << what;
    ASSERT_EQ(seen.frames.size(), 1u) << what;
    EXPECT_TRUE(seen.frames[0].starts_with("c22301")) << what;
    if (told.id) EXPECT_EQ(link.auth_id, 0x2b) << what << ": the answer to the LAC's challenge may be on its way to us";
    EXPECT_EQ(link.lcp.state, State::opened) << what;
  }
}

TEST_F(Proxy, WaitsForTheNextPapRequestWhereTheLastIsNotTold) {
  Told told = told_of_pap();
  told.method = AuthMethod::none;
  EXPECT_EQ(take(told), Seen({}, {Notice::lcp_up}));
  EXPECT_EQ(result, ProxyResult::lcp_taken);
  EXPECT_EQ(receive("c023 01 2b 0011 05 7573657231 06 736563726574"), Seen({}, {Notice::authenticate}));
}

TEST_F(Proxy, NegotiatesAnewWhatItWouldNotHaveAgreedTo) {
  struct Case {
    const char* what;
    ProxyResult why;
    std::function<void(Told&, Policy&)> change;
  };
  const std::vector<Case> cases{
      {"no last request of the LAC", ProxyResult::missing, [](Told& t, Policy&) { t.last_sent.reset(); }},
      {"no last request of the subscriber", ProxyResult::missing, [](Told& t, Policy&) { t.last_received.reset(); }},
      {"half an option sent", ProxyResult::malformed, [](Told& t, Policy&) { t.last_sent = "0104 05"; }},
      {"half an option received", ProxyResult::malformed, [](Told& t, Policy&) { t.last_received = "01"; }},
      {"an option longer than all", ProxyResult::malformed, [](Told& t, Policy&) { t.last_received = "0505 0102"; }},
      {"a short MRU sent", ProxyResult::malformed, [](Told& t, Policy&) { *t.last_sent = "0103 05"; }},
      {"a long magic number sent", ProxyResult::malformed,
       [](Told& t, Policy&) { t.last_sent = "0104 05b4 0305 c22305 0507 0102030405"; }},
      {"a subscriber with an MRU of nothing", ProxyResult::peer_option,
       [](Told& t, Policy&) { t.last_received = "0104 0000"; }},
      {"a subscriber who wants to be authenticated to", ProxyResult::peer_option,
       [](Told& t, Policy&) { t.last_received = "0304 c023"; }},
      {"a subscriber who wants multilink", ProxyResult::peer_option,
       [](Told& t, Policy&) { *t.last_received += "1104 05dc"; }},
      {"an option twice received", ProxyResult::peer_option, [](Told& t, Policy&) { *t.last_received += "0702"; }},
      {"a short magic number received", ProxyResult::peer_option,
       [](Told& t, Policy&) { t.last_received = "0505 010203"; }},
      {"one magic number on both sides", ProxyResult::peer_option,
       [](Told& t, Policy&) { t.last_received = "0506 0a0b0c0d"; }},
      {"multilink asked for", ProxyResult::our_option, [](Told& t, Policy&) { *t.last_sent += "1104 05dc"; }},
      {"an unknown option asked for", ProxyResult::our_option, [](Told& t, Policy&) { *t.last_sent += "ff02"; }},
      {"an option asked for twice", ProxyResult::our_option, [](Told& t, Policy&) { *t.last_sent += "0104 05b4"; }},
      {"a magic number of zero asked for", ProxyResult::our_option,
       [](Told& t, Policy&) { t.last_sent = "0104 05b4 0305 c22305 0506 00000000"; }},
      {"longer frames promised than anybody must take", ProxyResult::mru,
       [](Told& t, Policy&) { t.last_sent = "0104 05dd 0305 c22305"; }},
      {"a method that is not ours", ProxyResult::authentication,
       [](Told& t, Policy&) { t.last_sent = "0104 05b4 0305 c22380"; }},
      {"EAP", ProxyResult::authentication, [](Told& t, Policy&) { t.last_sent = "0104 05b4 0304 c227"; }},
      {"CHAP without algorithm", ProxyResult::authentication,
       [](Told& t, Policy&) { t.last_sent = "0104 05b4 0304 c223"; }},
      {"a method of one octet", ProxyResult::authentication,
       [](Told& t, Policy&) { t.last_sent = "0104 05b4 0303 c0"; }},
      {"no authentication where one is wanted", ProxyResult::authentication,
       [](Told& t, Policy&) { t.last_sent = "0104 05b4"; }},
      {"CHAP where it is not offered", ProxyResult::authentication, [](Told&, Policy& p) { p.offer_chap = false; }},
      {"PAP where it is not offered", ProxyResult::authentication,
       [](Told& t, Policy& p) { t = told_of_pap(), p.offer_pap = false; }},
      {"authentication where none is wanted", ProxyResult::authentication,
       [](Told&, Policy& p) { p.offer_chap = p.offer_pap = false; }},
  };
  for (const Case& c : cases) {
    Told told;
    policy = Policy{.name = "lns"};
    c.change(told, policy);
    const Seen seen = take(told);
    EXPECT_EQ(result, c.why) << c.what;
    ASSERT_EQ(seen.frames.size(), 1u) << c.what;
    EXPECT_TRUE(seen.frames[0].starts_with("c02101")) << c.what;
    EXPECT_TRUE(seen.notices.empty()) << c.what;
    EXPECT_EQ(link.phase, Phase::establish) << c.what;
    EXPECT_EQ(link.peer_mru, kDefaultMru) << c.what;
  }
}

TEST_F(Proxy, TakesWhatIsOfNoMeaningHere) {
  EXPECT_EQ(take({.last_sent = "0206 000a0000 0104 05b4 0305 c22305 0702 0802", .last_received = ""}), kTaken);
  EXPECT_EQ(link.peer_mru, kDefaultMru);
}

TEST_F(Proxy, TakesAnyMruUpToTheDefaultOfPppAndMoreWhereThePolicyHasMore) {
  EXPECT_EQ(take({.last_sent = "0104 0200 0305 c22305"}), kTaken);
  EXPECT_EQ(link.our_mru, 512);
  EXPECT_EQ(take({.last_sent = "0104 05d4 0305 c22305"}), kTaken) << "as PPPoE has it";
  EXPECT_EQ(link.our_mru, 1492);
  EXPECT_EQ(take({.last_sent = "0305 c22305"}), kTaken);
  EXPECT_EQ(link.our_mru, 1500);
  policy.mru = 1600;
  EXPECT_EQ(take({.last_sent = "0104 0640 0305 c22305"}), kTaken);
  EXPECT_EQ(link.our_mru, 1600);
}

TEST_F(Proxy, AnswersEchoRequestsWithTheMagicNumberOfTheLac) {
  take({});
  EXPECT_EQ(receive("c021 09 05 0008 aabbccdd"), Seen({"c021 0a 05 0008 0a0b0c0d"}));
}

TEST_F(Proxy, UsesZeroWhereNoMagicNumberWasAgreedOn) {
  policy.echo_interval = 10s;
  take({.last_sent = "0104 05b4 0305 c22305", .last_received = ""});
  answer(accepted());
  receive("8021 02 01 000a 0306 0a000001");
  EXPECT_EQ(link.echo_deadline - now, 10s);
  now = link.echo_deadline;
  const Seen seen = expire();
  ASSERT_FALSE(seen.frames.empty());
  EXPECT_EQ(seen.frames.back(), hex(bytes("c021 09 01 0008 00000000")));
  EXPECT_EQ(link.echo_unanswered, 1);
  receive("c021 0a 01 0008 00000000");
  EXPECT_EQ(link.echo_unanswered, 0) << "no loop: the peer has no magic number either";
}

TEST_F(Proxy, DropsAnAcknowledgementThatWasForTheLac) {
  take({});
  EXPECT_EQ(receive("c021 02 01 0013 0104 05b4 0305 c22305 0506 0a0b0c0d"), kNothing);
  EXPECT_EQ(dropped(Drop::stale), 1);
  EXPECT_EQ(link.lcp.state, State::opened);
}

TEST_F(Proxy, NegotiatesWithASubscriberWhoBeginsAnew) {
  take({});
  const Seen seen = receive("c021 01 02 000a 0506 aabbccdd");
  EXPECT_EQ(seen, Seen({"c021 01 01 0013 0104 05b4 0305 c22305 0506 01020304", "c021 02 02 000a 0506 aabbccdd"}));
  EXPECT_EQ(receive(with_code(seen.frames[0], '2')).notices, std::vector{Notice::lcp_up});
  EXPECT_EQ(link.phase, Phase::authenticate);
}

TEST_F(Proxy, ChallengesTheSubscriberAfterARestartThatLostTheCheck) {
  for (const auto* challenge : {"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", "c0c1c2c3"}) {
    take({.challenge = challenge});
    const AuthAnswer lost = accepted();
    restore();
    EXPECT_EQ(answer(lost), kNothing);
    const Seen challenged = after(3s);
    ASSERT_EQ(challenged.frames.size(), 1u);
    EXPECT_TRUE(challenged.frames[0].starts_with("c223012b"));
    EXPECT_EQ(receive("c223 02 2b 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231"),
              Seen({}, {Notice::authenticate}));
  }
}

TEST_F(Proxy, ChecksARepeatedResponseAfterARestartOnlyWithTheChallengeThatItIsFor) {
  constexpr std::string_view kRepeated = "c223 02 2a 001a 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 7573657231";
  take({});
  restore();
  EXPECT_EQ(receive(kRepeated), Seen({}, {Notice::authenticate}));
  EXPECT_EQ(hex(out.authenticate->challenge), "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf");
  take({.challenge = "c0c1c2c3"});
  restore();
  EXPECT_EQ(receive(kRepeated), kNothing) << "it would be refused for the wrong reason";
  EXPECT_EQ(dropped(Drop::stale), 1);
}

TEST_F(Proxy, WaitsForPapAfterARestartThatLostTheCheck) {
  take(told_of_pap());
  restore();
  EXPECT_EQ(receive("c023 01 2b 0011 05 7573657231 06 736563726574"), Seen({}, {Notice::authenticate}));
  EXPECT_EQ(answer(accepted()).frames.at(0), "c023022b000500");
}

// A subscriber, a LAC up to authentication, and the LNS that goes on where it stopped.
TEST(HandOver, IsNotNoticedByTheSubscriber) {
  for (const bool takes_chap : {true, false}) {
    Peer peer({.takes_chap = takes_chap, .asks_for_ccp = false});
    CountingEntropy entropy;
    const Env env{TimePoint{1000s}, entropy};
    const Policy policy{.name = "router"};
    Link lac, lns;
    Overheard overheard;
    Output out;
    std::vector<std::string> lcp_of_the_lns;
    Link* link = &lac;
    const auto pass_on = [&] {  // what the link sends; the subscriber's answers are then to be seen
      for (const Octets frame : out.frames()) {
        if (link == &lac) overheard.sent(frame);
        if (link == &lns && hex(frame).starts_with("c021")) lcp_of_the_lns.push_back(hex(frame));
        peer.receive({frame.begin(), frame.end()}, env.now);
      }
      out.clear();
    };
    const auto converse = [&] {
      while (!peer.sent.empty() && !out.authenticate) {
        const Bytes frame = peer.sent.front();
        peer.sent.pop_front();
        if (link == &lac) overheard.received(frame);
        receive(*link, frame, policy, env, out);
        if (!out.authenticate) pass_on();
      }
    };
    start(lac, policy, env, out);
    peer.start(env.now);
    pass_on();
    converse();
    ASSERT_TRUE(out.authenticate) << "the LAC knows who calls, and places the call";

    out.clear();
    link = &lns;
    const Proxied proxied{.last_sent = overheard.last_sent.octets(),
                          .last_received = overheard.last_received.octets(),
                          .method = overheard.method,
                          .id = overheard.id,
                          .name = overheard.name.octets(),
                          .challenge = overheard.challenge.octets(),
                          .response = overheard.response.octets()};
    EXPECT_EQ(start_proxied(lns, proxied, policy, env, out), ProxyResult::authentication_taken);
    ASSERT_TRUE(out.authenticate);
    const std::array<std::uint8_t, 1> id{out.authenticate->id};
    const Md5 hashed = md5({id, octets_of("secret"), out.authenticate->challenge});
    EXPECT_EQ(hex(out.authenticate->secret), takes_chap ? hex(hashed) : hex(octets_of("secret")));
    answer(lns,
           {.accept = true,
            .request = out.authenticate->request,
            .our_ipv4 = 0x0a000001,
            .peer_ipv4 = 0x0a000002,
            .our_interface_id = 1,
            .peer_interface_id = 2},
           policy, env, out);
    out.authenticate.reset();
    pass_on();
    converse();
    EXPECT_TRUE(peer.ipv4_is_up() && peer.ipv6_is_up());
    EXPECT_EQ(peer.address(), 0x0a000002u);
    EXPECT_TRUE(lcp_of_the_lns.empty());
  }
}

}  // namespace
}  // namespace holdfast::ppp
