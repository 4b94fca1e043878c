// The life of circuits, PPPoE sessions of ours as the access concentrator: begin, PPP until it is known whose the user
// is, the end from either side.
//
//   PADR > ppp > the user is ours: PPP goes on here
//            > his domain has tunnels: calling > tunnel, or retry > calling with the next (tunnelling.cpp)
#include "engine/engine.hpp"
#include "engine/rows.hpp"
#include "ppp/ppp.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace holdfast::engine {
namespace {

using l2tp::CallResult;
using l2tp::Ending;
using l2tp::SessionState;

constexpr std::uint32_t kUnknownSpeed = 100'000'000;  // bit/s, where the access node does not tell the line's

std::uint32_t bits(std::uint32_t kilobits, std::uint32_t otherwise) {
  return kilobits == 0 ? otherwise : std::min(kilobits, 4'000'000u) * 1000u;
}

// What an LNS is told of the line (RFC 2661 4.4.4 Calling Number): where it is, and who.
std::string calling_number(const std::string& interface, const CircuitRecord& circuit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = interface;
  if (circuit.outer_vlan != 0) out.append(":").append(std::to_string(circuit.outer_vlan));
  if (circuit.inner_vlan != 0) out.append(".").append(std::to_string(circuit.inner_vlan));
  out += '#';
  for (const auto octet : circuit.mac) {
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
  return out;
}

access::Line line_of(const CircuitRecord& circuit) {
  access::Line line{circuit.mac, {}, circuit.outer_vlan, circuit.inner_vlan, 0};
  if (circuit.outer_vlan != 0) line.outer_type = circuit.provider_tag != 0 ? access::kServiceTag : access::kCustomerTag;
  return line;
}

}  // namespace

// A tunnel without a peer has no record; this stands for it.
TunnelRecord& Engine::access(TunnelId id) {
  access_ = TunnelRecord{};
  access_.l2tp.id = id;
  access_.l2tp.state = l2tp::TunnelState::established;
  return access_;
}

std::uint16_t Engine::access_mru(const CircuitRecord* circuit) const {
  const std::uint16_t most = circuit != nullptr && circuit->max_payload != 0 ? circuit->max_payload : kPlainPayload;
  return std::min(config_.pppoe.mru, most);
}

// Null: no id is free.
const CircuitRecord* Engine::begin_circuit(Context& c, const Request& request, std::uint32_t asked) {
  const auto id = indexes_.free_circuit(records_, request.frame.source);
  const TunnelId tunnel = access_tunnel(indexes_.emptiest_bank());
  if (id && !records_.reserve(Table::circuit, id->raw)) {
    counters_.add(Count::no_memory);
    return nullptr;
  }
  const auto session_id = id ? free_session(access(tunnel)) : std::nullopt;
  const auto slot = session_id ? indexes_.take_call() : std::nullopt;
  if (!slot) return nullptr;
  const SessionIndex index = c.tx.index(tunnel, *session_id);
  CircuitRecord& circuit = c.tx.edit_circuit(*id);
  circuit = {};
  circuit.since = c.env.now;
  circuit.id = *id;
  circuit.ppp = index;
  circuit.asked = asked;
  circuit.mac = request.frame.source;
  circuit.port = request.port;
  circuit.outer_vlan = request.frame.outer_vlan;
  circuit.inner_vlan = request.frame.inner_vlan;
  circuit.provider_tag = request.frame.outer_type == access::kServiceTag ? 1 : 0;
  if (request.tags.max_payload && config_.pppoe.max_payload > kPlainPayload)
    circuit.max_payload = std::min(*request.tags.max_payload, config_.pppoe.max_payload);
  if (circuit.max_payload <= kPlainPayload) circuit.max_payload = 0;

  SessionRecord& session = c.tx.edit_session(index);
  session.l2tp.tunnel = tunnel;
  session.l2tp.id = *session_id;
  session.l2tp.state = SessionState::established;
  session.l2tp.since = c.env.now;
  session.call = *slot;
  session.circuit = *id;
  CallRecord& call = c.tx.edit_call(*slot);
  call = {};
  call.session = index;
  call.call.tx_speed = bits(request.tags.rate_downstream, kUnknownSpeed);
  call.call.rx_speed = bits(request.tags.rate_upstream, call.call.tx_speed);
  const std::string calling = calling_number(request.interface.name, circuit);
  (void)call.call.calling.assign(calling);
  (void)session.l2tp.calling.assign(std::string_view(calling).substr(0, 31));
  (void)call.call.called.assign(service(request).first(std::min<std::size_t>(service(request).size(), 63)));
  (void)call.call.agent_circuit_id.assign(request.tags.agent_circuit_id);
  (void)call.call.agent_remote_id.assign(request.tags.agent_remote_id);
  indexes_.add_session(index);
  indexes_.add_circuit(circuit);
  counters_.add(Count::circuits_begun);
  return &circuit;
}

// Ours is the first Configure-Request; it follows the PADS.
void Engine::start_line(Context& c, const CircuitRecord& circuit) {
  const SessionIndex index = circuit.ppp;
  const TunnelRecord& tunnel = access(c.tx.session(index)->l2tp.tunnel);
  SubscriberRecord& subscriber = c.tx.edit_subscriber(index);
  const auto policy = ppp_policy(c, tunnel, index);
  ppp_.clear();
  ppp::start(subscriber.link, policy, c.env, ppp_);
  must(c.tx.step().table_ops.push(session_row(c, tunnel, index)));
  must(c.tx.step().table_ops.push(put_circuit(circuit, c.tx.session(index)->l2tp)));
  Notice n = notice(NoticeKind::circuit_up, tunnel);
  tell_line(c, *c.tx.session(index), n);
  must(c.tx.step().notices.push(n));
  apply_ppp(c, access_, index, policy);
}

// What belongs to the circuit in a notice of its session.
void Engine::tell_line(const Context& c, const SessionRecord& session, Notice& n) {
  n.session = session.l2tp.id;
  n.line = session.circuit;
  const CircuitRecord* circuit = session.circuit ? c.tx.circuit(session.circuit) : nullptr;
  if (circuit == nullptr) return;
  n.mac = circuit->mac;
  n.port = circuit->port;
}

// Ends a circuit, whatever it is about. by_subscriber: he has said so himself, and is not told.
void Engine::hang_up(Context& c, CircuitId id, const Ending& why, bool by_subscriber) {
  const CircuitRecord* circuit = c.tx.circuit(id);
  if (circuit == nullptr || circuit->state == CircuitState::ending) return;
  const SessionIndex index = circuit->ppp;
  const SessionRecord* session = c.tx.session(index);
  if (session == nullptr || session->circuit != id) return forget_circuit(c, id, why, by_subscriber);
  if (circuit->state != CircuitState::tunnel) {
    cancel_call(c, id);
    return remove_session(c, access(session->l2tp.tunnel), index, why, by_subscriber);
  }
  // The line is dead at once. The call may have to wait until its tunnel has room to say so, and goes with the tunnel
  // where that ends.
  if (!by_subscriber) send_padt(c, *circuit, why);
  c.tx.edit_circuit(id).state = CircuitState::ending;
  must(c.tx.step().table_ops.push(remove_circuit(id)));
  TunnelRecord* tunnel = living_tunnel(c, index, session->l2tp.tunnel);
  if (tunnel == nullptr) return;
  disconnect(c, *tunnel, index, why);
  flush(c, *tunnel);
}

// The session behind it is gone, or going.
void Engine::forget_circuit(Context& c, CircuitId id, const Ending& why, bool by_subscriber) {
  const CircuitRecord* known = c.tx.circuit(id);
  if (known == nullptr) return;
  const CircuitRecord circuit = *known;
  must(c.tx.step().table_ops.push(remove_circuit(id)));
  if (!by_subscriber && circuit.state != CircuitState::ending) send_padt(c, circuit, why);
  indexes_.remove_circuit(circuit);
  counters_.add(Count::circuits_ended);
  c.tx.free(Table::circuit, id.raw);
}

void Engine::send_padt(Context& c, const CircuitRecord& circuit, const Ending& why) {
  std::array<std::uint8_t, access::kMaxDiscovery> room;
  send_discovery(c, circuit.port,
                 access::write_padt(room, line_of(circuit), pppoe_session(circuit.id), why.text.text()));
}

// After a restart: what a damaged record has left of a circuit is nothing that the subscriber could use.
void Engine::restore_circuit(Context& c, CircuitId id) {
  const CircuitRecord* circuit = c.tx.circuit(id);
  if (circuit == nullptr) return;
  const SessionRecord* session = c.tx.session(circuit->ppp);
  if (session != nullptr && session->circuit == id) return;
  forget_circuit(c, id, Ending::of(CallResult::error, "its record was damaged", l2tp::ErrorCode::vendor), false);
}

}  // namespace holdfast::engine
