// PPPoE discovery as the access concentrator (RFC 2516 5): PADI, PADR and PADT in, PADO and PADS out. Nothing is kept
// for a PADI: the AC-Cookie proves that whoever sends the PADR has had our PADO.
#include "access/cookie.hpp"
#include "config/lookup.hpp"
#include "engine/engine.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

// A PADR that was asked so shortly ago has lost its PADS on the way.
constexpr Duration kRepeated = std::chrono::seconds(30);

bool serves(const config::PppoeAccess& access, const access::Discovery& request) {
  const auto in = [](std::uint16_t vlan) { return [vlan](const config::VlanRange& r) { return r.contains(vlan); }; };
  if (request.outer_vlan == 0) return access.untagged;
  if (request.inner_vlan == 0) return std::ranges::any_of(access.vlans, in(request.outer_vlan));
  return std::ranges::any_of(access.qinq, [&](const config::PppoeAccess::Qinq& q) {
    return q.outer.contains(request.outer_vlan) && q.inner.contains(request.inner_vlan);
  });
}

// FNV-1a: it tells repetitions apart, and guards nothing.
std::uint32_t hash(Octets octets, std::uint32_t from = 2166136261u) {
  for (const auto octet : octets) from = (from ^ octet) * 16777619u;
  return from;
}

}  // namespace

void Engine::on(Context& c, const DiscoveryFrame& event) {
  const auto frame = access::parse_discovery(event.frame);
  if (!frame) return counters_.add(Count::pppoe_malformed);
  const auto* interface = config::find_interface(config_, event.interface);
  if (interface == nullptr || !interface->pppoe || !serves(*interface->pppoe, *frame))
    return counters_.add(Count::pppoe_not_served);
  if (frame->code == access::Code::padt) return take_padt(c, event.port, *frame);
  const auto tags = access::parse_tags(frame->tags);
  if (!tags) return counters_.add(Count::pppoe_malformed);
  const Request request{event.port, *interface, *frame, *tags};
  switch (frame->code) {
    case access::Code::padi: return take_padi(c, request);
    case access::Code::padr: return take_padr(c, request);
    case access::Code::pado:
    case access::Code::pads:
    case access::Code::padt: return counters_.add(Count::pppoe_malformed);  // those are ours to send
  }
}

// Whoever could not be served now is left to others, or to ask again (RFC 2516 5.1).
void Engine::take_padi(Context& c, const Request& request) {
  if (!access::offers(config_.pppoe.services, service(request))) return counters_.add(Count::pppoe_other_service);
  if (indexes_.free_calls() == 0) return counters_.add(Count::pppoe_overload);
  if (is_full(request)) return counters_.add(Count::pppoe_limit);
  const auto cookie = access::make_cookie(cookie_key(c), request.frame, request.port, c.env.now);
  access::Offer offer{
      config_.pppoe.ac_name.empty() ? config_.hostname : config_.pppoe.ac_name, config_.pppoe.services, cookie, {}};
  if (config_.pppoe.max_payload > kPlainPayload) offer.max_payload = config_.pppoe.max_payload;
  std::array<std::uint8_t, access::kMaxDiscovery> room;
  send_offer(c, request.port, access::write_pado(room, access::line_of(request.frame, {}), request.tags, offer));
}

// At once, or after the pause that is configured.
void Engine::send_offer(Context& c, PortId port, Octets pado) {
  if (config_.pppoe.pado_delay.count() == 0 || pado.empty()) return send_discovery(c, port, pado);
  if (offers_.full()) return counters_.add(Count::pppoe_overload);
  offers_.wait(c.env.now + config_.pppoe.pado_delay, port, pado);
  must(c.tx.step().timers.push({{TimerKey::Kind::offers, 0}, offers_.next_due()}));
}

void Engine::expire_offers(Context& c) {
  constexpr unsigned kInAStep = 32;
  for (unsigned sent = 0; sent < kInAStep && offers_.next_due() <= c.env.now; ++sent) {
    send_discovery(c, offers_.front().port, offers_.front().frame());
    offers_.pop();
  }
  must(c.tx.step().timers.push({{TimerKey::Kind::offers, 0}, offers_.next_due()}));
}

void Engine::take_padr(Context& c, const Request& request) {
  const Octets cookie = request.tags.ac_cookie.value_or(Octets{});
  if (!access::cookie_valid(cookie_key(c), request.frame, request.port, cookie, c.env.now))
    return counters_.add(Count::pppoe_bad_cookie);
  if (!access::offers(config_.pppoe.services, service(request))) {
    counters_.add(Count::pppoe_other_service);
    return refuse(c, request, access::TagType::service_name_error, "no such service here");
  }
  const std::uint32_t asked =
      hash(request.tags.host_uniq.value_or(Octets{}), hash(request.tags.relay_session_id.value_or(Octets{})));
  if (const CircuitRecord* before = asked_before(c, request, asked)) {
    counters_.add(Count::pppoe_repeated);
    return grant(c, request, *before);
  }
  // Silently: who is refused gives up, and who hears nothing asks again in a moment.
  if (indexes_.free_calls() == 0) return counters_.add(Count::pppoe_overload);
  replace_oldest(c, request);
  const CircuitRecord* circuit = is_full(request) ? nullptr : begin_circuit(c, request, asked);
  if (circuit == nullptr) {
    counters_.add(Count::pppoe_limit);
    return refuse(c, request, access::TagType::ac_system_error, "no session is free");
  }
  grant(c, request, *circuit);
  start_line(c, *circuit);
}

