#include "subscriber.hpp"

#include "wire/reader.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

constexpr std::uint16_t kLcp = 0xc021;
constexpr std::uint16_t kIpcp = 0x8021;
constexpr std::size_t kCodeAt = 2;
enum Code : std::uint8_t {
  configure_request = 1,
  configure_ack,
  configure_nak,
  configure_reject,
  terminate_request,
  echo_request = 9
};

Subscriber::Frame with_code(Octets frame, std::uint8_t code) {
  Subscriber::Frame out(frame.begin(), frame.end());
  out[kCodeAt] = code;
  return out;
}

// RFC 1661 5.8: with its own magic number, of which it has none.
Subscriber::Frame echo_reply(Octets frame) {
  constexpr std::size_t kMagicAt = 6;
  Subscriber::Frame out = with_code(frame, echo_request + 1);
  std::fill(out.begin() + std::min<std::ptrdiff_t>(kMagicAt, std::ssize(out)), out.end(), std::uint8_t{0});
  return out;
}

std::uint8_t octet(std::uint32_t value, unsigned shift) { return static_cast<std::uint8_t>(value >> shift); }

Subscriber::Frame ask_for_lcp() { return {0xc0, 0x21, configure_request, 1, 0, 4}; }
Subscriber::Frame ask_for_address(std::uint32_t a) {
  return {0x80, 0x21, configure_request, 1, 0, 10, 3, 6, octet(a, 24), octet(a, 16), octet(a, 8), octet(a, 0)};
}

}  // namespace

std::vector<Subscriber::Frame> Subscriber::receive(Octets frame) {
  Reader in(frame);
  const std::uint16_t protocol = in.u16();
  const std::uint8_t code = in.u8();
  if (!in.ok() || (protocol != kLcp && protocol != kIpcp)) return {};
  bool& agreed = protocol == kLcp ? lcp_agreed_ : ipcp_agreed_;
  std::vector<Frame> out;
  switch (code) {
    case configure_request:
      out.push_back(with_code(frame, configure_ack));
      if (protocol == kLcp) ipcp_agreed_ = false;
      if (!agreed) out.push_back(protocol == kLcp ? ask_for_lcp() : ask_for_address(address_));
      break;
    case configure_ack: agreed = true; break;
    case configure_nak:
      in.skip(5);  // identifier, length, and the head of the address option
      address_ = in.u32();
      if (in.ok() && protocol == kIpcp) out.push_back(ask_for_address(address_));
      break;
    case echo_request: out.push_back(echo_reply(frame)); break;
    case terminate_request: out.push_back(with_code(frame, terminate_request + 1)); break;
    default: break;
  }
  return out;
}

}  // namespace holdfast::sim
