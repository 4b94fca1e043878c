// What a CDN says besides its result: the cause of the circuit (RFC 2661 4.4.4) and of PPP (RFC 3145); and the messages
// about a call that goes on, WEN and SLI (RFC 2661 6.13, 6.14).
#include "engine/ppp_cause.hpp"
#include "lac.hpp"
#include "pair.hpp"

#include <gtest/gtest.h>

namespace holdfast::engine::test {
namespace {

using l2tp::CallCause;
using l2tp::PppCause;
using l2tp::PppCauseCode;
using ppp::EndReason;
using std::chrono::seconds;

// A LAC that is connected, with one subscriber.
struct CauseOfTheEnd : ::testing::Test {
  config::Config config = configuration();
  std::unique_ptr<Lns> lns;
  std::unique_ptr<Lac> lac;

  void connect() {
    lns = std::make_unique<Lns>(config);
    lac = std::make_unique<Lac>(*lns);
    lac->dial();
    lac->take();
    ASSERT_TRUE(lac->up);
    lac->call(1);
  }
  void send(l2tp::MessageBuilder& b) {
    const Octets o = b.finish();
    std::vector<std::uint8_t> message(o.begin(), o.end());
    l2tp::set_sequence(message, lac->ns++, lac->nr);
    lns->datagram(message);
  }
  l2tp::MessageBuilder to_session(MessageType type) {
    return {room_, type, PeerTunnelId(lac->tunnel.value()), PeerSessionId(lac->calls[1].theirs.value())};
  }
  static std::optional<CallCause> cause_in(const Sent& s) {
    const auto message = l2tp::parse(s.payload, {});
    if (!message || message->type != MessageType::cdn) return std::nullopt;
    return l2tp::read_cause(*message);
  }
  void take_up_to_cdn() {
    while (!lns->sent.empty() && !cause_in(lns->sent.front())) lac->take(1);
  }
  // The cause in the CDN that the LNS is about to send.
  CallCause sent() const {
    for (const auto& s : lns->sent)
      if (const auto cause = cause_in(s)) return *cause;
    ADD_FAILURE() << "no CDN";
    return {};
  }

