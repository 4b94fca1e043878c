// PPPoE discovery frames as they arrive (RFC 2516 4, 5): an Ethernet frame in, a value out. What its tags say is
// tags.hpp.
#pragma once

#include "wire/octets.hpp"
#include "wire/result.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace holdfast::access {

using MacAddress = std::array<std::uint8_t, 6>;
inline constexpr MacAddress kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

inline constexpr std::uint16_t kDiscoveryType = 0x8863;  // RFC 2516 5
inline constexpr std::uint16_t kCustomerTag = 0x8100;    // 802.1Q
inline constexpr std::uint16_t kServiceTag = 0x88a8;     // 802.1ad
inline constexpr std::uint8_t kVersionAndType = 0x11;    // RFC 2516 4
inline constexpr std::size_t kPppoeHeader = 6;

enum class Code : std::uint8_t {
  pado = 0x07,  // we offer
  padi = 0x09,  // a subscriber looks for an access concentrator
  padr = 0x19,  // a subscriber wants a session with us
  pads = 0x65,  // we give it one, or not (session 0)
  padt = 0xa7,  // either side has ended a session
};

// Why a frame is no discovery packet. It is dropped and counted, not answered.
enum class FrameError : std::uint8_t {
  too_short,            // ends within the Ethernet, VLAN or PPPoE header
  source_not_unicast,   // nobody to answer
  wrong_vlan,           // 4095, or 0 in a frame with two tags
  not_discovery,        // another ethertype
  wrong_version,        // version or type is not 1
  unknown_code,         // none of Code
  wrong_session,        // a PADI, PADO or PADR that names a session, or the reserved id 65535
  length_beyond_frame,  // Length larger than what arrived
};
inline constexpr std::size_t kFrameErrors = 8;

// The name of the counter: "too_short".
constexpr std::string_view name(FrameError error) {
  switch (error) {
    case FrameError::too_short: return "too_short";
    case FrameError::source_not_unicast: return "source_not_unicast";
    case FrameError::wrong_vlan: return "wrong_vlan";
    case FrameError::not_discovery: return "not_discovery";
    case FrameError::wrong_version: return "wrong_version";
    case FrameError::unknown_code: return "unknown_code";
    case FrameError::wrong_session: return "wrong_session";
    case FrameError::length_beyond_frame: return "length_beyond_frame";
  }
  return "unknown";
}

struct Discovery {
  MacAddress destination{};
  MacAddress source{};
  std::uint16_t outer_vlan{};  // 1..4094; 0: untagged, or a priority tag alone
  std::uint16_t inner_vlan{};  // 1..4094; 0: no second tag
  std::uint16_t outer_type{};  // of the outer tag: kCustomerTag or kServiceTag; 0 without one
  Code code{};
  std::uint16_t session{};
  Octets tags;  // in the frame; what follows them there is padding
};

// ethernet_frame begins with the destination address and has no checksum. The inner tag's type is kCustomerTag.
Result<Discovery, FrameError> parse_discovery(Octets ethernet_frame);

}  // namespace holdfast::access
