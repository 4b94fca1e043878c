// Text to configuration. Lines are statements of the table in statements.cpp, nested by blocks:
// - indentation is free; blank lines and lines that begin with `!` and more are comments;
// - `exit`, or `!` alone, ends a block; so does a statement of an enclosing block that the inner one does not know;
// - all that is wrong is reported, not just the first.
#pragma once

#include "config/context.hpp"
#include "config/error.hpp"
#include "config/model.hpp"
#include "wire/result.hpp"

#include <string_view>

namespace holdfast::config {

// Errors are in the order of their lines; after 1000 the rest of the text is not looked at. Secrets are not in them.
Result<Config, Errors> parse(std::string_view text);
// The same with grammars made before: they take longer to make than a short text takes to read.
Result<Config, Errors> parse(std::string_view text, const Context& context);

}  // namespace holdfast::config
