// Numbers of PPP: protocols, packet codes and configuration options (RFC 1661, 1332, 1334, 1570, 1662, 1877, 1994,
// 5072).
#pragma once

#include <cstdint>

namespace holdfast::ppp {

// The PPP protocol field (RFC 1661 2). Any other value may arrive too.
enum class Protocol : std::uint16_t {
  ip = 0x0021,
  ipv6 = 0x0057,
  ipcp = 0x8021,
  ecp = 0x8053,
  ipv6cp = 0x8057,
  ccp = 0x80fd,
  mplscp = 0x8281,
  lcp = 0xc021,
  pap = 0xc023,
  lqr = 0xc025,
  chap = 0xc223,
};

// Codes of LCP; the NCPs have the first seven (RFC 1661 5, RFC 1570 1).
enum class Code : std::uint8_t {
  configure_request = 1,
  configure_ack = 2,
  configure_nak = 3,
  configure_reject = 4,
  terminate_request = 5,
  terminate_ack = 6,
  code_reject = 7,
  protocol_reject = 8,
  echo_request = 9,
  echo_reply = 10,
  discard_request = 11,
  identification = 12,
  time_remaining = 13,
};

// RFC 1661 6, RFC 1662 7.1
enum class LcpOption : std::uint8_t {
  maximum_receive_unit = 1,
  async_control_character_map = 2,
  authentication_protocol = 3,
  quality_protocol = 4,
  magic_number = 5,
  protocol_field_compression = 7,
  address_and_control_field_compression = 8,
};

// RFC 1332 3, RFC 1877 1
enum class IpcpOption : std::uint8_t {
  ip_addresses = 1,
  ip_compression_protocol = 2,
  ip_address = 3,
  primary_dns = 129,
  secondary_dns = 131,
};

// RFC 5072 4
enum class Ipv6cpOption : std::uint8_t { interface_identifier = 1 };

enum class PapCode : std::uint8_t {
  authenticate_request = 1,
  authenticate_ack = 2,
  authenticate_nak = 3
};                                                                                             // RFC 1334 2.2
enum class ChapCode : std::uint8_t { challenge = 1, response = 2, success = 3, failure = 4 };  // RFC 1994 4

inline constexpr std::uint8_t kChapMd5 = 5;         // RFC 1994 3: the Algorithm field
inline constexpr std::uint8_t kMsChapV2 = 0x81;     // RFC 2759 2
inline constexpr std::uint16_t kDefaultMru = 1500;  // RFC 1661 6.1

// The least MRU that we agree to. With less, not even the packets that negotiate are sure to fit.
inline constexpr std::uint16_t kMinMru = 128;

// The longest frame that is read or written: protocol field and packet, without ff 03.
inline constexpr std::uint16_t kMaxFrame = 2048;

}  // namespace holdfast::ppp
