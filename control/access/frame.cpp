#include "access/frame.hpp"

#include "wire/reader.hpp"

#include <algorithm>

namespace holdfast::access {
namespace {

constexpr std::uint16_t kVlanBits = 0x0fff;  // 802.1Q: the rest is priority
constexpr std::uint16_t kReservedVlan = 0x0fff;
constexpr std::uint16_t kReservedSession = 0xffff;  // RFC 2516 4

MacAddress take_mac(Reader& r) {
  MacAddress mac{};
  std::ranges::copy(r.take(mac.size()), mac.begin());
  return mac;
}

bool is_unicast(const MacAddress& mac) { return (mac[0] & 1) == 0 && mac != MacAddress{}; }

bool is_known(std::uint8_t code) {
  switch (static_cast<Code>(code)) {
    case Code::pado:
    case Code::padi:
    case Code::padr:
    case Code::pads:
    case Code::padt: return true;
  }
  return false;
}

// RFC 2516 5.1 to 5.3: there is no session yet. A PADS without one is a refusal (5.4).
bool session_fits(Code code, std::uint16_t session) {
  if (code == Code::pads || code == Code::padt) return session != kReservedSession;
  return session == 0;
}

bool names_a_vlan(std::uint16_t vlan) { return vlan != 0 && vlan != kReservedVlan; }

struct AfterVlans {
  std::uint16_t type{};  // the ethertype after the tags
  bool vlans_fit = true;
};

// The tags of 802.1Q and 802.1ad. 0 stands for a tag that is not there, so where there are two, both name a VLAN.
AfterVlans take_vlans(Reader& r, Discovery& d) {
  std::uint16_t type = r.u16();
  if (type != kCustomerTag && type != kServiceTag) return {type};
  d.outer_type = type;
  d.outer_vlan = r.u16() & kVlanBits;
  type = r.u16();
  if (type != kCustomerTag) {
    if (d.outer_vlan == 0) d.outer_type = 0;  // a priority tag
    return {type, d.outer_vlan != kReservedVlan};
  }
  d.inner_vlan = r.u16() & kVlanBits;
  return {r.u16(), names_a_vlan(d.outer_vlan) && names_a_vlan(d.inner_vlan)};
}

}  // namespace

Result<Discovery, FrameError> parse_discovery(Octets ethernet_frame) {
  Reader r(ethernet_frame);
  Discovery d;
  d.destination = take_mac(r);
  d.source = take_mac(r);
  const AfterVlans after = take_vlans(r, d);
  const std::uint8_t version_and_type = r.u8();
  const std::uint8_t code = r.u8();
  d.session = r.u16();
  const std::uint16_t length = r.u16();
  if (!r.ok()) return fail(FrameError::too_short);
  if (!is_unicast(d.source)) return fail(FrameError::source_not_unicast);
  if (!after.vlans_fit) return fail(FrameError::wrong_vlan);
  if (after.type != kDiscoveryType) return fail(FrameError::not_discovery);
  if (version_and_type != kVersionAndType) return fail(FrameError::wrong_version);
  if (!is_known(code)) return fail(FrameError::unknown_code);
  d.code = static_cast<Code>(code);
  if (!session_fits(d.code, d.session)) return fail(FrameError::wrong_session);
  d.tags = r.take(length);
  if (!r.ok()) return fail(FrameError::length_beyond_frame);
  return d;
}

}  // namespace holdfast::access
