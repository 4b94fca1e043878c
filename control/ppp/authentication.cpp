#include "ppp/authentication.hpp"

#include "ppp/chap.hpp"
#include "ppp/pap.hpp"
#include "ppp/phase.hpp"

namespace holdfast::ppp {
namespace {

bool belongs_to(AuthMethod method, Protocol protocol) {
  return protocol == Protocol::pap ? method == AuthMethod::pap : is_chap(method);
}

}  // namespace

void begin_authentication(Context& c) {
  c.link.user.clear();
  repeat_authentication(c);
}

void repeat_authentication(Context& c) {
  c.link.auth_state = AuthState::waiting_peer;
  c.link.authentication_deadline = kNever;
  switch (c.link.auth_method) {
    case AuthMethod::none: return hand_out(c, Authenticate::Method::none, {}, {}, {});
    case AuthMethod::pap: return;  // the peer repeats its request (RFC 1334 2)
    case AuthMethod::chap:
    case AuthMethod::ms_chap_v2: return send_challenge(c);
  }
}

void receive_authentication(Context& c, Protocol protocol, Octets information) {
  const auto packet = parse_packet(information);
  if (!packet) return c.out.drop(packet.error());
  const bool in_phase = c.link.phase == Phase::authenticate || c.link.phase == Phase::network;
  if (!in_phase || !belongs_to(c.link.auth_method, protocol)) return c.out.drop(Drop::not_negotiated);
  protocol == Protocol::pap ? receive_pap(c, *packet) : receive_chap(c, *packet);
}

void hand_out(Context& c, Authenticate::Method method, Octets user, Octets secret, Octets challenge) {
  if (!c.link.user.assign(user)) {
    send_result(c, false, "user name too long");
    return close_link(c, EndReason::user_name_too_long);
  }
  c.link.auth_state = AuthState::waiting_answer;
  c.link.authentication_deadline = kNever;
  ++c.link.auth_request;
  c.out.authenticate = {method, c.link.auth_request, c.link.auth_id, c.link.user.octets(), secret, challenge};
  c.out.notice(Notice::authenticate);
}

void send_result(Context& c, bool accept, std::string_view message) {
  switch (c.link.auth_method) {
    case AuthMethod::none: return;
    case AuthMethod::pap: return send_pap_result(c, accept, message);
    case AuthMethod::chap: return send_chap_result(c, accept, message);
    case AuthMethod::ms_chap_v2: return send_ms_chap_result(c, accept, message);
  }
}

}  // namespace holdfast::ppp
