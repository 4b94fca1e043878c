// PADT (RFC 2516 5.5) of a subscriber.
#pragma once

#include "nodes/context.hpp"

namespace holdfast::nodes {

// Whether the discovery frame is a PADT that comes from where a circuit is: then control has been told, and the frame
// is not needed any more. All others are for control to look at, and to count.
bool tell_hang_up(Context& context, const Packet& packet);

}  // namespace holdfast::nodes
