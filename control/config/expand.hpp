// Writes a syntax out: every sequence of keywords and values that it allows, without [] and ().
#pragma once

#include "config/syntax.hpp"

#include <string_view>
#include <vector>

namespace holdfast::config {

using Sequence = std::vector<Element>;

// In the order of preference: with an optional part before without it, choices from left to right. Aborts on a syntax
// that is malformed (a bug of the program).
std::vector<Sequence> expand(std::string_view syntax);

// Whether the word is the keyword, in full and not in quotes, or a value of the element's kind and range.
bool takes(const Element& element, const Token& token);

// What a word means that the element takes, or abbreviates its keyword.
Argument argument(const Element& element, const Token& token);

}  // namespace holdfast::config
