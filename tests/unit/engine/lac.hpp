// A LAC with PPP clients behind it, as plain as can be: it answers what comes, and sends again what was not
// acknowledged when it is told to. It shares the codec with the engine and nothing else.
#pragma once

#include "l2tp/authentication.hpp"
#include "l2tp/builder.hpp"
#include "lns.hpp"
#include "wire/digest.hpp"
#include "wire/reader.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>

namespace holdfast::engine::test {

using l2tp::AvpType;
using l2tp::MessageBuilder;
using l2tp::MessageType;

class Lac {
 public:
  struct Call {
    SessionId theirs;  // the LNS's id
    bool connected = false;
    bool lcp_acked = false, lcp_ours_acked = false, authenticated = false, ipv4 = false;
    bool hung_up = false;
    bool answers_echo = true;
    std::uint32_t address = 0;
  };

  explicit Lac(Lns& lns) : lns_(lns) {}

  std::string host = "lac1", secret = "secret", user = "alice", password = "wonderland";
  std::uint16_t assigned = 77;  // our tunnel id
  TunnelId tunnel;              // the LNS's id
  bool up = false;
  std::optional<l2tp::ResultCode> stopped;
  std::uint16_t ns = 0, nr = 0;
  std::map<std::uint16_t, Call> calls;  // by our session id
  std::vector<MessageType> received;    // in order, ZLBs left out
  bool answer_ppp = true;
  unsigned duplicates = 0;  // messages that came again

  void dial() {
    MessageBuilder b(room_, MessageType::sccrq, PeerTunnelId{}, PeerSessionId{});
    b.u16(AvpType::protocol_version, 0x0100).u32(AvpType::framing_capabilities, 3).text(AvpType::host_name, host);
    b.u16(AvpType::assigned_tunnel_id, assigned).u16(AvpType::receive_window_size, 8);
    if (!secret.empty()) b.octets(AvpType::challenge, octets_of("challenge-of-lac"));
    send(b);
  }
  void call(std::uint16_t id) {
    calls[id] = {};
    MessageBuilder b(room_, MessageType::icrq, to(), PeerSessionId{});
    b.u16(AvpType::assigned_session_id, id).u32(AvpType::call_serial_number, id);
    send(b);
  }
  void hang_up(std::uint16_t id) {
    MessageBuilder b(room_, MessageType::cdn, to(), PeerSessionId(calls[id].theirs.value()));
    b.result(3).u16(AvpType::assigned_session_id, id);
    send(b);
  }
  void stop() {
    MessageBuilder b(room_, MessageType::stopccn, to(), PeerSessionId{});
    b.u16(AvpType::assigned_tunnel_id, assigned).result(1);
    send(b);
  }
  void hello() {
    MessageBuilder b(room_, MessageType::hello, to(), PeerSessionId{});
    send(b);
  }
  // What was not acknowledged goes out again.
  void resend() {
    for (auto& message : unacknowledged_) transmit(message);
  }
  // Takes what the LNS sent until it sends no more. Stops after `most` packets.
  unsigned take(unsigned most = 1000) {
    unsigned taken = 0;
    while (taken < most && !lns_.sent.empty()) {
      const Sent s = lns_.sent.front();
      lns_.sent.pop_front();
      ++taken;
      if (s.header.kind == static_cast<std::uint16_t>(abi::InjectKind::l2tp_control)) {
        control(s.payload);
      } else if (answer_ppp) {
        ppp(s);
      }
    }
    return taken;
  }
  // The PPP client's restart timer ran out.
  void ask_again(std::uint16_t id) {
    if (!calls[id].lcp_ours_acked) configure_request(id);
    if (calls[id].authenticated && !calls[id].ipv4) ask_for_address(id);
  }

 private:
  void configure_request(std::uint16_t id) {
    ppp_send(id, {0xc0, 0x21, 1, 1, 0, 10, 5, 6, 9, 9, 9, static_cast<std::uint8_t>(id)});
  }
  void ask_for_address(std::uint16_t id) { ppp_send(id, {0x80, 0x21, 1, 1, 0, 10, 3, 6, 0, 0, 0, 0}); }
  PeerTunnelId to() const { return PeerTunnelId(tunnel.value()); }

  void send(MessageBuilder& b) {
    const Octets o = b.finish();
    std::vector<std::uint8_t> message(o.begin(), o.end());
    l2tp::set_sequence(message, ns++, nr);
    unacknowledged_.push_back(message);
    transmit(unacknowledged_.back());
  }
  void transmit(std::vector<std::uint8_t> message) {
    l2tp::set_sequence(message, static_cast<std::uint16_t>(message[8] << 8 | message[9]), nr);
    lns_.datagram(message);
  }
  void acknowledge() {
    std::array<std::uint8_t, 12> zlb{};
    lns_.datagram(l2tp::build_zlb(zlb, to(), ns, nr));
  }

