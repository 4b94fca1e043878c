// Whether what claims to be an IP packet is one: lengths, version, header checksum (RFC 1812 5.2.2, RFC 8200 3). The
// one place where they are checked, for outer and inner packets alike.
#pragma once

#include "abi/counters.hpp"
#include "abi/wire.hpp"
#include "nodes/checksum.hpp"
#include "nodes/octets.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <immintrin.h>

namespace holdfast::nodes {

inline constexpr abi::Drop kFine = abi::Drop::count_;

// data: `available` octets. checksum_verified: the port did it. Fine: at least total_length octets are there.
inline abi::Drop check_ipv4(const std::uint8_t* data, std::uint32_t available, bool checksum_verified) {
  if (available < sizeof(wire_format::Ipv4)) return abi::Drop::ipv4_too_short;
  const auto& ip = *reinterpret_cast<const wire_format::Ipv4*>(data);
  const std::uint32_t header = (ip.version_ihl & 0x0fu) * 4u;
  if (ip.version_ihl >> 4 != 4 || header < sizeof(wire_format::Ipv4)) return abi::Drop::ipv4_bad_header;
  const std::uint32_t total = ip.total_length.value();
  if (total < header || total > available) return abi::Drop::ipv4_bad_length;
  if (!checksum_verified && fold(sum_words(data, header)) != 0xffff) return abi::Drop::ipv4_bad_checksum;
  return kFine;
}

// The header checksum of an IPv4 header without options, in few instructions.
inline bool ipv4_sum_is_right(const std::uint8_t* ip) {
  unsigned long long sum;
  unsigned carry = _addcarry_u64(0, load<std::uint64_t>(ip), load<std::uint64_t>(ip + 8), &sum);
  carry = _addcarry_u64(static_cast<unsigned char>(carry), sum, load<std::uint32_t>(ip + 16), &sum);
  _addcarry_u64(static_cast<unsigned char>(carry), sum, 0, &sum);
  unsigned half;
  carry = _addcarry_u32(0, static_cast<unsigned>(sum), static_cast<unsigned>(sum >> 32), &half);
  half += carry;
  return half + std::rotl(half, 16) >= 0xffff0000;  // the upper 16 bits are the sum, its carries added
}

// RFC 1812 5.3.7: neither this host nor this network is ever forwarded to; multicast is not here. Host byte order.
inline bool is_multicast(std::uint32_t destination) { return destination >> 28 >= 0xe; }
inline bool is_this_host_or_network(std::uint32_t destination) {
  return destination >> 24 == 0 || destination >> 24 == 127;
}
inline bool is_link_local(const std::array<std::uint8_t, 16>& a) { return a[0] == 0xfe && (a[1] & 0xc0) == 0x80; }

inline abi::Drop check_ipv6(const std::uint8_t* data, std::uint32_t available) {
  if (available < sizeof(wire_format::Ipv6)) return abi::Drop::ipv6_too_short;
  const auto& ip = *reinterpret_cast<const wire_format::Ipv6*>(data);
  if (data[0] >> 4 != 6) return abi::Drop::ipv6_bad_header;
  if (ip.payload_length.value() > available - sizeof(wire_format::Ipv6)) return abi::Drop::ipv6_bad_length;
  return kFine;
}

}  // namespace holdfast::nodes
