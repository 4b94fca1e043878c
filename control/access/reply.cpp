#include "access/reply.hpp"

#include "wire/writer.hpp"

#include <algorithm>

namespace holdfast::access {
namespace {

constexpr std::size_t kMinFrame = 60;      // IEEE 802.3, without its checksum
constexpr std::size_t kMaxPayload = 1500;  // of Ethernet

std::size_t header_length(const Line& line) {
  return 12 + (line.outer_vlan != 0 ? 4u : 0u) + (line.inner_vlan != 0 ? 4u : 0u) + 2;
}

// A frame in the making: headers first, then tags, then its length and padding.
class Frame {
 public:
  Frame(MutableOctets out, const Line& line, Code code, std::uint16_t session)
      : pppoe_(header_length(line)), out_(out.first(std::min(out.size(), pppoe_ + kMaxPayload))), w_(out_) {
    w_.octets(line.subscriber);
    w_.octets(line.ours);
    vlan(line.outer_type, line.outer_vlan);
    vlan(kCustomerTag, line.inner_vlan);
    w_.u16(kDiscoveryType);
    w_.u8(kVersionAndType);
    w_.u8(static_cast<std::uint8_t>(code));
    w_.u16(session);
    w_.u16(0);  // length, when known
  }

  void tag(TagType type, Octets value) {
    if (value.size() > kMaxPayload) return w_.octets(value);  // does not fit: the writer is bad for good
    w_.u16(static_cast<std::uint16_t>(type));
    w_.u16(static_cast<std::uint16_t>(value.size()));
    w_.octets(value);
  }
  void tag(TagType type, const std::optional<Octets>& value) {
    if (value) tag(type, *value);
  }
  void tag(TagType type, std::optional<std::uint16_t> value) {
    if (!value) return;
    w_.u16(static_cast<std::uint16_t>(type));
    w_.u16(sizeof(*value));
    w_.u16(*value);
  }

  Octets finish() {
    w_.patch_u16(pppoe_ + 4, static_cast<std::uint16_t>(w_.size() - pppoe_ - kPppoeHeader));
    while (w_.ok() && w_.size() < kMinFrame) w_.u8(0);
    return w_.ok() ? w_.written() : Octets{};
  }

 private:
  void vlan(std::uint16_t type, std::uint16_t vlan) {
    if (vlan == 0) return;
    w_.u16(type);
    w_.u16(vlan);
  }

  std::size_t pppoe_;  // where the PPPoE header begins
  MutableOctets out_;
  Writer w_;
};

// RFC 2516 appendix A: these go back unmodified.
void echo(Frame& frame, const Tags& asked) {
  frame.tag(TagType::host_uniq, asked.host_uniq);
  frame.tag(TagType::relay_session_id, asked.relay_session_id);
}

}  // namespace

Line line_of(const Discovery& request, const MacAddress& ours) {
  return {request.source, ours, request.outer_vlan, request.inner_vlan, request.outer_type};
}

bool offers(std::span<const std::string> services, Octets asked) {
  return services.empty() || asked.empty() || std::ranges::find(services, text_of(asked)) != services.end();
}

Octets write_pado(MutableOctets out, const Line& line, const Tags& asked, const Offer& offer) {
  Frame frame(out, line, Code::pado, 0);
  frame.tag(TagType::ac_name, octets_of(offer.ac_name));
  // RFC 2516 5.2: the one of the PADI as it is, then any other.
  frame.tag(TagType::service_name, asked.service_name);
  if (!asked.service_name || asked.service_name->empty())
    for (const auto& service : offer.services) frame.tag(TagType::service_name, octets_of(service));
  if (!offer.cookie.empty()) frame.tag(TagType::ac_cookie, offer.cookie);
  frame.tag(TagType::ppp_max_payload, offer.max_payload);
  echo(frame, asked);
  return frame.finish();
}

Octets write_pads(MutableOctets out, const Line& line, const Tags& asked, std::uint16_t session,
                  std::optional<std::uint16_t> max_payload) {
  Frame frame(out, line, Code::pads, session);
  frame.tag(TagType::service_name, asked.service_name);
  frame.tag(TagType::ppp_max_payload, max_payload);
  echo(frame, asked);
  return frame.finish();
}

Octets write_pads_error(MutableOctets out, const Line& line, const Tags& asked, TagType why, std::string_view text) {
  Frame frame(out, line, Code::pads, 0);
  frame.tag(TagType::service_name, asked.service_name);
  frame.tag(why, octets_of(text));
  echo(frame, asked);
  return frame.finish();
}

Octets write_padt(MutableOctets out, const Line& line, std::uint16_t session, std::string_view text) {
  Frame frame(out, line, Code::padt, session);
  if (!text.empty()) frame.tag(TagType::generic_error, octets_of(text));
  return frame.finish();
}

}  // namespace holdfast::access
