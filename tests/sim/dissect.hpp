// A datagram in a line of a trace.
#pragma once

#include "datagram.hpp"

#include <string>
#include <string_view>

namespace holdfast::sim {

std::string dissect(const Datagram& datagram, std::string_view secret);

}  // namespace holdfast::sim
