// The command line.
#pragma once

#include "pppoe/settings.hpp"

namespace holdfast::pppoe {

// Prints help or what is wrong, and ends the program, where there is nothing to do.
Settings parse_options(int argc, char** argv);

}  // namespace holdfast::pppoe
