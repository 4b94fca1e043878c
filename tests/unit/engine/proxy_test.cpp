// What an LNS makes of the PPP that a LAC did before it placed the call (RFC 2661 4.4.5, 9.5).
#include "pair.hpp"
#include "wire/digest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace holdfast::engine::test {
namespace {

using std::chrono::seconds;
using Bytes = std::vector<std::uint8_t>;

// Options as a LAC and a subscriber would have left LCP with them.
const Bytes kMru{1, 4, 0x05, 0xb4};
const Bytes kMagic{5, 6, 10, 11, 12, 13};
const Bytes kPap{3, 4, 0xc0, 0x23};
const Bytes kChap{3, 5, 0xc2, 0x23, 5};

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

l2tp::CallSpec call_with(const Bytes& last_sent, const Bytes& last_received) {
  l2tp::CallSpec call = Pair::incoming();
  EXPECT_TRUE(call.proxy.last_sent_confreq.assign(Octets(last_sent)));
  EXPECT_TRUE(call.proxy.last_received_confreq.assign(Octets(last_received)));
  call.proxy.authen_id = 42;
  return call;
}
l2tp::CallSpec with_pap() { return call_with(kMru + kPap + kMagic, {5, 6, 1, 2, 3, 4, 7, 2, 8, 2}); }
l2tp::CallSpec with_chap(std::string_view password = "wonderland") {
  l2tp::CallSpec call = call_with(kMru + kChap + kMagic, {1, 4, 0x05, 0xd4});
  call.proxy.authen_type = 2;
  const std::array<std::uint8_t, 1> id{42};
  EXPECT_TRUE(call.proxy.challenge.assign("a challenge of the LAC"));
  EXPECT_TRUE(call.proxy.response.assign(Octets(md5({id, octets_of(password), call.proxy.challenge.octets()}))));
  return call;
}

struct Proxy : ::testing::TestWithParam<Terms> {
  Proxy() : p(GetParam()) {}

  config::HostProfile& profile_of_the_lac() { return p.lns.config.l2tp.destinations[0].hosts[0]; }

  // Protocol and code of each PPP frame that the LNS sends until all is quiet.
  std::vector<std::string> place(const l2tp::CallSpec& call) {
    p.lac.handle(PlaceCall{p.to_lns(), call});
    return talk();
  }
  std::vector<std::string> talk() {
    std::vector<std::string> frames;
    do {
      if (!p.lac.sent.empty() || p.lns.sent.empty()) continue;
      const Sent& next = p.lns.sent.front();
      if (next.header.kind != static_cast<std::uint16_t>(abi::InjectKind::ppp)) continue;
      std::array<char, 16> text{};
      std::snprintf(text.data(), text.size(), "%02x%02x %u/%u", next.payload[0], next.payload[1], next.payload[2],
                    next.payload[3]);
      frames.emplace_back(text.data());
    } while (p.deliver_one());
    return frames;
  }
  const ppp::Link& link() const {
    const l2tp::Session session = p.lns.sessions().front();
    return p.lns.records->subscriber(session_index(session.tunnel, session.id, 0))->link;
  }
  std::uint64_t counted(Count what) const { return p.lns.engine->counters()[what]; }

