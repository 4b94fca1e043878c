#include "lac/data_message.hpp"

#include "abi/wire.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace holdfast::lac {

using namespace wire_format;

std::optional<DataMessage> parse_data(Octets udp_payload) {
  Reader in(udp_payload);
  const auto flags = in.u16();
  if (!in.ok() || (flags & kL2tpControl) != 0 || (flags & kL2tpVersion) != 2) return std::nullopt;
  if ((flags & kL2tpLength) != 0) {
    const std::size_t length = in.u16();
    if (length > udp_payload.size() || length < 4) return std::nullopt;
    in = Reader(udp_payload.first(length).subspan(4));
  }
  DataMessage out;
  out.tunnel = TunnelId(in.u16());
  out.session = SessionId(in.u16());
  out.sequenced = (flags & kL2tpSequence) != 0;
  if (out.sequenced) {
    out.ns = in.u16();
    in.skip(2);  // Nr is reserved in data messages
  }
  if ((flags & kL2tpOffset) != 0) in.skip(in.u16());

  const auto rest = in.rest();
  if (rest.size() >= 2 && rest[0] == 0xff && rest[1] == 0x03) in.skip(2);
  // RFC 1661 2: the first octet of a protocol is even, the last is odd.
  out.protocol = in.u8();
  if ((out.protocol & 1) == 0) out.protocol = static_cast<std::uint16_t>(out.protocol << 8 | in.u8());
  out.information = in.rest();
  if (!in.ok()) return std::nullopt;
  return out;
}

std::size_t write_data_header(MutableOctets out, const DataHeader& header) {
  Writer to(out);
  to.u16(static_cast<std::uint16_t>(2 | (header.sequenced ? kL2tpSequence : 0)));
  to.u16(header.tunnel.value());
  to.u16(header.session.value());
  if (header.sequenced) {
    to.u16(header.ns);
    to.u16(0);
  }
  if (header.address_and_control) to.u16(kPppAddressControl);
  to.u16(header.protocol);
  return to.size();
}

}  // namespace holdfast::lac
