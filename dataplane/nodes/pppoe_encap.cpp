// Puts a PPP frame into a frame of its circuit's PPPoE session (RFC 2516 6): Ethernet, the circuit's VLAN tags, PPPoE.
//
// edges: tx, drop
#include "nodes/context.hpp"

namespace holdfast::nodes {
namespace {

using namespace wire_format;
using abi::Drop;
using tables::CircuitSlot;

constexpr std::uint32_t kMostHeadroom = sizeof(Ethernet) + 2 * sizeof(VlanTag) + sizeof(Pppoe);

// The tag in front of what `type` says, which is the next type then.
void prepend_tag(rte_mbuf* mbuf, std::uint16_t vlan, std::uint16_t tag_type, std::uint16_t& type) {
  if (vlan == 0) return;
  extend(mbuf, sizeof(VlanTag));
  header<VlanTag>(mbuf) = {.control = Be16(vlan), .type = Be16(type)};
  type = tag_type;
}

void prepend_ethernet(rte_mbuf* mbuf, const CircuitSlot& circuit, const Mac& source) {
  std::uint16_t type = kEtherPppoeSession;
  prepend_tag(mbuf, circuit.inner_vlan(), kEtherVlan, type);
  prepend_tag(mbuf, circuit.outer_vlan(), circuit.outer_type(), type);
  extend(mbuf, sizeof(Ethernet));
  auto& ethernet = header<Ethernet>(mbuf);
  circuit.copy_mac(ethernet.destination.data());
  ethernet.source = source;
  ethernet.type = Be16(type);
}

// The two rows name each other, or a change is under way.
Next encap_one(const Context& c, Packet& p) {
  const CircuitId id(p.session->onward());
  const auto& circuit = c.tables.circuits.at(id);
  const auto identity = p.session->identity();
  const CircuitSlot::Session session{identity.tunnel, identity.session};
  if (!identity.tunnel || circuit.id() != id || !id || circuit.session() != session)
    return refuse(p, Drop::pppoe_no_session);
  p.port = circuit.port();
  const auto& port = c.ports[p.port.raw];
  const std::uint32_t frame = p.mbuf->data_len;
  if (frame + sizeof(Pppoe) > port.mtu) return refuse(p, Drop::pppoe_too_big);
  if (rte_pktmbuf_headroom(p.mbuf) < kMostHeadroom) return refuse(p, Drop::no_headroom);
  extend(p.mbuf, sizeof(Pppoe));
  header<Pppoe>(p.mbuf) = {.version_type = kPppoeVersionType,
                           .code = 0,
                           .session = Be16(pppoe_session(id)),
                           .length = Be16(static_cast<std::uint16_t>(frame))};
  prepend_ethernet(p.mbuf, circuit, port.mac);
  return Next::tx;
}

}  // namespace

void pppoe_encap(Context& c, Burst& burst) {
  each(burst.take(Next::pppoe_encap), [&](unsigned i) { burst.send(i, encap_one(c, burst.packets[i])); });
}

}  // namespace holdfast::nodes
