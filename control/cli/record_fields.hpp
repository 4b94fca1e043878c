// What a record of the checkpoint says, as names and values for people. Never a secret.
#pragma once

#include "wire/octets.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::cli {

struct Field {
  std::string_view name;
  std::string value;
  friend bool operator==(const Field&, const Field&) = default;
};

// record: a whole one, of this program's layout (RegionReader::known_layout). Empty for a table that is not known.
std::vector<Field> fields_of(std::string_view table, std::uint32_t index, Octets record);

}  // namespace holdfast::cli
