// Challenge Handshake Authentication Protocol with MD5, the authenticator's side (RFC 1994).
#pragma once

#include "ppp/negotiation.hpp"

namespace holdfast::ppp {

// A challenge nobody saw before, with a new Identifier; due again after one Restart time.
void send_challenge(Context& c);

void receive_chap(Context& c, const Packet& packet);
void send_chap_result(Context& c, bool accept, std::string_view message);

}  // namespace holdfast::ppp
