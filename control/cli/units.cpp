#include "cli/units.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace holdfast::cli {

std::string utc(std::int64_t seconds_since_1970) {
  const std::time_t seconds = seconds_since_1970;
  std::tm parts{};
  std::array<char, 64> text{};
  if (!gmtime_r(&seconds, &parts) || std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    return "-";
  return text.data();
}

std::string uptime(std::uint64_t seconds) {
  std::array<char, 32> clock{};
  std::snprintf(clock.data(), clock.size(), "%02u:%02u:%02u", static_cast<unsigned>(seconds / 3600 % 24),
                static_cast<unsigned>(seconds / 60 % 60), static_cast<unsigned>(seconds % 60));
  const auto days = seconds / 86400;
  return days == 0 ? clock.data() : std::to_string(days) + "d " + clock.data();
}

std::string uptime(const std::optional<std::uint64_t>& seconds) { return seconds ? uptime(*seconds) : "-"; }

std::string milliseconds(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.3f ms", value);
  return text.data();
}

std::string counted(std::uint64_t count, std::string_view what) {
  std::string text = std::to_string(count);
  text.append(" ").append(what);
  return count == 1 ? text : text + 's';
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }
std::string or_dash(const std::optional<std::string>& text) { return text ? or_dash(*text) : "-"; }

}  // namespace holdfast::cli
