// Password Authentication Protocol, the authenticator's side (RFC 1334 2).
#pragma once

#include "ppp/negotiation.hpp"

namespace holdfast::ppp {

struct PapRequest {
  Octets peer_id;
  Octets password;
};
// packet: an Authenticate-Request. Error: malformed.
Result<PapRequest, Drop> parse_pap_request(const Packet& packet);

void receive_pap(Context& c, const Packet& packet);
void send_pap_result(Context& c, bool accept, std::string_view message);

}  // namespace holdfast::ppp
