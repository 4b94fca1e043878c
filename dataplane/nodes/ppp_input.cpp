// A PPP frame from a subscriber: IP of an open network protocol, from the subscriber's own address, goes on to be
// forwarded; LCP Echo-Request is answered here (RFC 1661 5.8); other protocols are the control process's business.
//
// edges: ip_forward, ppp_output, punt, drop
#include "nodes/context.hpp"
#include "nodes/ip_check.hpp"
#include "nodes/mss.hpp"
#include "nodes/source_check.hpp"

#include <cstring>

namespace holdfast::nodes {
namespace {

using namespace wire_format;

constexpr std::uint8_t kRouterSolicitation = 133;  // RFC 4861 4.1

// Strips ff 03 (RFC 1661 2, 6.6) and the protocol field of one octet or two (6.5). False: too short.
bool take_protocol(Packet& p) {
  const std::uint8_t* frame = octets(p.mbuf);
  const std::uint32_t length = p.mbuf->data_len;
  std::uint32_t at = 0;
  p.address_control = length >= 2 && frame[0] == 0xff && frame[1] == 0x03;
  if (p.address_control) at = 2;
  if (at >= length) return false;
  p.protocol = frame[at++];
  if ((p.protocol & 1) == 0) {
    if (at >= length) return false;
    p.protocol = static_cast<std::uint16_t>(p.protocol << 8 | frame[at++]);
  }
  strip(p.mbuf, at);
  return true;
}

void clamp(const Packet& p) {
  if (const std::uint16_t mss = p.session->mss(); mss != 0) clamp_mss(octets(p.mbuf), p.mbuf->data_len, mss);
}

void count_received(Context& c, const Packet& p) {
  auto& counters = c.session_counters[p.index.raw];
  add(counters.rx_packets, 1);
  add(counters.rx_octets, p.mbuf->data_len);
}

Next input_ipv4(Context& c, Packet& p) {
  if ((p.session->flags() & abi::kSessionIpv4) == 0) return refuse(p, abi::Drop::ppp_ipv4_not_open);
  if (const auto reason = check_ipv4(octets(p.mbuf), p.mbuf->data_len, false); reason != kFine)
    return refuse(p, reason);
  const auto& ip = header<Ipv4>(p.mbuf);
  shorten_to(p.mbuf, ip.total_length.value());
  p.family = 4;
  std::uint32_t source;
  std::memcpy(&source, &ip.source, sizeof(source));
  if (source != p.session->ipv4() || source == 0) return refuse(p, abi::Drop::ppp_source_spoofed);
  const std::uint32_t destination = ip.destination.value();
  if (is_multicast(destination)) return refuse(p, abi::Drop::ppp_multicast);
  if (is_this_host_or_network(destination)) return refuse(p, abi::Drop::ip_no_route);
  clamp(p);
  count_received(c, p);
  c.tables.route4.prefetch(destination);
  return Next::ip_forward;
}

// Router solicitations, and what is sent to the router's address on this link alone: only control knows that address.
bool for_router_itself(const Ipv6& ip, const Packet& p) {
  if (ip.next_header != kProtocolIcmpv6 || p.mbuf->data_len <= sizeof(Ipv6)) return false;
  if (ip.destination[0] == 0xff) return octets(p.mbuf)[sizeof(Ipv6)] == kRouterSolicitation;
  return is_link_local(ip.destination);
}

Next input_ipv6(Context& c, Packet& p) {
  if ((p.session->flags() & abi::kSessionIpv6) == 0) return refuse(p, abi::Drop::ppp_ipv6_not_open);
  if (const auto reason = check_ipv6(octets(p.mbuf), p.mbuf->data_len); reason != kFine) return refuse(p, reason);
  const auto& ip = header<Ipv6>(p.mbuf);
  shorten_to(p.mbuf, static_cast<std::uint32_t>(sizeof(Ipv6)) + ip.payload_length.value());
  p.family = 6;
  const bool unspecified = ip.source == std::array<std::uint8_t, 16>{};
  const bool on_link = is_link_local(ip.source) || (unspecified && ip.destination[0] == 0xff);
  if (!on_link && !is_within_prefix(*p.session, ip.source)) return refuse(p, abi::Drop::ppp_source_spoofed);
  if (for_router_itself(ip, p)) return Next::punt;
  if (ip.destination[0] == 0xff) return refuse(p, abi::Drop::ppp_multicast);
  if (is_link_local(ip.destination)) return refuse(p, abi::Drop::ip_no_route);
  clamp(p);
  count_received(c, p);
  c.tables.route6.prefetch(ip.destination.data());
  return Next::ip_forward;
}

// An Echo-Request becomes the Echo-Reply in place. One with our own magic number has come back on a looped line
// (RFC 1661 6.4): control has to see it.
Next input_lcp(const Packet& p) {
  struct Echo {
    std::uint8_t code, id;
    Be16 length;
    Be32 magic;
  };
  if ((p.session->flags() & abi::kSessionAnswerEcho) == 0 || p.mbuf->data_len < sizeof(Echo)) return Next::punt;
  auto& echo = header<Echo>(p.mbuf);
  const std::uint32_t length = echo.length.value();
  if (echo.code != kLcpEchoRequest || length < sizeof(Echo) || length > p.mbuf->data_len) return Next::punt;
  const std::uint32_t magic = p.session->magic();
  if (magic != 0 && echo.magic.value() == magic) return Next::punt;
  shorten_to(p.mbuf, length);
  echo.code = kLcpEchoReply;
  echo.magic = Be32(magic);
  return Next::ppp_output;
}

Next input_one(Context& c, Packet& p) {
  if (!take_protocol(p)) return refuse(p, abi::Drop::ppp_too_short);
  switch (p.protocol) {
    case kPppIpv4: return input_ipv4(c, p);
    case kPppIpv6: return input_ipv6(c, p);
    case kPppLcp: return input_lcp(p);
    default: return Next::punt;
  }
}

}  // namespace

void ppp_input(Context& c, Burst& burst) {
  each(burst.take(Next::ppp_input), [&](unsigned i) { burst.send(i, input_one(c, burst.packets[i])); });
}

}  // namespace holdfast::nodes
