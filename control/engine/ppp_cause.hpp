// Why a PPP link ended, as RFC 3145 tells it to the peer.
#pragma once

#include "l2tp/call_cause.hpp"
#include "ppp/link.hpp"

namespace holdfast::engine {

// Nothing for ends that RFC 3145 has no code for.
std::optional<l2tp::PppCause> ppp_cause(const ppp::Link& link);

}  // namespace holdfast::engine
