// Challenge Handshake Authentication Protocol with MD5 (RFC 1994) or MS-CHAPv2 (RFC 2759), the authenticator's side.
#pragma once

#include "ppp/negotiation.hpp"

namespace holdfast::ppp {

inline constexpr std::size_t kMd5Response = 16;
inline constexpr std::size_t kMsChapV2Response = 49;  // RFC 2759 4

// The octets of a response.
constexpr std::size_t response_size(AuthMethod method) {
  return method == AuthMethod::ms_chap_v2 ? kMsChapV2Response : kMd5Response;
}

struct ChapResponse {
  Octets value;
  Octets name;
};
// packet: a Response. Error: malformed, also when the value is not of the method's size.
Result<ChapResponse, Drop> parse_chap_response(const Packet& packet, AuthMethod method);

// A challenge nobody saw before, with a new Identifier; due again after one Restart time.
void send_challenge(Context& c);

void receive_chap(Context& c, const Packet& packet);
void send_chap_result(Context& c, bool accept, std::string_view message);
// With the proof that the link has, or with what RFC 2759 6 wants of a failure: it may not be tried again.
void send_ms_chap_result(Context& c, bool accept, std::string_view message);

}  // namespace holdfast::ppp
