// A value or the reason there is none. The core throws nothing.
#pragma once

#include <tl/expected.hpp>

namespace holdfast {

template <class T, class E>
using Result = tl::expected<T, E>;

template <class E>
constexpr auto fail(E error) {
  return tl::unexpected<E>(error);
}

}  // namespace holdfast
