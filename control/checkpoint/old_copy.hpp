// Records out of a copy that may be old and of another boot, and how they become those that this process goes on from:
// times are those of this boot's clock, and what the copy can't know is marked as such.
#pragma once

#include "wire/time.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast {

// Session ids that are passed over, since the last process may have given them to calls that the copy does not know and
// whose peers still do.
inline constexpr std::uint16_t kSessionsPassedOver = 8192;

// value: the octets in use of a record of today's version, becomes the whole record. shift: what is added to a time of
// the copy's boot. False: it can't be such a record.
[[nodiscard]] bool take_from_old_copy(std::string_view table, std::vector<std::uint8_t>& value, Duration shift);

}  // namespace holdfast
