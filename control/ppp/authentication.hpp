// The authentication phase (RFC 1661 3.5): the part that PAP and CHAP share. We are the authenticator.
#pragma once

#include "ppp/negotiation.hpp"

namespace holdfast::ppp {

// LCP is up: challenges the peer, waits for its request, or asks the caller at once when no protocol was agreed.
void begin_authentication(Context& c);

// The authentication timer ran out: asks again. After a restart also for credentials whose check was lost.
void repeat_authentication(Context& c);

// A packet of PAP or CHAP, in whatever phase.
void receive_authentication(Context& c, Protocol protocol, Octets information);

// The peer has shown its credentials: to the caller, to be checked. challenge: of CHAP.
void hand_out(Context& c, Authenticate::Method method, Octets user, Octets secret, Octets challenge);

// Tells the peer the result in the protocol's own words.
void send_result(Context& c, bool accept, std::string_view message);

}  // namespace holdfast::ppp
