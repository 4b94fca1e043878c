// Where a subscriber's PPP goes: his domain's tunnels are tried in the order of their preference until a call in one of
// them is up; then his frames go to the LNS, which is told what PPP has come to (RFC 2661 4.4.5).
#include "config/lookup.hpp"
#include "engine/engine.hpp"
#include "engine/rows.hpp"
#include "engine/tunnel_choice.hpp"
#include "ppp/ppp.hpp"

namespace holdfast::engine {
namespace {

using l2tp::CallResult;
using l2tp::Ending;

// RFC 2661 4.4.5 Proxy Authen Type. MS-CHAPv2 has no number of its own: it is PPP's CHAP, with the algorithm that the
// Last Sent LCP CONFREQ names.
constexpr std::uint16_t kProxyChap = 2;
constexpr std::uint16_t kProxyPap = 3;
constexpr std::uint16_t kProxyNone = 4;

template <std::size_t N>
void copy(InlineOctets<N>& to, const InlineOctets<N>& from) {
  to = from;
}

l2tp::Proxy proxy_of(const ppp::Overheard& overheard) {
  l2tp::Proxy proxy;
  copy(proxy.initial_received_confreq, overheard.initial_received);
  copy(proxy.last_sent_confreq, overheard.last_sent);
  copy(proxy.last_received_confreq, overheard.last_received);
  switch (overheard.method) {
    case ppp::AuthMethod::none: proxy.authen_type = kProxyNone; return proxy;
    case ppp::AuthMethod::pap: proxy.authen_type = kProxyPap; break;
    case ppp::AuthMethod::chap:
    case ppp::AuthMethod::ms_chap_v2: proxy.authen_type = kProxyChap; break;
  }
  copy(proxy.name, overheard.name);
  copy(proxy.response, overheard.response);
  copy(proxy.challenge, overheard.challenge);
  proxy.authen_id = overheard.id;
  return proxy;
}

}  // namespace

// The tunnels of the user's domain; null: he is ours to serve.
const config::DomainMap* Engine::domain_of(std::string_view user) const {
  const auto* map = config::domain_map_of(config_, user);
  return map != nullptr && !map->tunnels.empty() ? map : nullptr;
}

// PPP waits from here on: it is the LNS that answers what the subscriber has said of himself. The call follows in a
// step of its own. local: on a circuit, or a call that is to be switched (switching.cpp).
void Engine::begin_tunnelling(Context& c, SessionIndex local) {
  SessionRecord& session = c.tx.edit_session(local);
  CallRecord& call = c.tx.edit_call(session.call);
  call.tried = 0;
  call.refused = 0;
  call.call.proxy = proxy_of(call.overheard);
  c.tx.edit_subscriber(local).link.phase_deadline = kNever;
  if (session.circuit) c.tx.edit_circuit(session.circuit).state = CircuitState::retry;
  session.l2tp.deadline = c.env.now;
}

// Whether the deadline of this session says that the next tunnel is to be tried for its subscriber.
bool Engine::wants_tunnel(const SessionRecord& session) {
  if (is_access(session.l2tp.tunnel)) return true;
  const bool up = session.l2tp.state == l2tp::SessionState::established;
  return up && session.call != 0 && !l2tp::placed(session.l2tp) && session.other != kOtherEnded;
}

// Whether a call is being placed, or to be placed, for the subscriber of this session.
bool Engine::is_tunnelling(const Context& c, const SessionRecord& session) {
  const CircuitRecord* circuit = session.circuit ? c.tx.circuit(session.circuit) : nullptr;
  if (is_access(session.l2tp.tunnel)) return circuit != nullptr && circuit->state != CircuitState::ppp;
  return session.other.raw != 0 || (wants_tunnel(session) && session.l2tp.deadline != kNever);
}

void Engine::try_next_tunnel(Context& c, SessionIndex local) {
  SessionRecord& session = c.tx.edit_session(local);
  session.l2tp.deadline = kNever;
  if (session.circuit) c.tx.edit_circuit(session.circuit).state = CircuitState::retry;
  const SubscriberRecord* subscriber = c.tx.subscriber(local);
  const auto* domain = subscriber != nullptr ? domain_of(subscriber->link.user.text()) : nullptr;
  const TunnelRecord* from = c.tx.tunnel(session.l2tp.tunnel);  // none for a circuit
  TunnelRecord* tunnel =
      domain != nullptr && session.call != 0
          ? choose_tunnel(c, *domain, session.call, from != nullptr ? from->l2tp.remote : IpAddress{})
          : nullptr;
  const auto call_id = tunnel != nullptr ? free_session(*tunnel) : std::nullopt;
  if (tunnel == nullptr) return no_tunnel_left(c, local);
  if (!call_id) {
    session.l2tp.deadline = c.env.now;  // in the next one there may be room
    return;
  }
  const std::uint32_t slot = std::exchange(session.call, 0);
  const SessionIndex call = begin_call(c, *tunnel, *call_id, slot);
  if (session.circuit) {
    CircuitRecord& circuit = c.tx.edit_circuit(session.circuit);
    circuit.state = CircuitState::calling;
    circuit.call = call;
    c.tx.edit_session(call).circuit = session.circuit;
  } else {
    session.other = call;
    c.tx.edit_session(call).other = local;
  }
  flush(c, *tunnel);
}

// The tunnel for the next try of this call, opened where there is none; null: all were tried. from: whose call it is,
// to whom it does not go back.
TunnelRecord* Engine::choose_tunnel(Context& c, const config::DomainMap& domain, std::uint32_t slot,
                                    const IpAddress& from) {
  const TunnelChoices choices = tunnel_choices(config_, domain);
  std::array<std::uint32_t, TunnelChoices::capacity()> sessions{};
  std::uint32_t tried = 0;
  CallRecord& call = c.tx.edit_call(slot);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    sessions[i] = sessions_for(c, choices[i].tunnel);
    if ((call.tried >> choices[i].number & 1) != 0) tried |= 1u << i;
    if (from.is_none() || choices[i].tunnel.peer != from) continue;
    tried |= 1u << i;
    call.refused = static_cast<std::uint16_t>(CallResult::loop);
  }
  for (;;) {
    const auto next = selection_.choose(choices, tried, sessions, c.env);
    if (!next) return nullptr;
    tried |= 1u << *next;
    call.tried |= 1u << choices[*next].number;
    if (TunnelRecord* tunnel = tunnel_for(c, choices[*next].tunnel)) return tunnel;
  }
}

