// Control messages put together octet by octet, without the code under test.
#pragma once

#include "wire/counting_entropy.hpp"
#include "wire/env.hpp"
#include "wire/octets.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace holdfast::l2tp::testing {

using Bytes = std::vector<std::uint8_t>;

// "c802 0014" -> octets; blanks are skipped.
inline Bytes hex(std::string_view digits) {
  Bytes out;
  int high = -1;
  for (const char c : digits) {
    if (c == ' ') continue;
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = value;
    } else {
      out.push_back(static_cast<std::uint8_t>(high << 4 | value));
      high = -1;
    }
  }
  return out;
}

inline Bytes bytes(Octets octets) { return {octets.begin(), octets.end()}; }

inline void append_u16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

inline constexpr unsigned kM = 0x8000;
inline constexpr unsigned kH = 0x4000;

// An AVP as RFC 2661 4.1 draws it: bits, length, vendor, attribute, value.
inline Bytes avp(unsigned bits, unsigned attribute, const Bytes& value, unsigned vendor = 0) {
  Bytes out;
  append_u16(out, bits | static_cast<unsigned>(6 + value.size()));
  append_u16(out, vendor);
  append_u16(out, attribute);
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

// The Hidden AVP Subformat of RFC 2661 4.3, not hidden yet.
inline Bytes subformat(const Bytes& value, std::size_t padding = 0) {
  Bytes out(2 + value.size() + padding, 0xa5);
  out[0] = static_cast<std::uint8_t>(value.size() >> 8);
  out[1] = static_cast<std::uint8_t>(value.size());
  std::copy(value.begin(), value.end(), out.begin() + 2);
  return out;
}

// A control message to tunnel 7, session 0, with Ns 3 and Nr 5.
inline Bytes message(std::initializer_list<Bytes> avps) {
  Bytes out = hex("c802 0000 0007 0000 0003 0005");
  for (const auto& a : avps) out.insert(out.end(), a.begin(), a.end());
  out[2] = static_cast<std::uint8_t>(out.size() >> 8);
  out[3] = static_cast<std::uint8_t>(out.size());
  return out;
}

inline Bytes type(unsigned message_type) { return avp(kM, 0, {0, static_cast<std::uint8_t>(message_type)}); }

}  // namespace holdfast::l2tp::testing
