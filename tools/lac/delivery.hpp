// The reliable channel of one tunnel with its messages (RFC 2661 5.8): the rules are those of control/l2tp's channel,
// here are the octets, and a memory of what was received, to catch an LNS that uses an Ns twice for different things.
#pragma once

#include "abi/ids.hpp"
#include "l2tp/channel.hpp"
#include "lac/counters.hpp"
#include "lac/wire.hpp"
#include "wire/octets.hpp"

#include <array>
#include <cstdint>

namespace holdfast::lac {

class Delivery {
 public:
  static constexpr std::size_t kMaxMessage = 382;  // of what a LAC sends; SCCRQ with all AVPs hidden is the longest

  void open(const l2tp::ChannelPolicy& policy, TimePoint now) {
    channel_ = l2tp::open_channel(l2tp::kDefaultWindow, policy, now);
    window_ = policy.receive_window;
  }
  // RFC 4951 3.2.2: nothing is kept of what was sent and received.
  void reset(std::uint16_t ns, std::uint16_t nr, TimePoint now);
  void set_peer(PeerTunnelId peer) { peer_ = peer; }
  void set_port(std::uint16_t port) { port_ = port; }
  std::uint16_t port() const { return port_; }
  l2tp::Channel& channel() { return channel_; }
  const l2tp::Channel& channel() const { return channel_; }

  // Keeps the message until it is acknowledged; flush() sends it. room() must not be 0.
  std::uint16_t enqueue(Octets message);
  unsigned room() const { return l2tp::room(channel_); }
  // A control message or ZLB whose header is sound. True when it is the next in order and to be processed.
  bool receive(Octets datagram, std::uint16_t ns, std::uint16_t nr, const l2tp::ChannelPolicy& policy, TimePoint now,
               Counters& counters);
  // Sends what may be sent, and an acknowledgement that is due.
  void flush(const l2tp::ChannelPolicy& policy, TimePoint now, Wire& wire, Counters& counters);
  // Sends message Ns once more, outside of the schedule. It must be unacknowledged.
  void send(std::uint16_t ns, Wire& wire);
  void send_acknowledgement(Wire& wire);

 private:
  struct Slot {
    std::uint16_t length = 0;
    std::array<std::uint8_t, kMaxMessage> message;
  };

  void remember(std::uint16_t ns, std::uint64_t content) { received_[ns % received_.size()] = content; }

  l2tp::Channel channel_;
  PeerTunnelId peer_;
  std::uint16_t port_ = 0;
  std::uint16_t window_ = l2tp::kSlots;       // ours
  std::uint16_t told_nr_ = 0;                 // sent last
  std::uint16_t first_time_ns_ = 0;           // messages before it were sent at least once
  std::array<std::uint64_t, 16> received_{};  // digests of the latest messages, by Ns
  std::array<Slot, l2tp::kSlots> slots_;
};

}  // namespace holdfast::lac
