// Challenge Handshake Authentication Protocol with MD5, the authenticator's side (RFC 1994).
#pragma once

#include "ppp/negotiation.hpp"

namespace holdfast::ppp {

inline constexpr std::size_t kMd5Response = 16;

struct ChapResponse {
  Octets value;
  Octets name;
};
// packet: a Response. Error: malformed, also when the value is not of MD5's size.
Result<ChapResponse, Drop> parse_chap_response(const Packet& packet);

// A challenge nobody saw before, with a new Identifier; due again after one Restart time.
void send_challenge(Context& c);

void receive_chap(Context& c, const Packet& packet);
void send_chap_result(Context& c, bool accept, std::string_view message);

}  // namespace holdfast::ppp
