// The Internet checksum (RFC 1071) over headers, and its change by increment (RFC 1624). Sums are of words as they lie
// in memory: byte order doesn't matter to a ones' complement sum.
#pragma once

#include "abi/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace holdfast::nodes {

// octets: a multiple of 4.
inline std::uint64_t sum_words(const std::uint8_t* data, std::size_t octets) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < octets; i += 4) {
    std::uint32_t word;
    std::memcpy(&word, data + i, sizeof(word));
    sum += word;
  }
  return sum;
}

constexpr std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

// Of less than 2^20.
constexpr std::uint16_t fold_small(std::uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum + (sum >> 16));
}

// One less in the TTL, the upper octet of its word; the checksum rises by as much, end around (RFC 1624 3, equation 3).
inline void decrement_ttl(wire_format::Ipv4& ip) {
  --ip.ttl;
  const std::uint32_t sum = std::uint32_t{ip.checksum.value()} + 0x0100;
  ip.checksum = Be16(static_cast<std::uint16_t>(sum + (sum >> 16)));
}

}  // namespace holdfast::nodes
