#include "lac/lac.hpp"

#include "lac/messages.hpp"

#include <algorithm>

namespace holdfast::lac {

Lac::Lac(const Settings& settings, Wire& wire, Entropy& entropy, Listener& listener)
    : settings_(settings), wire_(wire), entropy_(entropy), listener_(listener) {
  policy_.hello = settings.tunnel.hello;
  policy_.receive_window = settings.tunnel.window;
}

void Lac::receive(Octets datagram, std::uint16_t port, TimePoint now) {
  const bool control = !datagram.empty() && (datagram[0] & 0x80) != 0;  // RFC 2661 3.1: the T bit
  if (control)
    receive_control(datagram, port, now);
  else
    receive_data(datagram, now);
}

void Lac::receive_control(Octets datagram, std::uint16_t port, TimePoint now) {
  const auto message = l2tp::parse(datagram, octets_of(settings_.tunnel.secret));
  if (!message) {
    ++counters_.malformed;
    return;
  }
  if (!message->header.tunnel) return receive_recovery(datagram, *message, port, now);
  const std::size_t index = message->header.tunnel.value() - 1u;
  if (index >= tunnels_.size() || tunnels_[index].state == TunnelState::idle) {
    ++counters_.strays;
    return;
  }
  Tunnel& tunnel = tunnels_[index];
  touch(number(tunnel));
  if (tunnel.deaf) {
    ++counters_.discarded;
    return;
  }
  const bool next = tunnel.delivery.receive(datagram, message->header.ns, message->header.nr, policy_, now, counters_);
  if (!next || tunnel.state == TunnelState::closed) return;
  // RFC 2661 8.1: the answer to SCCRQ tells the port that the LNS will use.
  if (message->type == l2tp::MessageType::sccrp) tunnel.delivery.set_port(port);
  if (index >= settings_.tunnels) return process_recovery(tunnel, *message, now);
  process(tunnel, *message, now);
}

void Lac::run(TimePoint now) {
  for (std::int64_t due; (due = tunnel_deadlines_.take(now)) >= 0;) expire(static_cast<std::uint32_t>(due), now);
  for (std::int64_t due; (due = session_deadlines_.take(now)) >= 0;)
    expire_session(static_cast<std::uint32_t>(due), now);
  start_tunnels(now);
  start_calls(now);
  for (std::size_t i = 0; i < touched_.size(); ++i) flush(touched_[i], now);
  touched_.clear();
}

TimePoint Lac::next_due() const {
  TimePoint due = std::min(tunnel_deadlines_.next(), session_deadlines_.next());
  const bool could_call = !callers_.empty() && counters_.calls_open < settings_.parallel;
  if (could_call && settings_.rate > 0) due = std::min(due, next_call_at_);
  return due;
}

void Lac::expire(std::uint32_t index, TimePoint now) {
  Tunnel& tunnel = tunnels_[index];
  touch(index);
  const bool established = tunnel.state == TunnelState::established;
  for (;;) {
    switch (l2tp::expire(tunnel.delivery.channel(), policy_, established, now)) {
      case l2tp::Expiry::nothing: return;
      case l2tp::Expiry::retransmit:
        tunnel.delivery.send(l2tp::oldest_ns(tunnel.delivery.channel()), wire_);
        ++counters_.retransmissions;
        break;
      case l2tp::Expiry::ack_due: tunnel.delivery.send_acknowledgement(wire_); break;
      case l2tp::Expiry::hello_due: want(tunnel, {l2tp::MessageType::hello, {}, {}, 0}); break;
      case l2tp::Expiry::exhausted: return end(tunnel, TunnelState::closed, "the LNS does not acknowledge");
    }
  }
}

void Lac::touch(std::uint32_t tunnel) {
  if (touched_.empty() || touched_.back() != tunnel) touched_.push_back(tunnel);
}

// What waits goes into the channel as far as there is room, what is in the channel onto the wire.
void Lac::flush(std::uint32_t index, TimePoint now) {
  Tunnel& tunnel = tunnels_[index];
  std::array<std::uint8_t, Delivery::kMaxMessage> message;
  while (!tunnel.wanted.empty() && tunnel.delivery.room() > 0) {
    const Wanted wanted = tunnel.wanted.front();
    tunnel.wanted.pop_front();
    const auto session = find(tunnel, wanted.session);
    tunnel.delivery.enqueue(build(message, tunnel, wanted, session + 1, settings_.tunnel, entropy_));
  }
  while (!tunnel.built.empty() && tunnel.delivery.room() > 0) {
    tunnel.delivery.enqueue(tunnel.built.front());
    tunnel.built.pop_front();
  }
  tunnel.delivery.flush(policy_, now, wire_, counters_);
  if (tunnel.state == TunnelState::stopping && l2tp::idle(tunnel.delivery.channel()))
    tunnel.state = TunnelState::closed;
  tunnel_deadlines_.set(index, l2tp::next_due(tunnel.delivery.channel(), policy_));
}

bool Lac::rate_allows(TimePoint now) {
  if (settings_.rate <= 0) return true;
  if (next_call_at_ > now) return false;
  // After a pause the missed calls are not made up for, beyond what a late wake-up costs.
  constexpr Duration kLate = std::chrono::milliseconds(10);
  const auto interval = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / settings_.rate));
  next_call_at_ = std::max(next_call_at_, now - kLate) + interval;
  return true;
}

bool Lac::is_stopped() const {
  return std::ranges::none_of(tunnels_, [](const Tunnel& t) { return t.state == TunnelState::stopping; });
}

std::int64_t Lac::send_hello(TimePoint now, std::uint16_t& ns) {
  for (std::size_t tried = 0; tried < tunnels_.size(); ++tried) {
    Tunnel& tunnel = tunnels_[next_hello_++ % tunnels_.size()];
    if (tunnel.state != TunnelState::established || !l2tp::idle(tunnel.delivery.channel())) continue;
    std::array<std::uint8_t, Delivery::kMaxMessage> message;
    const Wanted hello{l2tp::MessageType::hello, {}, {}, 0};
    ns = tunnel.delivery.enqueue(build(message, tunnel, hello, 0, settings_.tunnel, entropy_));
    flush(number(tunnel), now);
    return number(tunnel);
  }
  return -1;
}

bool Lac::is_acknowledged(std::uint32_t tunnel, std::uint16_t ns) const {
  const auto range = l2tp::unacknowledged(tunnels_[tunnel].delivery.channel());
  return static_cast<std::uint16_t>(ns - range.first_ns) >= range.count;
}

}  // namespace holdfast::lac
