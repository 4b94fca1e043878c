// Which of its commands the program is called with.
#pragma once

#include <string_view>

namespace holdfast::cli {

// The first word of the command line that is neither an option nor the value of one; empty: there is none, or help or
// the version is asked for before it.
inline std::string_view first_word(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with('-')) return word;
    if (word == "-h" || word == "--help" || word == "--version") return {};
    if (word.find('=') == std::string_view::npos) ++i;  // the value of the option
  }
  return {};
}

}  // namespace holdfast::cli
