// What keeps the program from starting, as one sentence that says what to do about it. main() prints it and exits
// with 2.
#pragma once

#include <stdexcept>

namespace holdfast::dataplane {

struct StartError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace holdfast::dataplane
