// The line modules that a port can be on, and what each declares. A router of this kind has Ethernet only; the others
// are declared here so that what depends on a module is decided by one table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast::abi {

enum class LineModule : std::uint8_t { ethernet, e3_atm, ct1 };

struct LineModuleSpec {
  LineModule module;
  std::string_view name;
  bool silent_failover;  // of L2TP tunnels whose peer is reached through it
};
inline constexpr std::array kLineModules{
    LineModuleSpec{LineModule::ethernet, "ethernet", true},
    LineModuleSpec{LineModule::e3_atm, "e3-atm", false},
    LineModuleSpec{LineModule::ct1, "ct1", false},
};
static_assert([] {
  for (std::size_t i = 0; i < kLineModules.size(); ++i)
    if (kLineModules[i].module != static_cast<LineModule>(i)) return false;
  return true;
}());

// Of one that a newer program wrote, which is not in the table, nothing is taken for granted.
constexpr LineModuleSpec spec(LineModule module) {
  const auto i = static_cast<std::size_t>(module);
  return i < kLineModules.size() ? kLineModules[i] : LineModuleSpec{module, "unknown", false};
}

}  // namespace holdfast::abi
