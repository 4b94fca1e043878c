// Link Control Protocol (RFC 1661 5, 6; RFC 1570; RFC 1662 7.1 for the control character map).
#pragma once

#include "ppp/negotiation.hpp"

namespace holdfast::ppp {

extern const ControlProtocol kLcp;

void receive_lcp(Context& c, Octets information);

// LCP as somebody else has opened it; what was agreed on is in the link. No reply to a request of theirs counts.
void open_lcp(Link& link);

// RFC 1661 5.7: LCP is opened, and the peer sends a protocol that we do not do.
void reject_protocol(Context& c, const Frame& frame);

// The keepalive: arms it if LCP is opened and it is switched on; sends the next Echo-Request or gives the link up.
void arm_echo(Link& link, const Policy& policy, TimePoint now);
void expire_echo(Context& c);

}  // namespace holdfast::ppp
