#include "ppp/ppp.hpp"

#include "ppp/authentication.hpp"
#include "ppp/ipcp.hpp"
#include "ppp/ipv6cp.hpp"
#include "ppp/lcp.hpp"
#include "ppp/phase.hpp"

#include <algorithm>
#include <cstdlib>

namespace holdfast::ppp {
namespace {

Context begin_call(Link& link, const Policy& policy, const Env& env, Output& out) {
  if (!out.room()) std::abort();
  return {link, policy, env, out};
}

void receive_ncp(Context& c, const ControlProtocol& p, const Frame& frame) {
  if (is_down((c.link.*p.automaton).state)) return reject_protocol(c, frame);  // not granted, or refused by the peer
  const auto packet = parse_packet(frame.information);
  if (!packet) return c.out.drop(packet.error());
  c.link.ncp_heard = 1;
  receive_control(c, p, *packet);
}

void expire_phase(Context& c) {
  if (c.link.phase_deadline > c.env.now) return;
  c.link.phase_deadline = kNever;
  switch (c.link.phase) {
    case Phase::establish: return close_link(c, EndReason::lcp_timeout);
    case Phase::authenticate: return close_link(c, EndReason::authentication_timeout);
    case Phase::network: return close_link(c, EndReason::network_timeout);
    case Phase::dead:
    case Phase::terminate: return;
  }
}

// A request of a NCP that stays without any reply may mean that the peer is still in its authentication phase, because
// CHAP's Success was lost; nothing but another Success gets it out (RFC 1994 4.1 has no timer on its side).
void expire_ncp(Context& c, const ControlProtocol& p) {
  const bool due = (c.link.*p.automaton).deadline <= c.env.now;
  if (due && c.link.ncp_heard == 0 && is_chap(c.link.auth_method)) send_result(c, true, {});
  expire_restart_timer(c, p);
}

// See restart_timers().
void resume(Automaton& a, const Policy& policy, TimePoint now) {
  if (!restart_timer_runs(a.state)) return;
  a.deadline = now + policy.restart;
  const bool terminating = !is_negotiating(a.state);
  if (terminating && a.restarts == 0)
    return;  // the pause after a Terminate-Ack of ours, too: nothing is to be repeated
  const std::uint8_t max = terminating ? policy.max_terminate : policy.max_configure;
  if (a.restarts < max) ++a.restarts;
}

}  // namespace

void start(Link& link, const Policy& policy, const Env& env, Output& out) {
  Context c = begin_call(link, policy, env, out);
  link = {};
  enter(c, Phase::establish);
  run(c, kLcp, Event::open);
  run(c, kLcp, Event::up);
}

void receive(Link& link, Octets octets, const Policy& policy, const Env& env, Output& out) {
  Context c = begin_call(link, policy, env, out);
  if (link.phase == Phase::dead) return out.drop(Drop::dead);
  const auto frame = parse_frame(octets);
  if (!frame) return out.drop(frame.error());
  if (frame->protocol == Protocol::lcp) return receive_lcp(c, frame->information);
  if (link.lcp.state != State::opened) return out.drop(Drop::before_lcp);
  if (frame->protocol == Protocol::pap || frame->protocol == Protocol::chap)
    return receive_authentication(c, frame->protocol, frame->information);
  if (link.phase != Phase::network) return out.drop(Drop::before_network);  // RFC 1661 3.5: silently discarded
  switch (frame->protocol) {
    case Protocol::ipcp: return receive_ncp(c, kIpcp, *frame);
    case Protocol::ipv6cp: return receive_ncp(c, kIpv6cp, *frame);
    case Protocol::ip:
    case Protocol::ipv6: return out.drop(Drop::network_data);
    default: return reject_protocol(c, *frame);  // CCP, ECP, MPLSCP and all others: no reason to end anything
  }
}

void answer(Link& link, const AuthAnswer& answer, const Policy& policy, const Env& env, Output& out) {
  Context c = begin_call(link, policy, env, out);
  if (link.auth_state != AuthState::waiting_answer || link.auth_request != answer.request) return;
  if (answer.accept && link.auth_method == AuthMethod::ms_chap_v2) {
    std::copy_n(answer.proof.begin(), link.challenge.size(), link.challenge.begin());
    std::copy_n(answer.proof.begin() + link.challenge.size(), link.proof_end.size(), link.proof_end.begin());
  }
  send_result(c, answer.accept, answer.message);
  if (!answer.accept) return close_link(c, EndReason::authentication_failed);
  link.auth_state = AuthState::accepted;
  link.our_ipv4 = answer.our_ipv4;
  link.peer_ipv4 = answer.peer_ipv4;
  link.dns1 = answer.dns1;
  link.dns2 = answer.dns2;
  link.our_interface_id = answer.our_interface_id;
  link.peer_interface_id = answer.peer_interface_id;
  begin_network(c, policy.ipv4 && answer.peer_ipv4 != 0,
                policy.ipv6 && answer.our_interface_id != 0 && answer.peer_interface_id != 0);
}

void close(Link& link, EndReason reason, const Policy& policy, const Env& env, Output& out) {
  Context c = begin_call(link, policy, env, out);
  close_link(c, reason);
}

void expire(Link& link, const Policy& policy, const Env& env, Output& out) {
  Context c = begin_call(link, policy, env, out);
  if (link.phase == Phase::dead) return;
  expire_phase(c);
  expire_restart_timer(c, kLcp);
  if (link.authentication_deadline <= env.now) repeat_authentication(c);
  expire_ncp(c, kIpcp);
  expire_ncp(c, kIpv6cp);
  expire_echo(c);
}

TimePoint next_due(const Link& link) {
  if (link.phase == Phase::dead) return kNever;
  return std::min({link.phase_deadline, link.lcp.deadline, link.authentication_deadline, link.ipcp.deadline,
                   link.ipv6cp.deadline, link.echo_deadline});
}

void restart_timers(Link& link, const Policy& policy, TimePoint now) {
  if (link.phase == Phase::dead) return;
  for (Automaton* a : {&link.lcp, &link.ipcp, &link.ipv6cp}) resume(*a, policy, now);
  const bool authenticating = link.phase == Phase::authenticate;
  if (authenticating) {  // what was handed out to be checked died with the process
    link.auth_state = AuthState::waiting_peer;
    link.authentication_deadline = link.auth_method == AuthMethod::pap ? kNever : now + policy.restart;
  }
  if (link.phase_deadline != kNever)
    link.phase_deadline = now + (authenticating ? policy.authentication_timeout : policy.negotiation_timeout);
  link.echo_unanswered = 0;
  arm_echo(link, policy, now);
}

bool echo_answerable(const Link& link) { return link.lcp.state == State::opened; }

}  // namespace holdfast::ppp
