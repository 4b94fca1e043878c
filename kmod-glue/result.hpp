// A value, or a sentence for the operator that says what the kernel would not do and why.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace holdfast::glue {

template <class T, class E = std::string>
using Result = tl::expected<T, E>;

inline tl::unexpected<std::string> fail(std::string sentence) {
  return tl::unexpected<std::string>(std::move(sentence));
}

}  // namespace holdfast::glue
