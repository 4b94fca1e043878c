#include "ppp/packet.hpp"

namespace holdfast::ppp {

Result<Frame, Drop> parse_frame(Octets frame) {
  if (frame.size() > kMaxFrame) return fail(Drop::too_long);
  if (frame.empty()) return fail(Drop::too_short);
  // RFC 1661 6.5: the low bit marks the last octet of the protocol field.
  const std::size_t length = (frame[0] & 1) != 0 ? 1 : 2;
  Reader r(frame);
  const auto protocol = length == 1 ? r.u8() : r.u16();
  if (!r.ok()) return fail(Drop::too_short);
  return Frame{static_cast<Protocol>(protocol), r.rest()};
}

Result<Packet, Drop> parse_packet(Octets information) {
  constexpr std::size_t kHeader = 4;
  Reader r(information);
  Packet packet;
  packet.code = r.u8();
  packet.id = r.u8();
  const std::size_t length = r.u16();
  if (!r.ok()) return fail(Drop::too_short);
  if (length < kHeader || length > information.size()) return fail(Drop::malformed);
  packet.whole = information.first(length);
  packet.data = packet.whole.subspan(kHeader);
  return packet;
}

bool options_are_whole(Octets options) {
  while (!options.empty()) {
    if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) return false;
    options = options.subspan(options[1]);
  }
  return true;
}

Option take_option(Octets& options) {
  const Octets whole = options.first(options[1]);
  options = options.subspan(whole.size());
  return {whole[0], whole.subspan(2), whole};
}

std::uint64_t integer_of(Octets value) {
  std::uint64_t result = 0;
  for (const auto octet : value) result = result << 8 | octet;
  return result;
}

}  // namespace holdfast::ppp
