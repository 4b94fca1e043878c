// Makes it a PPP frame for a session: the protocol field, with address and control field in front where the peer wants
// them (RFC 1661 2, 6.5, 6.6).
//
// edges: l2tp_encap, pppoe_encap, kernel, drop
#include "nodes/checksum.hpp"
#include "nodes/context.hpp"
#include "nodes/mss.hpp"

namespace holdfast::nodes {
namespace {

using namespace wire_format;

constexpr std::uint32_t kMostHeadroom = 14 + 48 + 12 + 4;  // Ethernet, IPv6 and UDP, L2TP with all fields, PPP

bool is_ip(const Packet& p) { return p.protocol == kPppIpv4 || p.protocol == kPppIpv6; }
// Whether the subscriber can take this IP packet; on the way its hop is counted.
Next check_ip(Packet& p) {
  const bool v4 = p.protocol == kPppIpv4;
  if ((p.session->flags() & (v4 ? abi::kSessionIpv4 : abi::kSessionIpv6)) == 0)
    return refuse(p, v4 ? abi::Drop::ppp_ipv4_not_open : abi::Drop::ppp_ipv6_not_open);
  if (p.mbuf->data_len > p.session->mtu()) return is_hop(p) ? Next::kernel : refuse(p, abi::Drop::ppp_too_big);
  if (is_hop(p)) {
    if (v4)
      decrement_ttl(header<Ipv4>(p.mbuf));
    else
      --header<Ipv6>(p.mbuf).hop_limit;
  }
  return Next::l2tp_encap;
}

void count_sent(Context& c, const Packet& p) {
  auto& counters = c.session_counters[p.index.raw];
  add(counters.tx_packets, 1);
  add(counters.tx_octets, p.mbuf->data_len);
}

// RFC 1661 6.5, 6.6: LCP is never compressed. The echo's sender shows what it takes.
void prepend_ppp(const Packet& p) {
  const std::uint32_t flags = p.session->flags();
  const bool lcp = p.protocol == kPppLcp;
  const bool address_control = lcp ? p.address_control : (flags & abi::kSessionOmitFf03) == 0;
  if (p.protocol < 0x100 && (flags & abi::kSessionCompressProtocol) != 0) {
    *extend(p.mbuf, 1) = static_cast<std::uint8_t>(p.protocol);
  } else {
    extend(p.mbuf, 2);
    header<Be16>(p.mbuf) = Be16(p.protocol);
  }
  if (address_control) {
    extend(p.mbuf, 2);
    header<Be16>(p.mbuf) = Be16(kPppAddressControl);
  }
}

// RFC 2516 7: no address and control field, and the protocol field in full.
Next to_circuit(const Context& c, const Packet& p) {
  __builtin_prefetch(&c.tables.circuits.at(CircuitId(p.session->onward())));
  extend(p.mbuf, 2);
  header<Be16>(p.mbuf) = Be16(p.protocol);
  return Next::pppoe_encap;
}

Next output_one(Context& c, Packet& p) {
  const auto identity = p.session->identity();
  if (!identity.tunnel)
    return refuse(p, p.origin == Origin::control ? abi::Drop::inject_no_session : abi::Drop::ip_no_route);
  if (rte_pktmbuf_headroom(p.mbuf) < kMostHeadroom) return refuse(p, abi::Drop::no_headroom);
  if (is_ip(p) && p.origin != Origin::control) {
    if (const Next next = check_ip(p); next != Next::l2tp_encap) return next;
    if (const std::uint16_t mss = p.session->mss(); mss != 0) clamp_mss(octets(p.mbuf), p.mbuf->data_len, mss);
    count_sent(c, p);
  }
  if (is_access(identity.tunnel)) return to_circuit(c, p);
  __builtin_prefetch(&c.tables.tunnels.at(identity.tunnel));
  prepend_ppp(p);
  return Next::l2tp_encap;
}

}  // namespace

void ppp_output(Context& c, Burst& burst) {
  each(burst.take(Next::ppp_output), [&](unsigned i) { burst.send(i, output_one(c, burst.packets[i])); });
}

}  // namespace holdfast::nodes
