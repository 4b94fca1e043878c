// What a route leads to, in 32 bits, as the route tables keep it: 4 bits of kind, 28 of index.
#pragma once

#include "abi/ids.hpp"

#include <cstdint>

namespace holdfast::tables {

enum class HopKind : std::uint8_t {
  none = 0,
  kernel = 1,  // a network whose neighbours the kernel has to find
  local = 2,   // one of the router's own addresses: a host route to the kernel
  neighbour = 3,
  session = 4,
  blackhole = 5,
  group = 15,  // inside of Route4 only: the index is of a group of 256 entries
};

struct NextHop {
  std::uint32_t raw{};

  constexpr NextHop() = default;
  constexpr explicit NextHop(std::uint32_t value) : raw(value) {}
  constexpr NextHop(HopKind kind, std::uint32_t index) : raw(static_cast<std::uint32_t>(kind) << 28 | index) {}
  constexpr HopKind kind() const { return static_cast<HopKind>(raw >> 28); }
  constexpr std::uint32_t index() const { return raw & 0x0fffffff; }
  constexpr explicit operator bool() const { return raw != 0; }
  friend constexpr bool operator==(NextHop, NextHop) = default;
};
constexpr NextHop to_session(SessionIndex index) { return {HopKind::session, index.raw}; }
constexpr NextHop to_neighbour(NeighbourId id) { return {HopKind::neighbour, id.raw}; }

}  // namespace holdfast::tables
