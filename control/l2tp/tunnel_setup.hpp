// How a tunnel comes up: SCCRQ, SCCRP, SCCCN (RFC 2661 5.1, 5.1.1, 6.1 to 6.3). For tunnel.cpp alone.
#pragma once

#include "l2tp/tunnel.hpp"

namespace holdfast::l2tp {

void enter(Tunnel& tunnel, TunnelState state, TimePoint now, TimePoint deadline);

// wait-ctl-reply: takes the SCCRP, and sends SCCCN or StopCCN.
TunnelEvent replied(Tunnel& tunnel, const ControlMessage& sccrp, const TunnelPolicy& policy, const Env& env,
                    Outbox& out);
// wait-ctl-conn: takes the SCCCN, and sends StopCCN if it will not do.
TunnelEvent connected(Tunnel& tunnel, const ControlMessage& scccn, const TunnelPolicy& policy, const Env& env,
                      Outbox& out);

}  // namespace holdfast::l2tp
