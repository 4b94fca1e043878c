// IP addresses as text.
#pragma once

#include "abi/ip_address.hpp"

#include <optional>
#include <string>

namespace holdfast::dial {

std::optional<IpAddress> parse_address(const std::string& text);
std::string text_of_address(const IpAddress& address);

}  // namespace holdfast::dial
