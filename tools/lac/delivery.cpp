#include "lac/delivery.hpp"

#include "l2tp/builder.hpp"
#include "l2tp/message.hpp"

#include <algorithm>
#include <cassert>
#include <string_view>

namespace holdfast::lac {
namespace {

constexpr std::size_t kNrAt = 10;

// Nr may differ when a message is sent again (RFC 2661 5.8); all else may not.
std::uint64_t digest_of(Octets message) {
  constexpr std::hash<std::string_view> hash;
  return hash(text_of(message.first(kNrAt))) * 31 + hash(text_of(message.subspan(l2tp::kControlHeaderLength)));
}

}  // namespace

std::uint16_t Delivery::enqueue(Octets message) {
  assert(!message.empty() && message.size() <= kMaxMessage);
  const auto ns = l2tp::enqueue(channel_);
  Slot& slot = slots_[ns % l2tp::kSlots];
  slot.length = static_cast<std::uint16_t>(message.size());
  std::ranges::copy(message, slot.message.begin());
  return ns;
}

void Delivery::reset(std::uint16_t ns, std::uint16_t nr, TimePoint now) {
  l2tp::reset_sequence(channel_, ns, nr, now);
  told_nr_ = nr;
  first_time_ns_ = ns;
  received_ = {};
}

bool Delivery::receive(Octets datagram, std::uint16_t ns, std::uint16_t nr, const l2tp::ChannelPolicy& policy,
                       TimePoint now, Counters& counters) {
  const bool zlb = datagram.size() == l2tp::kControlHeaderLength;
  // The LNS can't have heard of more acknowledgements than have left.
  const auto beyond = static_cast<std::int16_t>(static_cast<std::uint16_t>(ns - told_nr_));
  if (!zlb && beyond >= static_cast<std::int16_t>(window_)) ++counters.window_exceeded;
  switch (l2tp::receive(channel_, ns, nr, zlb, policy, now).arrival) {
    case l2tp::Arrival::in_order:
      remember(ns, digest_of(datagram));
      ++counters.messages_received;
      return true;
    case l2tp::Arrival::duplicate: {
      const auto age = static_cast<std::uint16_t>(l2tp::next_nr(channel_) - ns);
      const bool forgotten = age > received_.size();
      if (forgotten || received_[ns % received_.size()] == digest_of(datagram))
        ++counters.duplicates;
      else
        ++counters.reused_ns;
      return false;
    }
    case l2tp::Arrival::ahead: ++counters.ahead; return false;
    case l2tp::Arrival::ack_of_unsent: ++counters.acks_of_unsent; return false;
    case l2tp::Arrival::zlb: return false;
  }
  return false;
}

void Delivery::flush(const l2tp::ChannelPolicy& policy, TimePoint now, Wire& wire, Counters& counters) {
  const auto range = l2tp::take_sendable(channel_, policy, now);
  for (std::uint16_t i = 0; i < range.count; ++i) {
    const auto ns = static_cast<std::uint16_t>(range.first_ns + i);
    send(ns, wire);
    if (ns == first_time_ns_) {
      ++first_time_ns_;
      ++counters.messages_sent;
    } else {
      ++counters.retransmissions;
    }
  }
  if (l2tp::ack_due(channel_, now)) send_acknowledgement(wire);
}

void Delivery::send(std::uint16_t ns, Wire& wire) {
  Slot& slot = slots_[ns % l2tp::kSlots];
  const auto message = MutableOctets(slot.message).first(slot.length);
  told_nr_ = l2tp::next_nr(channel_);
  l2tp::set_sequence(message, ns, told_nr_);
  std::ranges::copy(message, wire.room().begin());
  wire.send(message.size(), port_);
}

void Delivery::send_acknowledgement(Wire& wire) {
  const auto zlb = l2tp::build_zlb(wire.room(), peer_, channel_.unsent_ns, l2tp::next_nr(channel_));
  told_nr_ = l2tp::next_nr(channel_);
  wire.send(zlb.size(), port_);
  l2tp::ack_sent(channel_);
}

}  // namespace holdfast::lac
