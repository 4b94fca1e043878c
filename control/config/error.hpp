// What is wrong with a configuration, and where.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config {

struct Error {
  std::size_t line{};    // from 1; 0: the file as a whole
  std::size_t column{};  // from 1, octets
  std::string message;   // one sentence without full stop
  std::string excerpt;   // the line up to the place, secrets replaced by ********; may be empty
  std::size_t caret{};   // offset in excerpt

  friend bool operator==(const Error&, const Error&) = default;
};
using Errors = std::vector<Error>;

// FILE:LINE:COLUMN: MESSAGE, the excerpt and a caret below it; each line ended.
std::string describe(std::string_view file, const Error& error);
std::string describe(std::string_view file, const Errors& errors);

}  // namespace holdfast::config