 private:
  std::array<std::uint8_t, 512> room_{};
};

CallCause of_ppp(PppCauseCode code, std::uint16_t protocol = 0, std::uint8_t direction = 0) {
  return {.circuit = {}, .ppp = PppCause::of(code, protocol, direction)};
}

TEST_F(CauseOfTheEnd, IsARefusedLogin) {
  connect();
  lac->password = "looking-glass";
  take_up_to_cdn();
  EXPECT_EQ(sent(), of_ppp(PppCauseCode::authentication_failed, 0xc223, 1));
}

TEST_F(CauseOfTheEnd, IsThatThePeerTerminatedLcp) {
  connect();
  lac->take();
  ASSERT_TRUE(lac->calls[1].ipv4);
  constexpr std::array<std::uint8_t, 6> terminate{0xc0, 0x21, 5, 9, 0, 4};
  lns->handle(PppFrame{lac->tunnel, lac->calls[1].theirs, terminate});
  lns->pass(seconds(10));
  EXPECT_EQ(sent(), of_ppp(PppCauseCode::terminated, 0, 1));
}

TEST_F(CauseOfTheEnd, IsAnUnansweredEcho) {
  config.ppp.keepalive = seconds(10);
  connect();
  lac->take();
  lns->sent.clear();
  for (int i = 0; i < 20 && lns->engine->indexes().sessions() != 0; ++i) {
    lac->hello();  // the tunnel lives
    lns->sent.clear();
    lns->pass(seconds(10));
  }
  EXPECT_EQ(sent(), of_ppp(PppCauseCode::echo_timeout, 0xc021));
}

TEST_F(CauseOfTheEnd, IsAdministrativeWhereAnOperatorOrALimitEndsTheCall) {
  config.l2tp.destinations[0].hosts[0].max_sessions = 1;
  connect();
  lac->take();
  lac->call(2);
  EXPECT_EQ(sent(), of_ppp(PppCauseCode::administrative));
  lac->take();
  lns->handle(ClearSession{lac->tunnel, lac->calls[1].theirs});
  EXPECT_EQ(sent(), of_ppp(PppCauseCode::administrative));
}

TEST_F(CauseOfTheEnd, IsNotMadeUpWhereThePeerHangsUp) {
  connect();
  lac->take();
  lac->hang_up(1);
  ASSERT_NE(lns->last(NoticeKind::session_down), nullptr);
  EXPECT_EQ(lns->last(NoticeKind::session_down)->cause, CallCause{});
}

TEST_F(CauseOfTheEnd, IsReadFromThePeersCdn) {
  connect();
  lac->take();
  auto cdn = to_session(MessageType::cdn);
  cdn.result(1, 0, "line lost").u16(AvpType::assigned_session_id, 1);
  cdn.add(l2tp::Q931Cause{16, 0x45, "normal call clearing"});
  cdn.add(l2tp::PppDisconnectCause{3, 0, 1, std::string_view("terminated by the subscriber")});
  send(cdn);
  const Notice* down = lns->last(NoticeKind::session_down);
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(down->ending.text.text(), "line lost");
  ASSERT_TRUE(down->cause.circuit.has_value());
  EXPECT_EQ(down->cause.circuit->code, 16);
  EXPECT_EQ(down->cause.circuit->message, 0x45);
  EXPECT_EQ(down->cause.circuit->advisory.text(), "normal call clearing");
  ASSERT_TRUE(down->cause.ppp.has_value());
  EXPECT_EQ(down->cause.ppp->code, 3);
  EXPECT_EQ(down->cause.ppp->direction, 1);
  EXPECT_EQ(down->cause.ppp->message.text(), "terminated by the subscriber");
}

TEST(CauseOfAnOutgoingCall, IsWhatTheCircuitSaid) {
  Pair p;
  p.connect_circuits = false;
  p.lns.handle(PlaceCall{p.to_lac(), Pair::outgoing()});
  p.deliver();
  const auto call = p.lac.sessions().front();
  l2tp::CircuitCause busy{17, 0x45, {}};
  (void)busy.advisory.assign("user busy");
  p.lac.handle(CircuitFailed{call.tunnel, call.id, l2tp::CallResult::busy, {.circuit = busy, .ppp = {}}});
  p.deliver();
  ASSERT_NE(p.lns.last(NoticeKind::call_failed), nullptr);
  EXPECT_EQ(p.lns.last(NoticeKind::call_failed)->cause.circuit, busy);
}

// RFC 3145 3.1 to 3.4, for every way in which a link of ours can end.
TEST(PppCauseCodes, AreThoseOfTheRfc) {
  ppp::Link link;
  link.auth_method = ppp::AuthMethod::pap;
  const auto cause = [&](EndReason reason) {
    link.end_reason = reason;
    return ppp_cause(link);
  };
  EXPECT_EQ(cause(EndReason::none), std::nullopt);
  EXPECT_EQ(cause(EndReason::lcp_rejected), std::nullopt);
  EXPECT_EQ(cause(EndReason::admin), PppCause::of(PppCauseCode::administrative));
  EXPECT_EQ(cause(EndReason::peer_terminated), PppCause::of(PppCauseCode::terminated, 0, 1));
  EXPECT_EQ(cause(EndReason::lcp_timeout), PppCause::of(PppCauseCode::lcp_timeout, 0xc021));
  EXPECT_EQ(cause(EndReason::lcp_loop), PppCause::of(PppCauseCode::looped_back, 0xc021));
  EXPECT_EQ(cause(EndReason::echo_timeout), PppCause::of(PppCauseCode::echo_timeout, 0xc021));
  EXPECT_EQ(cause(EndReason::authentication_timeout), PppCause::of(PppCauseCode::authentication_timeout, 0xc023));
  EXPECT_EQ(cause(EndReason::no_auth_protocol), PppCause::of(PppCauseCode::no_authentication_protocol, 0xc023, 1));
  EXPECT_EQ(cause(EndReason::authentication_failed), PppCause::of(PppCauseCode::authentication_failed, 0xc023, 1));
  EXPECT_EQ(cause(EndReason::user_name_too_long), PppCause::of(PppCauseCode::authentication_failed, 0xc023, 1));
  EXPECT_EQ(cause(EndReason::no_network_protocol), PppCause::of(PppCauseCode::no_ncp, 0));
  link.peer_interface_id = 1;
  EXPECT_EQ(cause(EndReason::no_network_protocol), PppCause::of(PppCauseCode::no_ncp, 0x8057));
  link.peer_ipv4 = 1;
  EXPECT_EQ(cause(EndReason::network_timeout), PppCause::of(PppCauseCode::ncp_timeout, 0x8021));
}

TEST(LineErrors, GoFromTheLacToTheLns) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  p.deliver();
  const auto call = p.lac.sessions().front();
  p.lac.handle(LineErrors{call.tunnel, call.id, {1, 2, 3, 4, 5, 6}});
  p.deliver();
  const Notice* told = p.lns.last(NoticeKind::line_errors);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->errors, (l2tp::CallErrors{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(told->session, p.lns.sessions().front().id);
  EXPECT_EQ(p.lns.engine->counters()[Count::line_errors], 1u);
  p.lns.handle(LineErrors{p.lns.sessions().front().tunnel, told->session, {}});
  p.deliver();
  EXPECT_EQ(p.lac.last(NoticeKind::line_errors), nullptr) << "an LNS has no line";
}

TEST(LinkInfo, GoesFromTheLnsToTheLac) {
  Pair p;
  p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
  p.deliver();
  const auto call = p.lns.sessions().front();
  p.lns.handle(LinkInfo{call.tunnel, call.id, {0x000a0000, 0xffffffff}});
  p.deliver();
  const Notice* told = p.lac.last(NoticeKind::link_info);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->accm, (l2tp::Accm{0x000a0000, 0xffffffff}));
  EXPECT_EQ(p.lac.engine->counters()[Count::link_infos], 1u);
}

TEST_F(CauseOfTheEnd, IsAWenBeforeTheCallIsUp) {
  connect();
  for (const auto& s : lns->sent)  // ICRP
    if (const auto m = l2tp::parse(s.payload, {}); m && m->type == MessageType::icrp)
      lac->calls[1].theirs = SessionId(*m->u16(AvpType::assigned_session_id));
  auto wen = to_session(MessageType::wen);
  wen.add(l2tp::CallErrors{1, 2, 3, 4, 5, 6});
  send(wen);
  EXPECT_EQ(lns->engine->indexes().sessions(), 0u);
  EXPECT_EQ(lns->last(NoticeKind::line_errors), nullptr);
}

TEST_F(CauseOfTheEnd, IsNotAnSliToAnLns) {
  connect();
  lac->take();
  auto sli = to_session(MessageType::sli);
  sli.add(l2tp::Accm{});
  send(sli);
  EXPECT_EQ(lns->engine->counters()[Count::wrong_role], 1u);
  EXPECT_EQ(lns->engine->indexes().sessions(), 1u);
}

}  // namespace
}  // namespace holdfast::engine::test
