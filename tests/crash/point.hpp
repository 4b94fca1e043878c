// Where a process dies, and how that is written: "1:12:inside:33" is host 1, in its event 12, after 33 stores of its
// commit.
#pragma once

#include "scenario.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::sim {

enum class Where : std::uint8_t {
  before,  // the commit
  inside,  // after so many stores of it
  after,   // and so many packets sent
};

struct Point {
  std::size_t host{};
  unsigned event{};
  Where where{};
  unsigned number{};
};

Death death_at(const Point& point);
std::string text(const Point& point);
std::optional<Point> parse_point(std::string_view text);

}  // namespace holdfast::sim
