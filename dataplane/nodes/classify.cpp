// What is it? Untagged Ethernet to us carrying IP goes on; L2TP (UDP port 1701, RFC 2661 8.1) among it to l2tp_decap or
// to the control process; so does PPPoE (RFC 2516 4), tagged or not; everything else is the kernel's business.
//
// edges: ip_reassembly, l2tp_decap, pppoe_decap, ip_forward, punt, kernel, drop
#include "nodes/context.hpp"
#include "nodes/ip_check.hpp"
#include "nodes/vlan.hpp"

namespace holdfast::nodes {
namespace {

using namespace wire_format;

constexpr std::uint16_t kAnyFragment = 0x3fff;  // MF or an offset, RFC 791 3.1
constexpr std::uint32_t kLeastL2tp = 6;         // flags, tunnel id, session id (RFC 2661 3.1)

Next to_ip_forward(const Context& c, Packet& p) {
  if (p.family == 4)
    c.tables.route4.prefetch(header<Ipv4>(p.mbuf).destination.value());
  else
    c.tables.route6.prefetch(header<Ipv6>(p.mbuf).destination.data());
  return Next::ip_forward;
}

// Finds the ids of a data message, so that its rows are on their way from memory when l2tp_decap needs them.
Next classify_l2tp(const Context& c, Packet& p) {
  const std::uint8_t* l2tp = octets(p.mbuf) + p.header + sizeof(Udp);
  const std::uint32_t available = p.mbuf->data_len - p.header - static_cast<std::uint32_t>(sizeof(Udp));
  if (available < kLeastL2tp + 2) return Next::l2tp_decap;
  if ((l2tp[0] & kL2tpControl >> 8) != 0) return is_ours(c, p) ? Next::punt : to_ip_forward(c, p);
  const std::uint8_t* ids = l2tp + ((l2tp[0] & kL2tpLength >> 8) != 0 ? 4 : 2);
  p.tunnel = TunnelId(reinterpret_cast<const Be16*>(ids)->value());
  p.session_id = SessionId(reinterpret_cast<const Be16*>(ids + 2)->value());
  p.index = c.tables.sessions.index(p.tunnel, p.session_id);
  p.session = &c.tables.sessions.at(p.index);
  __builtin_prefetch(p.session);
  __builtin_prefetch(&c.session_counters[p.index.raw], 1);
  __builtin_prefetch(&c.tables.tunnels.at(p.tunnel));
  return Next::l2tp_decap;
}

bool is_l2tp(const Packet& p) {
  return p.mbuf->data_len >= p.header + sizeof(Udp) && header<Udp>(p.mbuf, p.header).destination.value() == kL2tpPort;
}

// Of UDP, which may be L2TP if it is for us.
[[gnu::cold]] Next classify_fragment(const Context& c, Packet& p) {
  return is_ours(c, p) ? Next::ip_reassembly : to_ip_forward(c, p);
}

Next classify_ipv4(const Context& c, Packet& p) {
  const bool verified = (p.mbuf->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_GOOD;
  if (const auto reason = check_ipv4(octets(p.mbuf), p.mbuf->data_len, verified); reason != kFine)
    return refuse(p, reason);
  const auto& ip = header<Ipv4>(p.mbuf);
  shorten_to(p.mbuf, ip.total_length.value());  // Ethernet pads to 60 octets
  p.family = 4;
  p.header = sizeof(Ipv4);
  if (ip.version_ihl != 0x45) return Next::kernel;  // options
  if (ip.protocol == kProtocolUdp) {
    if ((ip.flags_fragment.value() & kAnyFragment) != 0) return classify_fragment(c, p);
    if (is_l2tp(p)) return classify_l2tp(c, p);
  }
  return to_ip_forward(c, p);
}

Next classify_ipv6(const Context& c, Packet& p) {
  if (const auto reason = check_ipv6(octets(p.mbuf), p.mbuf->data_len); reason != kFine) return refuse(p, reason);
  const auto& ip = header<Ipv6>(p.mbuf);
  shorten_to(p.mbuf, static_cast<std::uint32_t>(sizeof(Ipv6)) + ip.payload_length.value());
  p.family = 6;
  p.header = sizeof(Ipv6);
  if (ip.next_header == kProtocolUdp && is_l2tp(p)) return classify_l2tp(c, p);
  const bool fragment = ip.next_header == kProtocolFragment && p.mbuf->data_len >= sizeof(Ipv6) + sizeof(Ipv6Fragment);
  if (fragment && header<Ipv6Fragment>(p.mbuf, sizeof(Ipv6)).next_header == kProtocolUdp)
    return classify_fragment(c, p);
  return to_ip_forward(c, p);
}

// The id says where the circuit's row lies, so that it is on its way from memory when pppoe_decap needs it.
Next classify_pppoe(const Context& c, Packet& p, std::uint32_t at) {
  const std::uint32_t before = at + static_cast<std::uint32_t>(sizeof(Pppoe));
  if (p.mbuf->data_len < before) return refuse(p, abi::Drop::pppoe_bad_length);
  const auto& pppoe = header<Pppoe>(p.mbuf, at);
  if (pppoe.version_type != kPppoeVersionType || pppoe.code != 0) return refuse(p, abi::Drop::pppoe_bad_header);
  const std::uint32_t length = pppoe.length.value();
  if (length == 0 || length > p.mbuf->data_len - before) return refuse(p, abi::Drop::pppoe_bad_length);
  shorten_to(p.mbuf, before + length);  // Ethernet pads to 60 octets
  p.header = static_cast<std::uint8_t>(before);
  p.circuit = c.tables.circuits.id(header<Ethernet>(p.mbuf).source[5], pppoe.session.value());
  __builtin_prefetch(&c.tables.circuits.at(p.circuit));
  return Next::pppoe_decap;
}

Next classify_not_ip(const Context& c, Packet& p, bool to_us) {
  constexpr Mac kEveryone{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const auto& destination = header<Ethernet>(p.mbuf).destination;
  if (!to_us && (destination[0] & 1) == 0) return refuse(p, abi::Drop::eth_not_for_us);
  const EthernetPayload payload = behind_tags(p.mbuf);
  if (to_us && payload.type == kEtherPppoeSession) return classify_pppoe(c, p, payload.at);
  if (payload.type == kEtherPppoeDiscovery && (to_us || destination == kEveryone)) return Next::punt;
  return Next::kernel;
}

Next classify_one(const Context& c, Packet& p) {
  if (p.mbuf->nb_segs != 1) return refuse(p, abi::Drop::eth_scattered);
  if (p.mbuf->data_len < sizeof(Ethernet)) return refuse(p, abi::Drop::eth_too_short);
  const auto& ethernet = header<Ethernet>(p.mbuf);
  const bool to_us = ethernet.destination == c.ports[p.port.raw].mac;
  const std::uint16_t type = ethernet.type.value();
  if (!to_us || (type != kEtherIpv4 && type != kEtherIpv6)) return classify_not_ip(c, p, to_us);
  strip(p.mbuf, sizeof(Ethernet));
  return type == kEtherIpv4 ? classify_ipv4(c, p) : classify_ipv6(c, p);
}

}  // namespace

Next classify_ip(const Context& c, Packet& p) { return p.family == 4 ? classify_ipv4(c, p) : classify_ipv6(c, p); }

bool is_ours(const Context& c, const Packet& p) {
  const bool v4 = p.family == 4;
  if (v4 ? c.tables.route4.empty() : c.tables.route6.empty()) return true;
  const auto hop = v4 ? c.tables.route4.lookup(header<Ipv4>(p.mbuf).destination.value())
                      : c.tables.route6.lookup(header<Ipv6>(p.mbuf).destination.data());
  return hop.kind() == tables::HopKind::local;
}

void classify(Context& c, Burst& burst, std::uint32_t packets) {
  each(packets, [&](unsigned i) { burst.send(i, classify_one(c, burst.packets[i])); });
}

}  // namespace holdfast::nodes
