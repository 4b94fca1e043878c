// What the tests of the subscriber's end share.
#pragma once

#include "wire/counting_entropy.hpp"
#include "wire/time.hpp"

#include <cstdint>
#include <vector>

namespace holdfast::dial::test {

using Bytes = std::vector<std::uint8_t>;

constexpr TimePoint at(Duration since_start) { return TimePoint{} + since_start; }

}  // namespace holdfast::dial::test
