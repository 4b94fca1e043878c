#include "kmod-glue/encode.hpp"

#include <libmnl/libmnl.h>

#include <array>
#include <cassert>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string>
#include <sys/socket.h>

namespace holdfast::glue {
namespace {

nlmsghdr& begin(Room room, std::uint32_t sequence, std::uint16_t type, unsigned flags) {
  assert(room.size() >= kRequestCapacity);
  nlmsghdr& message = *mnl_nlmsg_put_header(room.data());
  message.nlmsg_type = type;
  message.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  message.nlmsg_seq = sequence;
  return message;
}

// The fixed header of a family, zeroed.
template <class Header>
Header& put_header(nlmsghdr& message) {
  return *static_cast<Header*>(mnl_nlmsg_put_extra_header(&message, sizeof(Header)));
}

std::uint8_t family_of(const IpAddress& address) { return address.is_v4() ? AF_INET : AF_INET6; }

void put_ip(nlmsghdr& message, std::uint16_t type, const IpAddress& address) {
  const std::size_t skip = address.is_v4() ? 12 : 0;
  mnl_attr_put(&message, type, address.octets.size() - skip, address.octets.data() + skip);
}

}  // namespace

std::size_t encode_link_query(Room room, std::uint32_t sequence, std::string_view name) {
  assert(!name.empty() && name.size() < IFNAMSIZ);
  nlmsghdr& message = begin(room, sequence, RTM_GETLINK, 0);
  put_header<ifinfomsg>(message);
  mnl_attr_put_u32(&message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  mnl_attr_put_strz(&message, IFLA_IFNAME, std::string(name).c_str());
  return message.nlmsg_len;
}

std::size_t encode_link_up(Room room, std::uint32_t sequence, std::uint32_t link, bool up) {
  nlmsghdr& message = begin(room, sequence, RTM_NEWLINK, NLM_F_ACK);
  auto& header = put_header<ifinfomsg>(message);
  header.ifi_index = static_cast<int>(link);
  header.ifi_flags = up ? IFF_UP : 0;
  header.ifi_change = IFF_UP;
  return message.nlmsg_len;
}

std::size_t encode_link_mtu(Room room, std::uint32_t sequence, std::uint32_t link, std::uint32_t mtu) {
  nlmsghdr& message = begin(room, sequence, RTM_NEWLINK, NLM_F_ACK);
  put_header<ifinfomsg>(message).ifi_index = static_cast<int>(link);
  mnl_attr_put_u32(&message, IFLA_MTU, mtu);
  return message.nlmsg_len;
}

std::size_t encode_address(Room room, std::uint32_t sequence, AddressRequest request, std::uint32_t link,
                           const IpPrefix& prefix) {
  const bool add = request == AddressRequest::add;
  nlmsghdr& message = begin(room, sequence, add ? RTM_NEWADDR : RTM_DELADDR,
                            add ? NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE : NLM_F_ACK);
  auto& header = put_header<ifaddrmsg>(message);
  header.ifa_family = family_of(prefix.address);
  header.ifa_prefixlen = prefix.length;
  header.ifa_index = link;
  put_ip(message, IFA_LOCAL, prefix.address);
  put_ip(message, IFA_ADDRESS, prefix.address);
  return message.nlmsg_len;
}

std::size_t encode_resolve(Room room, std::uint32_t sequence, std::uint32_t link, const IpAddress& address) {
  nlmsghdr& message = begin(room, sequence, RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
  auto& header = put_header<ndmsg>(message);
  header.ndm_family = family_of(address);
  header.ndm_ifindex = static_cast<int>(link);
  header.ndm_flags = NTF_USE;  // as if a packet had been sent to it
  put_ip(message, NDA_DST, address);
  return message.nlmsg_len;
}

std::size_t encode_route(Room room, std::uint32_t sequence, const RouteChange& change, Acknowledge acknowledge) {
  const bool replace = change.kind == RouteChange::Kind::replace;
  const unsigned flags =
      (acknowledge == Acknowledge::yes ? NLM_F_ACK : 0u) | (replace ? NLM_F_CREATE | NLM_F_REPLACE : 0u);
  nlmsghdr& message = begin(room, sequence, replace ? RTM_NEWROUTE : RTM_DELROUTE, flags);
  auto& header = put_header<rtmsg>(message);
  header.rtm_family = family_of(change.route.prefix.address);
  header.rtm_dst_len = change.route.prefix.length;
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_protocol = kRouteProtocol;  // in a removal too: then the kernel spares what is not ours
  header.rtm_scope = replace ? RT_SCOPE_LINK : RT_SCOPE_NOWHERE;
  header.rtm_type = replace ? RTN_UNICAST : RTN_UNSPEC;
  put_ip(message, RTA_DST, change.route.prefix.address);
  mnl_attr_put_u32(&message, RTA_PRIORITY, change.metric);
  if (change.route.link != 0) mnl_attr_put_u32(&message, RTA_OIF, change.route.link);
  if (replace && change.route.mtu != 0) {
    nlattr* metrics = mnl_attr_nest_start(&message, RTA_METRICS);
    mnl_attr_put_u32(&message, RTAX_MTU, change.route.mtu);
    mnl_attr_nest_end(&message, metrics);
  }
  return message.nlmsg_len;
}

std::size_t encode_dump(Room room, std::uint32_t sequence, const DumpQuery& query) {
  nlmsghdr& message = begin(room, sequence, query.type, NLM_F_DUMP);
  switch (query.type) {
    case RTM_GETLINK:
      put_header<ifinfomsg>(message);
      mnl_attr_put_u32(&message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
      break;
    case RTM_GETADDR: {
      auto& header = put_header<ifaddrmsg>(message);
      header.ifa_family = query.family;
      header.ifa_index = query.link;
      break;
    }
    case RTM_GETNEIGH: put_header<ndmsg>(message).ndm_family = query.family; break;
    default: {
      auto& header = put_header<rtmsg>(message);
      header.rtm_family = query.family;
      header.rtm_table = query.table;
      header.rtm_protocol = query.protocol;
      break;
    }
  }
  return message.nlmsg_len;
}

}  // namespace holdfast::glue
