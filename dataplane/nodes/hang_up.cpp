#include "nodes/hang_up.hpp"

#include "nodes/vlan.hpp"

namespace holdfast::nodes {

using namespace wire_format;

bool tell_hang_up(Context& c, const Packet& p) {
  const EthernetPayload payload = behind_tags(p.mbuf);
  if (p.mbuf->data_len < payload.at + sizeof(Pppoe)) return false;
  const auto& pppoe = header<Pppoe>(p.mbuf, payload.at);
  const std::size_t room = p.mbuf->data_len - payload.at - sizeof(Pppoe);
  if (pppoe.version_type != kPppoeVersionType || pppoe.code != kPppoePadt || pppoe.length.value() > room) return false;
  const auto& ethernet = header<Ethernet>(p.mbuf);
  if (ethernet.destination != c.ports[p.port.raw].mac) return false;
  const CircuitId id = c.tables.circuits.id(ethernet.source[5], pppoe.session.value());
  const auto& circuit = c.tables.circuits.at(id);
  if (!id || circuit.id() != id) return false;
  if (circuit.source() !=
      tables::circuit_source(id, p.port, ethernet.source.data(), payload.outer_vlan, payload.inner_vlan))
    return false;
  c.hang_ups.tell(id);
  ++c.hang_ups_told;
  return true;
}

}  // namespace holdfast::nodes
