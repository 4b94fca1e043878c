// What the virtual wire carries: UDP payloads between two ends.
#pragma once

#include "abi/ip_address.hpp"

#include <compare>
#include <cstdint>
#include <vector>

namespace holdfast::sim {

struct UdpEnd {
  IpAddress address;
  std::uint16_t port{};
  friend auto operator<=>(const UdpEnd&, const UdpEnd&) = default;
};

struct Datagram {
  UdpEnd from;
  UdpEnd to;
  std::vector<std::uint8_t> payload;
};

// RFC 2661 3.1: the T bit is clear.
inline bool is_data(const Datagram& d) { return !d.payload.empty() && (d.payload[0] & 0x80) == 0; }

}  // namespace holdfast::sim
