#include "config/error.hpp"

#include "config/printable.hpp"

namespace holdfast::config {
std::string describe(std::string_view file, const Error& error) {
  std::string out(file);
  if (error.line != 0) out += ':' + std::to_string(error.line) + ':' + std::to_string(error.column);
  out += ": " + printable(error.message) + '\n';
  if (!error.excerpt.empty())
    out += "    " + printable(error.excerpt) + "\n    " + std::string(error.caret, ' ') + "^\n";
  return out;
}

std::string describe(std::string_view file, const Errors& errors) {
  std::string out;
  for (const auto& error : errors) out += describe(file, error);
  return out;
}

}  // namespace holdfast::config
