#include "ppp/chap.hpp"

#include "ppp/authentication.hpp"

#include <array>

namespace holdfast::ppp {
namespace {

constexpr std::array<std::uint8_t, 16> kNoChallenge{};

void put_hex(Writer& out, Octets octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const auto octet : octets) {
    out.u8(static_cast<std::uint8_t>(kDigits[octet >> 4]));
    out.u8(static_cast<std::uint8_t>(kDigits[octet & 15]));
  }
}

}  // namespace

Result<ChapResponse, Drop> parse_chap_response(const Packet& packet, AuthMethod method) {
  Reader r(packet.data);
  ChapResponse response;
  response.value = r.take(r.u8());
  response.name = r.rest();
  if (!r.ok() || response.value.size() != response_size(method)) return fail(Drop::malformed);
  return response;
}

// RFC 1994 4.1: Identifier and value change each time a Challenge is sent, also when it is repeated.
void send_challenge(Context& c) {
  ++c.link.auth_id;
  c.env.entropy.fill(c.link.challenge);
  c.link.authentication_deadline = c.env.now + c.policy.restart;
  const std::array<std::uint8_t, 1> value_size{static_cast<std::uint8_t>(c.link.challenge.size())};
  send_packet(c.out, Protocol::chap, static_cast<std::uint8_t>(ChapCode::challenge), c.link.auth_id,
              {value_size, c.link.challenge, octets_of(c.policy.name.substr(0, 255))});
}

void receive_chap(Context& c, const Packet& packet) {
  if (packet.code != static_cast<std::uint8_t>(ChapCode::response)) return c.out.drop(Drop::unexpected_code);
  const auto response = parse_chap_response(packet, c.link.auth_method);
  if (!response) return c.out.drop(response.error());
  if (packet.id != c.link.auth_id) return c.out.drop(Drop::stale);
  switch (c.link.auth_state) {
    case AuthState::waiting_peer:
      if (c.link.challenge == kNoChallenge) return c.out.drop(Drop::stale);
      return hand_out(
          c, c.link.auth_method == AuthMethod::chap ? Authenticate::Method::chap : Authenticate::Method::ms_chap_v2,
          response->name, response->value, c.link.challenge);
    case AuthState::waiting_answer: return c.out.drop(Drop::stale);
    case AuthState::accepted: return send_result(c, true, {});  // RFC 1994 4.1: the same reply as before
    case AuthState::idle: return c.out.drop(Drop::not_negotiated);
  }
}

void send_chap_result(Context& c, bool accept, std::string_view message) {
  const auto code = accept ? ChapCode::success : ChapCode::failure;
  send_packet(c.out, Protocol::chap, static_cast<std::uint8_t>(code), c.link.auth_id,
              {octets_of(message.substr(0, 255))});
}

void send_ms_chap_result(Context& c, bool accept, std::string_view message) {
  std::array<std::uint8_t, 255> room;
  Writer text(room);
  text.octets(octets_of(accept ? "S=" : "E=691 R=0 C="));  // RFC 2759 5, 6: the login failed, and is not to be retried
  put_hex(text, c.link.challenge);
  if (accept) put_hex(text, c.link.proof_end);
  text.octets(octets_of(accept ? " M=" : " V=3 M="));
  text.octets(octets_of(message.substr(0, 160)));
  send_chap_result(c, accept, text_of(text.written()));
}

}  // namespace holdfast::ppp
