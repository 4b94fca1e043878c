// What RFC 4951 says of a message by itself: where its AVPs may be, and what an SCCRQ that recovers a tunnel must have.
#pragma once

#include "checker/rule.hpp"
#include "l2tp/message.hpp"

namespace holdfast::sim {

void check_failover_avps(Findings& found, const l2tp::ControlMessage& message, bool of_recovery_tunnel);

// Of what may be sent in a recovery tunnel (3.2.1).
bool belongs_in_recovery_tunnel(l2tp::MessageType type);

}  // namespace holdfast::sim
