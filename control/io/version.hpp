// The version of this build.
#pragma once

namespace holdfast::io {

inline constexpr const char* kVersion = HOLDFAST_VERSION;

}  // namespace holdfast::io
