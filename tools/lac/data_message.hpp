// L2TP data messages (RFC 2661 3.1) and the PPP frame in them: protocol and information.
#pragma once

#include "abi/ids.hpp"
#include "wire/octets.hpp"

#include <cstdint>
#include <optional>

namespace holdfast::lac {

struct DataMessage {
  TunnelId tunnel;
  SessionId session;
  bool sequenced = false;  // bore Ns and Nr (RFC 2661 5.4)
  std::uint16_t ns = 0;
  std::uint16_t protocol = 0;  // of PPP; compressed or not, with or without ff 03
  Octets information;
};

// Nothing when it is no well-formed L2TPv2 data message.
std::optional<DataMessage> parse_data(Octets udp_payload);

struct DataHeader {
  PeerTunnelId tunnel;
  PeerSessionId session;
  bool sequenced = false;
  std::uint16_t ns = 0;
  bool address_and_control = true;
  std::uint16_t protocol = 0;
};

inline constexpr std::size_t kMaxDataHeader = 10 + 2 + 2;  // L2TP with sequence numbers, ff 03, protocol

// Writes the header; the information follows. Gives its length. out: at least kMaxDataHeader.
std::size_t write_data_header(MutableOctets out, const DataHeader& header);

}  // namespace holdfast::lac
