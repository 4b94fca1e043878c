// Control messages that a state machine wants sent, in order: encoded, but without Ns and Nr, which the channel gives
// them.
#pragma once

#include "wire/inline_list.hpp"
#include "wire/octets.hpp"

#include <array>

namespace holdfast::l2tp {

inline constexpr std::size_t kMaxMessage = 504;  // octets of the longest message we build: a checkpoint slot holds it

class Outbox {
 public:
  static constexpr std::size_t kCapacity = 4;  // messages that one event may cause on one tunnel

  // Room for one more message; empty when the outbox is full.
  MutableOctets room() {
    if (sizes_.full()) return {};
    return MutableOctets(storage_).subspan(sizes_.size() * kMaxMessage, kMaxMessage);
  }
  // Keeps what was encoded at the start of room(). An empty message (it did not fit) is not kept: false.
  [[nodiscard]] bool keep(Octets message) {
    return !message.empty() && message.size() <= kMaxMessage && sizes_.push(static_cast<std::uint16_t>(message.size()));
  }
  std::size_t size() const { return sizes_.size(); }
  bool full() const { return sizes_.full(); }
  Octets operator[](std::size_t i) const { return Octets(storage_).subspan(i * kMaxMessage, sizes_[i]); }
  void clear() { sizes_.clear(); }

 private:
  std::array<std::uint8_t, kCapacity * kMaxMessage> storage_;
  InlineList<std::uint16_t, kCapacity> sizes_;
};

}  // namespace holdfast::l2tp
