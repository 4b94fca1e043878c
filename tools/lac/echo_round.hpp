// One LCP Echo-Request to every session that is up (RFC 1661 5.8), and a count of the replies.
#pragma once

#include "lac/lac.hpp"

#include <cstdint>

namespace holdfast::lac {

class EchoRound {
 public:
  explicit EchoRound(Lac& lac) : lac_(lac) {}

  void start(TimePoint now);
  bool is_running() const { return running_; }
  void receive(std::uint32_t session, std::uint8_t id, TimePoint now);
  // Sends on as replies come in; what has no reply after kPatience is lost.
  void run(TimePoint now);
  TimePoint next_due() const { return running_ ? give_up_at_ : kNever; }

  std::uint32_t sent() const { return sent_; }
  std::uint32_t answered() const { return answered_; }

 private:
  static constexpr std::uint32_t kAtATime = 128;  // unanswered requests, so that no queue on the way overflows
  static constexpr Duration kPatience = std::chrono::seconds(2);

  Lac& lac_;
  bool running_ = false;
  std::uint8_t id_ = 0;  // of this round
  std::uint32_t next_ = 0;
  std::uint32_t sent_ = 0;
  std::uint32_t answered_ = 0;
  std::uint32_t unanswered_ = 0;  // and not given up
  TimePoint give_up_at_ = kNever;
};

}  // namespace holdfast::lac
