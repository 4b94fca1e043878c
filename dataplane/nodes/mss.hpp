// The largest TCP segment that a SYN announces (RFC 9293 3.7.1), lowered to what fits the link (RFC 4459 3.2): hosts
// behind a firewall that drops ICMP would send packets forever that do not get through.
#pragma once

#include <cstdint>

namespace holdfast::nodes {

// ip: an IPv4 or IPv6 packet of `available` octets, checked or not; other than a SYN of TCP right behind the IP header
// it is left as it is, and so is one with options that make no sense. most: over IPv4; over IPv6 20 octets less. 0:
// nothing is done.
void clamp_mss(std::uint8_t* ip, std::uint32_t available, std::uint16_t most);
// The same for the IP packet in a PPP frame of an octet at least, if one is in it: behind a protocol field of two
// octets or one (RFC 1661 6.5).
void clamp_mss_of_frame(std::uint8_t* frame, std::uint32_t length, std::uint16_t most);

}  // namespace holdfast::nodes
