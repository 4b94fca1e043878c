// PPPoE frames as a host sends and reads them (RFC 2516 4, 5, 6). It shares nothing with control/access, so that the
// two judge each other.
#pragma once

#include "wire/octets.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::pppoe {

using MacAddress = std::array<std::uint8_t, 6>;
inline constexpr MacAddress kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

inline constexpr std::uint16_t kCustomerTag = 0x8100;  // 802.1Q
inline constexpr std::uint16_t kServiceTag = 0x88a8;   // 802.1ad

enum Code : std::uint8_t { kSession = 0x00, kPado = 0x07, kPadi = 0x09, kPadr = 0x19, kPads = 0x65, kPadt = 0xa7 };

// 0: no such tag. With one tag alone it is `outer`.
struct Vlans {
  std::uint16_t outer = 0;
  std::uint16_t inner = 0;
  std::uint16_t outer_type = 0;
  friend bool operator==(const Vlans&, const Vlans&) = default;
};

struct Ethernet {
  MacAddress to{};
  MacAddress from{};
  Vlans vlans;
};

struct Frame {
  Ethernet ethernet;
  bool discovery = false;  // else of the session stage
  std::uint8_t code = 0;
  std::uint16_t session = 0;
  Octets payload;  // without padding
};

// Nothing where it is no PPPoE frame, or not whole.
std::optional<Frame> parse_frame(Octets frame);

// What a host says in PADI and PADR, and what it reads in PADO and PADS.
struct Tags {
  std::string service;
  std::string cookie;            // to be given back as it came; empty: none
  std::string relay_session_id;  // likewise
  std::uint32_t host_uniq = 0;   // which of our subscribers asks
  std::uint16_t max_payload = 0;
  std::string ac_name;
  std::string error;  // of any of the three errors: its name, and what it says
  friend bool operator==(const Tags&, const Tags&) = default;
};

// Nothing where they are not whole.
std::optional<Tags> parse_tags(Octets tags);

// Each writes a whole frame, with the padding that Ethernet wants, and gives it. Empty when out is too small.
Octets write_request(MutableOctets out, const Ethernet& ethernet, Code code, const Tags& tags);
Octets write_padt(MutableOctets out, const Ethernet& ethernet, std::uint16_t session);
Octets write_session(MutableOctets out, const Ethernet& ethernet, std::uint16_t session, std::uint16_t protocol,
                     Octets information);

}  // namespace holdfast::pppoe
