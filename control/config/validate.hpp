// What makes sense statement by statement, but not together.
#pragma once

#include "config/model.hpp"
#include "config/places.hpp"

#include <string>
#include <vector>

namespace holdfast::config {

struct Conflict {
  std::string key;      // of the statement that is in error (places.hpp)
  std::string message;  // names the other one, with its line where places knows it

  friend bool operator==(const Conflict&, const Conflict&) = default;
};

// All conflicts of config. places may be empty.
std::vector<Conflict> validate(const Config& config, const Places& places);

}  // namespace holdfast::config
