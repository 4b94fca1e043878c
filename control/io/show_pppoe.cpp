// show pppoe session.
#include "config/address_text.hpp"
#include "io/show.hpp"
#include "io/traffic.hpp"

namespace holdfast::io {
namespace {

std::string_view name(CircuitState state) {
  switch (state) {
    case CircuitState::ppp: return "ppp";
    case CircuitState::calling:
    case CircuitState::retry: return "calling";
    case CircuitState::tunnel: return "tunnel";
    case CircuitState::ending: return "ending";
  }
  return "unknown";
}

std::string interface_of(const View& view, PortId port) {
  const auto* dataplane = view.port.dataplane();
  if (dataplane == nullptr || port.raw >= dataplane->counters().ports) return "port " + std::to_string(port.raw);
  return dataplane->port(port.raw).interface.data();
}

cli::PppoeSession describe(const View& view, const CircuitRecord& circuit) {
  cli::PppoeSession d;
  d.line = circuit.id.value();
  d.session_id = pppoe_session(circuit.id);
  d.interface = interface_of(view, circuit.port);
  d.mac = config::mac_text(circuit.mac);
  if (circuit.outer_vlan != 0) d.outer_vlan = circuit.outer_vlan;
  if (circuit.inner_vlan != 0) d.inner_vlan = circuit.inner_vlan;
  d.state = name(circuit.state);
  d.uptime_s =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(view.now - circuit.since).count());
  add_traffic(view.port, circuit.ppp, d);
  if (const SubscriberRecord* subscriber = view.records.subscriber(circuit.ppp)) d.user = subscriber->link.user.text();
  const SessionIndex call = circuit.state == CircuitState::calling ? circuit.call : circuit.ppp;
  const SessionRecord* session = view.records.session(call);
  if (session == nullptr || is_access(session->l2tp.tunnel)) return d;
  d.local_tunnel_id = session->l2tp.tunnel.value();
  d.local_session_id = session->l2tp.id.value();
  if (const TunnelRecord* tunnel = view.records.tunnel(session->l2tp.tunnel))
    d.peer_host = tunnel->l2tp.peer_host.text();
  return d;
}

}  // namespace

cli::PppoeSessions show_pppoe_sessions(const View& view, std::optional<CircuitId> line) {
  struct Each {
    const View& view;
    std::optional<CircuitId> line;
    cli::PppoeSessions d;
  } each{view, line, {}};
  view.records.for_each(Table::circuit, &each, [](void* p, std::uint32_t i) {
    auto& e = *static_cast<Each*>(p);
    if (!e.line || e.line->raw == i) e.d.sessions.push_back(describe(e.view, *e.view.records.circuit(CircuitId(i))));
  });
  return std::move(each.d);
}

}  // namespace holdfast::io
