// What happens while processes are killed: an LNS and a LAC, tunnels and calls that are set up, used and torn down.
#pragma once

#include "scenario.hpp"

#include <span>
#include <string_view>

namespace holdfast::sim {

struct Script {
  std::string_view name;
  Scenario (*make)();
  bool certain;  // which calls are up at rest does not depend on when things happen, nor on whether a process dies
};

std::span<const Script> scripts();
const Script* find_script(std::string_view name);  // null: there is none

}  // namespace holdfast::sim
