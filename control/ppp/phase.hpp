// The phases of a link (RFC 1661 3.2): what the automata going up and down means for each other and for the caller.
#pragma once

#include "ppp/negotiation.hpp"

namespace holdfast::ppp {

// The one door into a phase: sets its deadline, and stops the timers that do not belong to it.
void enter(Context& c, Phase phase);

// Begins to terminate the link. The first reason is kept.
void close_link(Context& c, EndReason reason);
// For ends that the automaton finds by itself.
void note_end(Link& link, EndReason reason);

void lcp_up(Context& c);
// LCP is opened; whoever calls it says how the authentication begins.
void enter_authentication(Context& c);
void lcp_down(Context& c);
void lcp_finished(Context& c);

// The peer is authenticated and has addresses: the NCPs begin.
void begin_network(Context& c, bool ipv4, bool ipv6);
void ipcp_up(Context& c);
void ipcp_down(Context& c);
void ipv6cp_up(Context& c);
void ipv6cp_down(Context& c);
void ncp_finished(Context& c);
// The peer does not do this protocol (RFC 1661 5.7).
void protocol_rejected(Context& c, Protocol protocol);

}  // namespace holdfast::ppp
