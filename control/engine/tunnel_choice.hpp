// The tunnels that a call may go through: what a domain map says, and an answer of RADIUS (RFC 2868) with up to 31
// tags. Whoever chooses among them need not know where they come from.
#pragma once

#include "checkpoint/tunnel_spec.hpp"
#include "config/model.hpp"
#include "wire/inline_list.hpp"

#include <cstdint>

namespace holdfast::engine {

struct TunnelChoice {
  TunnelSpec tunnel;
  std::uint8_t number{};      // of the tunnel in its domain map, or the tag (RFC 2868 3): 1..31
  std::uint8_t preference{};  // Tunnel-Preference (RFC 2868 3.9); the least is tried first
  friend bool operator==(const TunnelChoice&, const TunnelChoice&) = default;
};
using TunnelChoices = InlineList<TunnelChoice, 31>;

// Those of a domain map that take new calls, in its order.
TunnelChoices tunnel_choices(const config::Config& config, const config::DomainMap& domain);

}  // namespace holdfast::engine
