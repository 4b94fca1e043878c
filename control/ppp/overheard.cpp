#include "ppp/overheard.hpp"

#include "ppp/chap.hpp"
#include "ppp/packet.hpp"
#include "ppp/pap.hpp"

#include <optional>

namespace holdfast::ppp {
namespace {

struct Heard {
  Protocol protocol{};
  Packet packet;
};

std::optional<Heard> packet_of(Octets octets) {
  const auto frame = parse_frame(octets);
  if (!frame) return std::nullopt;
  const auto packet = parse_packet(frame->information);
  if (!packet) return std::nullopt;
  return Heard{frame->protocol, *packet};
}

bool is_configure_request(const Heard& heard) {
  return heard.protocol == Protocol::lcp && heard.packet.code == static_cast<std::uint8_t>(Code::configure_request) &&
         options_are_whole(heard.packet.data);
}

template <std::size_t N>
bool keep(InlineOctets<N>& into, Octets value) {
  if (into.assign(value)) return true;
  into.clear();
  return false;
}

}  // namespace

void Overheard::received(Octets frame) {
  const auto heard_now = packet_of(frame);
  if (!heard_now) return;
  const Packet& packet = heard_now->packet;
  if (is_configure_request(*heard_now)) {
    if (heard == 0) (void)keep(initial_received, packet.data);
    heard = 1;
    (void)keep(last_received, packet.data);
    return forget_credentials();
  }
  if (heard_now->protocol == Protocol::pap) received_pap(packet);
  if (heard_now->protocol == Protocol::chap) received_chap(packet);
}

void Overheard::sent(Octets frame) {
  const auto heard_now = packet_of(frame);
  if (!heard_now) return;
  if (is_configure_request(*heard_now)) {
    (void)keep(last_sent, heard_now->packet.data);
    return forget_credentials();
  }
  if (heard_now->protocol == Protocol::chap) sent_chap(heard_now->packet);
}

void Overheard::forget_credentials() {
  name.clear();
  response.clear();
  challenge.clear();
  method = AuthMethod::none;
  id = 0;
}

void Overheard::received_pap(const Packet& packet) {
  const auto request = parse_pap_request(packet);
  if (packet.code != static_cast<std::uint8_t>(PapCode::authenticate_request) || !request) return;
  forget_credentials();
  id = packet.id;
  const bool fits = keep(name, request->peer_id) && keep(response, request->password);
  if (fits) method = AuthMethod::pap;
}

void Overheard::sent_chap(const Packet& packet) {
  Reader r(packet.data);
  const Octets value = r.take(r.u8());
  if (packet.code != static_cast<std::uint8_t>(ChapCode::challenge) || !r.ok()) return;
  forget_credentials();
  id = packet.id;
  (void)keep(challenge, value);
}

// RFC 1994 4.1: a response belongs to the challenge of the same Identifier.
void Overheard::received_chap(const Packet& packet) {
  const auto by_md5 = parse_chap_response(packet, AuthMethod::chap);
  const auto said = by_md5 ? by_md5 : parse_chap_response(packet, AuthMethod::ms_chap_v2);
  if (packet.code != static_cast<std::uint8_t>(ChapCode::response) || !said) return;
  if (challenge.empty() || packet.id != id) return;
  const bool fits = keep(name, said->name) && keep(response, said->value);
  method = !fits ? AuthMethod::none : by_md5 ? AuthMethod::chap : AuthMethod::ms_chap_v2;
}

}  // namespace holdfast::ppp
