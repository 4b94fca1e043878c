// Which of several tunnels a call goes through (RFC 2868 3.9). Of those with room, to destinations that are not locked
// out, the least preference counts; within it chance decides, by how many sessions each may have. A destination that
// did not answer is locked out for a while, which the checkpoint remembers; when all are, the one that failed first is
// tried again. Pure: asked with the time and chance at hand.
#pragma once

#include "abi/ip_address.hpp"
#include "checkpoint/records.hpp"
#include "engine/tunnel_choice.hpp"
#include "wire/env.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>

namespace holdfast::engine {

inline constexpr Duration kLockout = std::chrono::seconds(300);

class TunnelSelection {
 public:
  explicit TunnelSelection(Duration lockout) : lockout_(lockout) {}

  // The position of the tunnel to try next; nothing when none is left. tried: a bit for the position of each that this
  // call has tried. sessions: how many each has already, as long as choices.
  std::optional<std::size_t> choose(const TunnelChoices& choices, std::uint32_t tried,
                                    std::span<const std::uint32_t> sessions, const Env& env) const;

  // The destination did not answer. Where the record that remembers it belongs: a place below kLockouts, perhaps that
  // of a lockout that has ended, or of the one that will end first.
  std::uint32_t lock_out(const IpAddress& destination, TimePoint now);
  // It did. The place of the record that is to go, if there is one.
  std::optional<std::uint32_t> unlock(const IpAddress& destination);
  // After a restart.
  void restore(std::uint32_t place, const LockoutRecord& record) {
    failed_.insert_or_assign(record.destination, Failure{record.failed, place});
  }
  bool is_locked_out(const IpAddress& destination, TimePoint now) const;
  // f(destination, since when)
  template <class F>
  void for_each_locked_out(TimePoint now, F f) const {
    for (const auto& [destination, failure] : failed_)
      if (now - failure.at < lockout_) f(destination, failure.at);
  }

 private:
  struct Failure {
    TimePoint at;  // when it last did not answer
    std::uint32_t place;
  };

  std::uint32_t take_place(TimePoint now);

  Duration lockout_;
  std::unordered_map<IpAddress, Failure> failed_;
};

}  // namespace holdfast::engine
