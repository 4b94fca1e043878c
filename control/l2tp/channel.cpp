#include "l2tp/channel.hpp"

#include <algorithm>
#include <cassert>

namespace holdfast::l2tp {

// RFC 2661 5.8: doubled for each retransmission done, up to the cap.
Duration retransmission_interval(const ChannelPolicy& policy, unsigned retransmissions) {
  Duration out = policy.initial;
  for (unsigned i = 0; i < retransmissions && out < policy.cap; ++i) out *= 2;
  return std::min(out, policy.cap);
}

namespace {

// All distances are modulo 2**16.
std::uint16_t distance(std::uint16_t from, std::uint16_t to) { return static_cast<std::uint16_t>(to - from); }
std::uint16_t plus(std::uint16_t ns, unsigned count) { return static_cast<std::uint16_t>(ns + count); }
bool is_before(std::uint16_t a, std::uint16_t b) { return distance(a, b) != 0 && distance(b, a) >= 0x8000; }

std::uint16_t in_flight(const Channel& c) { return distance(c.acknowledged_ns, c.send_ns); }

std::uint8_t retries(const ChannelPolicy& policy, bool established) {
  return established ? policy.retries_established : policy.retries_unestablished;
}

// RFC 2661 appendix A, on each message that acknowledges something new.
void widen(Channel& c) {
  if (c.cwnd < c.ssthresh) {
    ++c.cwnd;
  } else if (++c.cwnd_acks >= c.cwnd) {
    ++c.cwnd;
    c.cwnd_acks = 0;
  }
  c.cwnd = std::min({c.cwnd, c.peer_window, kSlots});
}

// RFC 2661 appendix A, on a retransmission: what is in flight behind the oldest is sent again as the window reopens,
// since a peer may drop what arrives ahead of a lost message.
void narrow(Channel& c) {
  c.ssthresh = std::max<std::uint16_t>(c.cwnd / 2, 1);
  c.cwnd = 1;
  c.cwnd_acks = 0;
  c.send_ns = plus(c.acknowledged_ns, 1);
}

void acknowledge(Channel& c, std::uint16_t nr, const ChannelPolicy& policy, TimePoint now) {
  c.acknowledged_ns = nr;
  if (is_before(c.send_ns, nr)) c.send_ns = nr;
  c.retransmissions = 0;
  c.retransmit_at = in_flight(c) != 0 ? now + retransmission_interval(policy, 0) : kNever;
  widen(c);
}

void acknowledgement_left(Channel& c) {
  c.ack_at = kNever;
  c.acks_owed = 0;
}

TimePoint hello_at(const Channel& c, const ChannelPolicy& policy) {
  // While something awaits acknowledgement, its retransmissions probe the peer.
  return policy.hello == Duration::zero() || !idle(c) ? kNever : c.quiet_since + policy.hello;
}

}  // namespace

Channel open_channel(std::uint16_t peer_window, const ChannelPolicy&, TimePoint now) {
  Channel c;
  c.quiet_since = now;
  set_peer_window(c, peer_window);
  return c;
}

void set_peer_window(Channel& c, std::uint16_t peer_window) {
  c.peer_window = std::max<std::uint16_t>(peer_window, 1);
  c.ssthresh = c.peer_window;
  c.cwnd = std::min(c.cwnd, c.peer_window);
}

Received receive(Channel& c, std::uint16_t ns, std::uint16_t nr, bool zlb, const ChannelPolicy& policy, TimePoint now) {
  const std::uint16_t covered = distance(c.acknowledged_ns, nr);
  const bool old = covered >= 0x8000;
  if (!old && covered > distance(c.acknowledged_ns, c.unsent_ns)) return {Arrival::ack_of_unsent, 0};

  heard(c, now);
  Received out{Arrival::zlb, old ? std::uint16_t{0} : covered};
  if (out.acknowledged != 0) acknowledge(c, nr, policy, now);
  if (zlb) return out;

  if (ns == c.next_nr) {
    out.arrival = Arrival::in_order;
    c.next_nr = plus(c.next_nr, 1);
    if (c.acks_owed < UINT8_MAX) ++c.acks_owed;
    // Every second message is acknowledged at once, or a peer in slow start would wait for us.
    c.ack_at = std::min(c.ack_at, c.acks_owed >= 2 ? now : now + policy.ack_delay);
  } else if (is_before(ns, c.next_nr)) {
    out.arrival = Arrival::duplicate;
    c.ack_at = now;  // RFC 2661 5.8: our acknowledgement was lost
  } else {
    out.arrival = Arrival::ahead;
  }
  return out;
}

void heard(Channel& c, TimePoint now) { c.quiet_since = std::max(c.quiet_since, now); }

unsigned room(const Channel& c) { return kSlots - distance(c.acknowledged_ns, c.next_ns); }

unsigned room_after(const Channel& c, std::uint16_t nr) {
  const std::uint16_t covered = distance(c.acknowledged_ns, nr);
  return room(c) + (covered <= distance(c.acknowledged_ns, c.unsent_ns) ? covered : 0u);
}

std::uint16_t enqueue(Channel& c) {
  assert(room(c) > 0);
  const auto ns = c.next_ns;
  c.next_ns = plus(c.next_ns, 1);
  return ns;
}

SendRange take_sendable(Channel& c, const ChannelPolicy& policy, TimePoint now) {
  const unsigned window = std::min(c.cwnd, c.peer_window);
  const unsigned busy = in_flight(c);
  const unsigned queued = distance(c.send_ns, c.next_ns);
  const SendRange out{c.send_ns, static_cast<std::uint16_t>(busy < window ? std::min(window - busy, queued) : 0)};
  if (out.count == 0) return out;
  c.send_ns = plus(c.send_ns, out.count);
  if (is_before(c.unsent_ns, c.send_ns)) c.unsent_ns = c.send_ns;
  if (c.retransmit_at == kNever) c.retransmit_at = now + retransmission_interval(policy, c.retransmissions);
  acknowledgement_left(c);
  return out;
}

bool ack_due(const Channel& c, TimePoint now) { return c.ack_at <= now; }
void ack_sent(Channel& c) { acknowledgement_left(c); }

Expiry expire(Channel& c, const ChannelPolicy& policy, bool established, TimePoint now) {
  if (c.retransmit_at <= now) {
    if (c.retransmissions >= retries(policy, established)) {
      c.retransmit_at = kNever;
      return Expiry::exhausted;
    }
    ++c.retransmissions;
    narrow(c);
    c.retransmit_at = now + retransmission_interval(policy, c.retransmissions);
    acknowledgement_left(c);
    return Expiry::retransmit;
  }
  if (ack_due(c, now)) {
    acknowledgement_left(c);
    return Expiry::ack_due;
  }
  if (hello_at(c, policy) <= now) {
    c.quiet_since = now;
    if (established) return Expiry::hello_due;
  }
  return Expiry::nothing;
}

TimePoint next_due(const Channel& c, const ChannelPolicy& policy) {
  return std::min({c.retransmit_at, c.ack_at, hello_at(c, policy)});
}

void restart_timers(Channel& c, const ChannelPolicy& policy, TimePoint now) {
  c.quiet_since = now;
  c.retransmissions = 0;
  c.retransmit_at = in_flight(c) != 0 ? now + retransmission_interval(policy, 0) : kNever;
  if (c.ack_at != kNever) c.ack_at = now;
}

void resend_all(Channel& c) {
  c.send_ns = c.acknowledged_ns;
  c.cwnd = 1;
  c.cwnd_acks = 0;
  c.retransmit_at = kNever;
}

void reset_sequence(Channel& c, std::uint16_t ns, std::uint16_t nr, TimePoint now) {
  const auto window = c.peer_window;
  c = Channel{};
  c.quiet_since = now;
  c.acknowledged_ns = c.send_ns = c.unsent_ns = c.next_ns = ns;
  c.next_nr = nr;
  set_peer_window(c, window);
}

Duration full_cycle(const ChannelPolicy& policy, bool established) {
  Duration sum{};
  for (unsigned i = 0; i <= retries(policy, established); ++i) sum += retransmission_interval(policy, i);
  return sum;
}

SendRange unacknowledged(const Channel& c) { return {c.acknowledged_ns, distance(c.acknowledged_ns, c.unsent_ns)}; }
bool idle(const Channel& c) { return c.acknowledged_ns == c.next_ns; }

}  // namespace holdfast::l2tp
