// The configuration as the statements that make it.
#pragma once

#include "config/model.hpp"
#include "config/printer.hpp"

#include <string>

namespace holdfast::config {

// One statement a line, in the order of the statement table; defaults are left out, so the default configuration prints
// as nothing. With Secrets::shown, parse() gives the same configuration again. With Secrets::hidden, each password is a
// comment line instead, so that the text can be shown around, and can't be mistaken for a working configuration.
std::string running_config(const Config& config, Secrets secrets);

}  // namespace holdfast::config
