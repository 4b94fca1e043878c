// The AVPs whose value has fields of its own. decode() takes a value whose length the AVP table has proven; encode()
// writes the value. Text points into what was decoded.
#pragma once

#include "abi/ids.hpp"
#include "wire/octets.hpp"
#include "wire/writer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::l2tp {

// RFC 2661 4.4.2. The error is absent from values of two octets, which is legal; text needs an error code before it.
struct ResultCode {
  std::uint16_t result{};
  std::optional<std::uint16_t> error;
  std::string_view text;

  static ResultCode decode(Octets value);
  void encode(Writer& out) const;  // with text but no error, error 0 is written
  friend bool operator==(const ResultCode&, const ResultCode&) = default;
};

// RFC 2661 4.4.4.
struct Q931Cause {
  std::uint16_t cause{};
  std::uint8_t message{};
  std::string_view advisory;

  static Q931Cause decode(Octets value);
  void encode(Writer& out) const;
  friend bool operator==(const Q931Cause&, const Q931Cause&) = default;
};

// RFC 2661 4.4.6: cumulative since the call was established.
struct CallErrors {
  std::uint32_t crc{};
  std::uint32_t framing{};
  std::uint32_t hardware_overruns{};
  std::uint32_t buffer_overruns{};
  std::uint32_t timeouts{};
  std::uint32_t alignment{};

  static CallErrors decode(Octets value);
  void encode(Writer& out) const;
  friend bool operator==(const CallErrors&, const CallErrors&) = default;
};

// RFC 2661 4.4.6; send and receive as the LAC sees them.
struct Accm {
  std::uint32_t send{0xffffffff};
  std::uint32_t receive{0xffffffff};

  static Accm decode(Octets value);
  void encode(Writer& out) const;
  friend bool operator==(const Accm&, const Accm&) = default;
};

// RFC 3145 2.
struct PppDisconnectCause {
  std::uint16_t code{};
  std::uint16_t control_protocol{};  // PPP protocol number, or 0
  std::uint8_t direction{};          // 0 global, 1 at the peer, 2 local
  std::string_view message;

  static PppDisconnectCause decode(Octets value);
  void encode(Writer& out) const;
  friend bool operator==(const PppDisconnectCause&, const PppDisconnectCause&) = default;
};

// RFC 4951 5.1. Recovery time counts only with control (the C bit); zero asks for no additional time.
struct FailoverCapability {
  bool control{};
  bool data{};
  std::chrono::milliseconds recovery_time{};

  static FailoverCapability decode(Octets value);
  void encode(Writer& out) const;
  friend bool operator==(const FailoverCapability&, const FailoverCapability&) = default;
};

// RFC 4951 5.2. On the wire the sender's own id comes first; decode() is the receiver's view, encode() the sender's.
struct TunnelRecovery {
  TunnelId ours;
  PeerTunnelId theirs;

  static TunnelRecovery decode(Octets value);
  void encode(Writer& out) const;
  friend bool operator==(const TunnelRecovery&, const TunnelRecovery&) = default;
};

// RFC 4951 5.3: the Ns and Nr that the recovery endpoint is to use.
struct SuggestedControlSequence {
  std::uint16_t ns{};
  std::uint16_t nr{};

  static SuggestedControlSequence decode(Octets value);
  void encode(Writer& out) const;
  friend bool operator==(const SuggestedControlSequence&, const SuggestedControlSequence&) = default;
};

// RFC 4951 5.4. On the wire the sender's own id comes first; decode() is the receiver's view, encode() the sender's.
// In a response an id of 0 in the sender's place says that it has no such session.
struct FailoverSessionState {
  SessionId ours;
  PeerSessionId theirs;

  static FailoverSessionState decode(Octets value);
  void encode(Writer& out) const;
  friend bool operator==(const FailoverSessionState&, const FailoverSessionState&) = default;
};

}  // namespace holdfast::l2tp
