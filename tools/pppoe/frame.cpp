#include "pppoe/frame.hpp"

#include "wire/reader.hpp"
#include "wire/writer.hpp"

#include <algorithm>

namespace holdfast::pppoe {
namespace {

constexpr std::uint16_t kDiscoveryStage = 0x8863, kSessionStage = 0x8864;
constexpr std::uint8_t kVersionAndType = 0x11;
constexpr std::size_t kMinFrame = 60;  // IEEE 802.3, without its checksum

enum Tag : std::uint16_t {  // RFC 2516 appendix A, RFC 4638
  kEndOfList = 0x0000,
  kServiceName = 0x0101,
  kAcName = 0x0102,
  kHostUniq = 0x0103,
  kAcCookie = 0x0104,
  kRelaySessionId = 0x0110,
  kPppMaxPayload = 0x0120,
  kServiceNameError = 0x0201,
  kAcSystemError = 0x0202,
  kGenericError = 0x0203,
};

MacAddress take_mac(Reader& in) {
  MacAddress out{};
  std::ranges::copy(in.take(out.size()), out.begin());
  return out;
}

std::uint16_t take_vlans(Reader& in, Vlans& out) {
  auto type = in.u16();
  if (type != kCustomerTag && type != kServiceTag) return type;
  out.outer_type = type;
  out.outer = in.u16() & 0x0fff;
  type = in.u16();
  if (type != kCustomerTag) return type;
  out.inner = in.u16() & 0x0fff;
  return in.u16();
}

void write_ethernet(Writer& out, const Ethernet& e, std::uint16_t type) {
  out.octets(e.to);
  out.octets(e.from);
  if (e.vlans.outer != 0) {
    out.u16(e.vlans.outer_type);
    out.u16(e.vlans.outer);
  }
  if (e.vlans.inner != 0) {
    out.u16(kCustomerTag);
    out.u16(e.vlans.inner);
  }
  out.u16(type);
}

// Gives the place of the length.
std::size_t write_header(Writer& out, Code code, std::uint16_t session) {
  out.u8(kVersionAndType);
  out.u8(code);
  out.u16(session);
  out.u16(0);
  return out.size() - 2;
}

Octets finish(Writer& out, std::size_t length_at) {
  out.patch_u16(length_at, static_cast<std::uint16_t>(out.size() - length_at - 2));
  while (out.ok() && out.size() < kMinFrame) out.u8(0);
  return out.ok() ? out.written() : Octets{};
}

void write_tag(Writer& out, Tag tag, std::string_view value) {
  out.u16(tag);
  out.u16(static_cast<std::uint16_t>(value.size()));
  out.octets(octets_of(value));
}

std::string error_text(std::string_view name, std::string_view text) {
  std::string out(name);
  if (!text.empty()) out.append(": ").append(text);
  return out;
}

}  // namespace

std::optional<Frame> parse_frame(Octets octets) {
  Reader in(octets);
  Frame out;
  out.ethernet.to = take_mac(in);
  out.ethernet.from = take_mac(in);
  const auto type = take_vlans(in, out.ethernet.vlans);
  if (type != kDiscoveryStage && type != kSessionStage) return std::nullopt;
  out.discovery = type == kDiscoveryStage;
  const bool version_fits = in.u8() == kVersionAndType;
  out.code = in.u8();
  out.session = in.u16();
  out.payload = in.take(in.u16());
  if (!in.ok() || !version_fits) return std::nullopt;
  return out;
}

std::optional<Tags> parse_tags(Octets tags) {
  Tags out;
  Reader in(tags);
  while (in.left() > 0) {
    const auto type = in.u16();
    const Octets value = in.take(in.u16());
    if (!in.ok()) return std::nullopt;
    const std::string text(text_of(value));
    Reader number(value);
    switch (type) {
      case kEndOfList: return out;
      case kServiceName:
        if (out.service.empty()) out.service = text;
        break;
      case kAcName: out.ac_name = text; break;
      case kHostUniq: out.host_uniq = number.u32(); break;
      case kAcCookie: out.cookie = text; break;
      case kRelaySessionId: out.relay_session_id = text; break;
      case kPppMaxPayload: out.max_payload = number.u16(); break;
      case kServiceNameError: out.error = error_text("Service-Name-Error", text); break;
      case kAcSystemError: out.error = error_text("AC-System-Error", text); break;
      case kGenericError: out.error = error_text("Generic-Error", text); break;
      default: break;
    }
  }
  return out;
}

Octets write_request(MutableOctets room, const Ethernet& ethernet, Code code, const Tags& tags) {
  Writer out(room);
  write_ethernet(out, ethernet, kDiscoveryStage);
  const auto length_at = write_header(out, code, 0);
  write_tag(out, kServiceName, tags.service);
  out.u16(kHostUniq);
  out.u16(4);
  out.u32(tags.host_uniq);
  if (!tags.cookie.empty()) write_tag(out, kAcCookie, tags.cookie);
  if (!tags.relay_session_id.empty()) write_tag(out, kRelaySessionId, tags.relay_session_id);
  if (tags.max_payload != 0) {
    out.u16(kPppMaxPayload);
    out.u16(2);
    out.u16(tags.max_payload);
  }
  return finish(out, length_at);
}

Octets write_padt(MutableOctets room, const Ethernet& ethernet, std::uint16_t session) {
  Writer out(room);
  write_ethernet(out, ethernet, kDiscoveryStage);
  return finish(out, write_header(out, kPadt, session));
}

Octets write_session(MutableOctets room, const Ethernet& ethernet, std::uint16_t session, std::uint16_t protocol,
                     Octets information) {
  Writer out(room);
  write_ethernet(out, ethernet, kSessionStage);
  const auto length_at = write_header(out, kSession, session);
  out.u16(protocol);
  out.octets(information);
  return finish(out, length_at);
}

}  // namespace holdfast::pppoe