void Engine::take_padt(Context& c, PortId port, const access::Discovery& frame) {
  const CircuitId id = circuit_id(frame.source[5], frame.session, capacity_.bank_bits);
  const CircuitRecord* circuit = c.tx.circuit(id);
  if (circuit == nullptr) return counters_.add(Count::pppoe_unknown_session);
  const bool theirs = circuit->mac == frame.source && circuit->port == port &&
                      circuit->outer_vlan == frame.outer_vlan && circuit->inner_vlan == frame.inner_vlan;
  if (!theirs) return counters_.add(Count::pppoe_wrong_source);
  hung_up(c, id);
}

void Engine::hung_up(Context& c, CircuitId id) {
  hang_up(c, id, l2tp::Ending::of(l2tp::CallResult::carrier_lost, "the subscriber ended the PPPoE session"), true);
}

Octets Engine::service(const Request& request) { return request.tags.service_name.value_or(Octets{}); }

bool Engine::is_full(const Request& request) const {
  const auto limit = request.interface.pppoe->max_sessions;
  return limit != 0 && indexes_.circuits_of(request.port) >= limit;
}

// Kept with the records, so that a PADR counts whose PADO an earlier process sent.
const access::CookieKey& Engine::cookie_key(Context& c) {
  if (c.tx.node() == nullptr) c.env.entropy.fill(c.tx.edit_node().cookie_key);
  return c.tx.node()->cookie_key;
}

// The session that this same PADR has brought about already: its PADS was lost.
const CircuitRecord* Engine::asked_before(const Context& c, const Request& request, std::uint32_t asked) const {
  const CircuitRecord* found = nullptr;
  indexes_.for_each_circuit_of(request.frame.source, [&](CircuitId id) {
    const CircuitRecord* circuit = c.tx.circuit(id);
    if (circuit == nullptr || circuit->asked != asked || circuit->port != request.port) return;
    const bool same_line =
        circuit->outer_vlan == request.frame.outer_vlan && circuit->inner_vlan == request.frame.inner_vlan;
    if (same_line && circuit->state != CircuitState::ending && c.env.now - circuit->since < kRepeated) found = circuit;
  });
  return found;
}

// A subscriber who has as many sessions as he may have has lost the oldest of them, mostly in a power cut: it gives
// way, for he could end it by a PADT anyway.
void Engine::replace_oldest(Context& c, const Request& request) {
  const CircuitRecord* oldest = nullptr;
  std::uint32_t count = 0;
  indexes_.for_each_circuit_of(request.frame.source, [&](CircuitId id) {
    const CircuitRecord* circuit = c.tx.circuit(id);
    if (circuit == nullptr || circuit->state == CircuitState::ending) return;
    ++count;
    if (oldest == nullptr || circuit->since < oldest->since) oldest = circuit;
  });
  if (oldest != nullptr && count >= config_.pppoe.max_sessions_per_mac)
    hang_up(c, oldest->id, l2tp::Ending::of(l2tp::CallResult::carrier_lost, "the subscriber began another session"),
            false);
}

void Engine::grant(Context& c, const Request& request, const CircuitRecord& circuit) {
  std::array<std::uint8_t, access::kMaxDiscovery> room;
  const std::optional<std::uint16_t> agreed =
      circuit.max_payload != 0 ? std::optional(circuit.max_payload) : std::nullopt;
  send_discovery(
      c, request.port,
      access::write_pads(room, access::line_of(request.frame, {}), request.tags, pppoe_session(circuit.id), agreed));
}

void Engine::refuse(Context& c, const Request& request, access::TagType why, std::string_view text) {
  std::array<std::uint8_t, access::kMaxDiscovery> room;
  send_discovery(c, request.port,
                 access::write_pads_error(room, access::line_of(request.frame, {}), request.tags, why, text));
}

// The source address is that of the port, which whoever sends it fills in.
void Engine::send_discovery(Context& c, PortId port, Octets frame) {
  if (frame.empty()) return counters_.add(Count::pppoe_malformed);  // what was to be echoed does not fit
  Send send{};
  send.header.kind = static_cast<std::uint16_t>(abi::InjectKind::pppoe_discovery);
  send.header.length = static_cast<std::uint16_t>(frame.size());
  send.header.port = port;
  send.payload = c.tx.step().copy(frame);
  must(c.tx.step().sends.push(send));
}

}  // namespace holdfast::engine
