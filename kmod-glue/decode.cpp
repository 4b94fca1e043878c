#include "kmod-glue/decode.hpp"

#include "kmod-glue/attributes.hpp"

#include <algorithm>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace holdfast::glue {
namespace {

constexpr AttributeRule kLinkAttributes[] = {
    {IFLA_ADDRESS, 0, 32},
    {IFLA_IFNAME, 2, IFNAMSIZ},
    {IFLA_MTU, 4, 4},
};
constexpr AttributeRule kAddressAttributes[] = {
    {IFA_ADDRESS, 4, 16},
    {IFA_LOCAL, 4, 16},
    {IFA_FLAGS, 4, 4},
};
constexpr AttributeRule kNeighbourAttributes[] = {
    {NDA_DST, 4, 16},
    {NDA_LLADDR, 0, 32},
};
constexpr AttributeRule kErrorAttributes[] = {{NLMSGERR_ATTR_MSG, 1, kAnyLength}};

// The fixed header of a family, copied out; what lies behind it stays in rest.
template <class Header>
bool take_header(const nlmsghdr& message, Header& header, std::span<const std::uint8_t>& rest) {
  const auto payload = payload_of(message);
  if (payload.size() < sizeof(Header)) return false;
  std::memcpy(&header, payload.data(), sizeof header);
  rest = payload.subspan(std::min<std::size_t>(NLMSG_ALIGN(sizeof(Header)), payload.size()));
  return true;
}

// False when the link layer address is none of Ethernet's.
bool take_mac(std::span<const std::uint8_t> octets, MacAddress& mac) {
  mac = {};
  if (octets.size() != mac.size()) return false;
  std::ranges::copy(octets, mac.begin());
  return true;
}

}  // namespace

std::optional<IpAddress> decode_ip(std::uint8_t family, std::span<const std::uint8_t> octets) {
  IpAddress address;
  if (family == AF_INET && octets.size() == 4) return IpAddress::v4(octets[0], octets[1], octets[2], octets[3]);
  if (family != AF_INET6 || octets.size() != 16) return std::nullopt;
  std::ranges::copy(octets, address.octets.begin());
  if (address.is_v4()) return std::nullopt;
  return address;
}

Decoded decode_link(const nlmsghdr& message, Link& out) {
  ifinfomsg header{};
  std::span<const std::uint8_t> rest;
  if (!take_header(message, header, rest)) return Decoded::malformed;
  // With AF_BRIDGE it is about a bridge port: "deleted" then means taken off the bridge.
  if (header.ifi_family != AF_UNSPEC) return Decoded::ignored;
  Attributes attributes;
  if (header.ifi_index <= 0 || !attributes.parse(rest, kLinkAttributes)) return Decoded::malformed;
  if (!attributes.has(IFLA_IFNAME)) return Decoded::ignored;  // an event of a wireless driver

  const auto name = attributes.octets(IFLA_IFNAME);
  const auto end = std::ranges::find(name, 0);
  if (end == name.begin() || end == name.end()) return Decoded::malformed;
  out.index = static_cast<std::uint32_t>(header.ifi_index);
  out.name.assign(name.begin(), end);
  out.up = (header.ifi_flags & IFF_UP) != 0;
  out.running = (header.ifi_flags & IFF_RUNNING) != 0;
  out.mtu = attributes.u32_or(IFLA_MTU, 0);
  (void)take_mac(attributes.octets(IFLA_ADDRESS), out.mac);
  return Decoded::value;
}

Decoded decode_address(const nlmsghdr& message, Address& out) {
  ifaddrmsg header{};
  std::span<const std::uint8_t> rest;
  if (!take_header(message, header, rest)) return Decoded::malformed;
  if (header.ifa_family != AF_INET && header.ifa_family != AF_INET6) return Decoded::ignored;
  Attributes attributes;
  if (header.ifa_index == 0 || header.ifa_prefixlen > (header.ifa_family == AF_INET ? 32 : 128) ||
      !attributes.parse(rest, kAddressAttributes))
    return Decoded::malformed;

  // On a point-to-point link IFA_ADDRESS is the peer's and IFA_LOCAL ours; IPv6 has IFA_LOCAL only there.
  const auto ours = attributes.octets(attributes.has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS);
  if (ours.size() != (header.ifa_family == AF_INET ? 4u : 16u)) return Decoded::malformed;
  const auto address = decode_ip(header.ifa_family, ours);
  if (!address) return Decoded::ignored;
  const auto flags = attributes.u32_or(IFA_FLAGS, header.ifa_flags);
  const bool tentative = (flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0;
  out.link = header.ifa_index;
  out.prefix = {.address = *address, .length = header.ifa_prefixlen};
  out.usable = !tentative && (flags & IFA_F_DADFAILED) == 0;
  return Decoded::value;
}

Decoded decode_neighbour(const nlmsghdr& message, Neighbour& out) {
  ndmsg header{};
  std::span<const std::uint8_t> rest;
  if (!take_header(message, header, rest)) return Decoded::malformed;
  if (header.ndm_family != AF_INET && header.ndm_family != AF_INET6) return Decoded::ignored;
  if ((header.ndm_flags & NTF_PROXY) != 0) return Decoded::ignored;  // whom we answer for, not who is there
  Attributes attributes;
  if (header.ndm_ifindex <= 0 || !attributes.parse(rest, kNeighbourAttributes)) return Decoded::malformed;
  if (attributes.octets(NDA_DST).size() != (header.ndm_family == AF_INET ? 4u : 16u)) return Decoded::malformed;

  const auto address = decode_ip(header.ndm_family, attributes.octets(NDA_DST));
  if (!address) return Decoded::ignored;
  constexpr auto kUsable = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;
  out.link = static_cast<std::uint32_t>(header.ndm_ifindex);
  out.address = *address;
  out.usable = take_mac(attributes.octets(NDA_LLADDR), out.mac) && (header.ndm_state & kUsable) != 0;
  return Decoded::value;
}

std::optional<int> decode_error(const nlmsghdr& message) {
  const auto payload = payload_of(message);
  int negative = 0;
  if (payload.size() < sizeof negative) return std::nullopt;
  std::memcpy(&negative, payload.data(), sizeof negative);
  if (negative > 0 || negative < -4095) return std::nullopt;  // the kernel's errno values end at 4095
  return -negative;
}

std::string_view decode_error_words(const nlmsghdr& message) {
  const auto payload = payload_of(message);
  // Capped, as Socket asks for: only the header of the request lies before the words.
  constexpr unsigned kFlags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
  if ((message.nlmsg_flags & kFlags) != kFlags || payload.size() < sizeof(nlmsgerr)) return {};
  Attributes attributes;
  if (!attributes.parse(payload.subspan(sizeof(nlmsgerr)), kErrorAttributes)) return {};
  const auto words = attributes.octets(NLMSGERR_ATTR_MSG);
  const auto end = std::ranges::find(words, 0);
  return {reinterpret_cast<const char*>(words.data()), static_cast<std::size_t>(end - words.begin())};
}

}  // namespace holdfast::glue
