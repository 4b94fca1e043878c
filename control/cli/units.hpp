// Times and quantities as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::cli {

// A point in time, seconds since 1970, in UTC: "2006-01-02T15:04:05Z".
std::string utc(std::int64_t seconds_since_1970);

// A duration: "00:04:05", "3d 00:04:05"; "-" for none.
std::string uptime(std::uint64_t seconds);
std::string uptime(const std::optional<std::uint64_t>& seconds);

// "12.345 ms".
std::string milliseconds(double value);

// "1 session", "2 sessions".
std::string counted(std::uint64_t count, std::string_view what);

// "-" for an empty text.
std::string or_dash(const std::string& text);
std::string or_dash(const std::optional<std::string>& text);

}  // namespace holdfast::cli
