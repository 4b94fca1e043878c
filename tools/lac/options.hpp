// The command line.
#pragma once

#include "lac/settings.hpp"

#include <optional>
#include <string>

namespace holdfast::lac {

// Prints help or what is wrong, and ends the program, where there is nothing to do.
Settings parse_options(int argc, char** argv);

std::optional<IpAddress> parse_address(const std::string& text);
std::string text_of_address(const IpAddress& address);

}  // namespace holdfast::lac
