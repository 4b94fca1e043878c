// Reads the configuration file. The only part of this folder that touches the world.
#pragma once

#include "config/error.hpp"
#include "config/model.hpp"
#include "wire/result.hpp"

#include <filesystem>

namespace holdfast::config {

// The configuration in this file. A file that can't be read, or is larger than 64 MiB, is one Error of line 0 which
// says why.
Result<Config, Errors> load(const std::filesystem::path& file);

}  // namespace holdfast::config
