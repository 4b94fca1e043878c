#include "dial/ppp_auth.hpp"

#include "wire/digest.hpp"

namespace holdfast::dial::ppp {
namespace {

constexpr std::uint8_t kPapRequest = 1, kPapAck = 2, kPapNak = 3;
constexpr std::uint8_t kChapChallenge = 1, kChapResponse = 2, kChapSuccess = 3, kChapFailure = 4;

void answer_challenge(const Packet& packet, const Context& context) {
  Reader in(packet.data);
  const auto challenge = in.take(in.u8());
  if (!in.ok() || challenge.empty()) return;
  const std::array id{packet.id};
  // RFC 1994 4.1: identifier, secret, challenge.
  const Md5 value = md5({id, octets_of(context.credentials.password), challenge});
  PacketWriter response(kChapResponse, packet.id);
  response.data().u8(static_cast<std::uint8_t>(value.size()));
  response.data().octets(value);
  response.data().octets(octets_of(context.credentials.user));
  context.link.send(kChap, response.finish());
}

}  // namespace

void send_pap_request(Client& client, const Context& context) {
  PacketWriter request(kPapRequest, client.next_id++);
  for (const auto text : {context.credentials.user, context.credentials.password}) {
    request.data().u8(static_cast<std::uint8_t>(text.size()));
    request.data().octets(octets_of(text));
  }
  context.link.send(kPap, request.finish());
}

AuthResult take_pap(const Client& client, const Packet& packet) {
  if (client.phase != Phase::authenticate || client.auth != Auth::pap) return AuthResult::nothing;
  if (packet.code == kPapAck) return AuthResult::accepted;
  return packet.code == kPapNak ? AuthResult::refused : AuthResult::nothing;
}

AuthResult take_chap(const Client& client, const Packet& packet, const Context& context) {
  const bool asked_for = client.phase == Phase::authenticate || client.phase == Phase::network;
  if (!asked_for || client.auth != Auth::chap) return AuthResult::nothing;
  switch (packet.code) {
    case kChapChallenge: answer_challenge(packet, context); return AuthResult::nothing;
    case kChapSuccess: return AuthResult::accepted;
    case kChapFailure: return AuthResult::refused;
    default: return AuthResult::nothing;
  }
}

}  // namespace holdfast::dial::ppp