  void control(Octets payload) {
    const auto message = l2tp::parse(payload, octets_of(secret));
    if (!message) std::abort();
    while (!unacknowledged_.empty() &&
           static_cast<std::int16_t>(message->header.nr - static_cast<std::uint16_t>(unacknowledged_.front()[8] << 8 |
                                                                                     unacknowledged_.front()[9])) > 0)
      unacknowledged_.pop_front();
    if (message->type == MessageType::zlb) return;
    if (message->header.ns != nr) {
      if (static_cast<std::int16_t>(message->header.ns - nr) < 0) ++duplicates;
      return acknowledge();
    }
    ++nr;
    received.push_back(message->type);
    process(*message);
  }
  void process(const l2tp::ControlMessage& m) {
    const auto session = m.header.session.value();
    switch (m.type) {
      case MessageType::sccrp: {
        tunnel = TunnelId(*m.u16(AvpType::assigned_tunnel_id));
        MessageBuilder b(room_, MessageType::scccn, to(), PeerSessionId{});
        if (const auto challenge = m.octets(AvpType::challenge))
          b.octets(AvpType::challenge_response,
                   l2tp::challenge_response(MessageType::scccn, octets_of(secret), *challenge));
        send(b);
        up = true;
        return;
      }
      case MessageType::stopccn: stopped = m.result_code(); break;
      case MessageType::icrp: {
        calls[session].theirs = SessionId(*m.u16(AvpType::assigned_session_id));
        calls[session].connected = true;
        MessageBuilder b(room_, MessageType::iccn, to(), PeerSessionId(calls[session].theirs.value()));
        b.u32(AvpType::tx_connect_speed, 1000000).u32(AvpType::framing_type, 1);
        return send(b);
      }
      case MessageType::cdn: calls[session != 0 ? session : named(m)].hung_up = true; break;
      default: break;
    }
    acknowledge();
  }

  // The call that a CDN of session 0 names by the LNS's id.
  std::uint16_t named(const l2tp::ControlMessage& cdn) const {
    return ours(SessionId(cdn.u16(AvpType::assigned_session_id).value_or(0)));
  }
  void ppp_send(std::uint16_t id, std::vector<std::uint8_t> frame) {
    lns_.handle(PppFrame{tunnel, calls[id].theirs, frame});
  }
  std::uint16_t ours(SessionId theirs) const {
    for (const auto& [id, call] : calls)
      if (call.theirs == theirs) return id;
    return 0;
  }
  // Acks what it is asked; asks for a magic number and for any address.
  void ppp(const Sent& s) {
    const std::uint16_t id = ours(s.header.session);
    if (id == 0) return;
    Call& call = calls[id];
    if (call.hung_up) return;
    const auto& f = s.payload;
    const unsigned protocol = static_cast<unsigned>(f[0] << 8 | f[1]);
    const unsigned code = f[2];
    auto reply = f;
    if (protocol == 0xc021 && code == 1) {
      reply[2] = 2;
      ppp_send(id, reply);
      call.lcp_acked = true;
      if (!call.lcp_ours_acked) configure_request(id);
    } else if (protocol == 0xc021 && code == 2) {
      call.lcp_ours_acked = true;
    } else if (protocol == 0xc021 && code == 5) {
      reply[2] = 6;
      ppp_send(id, reply);
    } else if (protocol == 0xc021 && code == 9) {
      if (!call.answers_echo) return;
      const std::array<std::uint8_t, 4> magic{9, 9, 9, static_cast<std::uint8_t>(id)};
      reply[2] = 10;
      std::copy(magic.begin(), magic.end(), reply.begin() + 6);
      ppp_send(id, reply);
    } else if (protocol == 0xc223 && code == 1) {
      const Octets challenge = Octets(f).subspan(7, f[6]);
      const std::array<std::uint8_t, 1> identifier{f[3]};
      const Md5 hash = md5({identifier, octets_of(password), challenge});
      std::vector<std::uint8_t> response{0xc2, 0x23, 2, f[3], 0, static_cast<std::uint8_t>(21 + user.size()), 16};
      response.insert(response.end(), hash.begin(), hash.end());
      response.insert(response.end(), user.begin(), user.end());
      ppp_send(id, response);
    } else if (protocol == 0xc223 && code == 3) {
      call.authenticated = true;
      ask_for_address(id);
    } else if (protocol == 0x8021 && code == 1) {
      reply[2] = 2;
      ppp_send(id, reply);
    } else if (protocol == 0x8021 && code == 3) {
      reply[2] = 1;
      reply[3] = 2;
      ppp_send(id, reply);
    } else if (protocol == 0x8021 && code == 2) {
      call.ipv4 = true;
      call.address = static_cast<std::uint32_t>(f[8] << 24 | f[9] << 16 | f[10] << 8 | f[11]);
    }
  }

  Lns& lns_;
  std::array<std::uint8_t, 1024> room_{};
  std::deque<std::vector<std::uint8_t>> unacknowledged_;
};

}  // namespace holdfast::engine::test
