// A recovery method of the configuration as records keep it. not_configured means the default of the global statement.
#pragma once

#include "checkpoint/tunnel_spec.hpp"
#include "config/model.hpp"

namespace holdfast::engine {

constexpr ResyncMethod recorded(config::ResyncMethod method) {
  switch (method) {
    case config::ResyncMethod::disable: return ResyncMethod::disable;
    case config::ResyncMethod::failover_protocol: return ResyncMethod::failover_protocol;
    case config::ResyncMethod::silent_failover: return ResyncMethod::silent_failover;
    case config::ResyncMethod::not_configured:
    case config::ResyncMethod::failover_protocol_fallback_to_silent_failover:
      return ResyncMethod::failover_protocol_fallback_to_silent_failover;
  }
  return ResyncMethod::disable;
}

}  // namespace holdfast::engine
