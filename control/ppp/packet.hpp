// Frames, packets and options taken apart, each length checked once (RFC 1661 2, 5, 6). Values point into the frame.
#pragma once

#include "ppp/output.hpp"
#include "ppp/protocol.hpp"
#include "wire/octets.hpp"
#include "wire/reader.hpp"
#include "wire/result.hpp"

#include <cstdint>

namespace holdfast::ppp {

struct Frame {
  Protocol protocol{};
  Octets information;
};

// The form that all control and authentication protocols of PPP share (RFC 1661 5).
struct Packet {
  std::uint8_t code{};
  std::uint8_t id{};
  Octets data;
  Octets whole;  // header and data, without padding
};

struct Option {
  std::uint8_t type{};
  Octets value;
  Octets whole;
};

// One octet of protocol field is taken too (RFC 1661 6.5), negotiated or not. Errors: too_short, too_long.
Result<Frame, Drop> parse_frame(Octets frame);

// Octets after the packet's own length are padding (RFC 1661 5). Errors: too_short, malformed.
Result<Packet, Drop> parse_packet(Octets information);

// Whether the options fill these octets exactly; otherwise the whole packet is to be discarded (RFC 1661 6).
bool options_are_whole(Octets options);

// The first option, which is taken off; options are whole and not empty.
Option take_option(Octets& options);

// An option's value as an integer, most significant octet first; the last eight octets of a longer one.
std::uint64_t integer_of(Octets value);

}  // namespace holdfast::ppp
