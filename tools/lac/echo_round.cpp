#include "lac/echo_round.hpp"

namespace holdfast::lac {

void EchoRound::start(TimePoint now) {
  running_ = true;
  ++id_;
  next_ = sent_ = answered_ = unanswered_ = 0;
  for (auto& session : lac_.sessions()) session.echo_waiting = 0;
  run(now);
}

void EchoRound::receive(std::uint32_t index, std::uint8_t id, TimePoint now) {
  Session& session = lac_.sessions()[index];
  if (!running_ || id != id_ || session.echo_waiting == 0) return;
  session.echo_waiting = 0;
  ++answered_;
  if (unanswered_ > 0) --unanswered_;
  give_up_at_ = now + kPatience;
}

void EchoRound::run(TimePoint now) {
  if (!running_) return;
  auto& sessions = lac_.sessions();
  if (unanswered_ > 0 && now >= give_up_at_) unanswered_ = 0;
  for (; next_ < sessions.size() && unanswered_ < kAtATime; ++next_) {
    if (sessions[next_].state != CallState::up) continue;
    sessions[next_].echo_waiting = 1;
    lac_.send_echo_request(next_, id_);
    ++sent_;
    ++unanswered_;
    give_up_at_ = now + kPatience;
  }
  running_ = next_ < sessions.size() || unanswered_ > 0;
}

}  // namespace holdfast::lac
