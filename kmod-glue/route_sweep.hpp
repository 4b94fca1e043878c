// After a restart: from the routes of ours that the kernel still has to those that are wanted now.
#pragma once

#include "kmod-glue/objects.hpp"

#include <span>
#include <vector>

namespace holdfast::glue {

// kernel: what Kernel::routes(kRouteProtocol) gave. wanted: each prefix once (else the last counts).
// Gives the fewest changes, for Kernel::apply: nothing for a route that is as wanted; replacements first, in the order
// of wanted, and then removals, so that a subscriber who stays is never without a route.
std::vector<RouteChange> sweep_routes(std::span<const Route> kernel, std::span<const SubscriberRoute> wanted);

}  // namespace holdfast::glue
