// A line of statements or commands, cut into words. Words are separated by spaces and tabs; "..." makes one word of any
// text, with \" and \\ inside, and is never taken as a keyword.
#pragma once

#include "wire/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config {

struct Token {
  std::string text;   // without quotes
  std::size_t at{};   // where it begins and
  std::size_t end{};  // ends in the line, octets
  bool quoted = false;

  friend bool operator==(const Token&, const Token&) = default;
};

struct BadToken {
  std::size_t at{};           // where the word that can't be read begins
  std::string_view reason;    // words for the operator
  std::vector<Token> before;  // the words up to there
};

// The words of line, which has no line end. No words when it is blank.
Result<std::vector<Token>, BadToken> tokenize(std::string_view line);

// text as one word that tokenize() reads back: in quotes where it has to be. text has no control characters.
std::string word(std::string_view text);

}  // namespace holdfast::config
