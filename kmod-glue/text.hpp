// Addresses as an operator writes them.
#pragma once

#include "abi/ip_address.hpp"

#include <string>

namespace holdfast::glue {

std::string to_text(const IpAddress& address);  // "192.0.2.1", "2001:db8::1"; "none" for no address
std::string to_text(const IpPrefix& prefix);    // "192.0.2.0/24"; the IPv6 default route is "::/0"

}  // namespace holdfast::glue
