#include "ppp/pap.hpp"

#include "ppp/authentication.hpp"

#include <algorithm>
#include <array>

namespace holdfast::ppp {

Result<PapRequest, Drop> parse_pap_request(const Packet& packet) {
  Reader r(packet.data);
  PapRequest request;
  request.peer_id = r.take(r.u8());
  request.password = r.take(r.u8());
  if (!r.ok()) return fail(Drop::malformed);
  return request;
}

void receive_pap(Context& c, const Packet& packet) {
  if (packet.code != static_cast<std::uint8_t>(PapCode::authenticate_request)) return c.out.drop(Drop::unexpected_code);
  const auto request = parse_pap_request(packet);
  if (!request) return c.out.drop(request.error());
  switch (c.link.auth_state) {
    case AuthState::waiting_peer:
      c.link.auth_id = packet.id;
      return hand_out(c, Authenticate::Method::pap, request->peer_id, request->password, {});
    case AuthState::waiting_answer:
      // The peer repeats itself, with a new Identifier: the answer, when it comes, is for the newest
      if (std::ranges::equal(request->peer_id, c.link.user.octets())) c.link.auth_id = packet.id;
      return c.out.drop(Drop::stale);
    case AuthState::accepted:  // RFC 1334 2.2.1: the Ack was lost; the reply is the same as before
      c.link.auth_id = packet.id;
      return send_pap_result(c, true, {});
    case AuthState::idle: return c.out.drop(Drop::not_negotiated);
  }
}

void send_pap_result(Context& c, bool accept, std::string_view message) {
  const Octets text = octets_of(message.substr(0, 255));
  const std::array<std::uint8_t, 1> length{static_cast<std::uint8_t>(text.size())};
  const auto code = accept ? PapCode::authenticate_ack : PapCode::authenticate_nak;
  send_packet(c.out, Protocol::pap, static_cast<std::uint8_t>(code), c.link.auth_id, {length, text});
}

}  // namespace holdfast::ppp
