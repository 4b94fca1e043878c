// When does the LNS answer? A HELLO, sent again and again until it is acknowledged (RFC 2661 5.5, 5.8: a duplicate must
// be acknowledged, so sending it often does no harm).
#pragma once

#include "lac/lac.hpp"

#include <cstdint>

namespace holdfast::lac {

class HelloProbe {
 public:
  explicit HelloProbe(Lac& lac) : lac_(lac) {}

  // False when no tunnel is up and idle.
  bool start(TimePoint now) {
    const auto tunnel = lac_.send_hello(now, ns_);
    if (tunnel < 0) return false;
    running_ = true;
    tunnel_ = static_cast<std::uint32_t>(tunnel);
    copies_ = 1;
    sent_at_ = now;
    again_at_ = now + kInterval;
    return true;
  }
  // now: read from the clock after the datagrams were received.
  void run(TimePoint now) {
    if (!running_) return;
    if (lac_.is_acknowledged(tunnel_, ns_)) {
      running_ = false;
      acknowledged_at_ = now;
    } else if (lac_.tunnels()[tunnel_].state != TunnelState::established) {
      running_ = false;
      acknowledged_at_ = kNever;
    } else if (now >= again_at_) {
      lac_.send_again(tunnel_, ns_);
      ++copies_;
      again_at_ = now + kInterval;
    }
  }
  bool is_running() const { return running_; }
  TimePoint next_due() const { return running_ ? again_at_ : kNever; }

  std::uint32_t tunnel() const { return tunnel_; }
  std::uint32_t copies() const { return copies_; }
  TimePoint sent_at() const { return sent_at_; }
  // kNever: the tunnel ended first.
  TimePoint acknowledged_at() const { return acknowledged_at_; }

 private:
  static constexpr Duration kInterval = std::chrono::milliseconds(2);

  Lac& lac_;
  bool running_ = false;
  std::uint32_t tunnel_ = 0;
  std::uint16_t ns_ = 0;
  std::uint32_t copies_ = 0;
  TimePoint sent_at_{}, again_at_{}, acknowledged_at_{};
};

}  // namespace holdfast::lac
