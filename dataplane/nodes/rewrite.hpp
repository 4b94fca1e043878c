// What is written into a packet that goes on: one hop less, and the Ethernet header to its neighbour.
#pragma once

#include "abi/wire.hpp"
#include "nodes/checksum.hpp"
#include "nodes/context.hpp"
#include "nodes/octets.hpp"

#include <bit>
#include <cstdint>

namespace holdfast::nodes {

inline constexpr std::uint64_t kMacBits = 0xffffffffffff;

// ip: an IP header with a TTL or hop limit above 1.
inline void take_hop(std::uint8_t* ip, std::uint8_t family) {
  if (family == 4)
    decrement_ttl(*reinterpret_cast<wire_format::Ipv4*>(ip));
  else
    --reinterpret_cast<wire_format::Ipv6*>(ip)->hop_limit;
}

// In front of ip, where there is room for it.
inline void write_ethernet(std::uint8_t* ip, tables::Neighbour neighbour, const PortFacts& port, std::uint8_t family) {
  const std::uint64_t source = load<std::uint64_t>(port.mac.data()) & kMacBits;
  const std::uint64_t type = family == 4 ? 0x0008 : 0xdd86;  // as stored
  store(ip - 14, (std::bit_cast<std::uint64_t>(neighbour) & kMacBits) | source << 48);
  store(ip - 8, source | type << 48);
}

}  // namespace holdfast::nodes
