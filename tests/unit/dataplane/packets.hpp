// Packets written out by layers, with lengths and checksums of their own arithmetic, to compare whole frames with.
#pragma once

#include "abi/ip_address.hpp"
#include "abi/wire.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace holdfast::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline Bytes be16(unsigned value) { return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)}; }
inline Bytes be32(std::uint32_t value) { return be16(value >> 16) + be16(value & 0xffff); }
inline unsigned size(const Bytes& bytes) { return static_cast<unsigned>(bytes.size()); }

// RFC 1071, the plain way.
inline unsigned internet_checksum(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += static_cast<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

inline Bytes octets_of(const IpAddress& a) { return Bytes(a.octets.begin() + (a.is_v4() ? 12 : 0), a.octets.end()); }
inline IpAddress v6(std::initializer_list<unsigned> groups_before, std::initializer_list<unsigned> groups_after = {}) {
  IpAddress a;
  std::size_t i = 0;
  for (const unsigned group : groups_before) {
    a.octets[i++] = static_cast<std::uint8_t>(group >> 8);
    a.octets[i++] = static_cast<std::uint8_t>(group);
  }
  i = 16 - 2 * groups_after.size();
  for (const unsigned group : groups_after) {
    a.octets[i++] = static_cast<std::uint8_t>(group >> 8);
    a.octets[i++] = static_cast<std::uint8_t>(group);
  }
  return a;
}

inline Bytes ethernet(const wire_format::Mac& to, const wire_format::Mac& from, unsigned type) {
  return Bytes(to.begin(), to.end()) + Bytes(from.begin(), from.end()) + be16(type);
}

struct IpOptions {
  unsigned ttl = 64;
  unsigned protocol = 17;
  unsigned id = 0;
  unsigned traffic_class = 0;
  unsigned flags_fragment = 0;
};

// An IP packet of the addresses' family around payload.
inline Bytes ip(const IpAddress& from, const IpAddress& to, const Bytes& payload, IpOptions o = {}) {
  if (!from.is_v4())
    return be32(6u << 28 | o.traffic_class << 20) + be16(size(payload)) +
           Bytes{static_cast<std::uint8_t>(o.protocol), static_cast<std::uint8_t>(o.ttl)} + octets_of(from) +
           octets_of(to) + payload;
  Bytes header = Bytes{0x45, static_cast<std::uint8_t>(o.traffic_class)} + be16(20 + size(payload)) + be16(o.id) +
                 be16(o.flags_fragment) +
                 Bytes{static_cast<std::uint8_t>(o.ttl), static_cast<std::uint8_t>(o.protocol), 0, 0} +
                 octets_of(from) + octets_of(to);
  const Bytes checksum = be16(internet_checksum(header));
  header[10] = checksum[0];
  header[11] = checksum[1];
  return header + payload;
}

// A UDP datagram; with addresses, with its checksum.
inline Bytes udp(unsigned from, unsigned to, const Bytes& payload) {
  return be16(from) + be16(to) + be16(8 + size(payload)) + be16(0) + payload;
}
inline Bytes udp(unsigned from, unsigned to, const Bytes& payload, const IpAddress& source, const IpAddress& target) {
  Bytes datagram = udp(from, to, payload);
  const Bytes pseudo_header = octets_of(source) + octets_of(target) + be16(17) + be16(size(datagram));
  const unsigned sum = internet_checksum(pseudo_header + datagram);
  const Bytes checksum = be16(sum == 0 ? 0xffff : sum);
  datagram[6] = checksum[0];
  datagram[7] = checksum[1];
  return datagram;
}

// RFC 2661 3.1: a data message without optional fields.
inline Bytes l2tp(unsigned tunnel, unsigned session, const Bytes& frame) {
  return be16(2) + be16(tunnel) + be16(session) + frame;
}

inline std::string hex(const Bytes& bytes) {
  static const char* const kDigits = "0123456789abcdef";
  std::string text;
  for (const auto octet : bytes) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

}  // namespace holdfast::test
