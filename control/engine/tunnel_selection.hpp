// Which of several tunnels a call goes through (RFC 2868 3.9). Of those with room, to destinations that are not locked
// out, the least preference counts; within it chance decides, by how many sessions each may have. A destination that
// did not answer is locked out for a while; when all are, the one that failed first is tried again. Pure: asked with
// the time and chance at hand.
#pragma once

#include "abi/ip_address.hpp"
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

  // The destination did not answer.
  void lock_out(const IpAddress& destination, TimePoint now);
  // It did.
  void unlock(const IpAddress& destination) { failed_.erase(destination); }
  bool is_locked_out(const IpAddress& destination, TimePoint now) const;

 private:
  Duration lockout_;
  std::unordered_map<IpAddress, TimePoint> failed_;  // when it last did not answer
};

}  // namespace holdfast::engine
