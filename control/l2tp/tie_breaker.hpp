// Who keeps its tunnel when two ends have asked each other for one (RFC 2661 4.4.3, Tie Breaker AVP).
#pragma once

#include <cstdint>
#include <optional>

namespace holdfast::l2tp {

enum class Tie : std::uint8_t {
  none,   // neither end asked for a single tunnel: both come up
  won,    // ours stays; the peer's SCCRQ is not answered
  lost,   // the peer's stays; ours is given up without a word
  equal,  // both are given up
};

// ours, theirs: values of the Tie Breaker AVPs of the two SCCRQs, in host byte order; nothing where there is none.
constexpr Tie settle(std::optional<std::uint64_t> ours, std::optional<std::uint64_t> theirs) {
  if (!ours && !theirs) return Tie::none;
  if (!theirs) return Tie::won;
  if (!ours) return Tie::lost;
  if (*ours == *theirs) return Tie::equal;
  return *ours < *theirs ? Tie::won : Tie::lost;
}

}  // namespace holdfast::l2tp