  Pair p;
};

using Frames = std::vector<std::string>;

TEST_P(Proxy, PapIsTakenAndAckedWithoutAnyLcp) {
  EXPECT_EQ(place(with_pap()), (Frames{"c023 2/42", "8021 1/1", "8057 1/1"}));
  EXPECT_EQ(counted(Count::proxy_authentication_taken), 1u);
  ASSERT_EQ(p.lns.sessions().size(), 1u);
  EXPECT_EQ(link().user.text(), "alice");
  EXPECT_EQ(link().our_magic, 0x0a0b0c0du);
  EXPECT_EQ(link().peer_pfc, 1);
  ASSERT_FALSE(p.lns.table_ops.empty());
  EXPECT_EQ(p.lns.table_ops.back().session.magic, 0x0a0b0c0du) << "the dataplane answers echo requests with it";
  EXPECT_NE(p.lns.table_ops.back().session.flags & abi::kSessionAnswerEcho, 0);
}

TEST_P(Proxy, ChapIsTakenWithTheChallengeOfTheLac) {
  EXPECT_EQ(place(with_chap()), (Frames{"c223 3/42", "8021 1/1", "8057 1/1"}));
  EXPECT_EQ(counted(Count::proxy_authentication_taken), 1u);
  EXPECT_EQ(link().peer_mru, 1492);
}

// The numbers of RFC 2759 9.2. It goes as CHAP; that it is MS-CHAPv2 says the Configure-Request.
TEST_P(Proxy, MsChapV2IsTakenWithTheChallengeOfTheLac) {
  p.lns.config.ppp.authentication = {config::PppAuthentication::ms_chap_v2};
  p.lns.config.aaa.users.push_back({"User", "clientPass", {}});
  p.lns.start();
  const Bytes challenge{0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e, 0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28};
  const Bytes peer_challenge{0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a,
                             0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e};
  const Bytes nt_response{0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0, 0x8f, 0xaa, 0x39,
                          0x81, 0xcd, 0x83, 0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf};
  auto call = call_with(kMru + Bytes{3, 5, 0xc2, 0x23, 0x81} + kMagic, {1, 4, 0x05, 0xd4});
  call.proxy.authen_type = 2;
  ASSERT_TRUE(call.proxy.name.assign("User"));
  ASSERT_TRUE(call.proxy.challenge.assign(Octets(challenge)));
  ASSERT_TRUE(call.proxy.response.assign(Octets(peer_challenge + Bytes(8) + nt_response + Bytes(1))));
  EXPECT_EQ(place(call), (Frames{"c223 3/42", "8021 1/1", "8057 1/1"}));
  EXPECT_EQ(counted(Count::proxy_authentication_taken), 1u);
  EXPECT_EQ(counted(Count::logins_refused), 0u);

  call.proxy.response.storage[30] ^= 1;
  EXPECT_EQ(place(call).front(), "c223 4/42");
  EXPECT_EQ(counted(Count::logins_refused), 1u);
}

TEST_P(Proxy, AWrongPasswordIsRefused) {
  auto call = with_pap();
  ASSERT_TRUE(call.proxy.response.assign("looking-glass"));
  EXPECT_EQ(place(call), (Frames{"c023 3/42", "c021 5/1"}));
  EXPECT_EQ(counted(Count::logins_refused), 1u);
  ASSERT_NE(p.lns.last(NoticeKind::login_refused), nullptr);
  EXPECT_EQ(p.lns.last(NoticeKind::login_refused)->name.text(), "alice");
  p.pass(seconds(10));
  EXPECT_TRUE(p.lns.sessions().empty());
}

TEST_P(Proxy, AWrongResponseIsRefused) {
  EXPECT_EQ(place(with_chap("looking-glass")), (Frames{"c223 4/42", "c021 5/1"}));
  EXPECT_EQ(counted(Count::logins_refused), 1u);
}

TEST_P(Proxy, NothingOfItIsTakenWhereLcpIsDisabled) {
  profile_of_the_lac().disable_proxy_lcp = true;
  EXPECT_EQ(place(with_pap()), (Frames{"c021 1/1"}));
  EXPECT_EQ(counted(Count::proxy_disabled), 1u);
}

TEST_P(Proxy, TheSubscriberIsChallengedWhereAuthenticationIsDisabled) {
  profile_of_the_lac().disable_proxy_authenticate = true;
  EXPECT_EQ(place(with_chap()), (Frames{"c223 1/43"}));
  EXPECT_EQ(counted(Count::proxy_lcp_taken), 1u);
}

TEST_P(Proxy, TheSubscriberIsChallengedWhereTheMethodIsUnknown) {
  auto call = with_chap();
  call.proxy.authen_type = 5;  // MS-CHAPv1
  EXPECT_EQ(place(call), (Frames{"c223 1/43"}));
  EXPECT_EQ(counted(Count::proxy_lcp_taken), 1u);
}

TEST_P(Proxy, EachReasonToNegotiateAnewIsCounted) {
  struct Case {
    Count count;
    Bytes last_sent, last_received;
  };
  const std::vector<Case> cases{{Count::proxy_missing, kMru + kPap, {}},
                                {Count::proxy_malformed, {1, 4, 5}, kMagic},
                                {Count::proxy_peer_option, kMru + kPap, {3, 4, 0xc0, 0x23}},
                                {Count::proxy_our_option, kMru + kPap + Bytes{17, 4, 5, 0xdc}, kMagic},
                                {Count::proxy_mru, Bytes{1, 4, 5, 0xdd} + kPap, kMagic},
                                {Count::proxy_authentication, kMru, kMagic}};
  for (const Case& c : cases) {
    EXPECT_EQ(place(call_with(c.last_sent, c.last_received)), (Frames{"c021 1/1"}))
        << kCountNames[static_cast<std::size_t>(c.count)];
    EXPECT_EQ(counted(c.count), 1u) << kCountNames[static_cast<std::size_t>(c.count)];
  }
}

TEST_P(Proxy, ACallWithoutIsCountedAsNothing) {
  EXPECT_EQ(place(Pair::incoming()), (Frames{"c021 1/1"})) << "with credentials alone there is no LCP to go with them";
  for (auto i = static_cast<std::size_t>(Count::proxy_authentication_taken);
       i <= static_cast<std::size_t>(Count::proxy_disabled); ++i)
    EXPECT_EQ(p.lns.engine->counters().counts[i], 0u) << kCountNames[i];
}

TEST_P(Proxy, ARestartOfTheLnsRepeatsItsAnswerAndNegotiatesNoLcp) {
  place(with_chap());
  p.lns.restart();
  p.lns.pass(seconds(4));
  EXPECT_EQ(talk(), (Frames{"c223 3/42", "8021 1/1", "c223 3/42", "8057 1/1"}));
  EXPECT_EQ(link().lcp.state, ppp::State::opened);
}

INSTANTIATE_TEST_SUITE_P(Terms, Proxy, ::testing::Values(Terms{}, Terms{.hide = true}, Terms{.ipv6 = true}));

}  // namespace
}  // namespace holdfast::engine::test
