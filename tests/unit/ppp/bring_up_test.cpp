// A whole bring-up against a peer with the habits of pppd: undisturbed, with any one frame lost, and with the process
// dying after any one step.
#include "wire.hpp"

namespace holdfast::ppp {
namespace {

using namespace std::chrono_literals;

struct Case {
  const char* title;
  Peer::Habits habits;
  bool offer_chap;
  bool offer_pap;
};
void PrintTo(const Case& c, std::ostream* os) { *os << c.title; }

class BringUp : public testing::TestWithParam<Case> {
 protected:
  struct CaseWire : Wire {
    CaseWire() : Wire(GetParam().habits, GetParam().offer_chap, GetParam().offer_pap) {}
  };
  static void expect_agreement(const Wire& w) {
    EXPECT_EQ(w.link.phase, Phase::network);
    EXPECT_EQ(w.peer.address(), 0x0a000002u);
    EXPECT_EQ(w.peer.dns1(), 0x0a000035u);
    EXPECT_EQ(w.peer.interface_id(), 2u);
    EXPECT_EQ(w.link.peer_magic, 0xaabbccddu);
    EXPECT_EQ(w.link.peer_pfc, 1);
    EXPECT_EQ(w.link.peer_acfc, 1);
    EXPECT_EQ(w.link.end_reason, EndReason::none);
    EXPECT_EQ(next_due(w.link), kNever) << "nothing is armed when nothing is awaited";
  }
};

TEST_P(BringUp, TakesNoTimeOnAPerfectWire) {
  CaseWire w;
  w.answers_at_once = true;
  ASSERT_TRUE(w.bring_up());
  EXPECT_EQ(w.now, TimePoint{1000s});
  expect_agreement(w);
  EXPECT_EQ(w.notices.front(), Notice::lcp_up);
  EXPECT_EQ(w.notices.size(), 4u) << "lcp up, authenticate, ipv4 up, ipv6 up";
}

TEST_P(BringUp, SucceedsWhateverSingleFrameIsLost) {
  CaseWire undisturbed;
  ASSERT_TRUE(undisturbed.bring_up());
  for (std::size_t victim = 0; victim < undisturbed.frames.size(); ++victim) {
    SCOPED_TRACE("without frame " + std::to_string(victim) + ": " + hex(undisturbed.frames[victim]));
    CaseWire w;
    w.lose = [&](const Bytes&) { return w.frames.size() == victim + 1; };
    EXPECT_TRUE(w.bring_up());
    EXPECT_LE(w.now - TimePoint{1000s}, 6s) << "one or two Restart times repair one loss";
    expect_agreement(w);
  }
}

TEST_P(BringUp, SucceedsThoughTheProcessDiesAfterEveryStep) {
  CaseWire w;
  w.answers_at_once = true;
  w.after_call = [&] { w.restart(); };
  EXPECT_TRUE(w.bring_up());
  EXPECT_EQ(w.link.phase, Phase::network);
  EXPECT_EQ(w.peer.address(), 0x0a000002u);
}

TEST_P(BringUp, SucceedsThoughTheProcessDiesAfterOneStepWithWhatItSent) {
  std::size_t steps = 0;
  CaseWire undisturbed;
  undisturbed.after_call = [&] { ++steps; };
  ASSERT_TRUE(undisturbed.bring_up());
  for (std::size_t victim = 0; victim < steps; ++victim) {
    SCOPED_TRACE("step " + std::to_string(victim));
    CaseWire w;
    std::size_t step = 0;
    w.after_call = [&] {
      if (step++ == victim) w.die();
    };
    EXPECT_TRUE(w.bring_up());
    EXPECT_LE(w.now - TimePoint{1000s}, 6s);
    expect_agreement(w);
  }
}

INSTANTIATE_TEST_SUITE_P(, BringUp,
                         testing::Values(Case{"chap", {}, true, true}, Case{"pap", {.takes_chap = false}, true, true},
                                         Case{"pap_only", {.takes_chap = false}, false, true},
                                         Case{"no_authentication", {}, false, false},
                                         Case{"no_ccp", {.asks_for_ccp = false}, true, true}),
                         [](const auto& tested) { return std::string(tested.param.title); });

// Both ends are this library: each gives the other's address, as two routers with the same plan would.
TEST(TwoLinks, AgreeWithEachOther) {
  struct End {
    Link link;
    AuthAnswer answer;
  };
  CountingEntropy entropy;
  const Policy policy{.offer_chap = false, .offer_pap = false, .name = "router"};
  const TimePoint now{1000s};
  const Env env{now, entropy};
  End ends[2]{{{}, {.our_ipv4 = 1, .peer_ipv4 = 2, .our_interface_id = 1, .peer_interface_id = 2}},
              {{}, {.our_ipv4 = 2, .peer_ipv4 = 1, .our_interface_id = 2, .peer_interface_id = 1}}};
  std::deque<std::pair<int, Bytes>> wire;
  const auto call = [&](int side, auto function) {
    Output out;
    End& end = ends[side];
    function(end.link, out);
    if (out.authenticate) {
      end.answer.accept = true;
      end.answer.request = out.authenticate->request;
      answer(end.link, end.answer, policy, env, out);
    }
    for (const Octets frame : out.frames()) wire.emplace_back(1 - side, Bytes(frame.begin(), frame.end()));
  };
  for (const int side : {0, 1}) call(side, [&](Link& link, Output& out) { start(link, policy, env, out); });
  for (int deliveries = 0; !wire.empty(); ++deliveries) {
    ASSERT_LT(deliveries, 100);
    const std::pair<int, Bytes> next = wire.front();
    wire.pop_front();
    call(next.first, [&](Link& link, Output& out) { receive(link, next.second, policy, env, out); });
  }
  for (const End& end : ends) {
    EXPECT_EQ(end.link.ipcp.state, State::opened);
    EXPECT_EQ(end.link.ipv6cp.state, State::opened);
    EXPECT_EQ(next_due(end.link), kNever);
  }
  EXPECT_EQ(ends[0].link.our_magic, ends[1].link.peer_magic);
  EXPECT_EQ(ends[0].link.our_mru, ends[1].link.peer_mru);
}

}  // namespace
}  // namespace holdfast::ppp
