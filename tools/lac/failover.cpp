// The non-failed endpoint of RFC 4951: the LNS restarts, opens a recovery tunnel for each of ours, and both ends ask
// each other for the state of the sessions. Its own code, which shares with the LNS's only the codec and the channel.
#include "l2tp/authentication.hpp"
#include "l2tp/builder.hpp"
#include "l2tp/result_code.hpp"
#include "lac/lac.hpp"
#include "lac/messages.hpp"
#include "wire/digest.hpp"

#include <algorithm>

namespace holdfast::lac {
namespace {

using l2tp::AvpType;
using l2tp::MessageBuilder;
using l2tp::MessageType;

// A tunnel goes on from other numbers than it had, so that what is under way of before is out of the window.
constexpr std::uint16_t kLeap = 1000;
constexpr std::size_t kStateOctets = 16;  // of a Failover Session State AVP
constexpr std::size_t kPlainOctets = 20;  // header and Message Type
constexpr std::size_t kStatesInOne = (Delivery::kMaxMessage - kPlainOctets) / kStateOctets;

}  // namespace

// The recovery tunnel of tunnel n has number n + settings.tunnels.
Tunnel* Lac::recovery_of(std::uint32_t tunnel) {
  const std::size_t index = tunnel + settings_.tunnels;
  return index < tunnels_.size() ? &tunnels_[index] : nullptr;
}

// SCCRQ of the LNS: it opens no other tunnels than those that recover one (RFC 4951 3.2.1).
void Lac::receive_recovery(Octets datagram, const l2tp::ControlMessage& sccrq, std::uint16_t port, TimePoint now) {
  const auto wanted = sccrq.tunnel_recovery();
  const auto id = sccrq.u16(AvpType::assigned_tunnel_id);
  const std::size_t index = wanted ? wanted->ours.value() - 1u : tunnels_.size();
  if (sccrq.type != MessageType::sccrq || !id || index >= settings_.tunnels ||
      recovery_of(static_cast<std::uint32_t>(index)) == nullptr) {
    ++counters_.strays;
    return;
  }
  Tunnel& old = tunnels_[index];
  Tunnel& recovery = *recovery_of(number(old));
  touch(number(recovery));
  const auto tie_breaker = sccrq.u64(AvpType::tie_breaker);
  // That SCCRQ again, and not one of a process after that one, which may well choose the same id.
  if (recovery.state != TunnelState::idle && recovery.peer == PeerTunnelId(*id) &&
      recovery.tie_breaker == tie_breaker) {
    (void)recovery.delivery.receive(datagram, sccrq.header.ns, sccrq.header.nr, policy_, now, counters_);
    return;
  }
  if (old.state != TunnelState::established || old.peer != wanted->theirs || !tie_breaker) {
    ++counters_.recoveries_refused;
    return;
  }
  begin_recovery(recovery, old, sccrq, now);
  recovery.delivery.set_port(port);
  (void)recovery.delivery.receive(datagram, sccrq.header.ns, sccrq.header.nr, policy_, now, counters_);
}

void Lac::begin_recovery(Tunnel& recovery, Tunnel& old, const l2tp::ControlMessage& sccrq, TimePoint now) {
  if (counters_.recoveries_begun++ == 0) first_recovery_ = now;
  recovery.id = TunnelId(static_cast<std::uint16_t>(number(recovery) + 1));
  recovery.peer = PeerTunnelId(*sccrq.u16(AvpType::assigned_tunnel_id));
  recovery.tie_breaker = sccrq.u64(AvpType::tie_breaker);
  recovery.state = TunnelState::wait_connect;
  recovery.wanted.clear();
  recovery.built.clear();
  recovery.delivery = Delivery{};
  recovery.delivery.open(policy_, now);
  recovery.delivery.set_peer(recovery.peer);
  l2tp::set_peer_window(recovery.delivery.channel(),
                        sccrq.u16(AvpType::receive_window_size).value_or(l2tp::kDefaultWindow));
  entropy_.fill(recovery.challenge);
  old.deaf = true;
  old.suggested = {static_cast<std::uint16_t>(l2tp::next_nr(old.delivery.channel()) + kLeap),
                   static_cast<std::uint16_t>(l2tp::next_ns(old.delivery.channel()) + kLeap)};
  std::array<std::uint8_t, Delivery::kMaxMessage> room;
  const auto challenge = sccrq.octets(AvpType::challenge).value_or(Octets{});
  recovery.delivery.enqueue(build_recovery_sccrp(room, recovery, old.suggested, settings_.tunnel, challenge));
}

// What comes in a recovery tunnel, in order.
void Lac::process_recovery(Tunnel& recovery, const l2tp::ControlMessage& message, TimePoint now) {
  if (message.type == MessageType::stopccn) {  // RFC 4951 3.2.2: it has done its work
    recovery.state = TunnelState::closed;
    return;
  }
  if (message.type != MessageType::scccn || recovery.state != TunnelState::wait_connect) return;
  const Octets secret = octets_of(settings_.tunnel.secret);
  if (!secret.empty()) {
    const auto response = message.octets(AvpType::challenge_response);
    const Md5 expected = l2tp::challenge_response(MessageType::scccn, secret, recovery.challenge);
    if (!response || !equal_in_constant_time(*response, expected)) {
      ++counters_.recoveries_refused;
      recovery.state = TunnelState::closed;
      return;
    }
  }
  recovery.state = TunnelState::recovered;
  Tunnel& old = tunnels_[number(recovery) - settings_.tunnels];
  old.deaf = false;
  // RFC 4951 3.2.2: what was suggested to the LNS, seen from here.
  old.delivery.reset(old.suggested.nr, old.suggested.ns, now);
  old.wanted.clear();
  old.built.clear();
  ++counters_.tunnels_recovered;
  last_recovery_ = now;
  touch(number(old));
  // 3.3, step I: without a word.
  for (const auto session : std::vector(old.sessions))
    if (session != kNoSession && sessions_[session].state == CallState::wait_reply)
      end_call(session, Cause::by_peer, "not established when its tunnel was recovered");
  query_sessions(old);
}

// Our own questions (3.3, step II): as many sessions in a message as it holds, all messages at once.
void Lac::query_sessions(Tunnel& tunnel) {
  std::vector<l2tp::FailoverSessionState> states;
  tunnel.unanswered = 0;
  for (const auto index : tunnel.sessions) {
    if (index == kNoSession) continue;
    sessions_[index].queried = 0;
    states.push_back({SessionId(sessions_[index].id), sessions_[index].peer});
  }
  tunnel.unanswered = static_cast<std::uint32_t>(states.size());
  build_states(tunnel, MessageType::fsq, states);
}

// FSQ or FSR with these states, in as many messages as it takes.
void Lac::build_states(Tunnel& tunnel, MessageType type, std::span<const l2tp::FailoverSessionState> states) {
  while (!states.empty()) {
    std::array<std::uint8_t, Delivery::kMaxMessage> room;
    MessageBuilder b(room, type, tunnel.peer, {});
    const auto part = states.first(std::min(states.size(), kStatesInOne));
    for (const auto& state : part) b.add(state);
    const Octets message = b.finish();
    tunnel.built.emplace_back(message.begin(), message.end());
    states = states.subspan(part.size());
  }
  touch(number(tunnel));
}

void Lac::answer_query(Tunnel& tunnel, const l2tp::ControlMessage& fsq, TimePoint now) {
  std::vector<l2tp::FailoverSessionState> states;
  for (const auto& asked : fsq.session_states()) {
    const auto index = find(tunnel, asked.ours);
    const bool known =
        index != kNoSession && sessions_[index].peer == asked.theirs && sessions_[index].state != CallState::wait_reply;
    ++(known ? counters_.sessions_confirmed : counters_.sessions_denied);
    if (known) sessions_[index].queried = 1;
    states.push_back({known ? asked.ours : SessionId{}, asked.theirs});
  }
  last_recovery_ = now;
  build_states(tunnel, MessageType::fsr, states);
}

void Lac::take_answer(Tunnel& tunnel, const l2tp::ControlMessage& fsr, TimePoint now) {
  for (const auto& state : fsr.session_states()) {
    const auto index = find(tunnel, state.ours);
    if (index == kNoSession || tunnel.unanswered == 0) {
      ++counters_.strays;
      continue;
    }
    --tunnel.unanswered;
    if (!state.theirs) end_call(index, Cause::by_peer, "FSR: the LNS does not know it");
  }
  last_recovery_ = now;
}

// Every tunnel has been recovered, every question of both ends is answered, and the answers have arrived.
bool Lac::all_recovered() const {
  const auto done = [&](const Tunnel& tunnel) {
    return tunnel.state != TunnelState::established ||
           (!tunnel.deaf && tunnel.unanswered == 0 && tunnel.built.empty() && l2tp::idle(tunnel.delivery.channel()));
  };
  const auto asked = [](const Session& session) { return session.state == CallState::none || session.queried != 0; };
  return counters_.tunnels_recovered >= counters_.tunnels_up && counters_.tunnels_up > 0 &&
         std::ranges::all_of(tunnels_.begin(), tunnels_.begin() + settings_.tunnels, done) &&
         std::ranges::all_of(sessions_, asked);
}

// Before the next failure: what the last one left counted.
void Lac::forget_recoveries() {
  counters_.recoveries_begun = counters_.tunnels_recovered = 0;
  counters_.sessions_confirmed = counters_.sessions_denied = 0;
  for (Session& session : sessions_) session.queried = 0;
}

}  // namespace holdfast::lac
