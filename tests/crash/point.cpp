#include "point.hpp"

#include <array>
#include <charconv>
#include <vector>

namespace holdfast::sim {
namespace {

// A supervisor that starts the process again.
constexpr Duration kDown = std::chrono::milliseconds(200);
constexpr std::array<std::string_view, 3> kWhere{"before", "inside", "after"};

std::optional<unsigned> number(std::string_view text) {
  unsigned value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(':', from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

}  // namespace

Death death_at(const Point& p) {
  Death death{p.host, {p.event, p.where == Where::before, 0, {}}, kDown};
  if (p.where == Where::inside) death.crash.stores = p.number;
  if (p.where == Where::after) death.crash.sends = p.number;
  return death;
}

std::string text(const Point& p) {
  return std::to_string(p.host) + ":" + std::to_string(p.event) + ":" +
         std::string(kWhere[static_cast<std::size_t>(p.where)]) + ":" + std::to_string(p.number);
}

std::optional<Point> parse_point(std::string_view text) {
  const auto parts = split(text);
  if (parts.size() != 4) return std::nullopt;
  const auto host = number(parts[0]), event = number(parts[1]), count = number(parts[3]);
  if (!host || *host > 1 || !event || !count) return std::nullopt;
  for (std::size_t i = 0; i < kWhere.size(); ++i)
    if (kWhere[i] == parts[2]) return Point{*host, *event, static_cast<Where>(i), *count};
  return std::nullopt;
}

}  // namespace holdfast::sim
