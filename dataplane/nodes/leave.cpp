// The ends of the graph: out of a port, to the control process, to the kernel, or nowhere. The worker sends what they
// leave in the outboxes.
#include "nodes/context.hpp"
#include "nodes/graph.hpp"
#include "nodes/handoff.hpp"
#include "nodes/hang_up.hpp"

namespace holdfast::nodes {
namespace {

void to_agent(Context& c, const Packet& p, Handoff kind) {
  note(p.mbuf) = {.kind = kind, .port = p.port, .tunnel = p.tunnel, .session = p.session_id, .protocol = p.protocol};
  c.agent.push(p.mbuf);
}

// A frame that has no IP header among what is punted is PPPoE discovery.
Handoff punted_as(const Packet& p) {
  if (p.origin == Origin::session) return Handoff::punt_ppp;
  return p.family == 0 ? Handoff::punt_pppoe : Handoff::punt_l2tp;
}

}  // namespace

void tx(Context& c, Burst& burst) {
  each(burst.take(Next::tx), [&](unsigned i) { c.tx[burst.packets[i].port.raw].push(burst.packets[i].mbuf); });
}

void punt(Context& c, Burst& burst) {
  each(burst.take(Next::punt), [&](unsigned i) {
    const Packet& p = burst.packets[i];
    add(c.port_counters[p.port.raw].punted, 1);
    const Handoff kind = punted_as(p);
    if (kind == Handoff::punt_pppoe && tell_hang_up(c, p)) return rte_pktmbuf_free(p.mbuf);
    to_agent(c, p, kind);
  });
}

void drop_discovery(Context& c) {
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < c.agent.count; ++i) {
    rte_mbuf* mbuf = c.agent.packets[i];
    if (note(mbuf).kind != Handoff::punt_pppoe) {
      c.agent.packets[kept++] = mbuf;
      continue;
    }
    count_drop(c, abi::Drop::punt_pppoe_overload);
    rte_pktmbuf_free(mbuf);
  }
  c.agent.count = kept;
}

// A frame goes to the port that the kernel has in its place, complete; a packet out of a tunnel has no frame.
void kernel(Context& c, Burst& burst) {
  each(burst.take(Next::kernel), [&](unsigned i) {
    const Packet& p = burst.packets[i];
    if (p.origin == Origin::port) {
      if (p.family != 0) extend(p.mbuf, sizeof(wire_format::Ethernet));
      add(c.port_counters[p.port.raw].to_kernel, 1);
    }
    to_agent(c, p, p.origin == Origin::port ? Handoff::to_tap : Handoff::to_tun);
  });
}

void drop(Context& c, Burst& burst) {
  each(burst.take(Next::drop), [&](unsigned i) {
    count_drop(c, burst.packets[i].reason);
    rte_pktmbuf_free(burst.packets[i].mbuf);
  });
}

}  // namespace holdfast::nodes
