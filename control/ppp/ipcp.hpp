// IP Control Protocol (RFC 1332) with name server addresses (RFC 1877). The addresses come from the record.
#pragma once

#include "ppp/negotiation.hpp"

namespace holdfast::ppp {

extern const ControlProtocol kIpcp;

}  // namespace holdfast::ppp
