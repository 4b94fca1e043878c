#include "ppp/phase.hpp"

#include "ppp/authentication.hpp"
#include "ppp/ipcp.hpp"
#include "ppp/ipv6cp.hpp"
#include "ppp/lcp.hpp"

#include <utility>

namespace holdfast::ppp {
namespace {

TimePoint deadline_of(const Context& c, Phase phase) {
  switch (phase) {
    case Phase::establish:
    case Phase::network: return c.env.now + c.policy.negotiation_timeout;
    case Phase::authenticate: return c.env.now + c.policy.authentication_timeout;
    case Phase::dead:
    case Phase::terminate: return kNever;  // the Restart timer of LCP ends these
  }
  return kNever;
}

void take_down(Context& c, const ControlProtocol& p) {
  run(c, p, Event::down);
  run(c, p, Event::close);  // what comes after LCP is up again is a new negotiation
}

bool is_open(const Automaton& a) { return a.state == State::opened; }

// A link without any network protocol in sight carries nothing (RFC 1661 3.7 allows an end for any reason).
void network_went_down(Context& c) {
  if (c.link.phase == Phase::network && !is_open(c.link.ipcp) && !is_open(c.link.ipv6cp)) enter(c, Phase::network);
}

}  // namespace

void enter(Context& c, Phase phase) {
  c.link.phase = phase;
  c.link.phase_deadline = deadline_of(c, phase);
  if (phase != Phase::authenticate) c.link.authentication_deadline = kNever;
  if (phase != Phase::authenticate && phase != Phase::network) {
    c.link.echo_deadline = kNever;
    c.link.auth_state = AuthState::idle;
  }
}

void note_end(Link& link, EndReason reason) {
  if (link.end_reason == EndReason::none) link.end_reason = reason;
}

void close_link(Context& c, EndReason reason) {
  if (c.link.phase == Phase::dead) return;
  note_end(c.link, reason);
  enter(c, Phase::terminate);
  run(c, kLcp, Event::close);
}

void lcp_up(Context& c) {
  enter_authentication(c);
  begin_authentication(c);
}

void enter_authentication(Context& c) {
  c.out.notice(Notice::lcp_up);
  c.link.echo_unanswered = 0;
  arm_echo(c.link, c.policy, c.env.now);
  enter(c, Phase::authenticate);
}

void lcp_down(Context& c) {
  // Opened is left for another negotiation or for the end
  enter(c, is_negotiating(c.link.lcp.state) ? Phase::establish : Phase::terminate);
  take_down(c, kIpcp);
  take_down(c, kIpv6cp);
}

// The owner answers with Down: it takes the call down (RFC 1661 4.4), and nothing can bring the link back but start().
void lcp_finished(Context& c) {
  note_end(c.link, EndReason::lcp_timeout);
  enter(c, Phase::dead);
  run(c, kLcp, Event::down);
  c.out.notice(Notice::link_down);
}

void begin_network(Context& c, bool ipv4, bool ipv6) {
  enter(c, Phase::network);
  c.link.ncp_heard = 0;
  for (const auto& [protocol, wanted] : {std::pair{&kIpcp, ipv4}, std::pair{&kIpv6cp, ipv6}}) {
    if (!wanted) continue;
    run(c, *protocol, Event::open);
    run(c, *protocol, Event::up);
  }
  ncp_finished(c);
}

void ipcp_up(Context& c) {
  c.link.phase_deadline = kNever;
  c.out.notice(Notice::ipv4_up);
}

void ipcp_down(Context& c) {
  c.out.notice(Notice::ipv4_down);
  network_went_down(c);
}

void ipv6cp_up(Context& c) {
  c.link.phase_deadline = kNever;
  c.out.notice(Notice::ipv6_up);
}

void ipv6cp_down(Context& c) {
  c.out.notice(Notice::ipv6_down);
  network_went_down(c);
}

// A NCP that only stopped may be taken up again by the peer, until the phase has lasted too long.
void ncp_finished(Context& c) {
  if (c.link.phase == Phase::network && is_down(c.link.ipcp.state) && is_down(c.link.ipv6cp.state))
    close_link(c, EndReason::no_network_protocol);
}

// RFC 1661 5.7: stop sending packets of that protocol.
void protocol_rejected(Context& c, Protocol protocol) {
  switch (protocol) {
    case Protocol::lcp: note_end(c.link, EndReason::lcp_rejected); return run(c, kLcp, Event::reject_catastrophic);
    case Protocol::ip:
    case Protocol::ipcp: run(c, kIpcp, Event::down); break;
    case Protocol::ipv6:
    case Protocol::ipv6cp: run(c, kIpv6cp, Event::down); break;
    case Protocol::pap:
    case Protocol::chap:
      if (c.link.phase == Phase::authenticate) close_link(c, EndReason::no_auth_protocol);
      return;
    default: return;  // nothing that we send
  }
  ncp_finished(c);
}

}  // namespace holdfast::ppp
