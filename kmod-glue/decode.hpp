// Messages of rtnetlink(7) into values. Pure: bytes in, a value out.
#pragma once

#include "kmod-glue/objects.hpp"
#include "kmod-glue/observer.hpp"

#include <cstdint>
#include <linux/netlink.h>
#include <optional>
#include <span>
#include <string_view>

namespace holdfast::glue {

enum class Decoded : std::uint8_t {
  value,
  ignored,  // well formed, but of no interest: another family or table, a cached route, a bridge port...
  malformed,
};

// message: whole, as Messages::next() gives it, of type RTM_NEW* or RTM_DEL* of the object. out is meaningful after
// Decoded::value only; a vector in it is used again.
[[nodiscard]] Decoded decode_link(const nlmsghdr& message, Link& out);
[[nodiscard]] Decoded decode_address(const nlmsghdr& message, Address& out);
[[nodiscard]] Decoded decode_neighbour(const nlmsghdr& message, Neighbour& out);
// Main and local table. Passed over are cached routes and those that look at more than the destination: a route for one
// type of service or one source prefix would be mistaken for a route for all.
[[nodiscard]] Decoded decode_route(const nlmsghdr& message, Route& out);

// One message of any kind to an observer. scratch: lent, so that routes do not allocate.
[[nodiscard]] Decoded deliver(const nlmsghdr& message, Route& scratch, Observer& observer);

// family: AF_INET or AF_INET6. Nothing for other families, wrong lengths, and IPv6 addresses that map IPv4
// (::ffff:0:0/96), which IpAddress could not tell from IPv4.
std::optional<IpAddress> decode_ip(std::uint8_t family, std::span<const std::uint8_t> octets);

// NLMSG_ERROR or NLMSG_DONE: errno, 0 for success; nothing when malformed.
std::optional<int> decode_error(const nlmsghdr& message);
// The kernel's own words with an NLMSG_ERROR (extended acknowledgement); empty when there are none.
std::string_view decode_error_words(const nlmsghdr& message);

}  // namespace holdfast::glue
