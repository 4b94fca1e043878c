// The client's side of PAP (RFC 1334 2) and of CHAP with MD5 (RFC 1994).
#pragma once

#include "dial/ppp_client.hpp"

namespace holdfast::dial::ppp {

enum class AuthResult : std::uint8_t { nothing, accepted, refused };

void send_pap_request(Client& client, const Context& context);
// Authenticate-Ack or -Nak.
AuthResult take_pap(const Client& client, const Packet& packet);
// A Challenge, which is answered whenever it comes, Success or Failure.
AuthResult take_chap(const Client& client, const Packet& packet, const Context& context);

}  // namespace holdfast::dial::ppp
