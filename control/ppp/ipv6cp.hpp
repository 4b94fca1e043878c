// IPv6 Control Protocol (RFC 5072): the interface identifiers of both ends.
#pragma once

#include "ppp/negotiation.hpp"

namespace holdfast::ppp {

extern const ControlProtocol kIpv6cp;

}  // namespace holdfast::ppp
