// The generator's figures as JSON.
#pragma once

#include "lac/generator.hpp"

#include <nlohmann/json.hpp>

namespace holdfast::lac {

nlohmann::json figures_of(const SetUp& set_up);
// Everything counted; with_addresses: "all_addresses" lists those of all sessions that are up.
nlohmann::json status_of(const Generator& generator, bool with_addresses);

}  // namespace holdfast::lac
