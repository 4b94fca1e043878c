// What a subscriber sends in discovery, put together octet by octet as a host does, and read with parse_discovery().
#pragma once

#include "access/frame.hpp"
#include "access/tags.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::access {

using Bytes = std::vector<std::uint8_t>;

inline constexpr MacAddress kSubscriber{0x02, 0x00, 0x00, 0x00, 0x12, 0x34};
inline constexpr MacAddress kOurs{0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee};

inline void put_u16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

inline void put(Bytes& out, Octets value) { out.insert(out.end(), value.begin(), value.end()); }

inline Bytes tag(std::uint16_t type, Octets value) {
  Bytes out;
  put_u16(out, type);
  put_u16(out, value.size());
  put(out, value);
  return out;
}
inline Bytes tag(TagType type, Octets value) { return tag(static_cast<std::uint16_t>(type), value); }
inline Bytes tag(TagType type, std::string_view value = {}) { return tag(type, octets_of(value)); }

inline Bytes line_tag(LineTagType type, Octets value) {
  Bytes out{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(value.size())};
  put(out, value);
  return out;
}
inline Bytes line_tag(LineTagType type, std::string_view value) { return line_tag(type, octets_of(value)); }

inline Bytes all(std::initializer_list<Bytes> pieces) {
  Bytes out;
  for (const Bytes& piece : pieces) put(out, piece);
  return out;
}

// The Vendor-Specific tag of the DSL Forum with these sub-tags in it.
inline Bytes line_tags(std::initializer_list<Bytes> sub_tags) {
  return tag(TagType::vendor_specific, all({Bytes{0x00, 0x00, 0x0d, 0xe9}, all(sub_tags)}));
}

struct Sent {
  Code code = Code::padr;
  Bytes tags{};
  std::uint16_t session = 0;
  Bytes vlans{};  // as on the wire, type and control of each
  MacAddress source = kSubscriber;
  MacAddress destination = kOurs;
};

inline Bytes frame_of(const Sent& sent) {
  Bytes out;
  put(out, sent.destination);
  put(out, sent.source);
  put(out, sent.vlans);
  put_u16(out, kDiscoveryType);
  out.push_back(kVersionAndType);
  out.push_back(static_cast<std::uint8_t>(sent.code));
  put_u16(out, sent.session);
  put_u16(out, sent.tags.size());
  put(out, sent.tags);
  return out;
}

// All that a subscriber behind an access node may say, from a PADO on.
inline Bytes every_tag(Octets cookie) {
  return all({tag(TagType::service_name, "internet"), tag(TagType::host_uniq, Bytes{0, 1, 2, 0xff}),
              tag(TagType::ac_cookie, cookie), tag(TagType::ppp_max_payload, Bytes{0x05, 0xdc}),
              tag(TagType::relay_session_id, "relay-000001"),
              line_tags({line_tag(LineTagType::agent_circuit_id, "dslam1 atm 3/0:100.33"),
                         line_tag(LineTagType::agent_remote_id, "line 4711"),
                         line_tag(LineTagType::actual_data_rate_upstream, Bytes{0, 0, 0x04, 0x00}),
                         line_tag(LineTagType::actual_data_rate_downstream, Bytes{0, 0, 0x40, 0x00})}),
              tag(TagType::end_of_list)});
}

}  // namespace holdfast::access
