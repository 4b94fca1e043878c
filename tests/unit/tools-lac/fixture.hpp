// What the tests of the synthetic LAC share: a wire that records, octets that can be foretold, and an LNS by hand.
#pragma once

#include "l2tp/authentication.hpp"
#include "l2tp/builder.hpp"
#include "l2tp/message.hpp"
#include "lac/generator.hpp"
#include "wire/counting_entropy.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::lac::test {

using Bytes = std::vector<std::uint8_t>;

constexpr TimePoint at(Duration since_start) { return TimePoint{} + since_start; }

class RecordingWire : public Wire {
 public:
  MutableOctets room() override { return room_; }
  void send(std::size_t length, std::uint16_t port) override {
    sent.emplace_back(room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(length));
    ports.push_back(port);
  }
  std::vector<Bytes> take() {
    ports.clear();
    return std::exchange(sent, {});
  }

  std::vector<Bytes> sent;
  std::vector<std::uint16_t> ports;

 private:
  std::array<std::uint8_t, 2048> room_{};
};

// Answers by hand: the test says which message the LNS sends. One tunnel, whose id at the LNS is 1000.
class Lns {
 public:
  explicit Lns(Generator& generator) : generator_(generator) {}

  void send(l2tp::MessageBuilder& builder, TimePoint now, std::uint16_t port = 1701) {
    const auto message = builder.finish();
    Bytes octets(message.begin(), message.end());
    l2tp::set_sequence(octets, ns++, nr);
    send_again(octets, now, port);
    last = octets;
  }
  void send_again(const Bytes& octets, TimePoint now, std::uint16_t port = 1701) {
    generator_.receive(octets, port, now);
    generator_.run(now);
  }
  void acknowledge(TimePoint now) {
    std::array<std::uint8_t, 12> zlb{};
    const auto octets = l2tp::build_zlb(zlb, PeerTunnelId(1), ns, nr);
    generator_.receive(octets, 1701, now);
    generator_.run(now);
  }
  // response, challenge: left out when empty.
  void sccrp(TimePoint now, Octets response = {}, Octets challenge = {}, std::uint16_t port = 1701) {
    l2tp::MessageBuilder b(room_, l2tp::MessageType::sccrp, PeerTunnelId(1), {});
    b.u16(l2tp::AvpType::protocol_version, 0x0100).u32(l2tp::AvpType::framing_capabilities, 3);
    b.text(l2tp::AvpType::host_name, "lns").u16(l2tp::AvpType::assigned_tunnel_id, 1000);
    b.u16(l2tp::AvpType::receive_window_size, 16);
    if (!response.empty()) b.octets(l2tp::AvpType::challenge_response, response);
    if (!challenge.empty()) b.octets(l2tp::AvpType::challenge, challenge);
    send(b, now, port);
  }
  void icrp(std::uint16_t session, std::uint16_t ours, TimePoint now) {
    l2tp::MessageBuilder b(room_, l2tp::MessageType::icrp, PeerTunnelId(1), PeerSessionId(session));
    b.u16(l2tp::AvpType::assigned_session_id, ours);
    send(b, now);
  }
  void cdn(std::uint16_t session, std::uint16_t ours, TimePoint now) {
    l2tp::MessageBuilder b(room_, l2tp::MessageType::cdn, PeerTunnelId(1), PeerSessionId(session));
    b.result(3, 0, "enough").u16(l2tp::AvpType::assigned_session_id, ours);
    send(b, now);
  }
  void plain(l2tp::MessageType type, TimePoint now) {
    l2tp::MessageBuilder b(room_, type, PeerTunnelId(1), {});
    if (type == l2tp::MessageType::stopccn) b.u16(l2tp::AvpType::assigned_tunnel_id, 1000).result(6);
    send(b, now);
  }
  // A PPP frame, without ff 03, to one of the generator's sessions.
  void ppp(std::uint16_t session, const Bytes& frame, TimePoint now) {
    Bytes out{0x00, 0x02, 0x00, 0x01, static_cast<std::uint8_t>(session >> 8), static_cast<std::uint8_t>(session)};
    out.insert(out.end(), frame.begin(), frame.end());
    generator_.receive(out, 1701, now);
    generator_.run(now);
  }

  std::uint16_t ns = 0, nr = 0;
  Bytes last;  // message sent

 private:
  Generator& generator_;
  std::array<std::uint8_t, 512> room_{};
};

// The type of a control message; zlb where it has none, and for data messages.
inline l2tp::MessageType type_of(const Bytes& datagram, std::string_view secret = {}) {
  const auto message = l2tp::parse(datagram, octets_of(secret));
  return message ? message->type : l2tp::MessageType::zlb;
}
inline std::vector<l2tp::MessageType> types_of(const std::vector<Bytes>& datagrams) {
  std::vector<l2tp::MessageType> out;
  for (const auto& datagram : datagrams) out.push_back(type_of(datagram));
  return out;
}
inline l2tp::ControlHeader header_of(const Bytes& datagram) { return l2tp::parse_header(datagram).value(); }

}  // namespace holdfast::lac::test
