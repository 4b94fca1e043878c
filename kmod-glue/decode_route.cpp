#include "kmod-glue/attributes.hpp"
#include "kmod-glue/decode.hpp"

#include <algorithm>
#include <cstring>
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace holdfast::glue {
namespace {

constexpr AttributeRule kRouteAttributes[] = {
    {RTA_DST, 4, 16},
    {RTA_OIF, 4, 4},
    {RTA_GATEWAY, 4, 16},
    {RTA_PRIORITY, 4, 4},
    {RTA_PREFSRC, 4, 16},
    {RTA_METRICS, 0, kAnyLength},
    {RTA_MULTIPATH, sizeof(rtnexthop), kAnyLength},
    {RTA_TABLE, 4, 4},
    {RTA_VIA, sizeof(rtvia) + 4, sizeof(rtvia) + 16},
    {RTA_ENCAP_TYPE, 2, 2},
};
constexpr AttributeRule kNextHopAttributes[] = {
    {RTA_GATEWAY, 4, 16},
    {RTA_VIA, sizeof(rtvia) + 4, sizeof(rtvia) + 16},
    {RTA_ENCAP_TYPE, 2, 2},
};
constexpr AttributeRule kMetrics[] = {{RTAX_MTU, 4, 4}};

// RTA_GATEWAY is of the route's own family, RTA_VIA says its family. False when neither can be understood.
bool take_gateway(std::uint8_t family, const Attributes& attributes, IpAddress& gateway) {
  gateway = {};
  std::optional<IpAddress> address = gateway;
  if (attributes.has(RTA_GATEWAY)) {
    address = decode_ip(family, attributes.octets(RTA_GATEWAY));
  } else if (attributes.has(RTA_VIA)) {
    const auto via = attributes.octets(RTA_VIA);
    std::uint16_t via_family = 0;
    std::memcpy(&via_family, via.data(), sizeof via_family);
    if (via_family != AF_INET && via_family != AF_INET6) return false;
    address = decode_ip(static_cast<std::uint8_t>(via_family), via.subspan(sizeof via_family));
  }
  if (!address) return false;
  gateway = *address;
  return true;
}

bool encapsulated(const Attributes& attributes) {
  return attributes.has(RTA_ENCAP_TYPE) && attributes.u16(RTA_ENCAP_TYPE) != LWTUNNEL_ENCAP_NONE;
}

bool take_multipath(std::uint8_t family, std::span<const std::uint8_t> octets, std::vector<NextHop>& next_hops) {
  while (!octets.empty()) {
    rtnexthop header{};
    if (octets.size() < sizeof header) return false;
    std::memcpy(&header, octets.data(), sizeof header);
    if (header.rtnh_len < sizeof header || header.rtnh_len > octets.size() || header.rtnh_ifindex < 0) return false;
    Attributes attributes;
    if (!attributes.parse(octets.first(header.rtnh_len).subspan(sizeof header), kNextHopAttributes)) return false;
    NextHop next_hop{.gateway = {},
                     .link = static_cast<std::uint32_t>(header.rtnh_ifindex),
                     .weight = static_cast<std::uint16_t>(header.rtnh_hops + 1),
                     .usable = (header.rtnh_flags & RTNH_F_DEAD) == 0,
                     .encapsulated = encapsulated(attributes)};
    if (!take_gateway(family, attributes, next_hop.gateway)) return false;
    next_hops.push_back(next_hop);
    octets = octets.subspan(std::min<std::size_t>(RTNH_ALIGN(header.rtnh_len), octets.size()));
  }
  return true;
}

bool leads_nowhere(unsigned char type) {
  return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE || type == RTN_PROHIBIT || type == RTN_THROW;
}

bool take_next_hops(const rtmsg& header, const Attributes& attributes, Route& out) {
  out.next_hops.clear();
  if (leads_nowhere(header.rtm_type)) return true;  // IPv6 names the loopback link there
  if (attributes.has(RTA_MULTIPATH))
    return take_multipath(header.rtm_family, attributes.octets(RTA_MULTIPATH), out.next_hops);
  NextHop next_hop{.gateway = {},
                   .link = attributes.u32_or(RTA_OIF, 0),
                   .usable = (header.rtm_flags & RTNH_F_DEAD) == 0,
                   .encapsulated = encapsulated(attributes)};
  if (!take_gateway(header.rtm_family, attributes, next_hop.gateway)) return false;
  if (next_hop.link != 0 || next_hop.gateway) out.next_hops.push_back(next_hop);
  return true;
}

bool take_metrics(const Attributes& attributes, Route& out) {
  Attributes metrics;
  if (!metrics.parse(attributes.octets(RTA_METRICS), kMetrics)) return false;
  out.mtu = metrics.u32_or(RTAX_MTU, 0);
  return true;
}

// An address that may be absent: then none.
bool take_address(std::uint8_t family, const Attributes& attributes, std::uint16_t type, IpAddress& out) {
  out = {};
  if (!attributes.has(type)) return true;
  const auto address = decode_ip(family, attributes.octets(type));
  if (address) out = *address;
  return address.has_value();
}

bool take_prefix(const rtmsg& header, const Attributes& attributes, IpPrefix& out) {
  if (!take_address(header.rtm_family, attributes, RTA_DST, out.address)) return false;
  if (!attributes.has(RTA_DST)) {
    if (header.rtm_dst_len != 0) return false;
    if (header.rtm_family == AF_INET) out.address = IpAddress::v4(0);
  }
  out.length = header.rtm_dst_len;
  return true;
}

bool maps_ipv4(std::uint8_t family, std::span<const std::uint8_t> octets) {
  return family == AF_INET6 && octets.size() == 16 && !decode_ip(AF_INET6, octets);
}

}  // namespace

Decoded decode_route(const nlmsghdr& message, Route& out) {
  const auto payload = payload_of(message);
  rtmsg header{};
  if (payload.size() < sizeof header) return Decoded::malformed;
  std::memcpy(&header, payload.data(), sizeof header);
  if (header.rtm_family != AF_INET && header.rtm_family != AF_INET6) return Decoded::ignored;
  if ((header.rtm_flags & RTM_F_CLONED) != 0 || header.rtm_src_len != 0 || header.rtm_tos != 0) return Decoded::ignored;

  Attributes attributes;
  if (header.rtm_dst_len > (header.rtm_family == AF_INET ? 32 : 128) || header.rtm_type > RTN_MAX ||
      !attributes.parse(payload.subspan(sizeof header), kRouteAttributes))
    return Decoded::malformed;
  const auto table = attributes.u32_or(RTA_TABLE, header.rtm_table);
  if (table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL) return Decoded::ignored;
  if (maps_ipv4(header.rtm_family, attributes.octets(RTA_DST))) return Decoded::ignored;

  if (!take_prefix(header, attributes, out.prefix) || !take_metrics(attributes, out) ||
      !take_address(header.rtm_family, attributes, RTA_PREFSRC, out.preferred_source) ||
      !take_next_hops(header, attributes, out))
    return Decoded::malformed;
  out.type = static_cast<RouteType>(header.rtm_type);
  out.table = table == RT_TABLE_MAIN ? Table::main : Table::local;
  out.protocol = header.rtm_protocol;
  out.metric = attributes.u32_or(RTA_PRIORITY, 0);
  return Decoded::value;
}

}  // namespace holdfast::glue
