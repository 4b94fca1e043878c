// Where does it go? Longest prefix, then to a neighbour, to a subscriber, or to the kernel (RFC 1812 5.2, RFC 8200).
// What needs an answer by ICMP (time exceeded, too big, unreachable) or a fragmentation goes to the kernel, too, which
// does all of that.
//
// edges: eth_output, ppp_output, kernel, drop
#include "nodes/checksum.hpp"
#include "nodes/context.hpp"

namespace holdfast::nodes {
namespace {

using namespace wire_format;
using tables::HopKind;
using tables::NextHop;

bool last_hop(const Packet& p) {
  if (!is_hop(p)) return false;
  return p.family == 4 ? header<Ipv4>(p.mbuf).ttl <= 1 : header<Ipv6>(p.mbuf).hop_limit <= 1;
}

// IPv4 options are for the kernel; classify has sent those from ports there already.
bool has_options(const Packet& p) {
  return p.origin == Origin::session && p.family == 4 && header<Ipv4>(p.mbuf).version_ihl != 0x45;
}

bool on_link_source(const Packet& p) {
  if (p.family == 4) return false;
  const auto& source = header<Ipv6>(p.mbuf).source;
  return source[0] == 0xfe && (source[1] & 0xc0) == 0x80;
}

// The kernel gave it because its routes say so; giving it back would be a loop.
Next to_kernel(Packet& p) { return p.origin == Origin::kernel ? refuse(p, abi::Drop::ip_no_route) : Next::kernel; }

Next to_neighbour(Context& c, Packet& p, NextHop hop) {
  if (p.origin == Origin::kernel) return refuse(p, abi::Drop::ip_no_route);  // it has its own way out: the TAP
  p.neighbour = c.tables.neighbours.at(NeighbourId(hop.index()));
  if (!p.neighbour || p.mbuf->data_len > c.ports[p.neighbour.port().raw].mtu) return Next::kernel;
  if (is_hop(p)) {
    if (p.family == 4)
      decrement_ttl(header<Ipv4>(p.mbuf));
    else
      --header<Ipv6>(p.mbuf).hop_limit;
  }
  return Next::eth_output;
}

Next to_session(const Context& c, Packet& p, NextHop hop) {
  p.index = SessionIndex{hop.index()};
  p.session = &c.tables.sessions.at(p.index);
  p.protocol = p.family == 4 ? kPppIpv4 : kPppIpv6;
  __builtin_prefetch(p.session);
  __builtin_prefetch(&c.session_counters[p.index.raw], 1);
  return Next::ppp_output;
}

Next forward_one(Context& c, Packet& p) {
  const NextHop hop = p.family == 4 ? c.tables.route4.lookup(header<Ipv4>(p.mbuf).destination.value())
                                    : c.tables.route6.lookup(header<Ipv6>(p.mbuf).destination.data());
  const HopKind kind = hop.kind();
  if (kind == HopKind::local) return to_kernel(p);
  // RFC 4291 2.5.6: a link-local source stays on its link. From a port that is for the kernel to say.
  if (on_link_source(p) && is_hop(p))
    return p.origin == Origin::port ? Next::kernel : refuse(p, abi::Drop::ppp_source_spoofed);
  if (last_hop(p) || has_options(p)) return to_kernel(p);
  switch (kind) {
    case HopKind::none:
    case HopKind::group:
    case HopKind::kernel:
    case HopKind::local: return to_kernel(p);
    case HopKind::blackhole: return refuse(p, abi::Drop::ip_blackhole);
    case HopKind::neighbour: return to_neighbour(c, p, hop);
    case HopKind::session: return to_session(c, p, hop);
  }
  return refuse(p, abi::Drop::ip_no_route);
}

}  // namespace

void ip_forward(Context& c, Burst& burst) {
  const std::uint32_t packets = burst.take(Next::ip_forward);
  each(packets, [&](unsigned i) {
    const Packet& p = burst.packets[i];
    if (p.family == 4) c.tables.route4.prefetch_group(header<Ipv4>(p.mbuf).destination.value());
  });
  each(packets, [&](unsigned i) { burst.send(i, forward_one(c, burst.packets[i])); });
}

}  // namespace holdfast::nodes
