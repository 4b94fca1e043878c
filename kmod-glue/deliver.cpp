#include "kmod-glue/decode.hpp"

#include <linux/rtnetlink.h>

namespace holdfast::glue {
namespace {

Change change_of(const nlmsghdr& message, std::uint16_t removal) {
  return message.nlmsg_type == removal ? Change::removed : Change::added;
}

Change route_change_of(const nlmsghdr& message) {
  if (message.nlmsg_type == RTM_DELROUTE) return Change::removed;
  return (message.nlmsg_flags & NLM_F_REPLACE) != 0 ? Change::replaced : Change::added;
}

}  // namespace

Decoded deliver(const nlmsghdr& message, Route& scratch, Observer& observer) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: {
      Link link;
      const auto decoded = decode_link(message, link);
      if (decoded == Decoded::value) observer.link(link, change_of(message, RTM_DELLINK));
      return decoded;
    }
    case RTM_NEWADDR:
    case RTM_DELADDR: {
      Address address;
      const auto decoded = decode_address(message, address);
      if (decoded == Decoded::value) observer.address(address, change_of(message, RTM_DELADDR));
      return decoded;
    }
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH: {
      Neighbour neighbour;
      const auto decoded = decode_neighbour(message, neighbour);
      if (decoded == Decoded::value) observer.neighbour(neighbour, change_of(message, RTM_DELNEIGH));
      return decoded;
    }
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
      const auto decoded = decode_route(message, scratch);
      if (decoded == Decoded::value) observer.route(scratch, route_change_of(message));
      return decoded;
    }
    default: return Decoded::ignored;
  }
}

}  // namespace holdfast::glue
