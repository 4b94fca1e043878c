// Packets of the PPP control protocols (RFC 1661 5, 6): code, identifier, length, and in the Configure packets a list
// of options.
#pragma once

#include "wire/octets.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace holdfast::dial::ppp {

inline constexpr std::uint16_t kIpv4 = 0x0021, kIpv6 = 0x0057, kIpcp = 0x8021, kIpv6cp = 0x8057, kLcp = 0xc021,
                               kPap = 0xc023, kChap = 0xc223;

enum Code : std::uint8_t {
  kConfigureRequest = 1,
  kConfigureAck = 2,
  kConfigureNak = 3,
  kConfigureReject = 4,
  kTerminateRequest = 5,
  kTerminateAck = 6,
  kCodeReject = 7,
  kProtocolReject = 8,
  kEchoRequest = 9,
  kEchoReply = 10,
  kDiscardRequest = 11,
};

struct Packet {
  std::uint8_t code = 0;
  std::uint8_t id = 0;
  Octets data;
};

// RFC 1661 5: octets behind Length are padding. Nothing when Length does not fit.
inline std::optional<Packet> parse_packet(Octets information) {
  Reader in(information);
  Packet out;
  out.code = in.u8();
  out.id = in.u8();
  const std::size_t length = in.u16();
  if (!in.ok() || length < 4 || length > information.size()) return std::nullopt;
  out.data = information.first(length).subspan(4);
  return out;
}

// A packet under construction; too much data makes it bad, and finish() gives nothing.
class PacketWriter {
 public:
  PacketWriter(std::uint8_t code, std::uint8_t id) : out_(storage_) {
    out_.u8(code);
    out_.u8(id);
    out_.u16(0);
  }
  Writer& data() { return out_; }
  void option(std::uint8_t type, Octets value) {
    out_.u8(type);
    out_.u8(static_cast<std::uint8_t>(value.size() + 2));
    out_.octets(value);
  }
  void option16(std::uint8_t type, std::uint16_t value) {
    out_.u8(type);
    out_.u8(4);
    out_.u16(value);
  }
  void option32(std::uint8_t type, std::uint32_t value) {
    out_.u8(type);
    out_.u8(6);
    out_.u32(value);
  }
  void option64(std::uint8_t type, std::uint64_t value) {
    out_.u8(type);
    out_.u8(10);
    out_.u64(value);
  }
  Octets finish() {
    out_.patch_u16(2, static_cast<std::uint16_t>(out_.size()));
    return out_.ok() ? out_.written() : Octets{};
  }

 private:
  std::array<std::uint8_t, 1500> storage_{};
  Writer out_;
};

struct Option {
  std::uint8_t type = 0;
  Octets value;
  Octets whole;  // with type and length
};

// The next option of a Configure packet; fails the reader when its length is wrong.
inline Option take_option(Reader& in) {
  const auto from = in.rest();
  Option out;
  out.type = in.u8();
  const std::size_t length = in.u8();
  if (!in.ok() || length < 2) {
    in.fail();
    return out;
  }
  out.value = in.take(length - 2);
  if (in.ok()) out.whole = from.first(length);
  return out;
}

}  // namespace holdfast::dial::ppp
