// Requests of rtnetlink(7), as octets. Pure: each function writes one message to the front of room and gives its
// length, a multiple of 4, so that messages can follow one another in one datagram. room: at least kRequestCapacity
// octets, aligned to 4. sequence: comes back in the answer; not 0, which notifications have.
#pragma once

#include "kmod-glue/objects.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace holdfast::glue {

inline constexpr std::size_t kRequestCapacity = 128;
using Room = std::span<std::uint8_t>;

// Answered with the link itself. name: 1..15 octets.
std::size_t encode_link_query(Room room, std::uint32_t sequence, std::string_view name);

// All that follow are acknowledged, except where `acknowledge` says otherwise; errors are answered in any case.
std::size_t encode_link_up(Room room, std::uint32_t sequence, std::uint32_t link, bool up);
std::size_t encode_link_mtu(Room room, std::uint32_t sequence, std::uint32_t link, std::uint32_t mtu);
enum class AddressRequest : std::uint8_t { add, remove };
std::size_t encode_address(Room room, std::uint32_t sequence, AddressRequest request, std::uint32_t link,
                           const IpPrefix& prefix);
std::size_t encode_resolve(Room room, std::uint32_t sequence, std::uint32_t link, const IpAddress& address);
enum class Acknowledge : std::uint8_t { no, yes };
std::size_t encode_route(Room room, std::uint32_t sequence, const RouteChange& change, Acknowledge acknowledge);

// Everything of one kind; 0 or AF_UNSPEC: unfiltered. A query has those filters only that its kind knows: family with
// addresses, neighbours and routes; link with addresses; table and protocol with routes of one family.
struct DumpQuery {
  std::uint16_t type{};     // RTM_GETLINK, RTM_GETADDR, RTM_GETNEIGH, RTM_GETROUTE
  std::uint8_t family{};    // AF_*
  std::uint8_t table{};     // RT_TABLE_*
  std::uint8_t protocol{};  // RTPROT_*
  std::uint32_t link{};
};
std::size_t encode_dump(Room room, std::uint32_t sequence, const DumpQuery& query);

}  // namespace holdfast::glue
