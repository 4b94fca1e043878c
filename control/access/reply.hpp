// What an access concentrator sends in discovery (RFC 2516 5.2, 5.4, 5.5), as whole Ethernet frames without checksum.
// Every function writes into out and gives the frame, the first octets of it; empty when it does not fit there or into
// the 1500 octets that Ethernet carries. kMaxDiscovery octets are enough for any.
#pragma once

#include "access/frame.hpp"
#include "access/tags.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::access {

inline constexpr std::size_t kMaxDiscovery = 12 + 2 * 4 + 2 + 1500;

// Where a frame to a subscriber goes, and with which tags.
struct Line {
  MacAddress subscriber{};
  MacAddress ours{};
  std::uint16_t outer_vlan{};  // 0: untagged
  std::uint16_t inner_vlan{};  // 0: no second tag
  std::uint16_t outer_type{};
};

// Back to where a request came from.
Line line_of(const Discovery& request, const MacAddress& ours);

// Whether a request for this service is ours to answer: one that we offer, or any of them (empty). Who offers none by
// name takes every request.
bool offers(std::span<const std::string> services, Octets asked);

struct Offer {
  std::string_view ac_name;
  std::span<const std::string> services;     // named where the subscriber asks for any
  Octets cookie;                             // empty: none
  std::optional<std::uint16_t> max_payload;  // RFC 4638; where both can do more than 1492
};

// The PADO that answers a PADI whose tags are `asked`.
Octets write_pado(MutableOctets out, const Line& line, const Tags& asked, const Offer& offer);

// The PADS that answers a PADR with a session, 1..65534.
Octets write_pads(MutableOctets out, const Line& line, const Tags& asked, std::uint16_t session,
                  std::optional<std::uint16_t> max_payload = {});

// The PADS that gives none. why: TagType::service_name_error or ac_system_error; text says it to people, or is empty.
Octets write_pads_error(MutableOctets out, const Line& line, const Tags& asked, TagType why, std::string_view text);

// A session has ended. text: a Generic-Error for people; empty: none.
Octets write_padt(MutableOctets out, const Line& line, std::uint16_t session, std::string_view text = {});

}  // namespace holdfast::access
