#include "peer.hpp"

#include "wire/digest.hpp"

#include <algorithm>

namespace holdfast::ppp {
namespace {

constexpr Duration kRestart = std::chrono::seconds(3);

}  // namespace

void Peer::start(TimePoint now) { begin(lcp_, now); }

void Peer::begin(Layer& layer, TimePoint now) {
  layer.running = true;
  layer.ours_acked = layer.theirs_acked = false;
  request(layer, now, true);
}

void Peer::request(Layer& layer, TimePoint now, bool new_id) {
  if (new_id) ++layer.id;
  Bytes data;
  for (const Option& wish : layer.wishes) {
    data.push_back(wish.type);
    data.push_back(static_cast<std::uint8_t>(wish.value.size() + 2));
    data.insert(data.end(), wish.value.begin(), wish.value.end());
  }
  layer.deadline = now + kRestart;
  send(layer.protocol, 1, layer.id, data);
}

void Peer::receive(const Bytes& frame, TimePoint now) {
  const auto protocol = static_cast<std::uint16_t>(frame.at(0) << 8 | frame.at(1));
  const Bytes packet(frame.begin() + 2, frame.end());
  if (protocol == lcp_.protocol) return receive_lcp(packet, now);
  if (!is_open(lcp_)) return;
  if (protocol == 0xc223) return receive_chap(packet, now);
  if (protocol == 0xc023) return receive_pap(packet, now);
  if (!authenticated_ && auth_protocol_ != 0) return;  // pppd: "discarded non-LCP packet in authentication phase"
  for (Layer* layer : {&ipcp_, &ipv6cp_, &ccp_})
    if (layer->protocol == protocol && layer->running) receive_layer(*layer, packet, now);
}

std::uint8_t Peer::judge(const Layer& layer, Option& option) const {
  if (&layer == &ipcp_) return option.type == 3 ? 2 : 4;
  if (&layer == &ipv6cp_) return option.type == 1 ? 2 : 4;
  if (option.type != 3) return option.type == 1 || option.type == 5 ? 2 : 4;
  const bool chap = option.value.at(0) == 0xc2;
  if (chap ? habits_.takes_chap : habits_.takes_pap) return 2;
  if (habits_.takes_chap) option.value = {0xc2, 0x23, 5};
  if (habits_.takes_pap) option.value = {0xc0, 0x23};
  return habits_.takes_chap || habits_.takes_pap ? 3 : 4;
}

void Peer::reply(Layer& layer, const Bytes& packet) {
  Bytes by_verdict[5];
  std::uint16_t auth = 0;
  for (std::size_t at = 4; at + 2 <= packet.size(); at += packet[at + 1]) {
    Option option{packet[at], Bytes(packet.begin() + static_cast<long>(at + 2),
                                    packet.begin() + static_cast<long>(at + packet[at + 1]))};
    if (&layer == &lcp_ && option.type == 3)
      auth = static_cast<std::uint16_t>(option.value.at(0) << 8 | option.value.at(1));
    Bytes& list = by_verdict[judge(layer, option)];
    list.push_back(option.type);
    list.push_back(static_cast<std::uint8_t>(option.value.size() + 2));
    list.insert(list.end(), option.value.begin(), option.value.end());
  }
  for (const std::uint8_t verdict : {std::uint8_t{4}, std::uint8_t{3}})
    if (!by_verdict[verdict].empty()) {
      layer.theirs_acked = false;
      return send(layer.protocol, verdict, packet[1], by_verdict[verdict]);
    }
  if (&layer == &lcp_) auth_protocol_ = auth;
  layer.theirs_acked = true;
  send(layer.protocol, 2, packet[1], Bytes(packet.begin() + 4, packet.end()));
}

void Peer::receive_layer(Layer& layer, const Bytes& packet, TimePoint now) {
  const bool was_open = is_open(layer);
  const std::uint8_t code = packet.at(0);
  const bool answers_ours = packet.at(1) == layer.id && !layer.ours_acked;
  if (code == 1) {
    if (was_open) {  // the other end begins anew
      if (&layer == &lcp_) lcp_is_down();
      begin(layer, now);
    }
    reply(layer, packet);
  }
  if (code == 2 && answers_ours) layer.ours_acked = true;
  if ((code == 3 || code == 4) && answers_ours) {
    for (std::size_t at = 4; at + 2 <= packet.size(); at += packet[at + 1]) {
      const auto wish = std::ranges::find(layer.wishes, packet[at], &Option::type);
      if (wish == layer.wishes.end()) continue;
      if (code == 4)
        layer.wishes.erase(wish);
      else
        wish->value.assign(packet.begin() + static_cast<long>(at + 2),
                           packet.begin() + static_cast<long>(at + packet[at + 1]));
    }
    request(layer, now, true);
  }
  if (is_open(layer)) layer.deadline = kNever;
  if (!was_open && is_open(layer) && &layer == &lcp_) lcp_is_up(now);
}

void Peer::receive_lcp(const Bytes& packet, TimePoint now) {
  if (packet.at(0) == 8) {  // Protocol-Reject
    const auto protocol = static_cast<std::uint16_t>(packet.at(4) << 8 | packet.at(5));
    for (Layer* layer : {&ipcp_, &ipv6cp_, &ccp_})
      if (layer->protocol == protocol) {
        layer->running = false;
        layer->deadline = kNever;
      }
    return;
  }
  receive_layer(lcp_, packet, now);
}

void Peer::lcp_is_up(TimePoint now) {
  if (auth_protocol_ == 0) return be_authenticated(now);
  if (auth_protocol_ == 0xc023) send_pap(now);
}

void Peer::lcp_is_down() {
  for (Layer* layer : {&ipcp_, &ipv6cp_, &ccp_}) {
    layer->running = layer->ours_acked = layer->theirs_acked = false;
    layer->deadline = kNever;
  }
  authenticated_ = false;
  pap_deadline_ = kNever;
}

void Peer::send_pap(TimePoint now) {
  Bytes data{static_cast<std::uint8_t>(habits_.user.size())};
  data.insert(data.end(), habits_.user.begin(), habits_.user.end());
  data.push_back(static_cast<std::uint8_t>(habits_.password.size()));
  data.insert(data.end(), habits_.password.begin(), habits_.password.end());
  pap_deadline_ = now + kRestart;
  send(0xc023, 1, ++pap_id_, data);
}

void Peer::receive_pap(const Bytes& packet, TimePoint now) {
  if (pap_deadline_ == kNever || packet.at(0) != 2) return;
  pap_deadline_ = kNever;
  be_authenticated(now);
}

void Peer::receive_chap(const Bytes& packet, TimePoint now) {
  if (packet.at(0) == 1) {
    const std::array<std::uint8_t, 1> id{packet[1]};
    const Octets challenge = Octets(packet).subspan(5, packet.at(4));
    const Md5 response = md5({id, octets_of(habits_.password), challenge});
    Bytes data{16};
    data.insert(data.end(), response.begin(), response.end());
    data.insert(data.end(), habits_.user.begin(), habits_.user.end());
    send(0xc223, 2, packet[1], data);
  }
  if (packet[0] == 3 && !authenticated_) be_authenticated(now);
}

void Peer::be_authenticated(TimePoint now) {
  authenticated_ = true;
  if (habits_.asks_for_ccp) begin(ccp_, now);
  begin(ipcp_, now);
  if (habits_.ipv6) begin(ipv6cp_, now);
}

void Peer::expire(TimePoint now) {
  for (Layer* layer : {&lcp_, &ipcp_, &ipv6cp_, &ccp_})
    if (layer->deadline <= now) {
      const bool acked = layer->ours_acked;  // RFC 1661 4.1: TO+ in Ack-Rcvd goes back to Req-Sent
      layer->ours_acked = false;
      request(*layer, now, acked);
    }
  if (pap_deadline_ <= now) send_pap(now);
}

TimePoint Peer::next_due() const {
  return std::min({lcp_.deadline, ipcp_.deadline, ipv6cp_.deadline, ccp_.deadline, pap_deadline_});
}

std::uint32_t Peer::as_u32(const Layer& layer, std::uint8_t type) {
  const auto wish = std::ranges::find(layer.wishes, type, &Option::type);
  std::uint32_t value = 0;
  if (wish != layer.wishes.end())
    for (const auto octet : wish->value) value = value << 8 | octet;
  return value;
}

std::uint64_t Peer::interface_id() const {
  std::uint64_t value = 0;
  for (const auto octet : ipv6cp_.wishes.front().value) value = value << 8 | octet;
  return value;
}

void Peer::send(std::uint16_t protocol, std::uint8_t code, std::uint8_t id, const Bytes& data) {
  const auto length = data.size() + 4;
  Bytes frame{static_cast<std::uint8_t>(protocol >> 8), static_cast<std::uint8_t>(protocol), code, id,
              static_cast<std::uint8_t>(length >> 8),   static_cast<std::uint8_t>(length)};
  frame.insert(frame.end(), data.begin(), data.end());
  sent.push_back(std::move(frame));
}

}  // namespace holdfast::ppp
