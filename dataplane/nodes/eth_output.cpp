// Puts the IP packet into an Ethernet frame to its neighbour.
//
// edges: tx
#include "nodes/context.hpp"

namespace holdfast::nodes {

void eth_output(Context& c, Burst& burst) {
  each(burst.take(Next::eth_output), [&](unsigned i) {
    Packet& p = burst.packets[i];
    p.port = p.neighbour.port();
    extend(p.mbuf, sizeof(wire_format::Ethernet));
    header<wire_format::Ethernet>(p.mbuf) = {
        .destination = p.neighbour.mac,
        .source = c.ports[p.port.raw].mac,
        .type = Be16(p.family == 4 ? wire_format::kEtherIpv4 : wire_format::kEtherIpv6)};
    burst.send(i, Next::tx);
  });
}

}  // namespace holdfast::nodes
