// Takes the PPP frame out of its PPPoE session (RFC 2516 6), if it comes from where the circuit is: its port, VLAN and
// MAC address. classify has checked the header.
//
// edges: ppp_relay, ppp_input, drop
#include "nodes/context.hpp"
#include "nodes/vlan.hpp"

namespace holdfast::nodes {
namespace {

using abi::Drop;

// Finds the session that the circuit belongs to, so that its rows are on their way when its turn comes.
bool find_session(const Context& c, Packet& p) {
  const auto& circuit = c.tables.circuits.at(p.circuit);
  const auto payload = behind_tags(p.mbuf);
  if (!p.circuit || circuit.id() != p.circuit) {
    p.reason = Drop::pppoe_no_session;
    return false;
  }
  const auto source = tables::circuit_source(p.circuit, p.port, header<wire_format::Ethernet>(p.mbuf).source.data(),
                                             payload.outer_vlan, payload.inner_vlan);
  if (circuit.source() != source) {
    p.reason = Drop::pppoe_wrong_source;
    return false;
  }
  const auto session = circuit.session();
  p.tunnel = session.tunnel;
  p.session_id = session.id;
  p.index = c.tables.sessions.index(session.tunnel, session.id);
  p.session = &c.tables.sessions.at(p.index);
  __builtin_prefetch(p.session);
  __builtin_prefetch(&c.session_counters[p.index.raw], 1);
  __builtin_prefetch(&c.tables.tunnels.at(p.tunnel));
  return true;
}

// The two rows name each other, or a change is under way.
Next decap_one(Packet& p) {
  const std::uint32_t flags = p.session->flags();
  if (!is_still_there(p) || (flags & abi::kSessionToCircuit) == 0 || p.session->onward() != p.circuit.raw)
    return refuse(p, Drop::pppoe_no_session);
  strip(p.mbuf, p.header);
  p.origin = Origin::session;
  return is_access(p.tunnel) ? Next::ppp_input : Next::ppp_relay;
}

}  // namespace

void pppoe_decap(Context& c, Burst& burst) {
  std::uint32_t found = 0;
  each(burst.take(Next::pppoe_decap), [&](unsigned i) {
    if (find_session(c, burst.packets[i]))
      found |= 1u << i;
    else
      burst.send(i, Next::drop);
  });
  each(found, [&](unsigned i) { burst.send(i, decap_one(burst.packets[i])); });
}

}  // namespace holdfast::nodes