// How many sessions there are in tunnels that were opened for this spec.
std::uint32_t Engine::sessions_for(const Context& c, const TunnelSpec& spec) const {
  std::uint32_t sum = 0;
  indexes_.for_each_of(spec, [&](TunnelId id) {
    const SpecRecord* opened = c.tx.spec(id);
    const TunnelRecord* tunnel = c.tx.tunnel(id);
    if (opened != nullptr && tunnel != nullptr && opened->spec == spec) sum += tunnel->sessions;
  });
  return sum;
}

void Engine::lock_out(Context& c, const IpAddress& destination) {
  LockoutRecord& record = c.tx.edit_lockout(selection_.lock_out(destination, c.env.now));
  record.destination = destination;
  record.failed = c.env.now;
}

void Engine::unlock(Context& c, const IpAddress& destination) {
  if (const auto slot = selection_.unlock(destination)) c.tx.free(Table::lockout, *slot);
}

// The subscriber of a circuit is refused as if his password were wrong; his line ends with it.
void Engine::no_tunnel_left(Context& c, SessionIndex local) {
  counters_.add(Count::no_tunnel_left);
  if (!c.tx.session(local)->circuit) return refuse_switching(c, local);
  TunnelRecord& tunnel = access(c.tx.session(local)->l2tp.tunnel);
  SubscriberRecord& subscriber = c.tx.edit_subscriber(local);
  const auto policy = ppp_policy(c, tunnel, local);
  ppp::AuthAnswer answer;
  answer.request = subscriber.link.auth_request;
  answer.message = "no tunnel to your provider";
  ppp_.clear();
  c.tx.edit_circuit(c.tx.session(local)->circuit).state = CircuitState::ppp;
  ppp::answer(subscriber.link, answer, policy, c.env, ppp_);
  apply_ppp(c, tunnel, local, policy);
}

// The call is up: PPP is the LNS's from now on, and nothing of it stays here.
void Engine::switch_to_call(Context& c, const TunnelRecord& tunnel, SessionIndex index) {
  auto& ops = c.tx.step().table_ops;
  CircuitRecord& circuit = c.tx.edit_circuit(c.tx.session(index)->circuit);
  const SessionIndex local = std::exchange(circuit.ppp, index);
  circuit.state = CircuitState::tunnel;
  circuit.call = {};
  must(ops.push(session_row(c, tunnel, index)));
  must(ops.push(put_circuit(circuit, c.tx.session(index)->l2tp)));
  const SessionRecord* session = c.tx.session(local);
  if (session == nullptr || session->circuit != circuit.id || local == index) return;
  must(ops.push(engine::remove_session(session->l2tp.tunnel, session->l2tp.id)));
  drop_local(c, local);
}

void Engine::drop_local(Context& c, SessionIndex local) {
  if (c.tx.subscriber(local) != nullptr) c.tx.free(Table::subscriber, local.raw);
  c.tx.free(Table::session, local.raw);
  indexes_.remove_session(local);
}

// A call that was placed for a circuit is over before it was up. slot: of what it was to be like; 0: that is lost.
// final: no other tunnel is to be tried. In a step of its own, for many calls may end with one tunnel.
void Engine::call_of_circuit_failed(Context& c, CircuitId id, std::uint32_t slot, bool final) {
  CircuitRecord& circuit = c.tx.edit_circuit(id);
  circuit.call = {};
  circuit.state = CircuitState::retry;
  SessionRecord& local = c.tx.edit_session(circuit.ppp);
  local.call = slot;
  local.l2tp.deadline = c.env.now;
  if (slot == 0) return;
  CallRecord& call = c.tx.edit_call(slot);
  call.session = circuit.ppp;
  if (final) call.tried = ~0u;
}

// The subscriber has hung up, or begun anew, while his call was on its way.
void Engine::cancel_call(Context& c, CircuitId id) {
  CircuitRecord& circuit = c.tx.edit_circuit(id);
  const SessionIndex index = std::exchange(circuit.call, SessionIndex{});
  const SessionRecord* session = circuit.state == CircuitState::calling ? c.tx.session(index) : nullptr;
  circuit.state = CircuitState::ppp;
  c.tx.edit_session(circuit.ppp).l2tp.deadline = kNever;
  if (session == nullptr || session->circuit != id) return;
  // What the call was to be like goes back to the circuit.
  SessionRecord& call = c.tx.edit_session(index);
  call.circuit = {};
  c.tx.edit_session(circuit.ppp).call = std::exchange(call.call, 0u);
  if (const std::uint32_t slot = c.tx.session(circuit.ppp)->call; slot != 0) c.tx.edit_call(slot).session = circuit.ppp;
  TunnelRecord* tunnel = living_tunnel(c, index, call.l2tp.tunnel);
  if (tunnel == nullptr) return;  // it ends with its tunnel
  disconnect(c, *tunnel, index, Ending::of(CallResult::carrier_lost, "the subscriber hung up"));
  flush(c, *tunnel);
}

}  // namespace holdfast::engine
