// Silent failover and line modules: a tunnel whose peer is reached through a module that does not support it never uses
// it, whatever is configured (design: which recovery method a tunnel uses).
#pragma once

#include "abi/line_module.hpp"
#include "checkpoint/tunnel_spec.hpp"

namespace holdfast::resync {

// The method in force where this one is configured.
constexpr ResyncMethod method_on(const abi::LineModuleSpec& module, ResyncMethod configured) {
  if (module.silent_failover) return configured;
  switch (configured) {
    case ResyncMethod::silent_failover: return ResyncMethod::disable;
    case ResyncMethod::failover_protocol_fallback_to_silent_failover: return ResyncMethod::failover_protocol;
    case ResyncMethod::disable:
    case ResyncMethod::failover_protocol: return configured;
  }
  return ResyncMethod::disable;
}

// The method that was configured, of one in force that is another (lowered) or the same.
constexpr ResyncMethod configured(ResyncMethod in_force, bool lowered) {
  if (!lowered) return in_force;
  return in_force == ResyncMethod::disable ? ResyncMethod::silent_failover
                                           : ResyncMethod::failover_protocol_fallback_to_silent_failover;
}

}  // namespace holdfast::resync
