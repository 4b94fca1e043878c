// What the tags of a discovery packet say (RFC 2516 5 and appendix A; RFC 4638 for PPP-Max-Payload; RFC 4679 3.3 for
// the identification of a DSL line, which access nodes add as a Vendor-Specific tag of the DSL Forum).
#pragma once

#include "wire/octets.hpp"
#include "wire/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::access {

enum class TagType : std::uint16_t {
  end_of_list = 0x0000,
  service_name = 0x0101,
  ac_name = 0x0102,
  host_uniq = 0x0103,
  ac_cookie = 0x0104,
  vendor_specific = 0x0105,
  relay_session_id = 0x0110,
  ppp_max_payload = 0x0120,
  service_name_error = 0x0201,
  ac_system_error = 0x0202,
  generic_error = 0x0203,
};

inline constexpr std::uint32_t kDslForum = 0x00000de9;  // RFC 4679 3.1

enum class LineTagType : std::uint8_t {
  agent_circuit_id = 0x01,
  agent_remote_id = 0x02,
  actual_data_rate_upstream = 0x81,
  actual_data_rate_downstream = 0x82,
};

// Why the tags of a packet cannot be believed. It is dropped and counted, not answered.
enum class TagError : std::uint8_t {
  tag_truncated,     // ends within the header of a tag, or of a sub-tag
  tag_overruns,      // a tag longer than the rest of the packet, or a sub-tag than its tag
  tag_wrong_length,  // other than the standard has it
};
inline constexpr std::size_t kTagErrors = 3;

// The name of the counter: "tag_overruns".
constexpr std::string_view name(TagError error) {
  switch (error) {
    case TagError::tag_truncated: return "tag_truncated";
    case TagError::tag_overruns: return "tag_overruns";
    case TagError::tag_wrong_length: return "tag_wrong_length";
  }
  return "unknown";
}

// Octets lie in the packet. Of tags that come several times the first counts, of those of the DSL line too.
struct Tags {
  std::optional<Octets> service_name;  // empty: any service
  std::optional<Octets> ac_name;
  std::optional<Octets> host_uniq;  // goes back as it is, and so does relay_session_id
  std::optional<Octets> ac_cookie;
  std::optional<Octets> relay_session_id;
  std::optional<std::uint16_t> max_payload;  // octets
  std::optional<Octets> service_name_error;  // text
  std::optional<Octets> ac_system_error;
  std::optional<Octets> generic_error;
  Octets agent_circuit_id;        // 1..63 octets; empty: not told
  Octets agent_remote_id;         // likewise
  std::uint32_t rate_upstream{};  // kbit/s of the line; 0: not told
  std::uint32_t rate_downstream{};
};

// Reads Discovery::tags in one pass. Unknown tags are passed over (RFC 2516 5).
Result<Tags, TagError> parse_tags(Octets tags);

}  // namespace holdfast::access
