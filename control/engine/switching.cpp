// Tunnel switching: a call that comes in, with us as the LNS, goes on in another tunnel, with us as the LAC. PPP is
// ours until the subscriber has shown whose he is; then the tunnels of his domain are tried as for a circuit
// (tunnelling.cpp), and from the moment the second call is up the frames pass from one session into the other and back.
//
//   ICRQ, ICCN > PPP up to authentication > the user is ours, or his domain has no tunnel: PPP goes on here
//                                         > calling: SessionRecord::other names the call that is being placed
//                                         > switched: likewise, and there is no subscriber any more
//
// A call that has come through us before is refused (draft-ietf-l2tpext-tunnel-switching-08: every node that switches a
// call adds its id to the ICRQ), and none goes back to the peer that it came from.
#include "config/lookup.hpp"
#include "engine/engine.hpp"
#include "engine/rows.hpp"
#include "l2tp/call_messages.hpp"

namespace holdfast::engine {
namespace {

using l2tp::CallResult;
using l2tp::ControlMessage;
using l2tp::Ending;
using l2tp::SessionState;

Ending ending_of(std::uint16_t result, std::string_view why) {
  return Ending::make(result, l2tp::ErrorCode::none, why);
}

}  // namespace

bool Engine::may_be_switched(const TunnelRecord& tunnel, const ControlMessage& request) const {
  const auto* host = profile(tunnel);
  return request.type == l2tp::MessageType::icrq && host != nullptr && host->tunnel_switching;
}

// Why a call must not be switched. Nothing: it may be.
std::optional<Ending> Engine::loop(const ControlMessage& icrq) {
  const Octets ours = octets_of(config::aggregator_id(config_));
  l2tp::Aggregators all;
  bool fits = icrq.aggregators().size() < ControlMessage::kMaxAggregators;
  for (const Octets id : icrq.aggregators()) fits = fits && all.add(id);
  if (all.contains(ours)) {
    counters_.add(Count::switching_loops);
    return Ending::of(CallResult::loop, "the call has been switched here before");
  }
  if (fits && all.add(ours)) return std::nullopt;
  counters_.add(Count::switching_loops);
  return Ending::of(CallResult::loop, "the call has been switched too often");
}

// A place for what is to be known of a call that may be switched; 0: it may not. The request is without loop, and there
// is a place.
std::uint32_t Engine::switchable(Context& c, SessionIndex index, const ControlMessage& request) {
  if (!may_be_switched(*c.tx.tunnel(c.tx.session(index)->l2tp.tunnel), request)) return 0;
  const auto slot = indexes_.take_call();
  if (!slot) return 0;
  CallRecord& call = c.tx.edit_call(*slot);
  call = {};
  call.session = index;
  l2tp::pass_on_request(call.call, request);
  for (const Octets id : request.aggregators()) (void)call.call.aggregators.add(id);  // loop() has counted them
  (void)call.call.aggregators.add(octets_of(config::aggregator_id(config_)));
  return *slot;
}

// The second call is up: PPP is the next LNS's from now on, and nothing of it stays here.
void Engine::switch_on(Context& c, const TunnelRecord& tunnel, SessionIndex out) {
  const SessionIndex in = c.tx.session(out)->other;
  const SubscriberRecord* subscriber = c.tx.subscriber(in);
  const SessionRecord& from = *c.tx.session(in);
  Notice n = notice(NoticeKind::session_switched, tunnel);
  n.session = c.tx.session(out)->l2tp.id;
  n.from_tunnel = from.l2tp.tunnel;
  n.from_session = from.l2tp.id;
  if (subscriber != nullptr) {
    n.name = subscriber->link.user;
    c.tx.free(Table::subscriber, in.raw);
  }
  auto& ops = c.tx.step().table_ops;
  must(ops.push(session_row(c, tunnel, out)));
  must(ops.push(session_row(c, *c.tx.tunnel(from.l2tp.tunnel), in)));
  must(c.tx.step().notices.push(n));
  counters_.add(Count::sessions_switched);
}

// The call that was placed for another one is over before it was up. slot: of what it was to be like; 0: that is lost.
// refused: by which result of a CDN; 0: otherwise. final: no other tunnel is to be tried. In a step of its own, for
// many calls may end with one tunnel.
void Engine::switched_call_failed(Context& c, SessionIndex in, SessionIndex out, std::uint32_t slot,
                                  std::uint16_t refused, bool final) {
  const SessionRecord* known = c.tx.session(in);
  if (known == nullptr || known->other != out) {
    if (slot == 0) return;
    c.tx.free(Table::call, slot);
    return indexes_.release_call(slot);
  }
  SessionRecord& local = c.tx.edit_session(in);
  local.other = slot != 0 ? SessionIndex{} : kOtherEnded;
  local.call = slot;
  local.l2tp.deadline = c.env.now;
  if (slot == 0) return;
  CallRecord& call = c.tx.edit_call(slot);
  call.session = in;
  call.refused = refused;
  if (final) call.tried = ~0u;
}

// All tunnels were tried. The LAC is told why the last of them would not do.
void Engine::refuse_switching(Context& c, SessionIndex in) {
  SessionRecord& local = c.tx.edit_session(in);
  const CallRecord* call = local.call != 0 ? c.tx.call(local.call) : nullptr;
  std::uint16_t result = call != nullptr ? call->refused : std::uint16_t{0};
  if (result == static_cast<std::uint16_t>(CallResult::loop)) counters_.add(Count::switching_loops);
  if (result == 0) result = static_cast<std::uint16_t>(CallResult::no_facilities_temporary);
  free_call(c, local);
  local.other = kOtherEnded;
  TunnelRecord* tunnel = living_tunnel(c, in, local.l2tp.tunnel);
  if (tunnel != nullptr) disconnect(c, *tunnel, in, ending_of(result, "no tunnel leads on"));
}

// The subscriber has begun anew while the call for him was on its way.
void Engine::cancel_switching(Context& c, SessionIndex in) {
  SessionRecord& local = c.tx.edit_session(in);
  const SessionIndex out = std::exchange(local.other, SessionIndex{});
  local.l2tp.deadline = kNever;
  const SessionRecord* call = out.raw != 0 && out != kOtherEnded ? c.tx.session(out) : nullptr;
  if (call == nullptr || call->other != in) return;
  // What the call was to be like goes back to the one that it was for.
  SessionRecord& placed = c.tx.edit_session(out);
  placed.other = kOtherEnded;
  local.call = std::exchange(placed.call, 0u);
  if (local.call != 0) c.tx.edit_call(local.call).session = in;
  TunnelRecord* tunnel = living_tunnel(c, out, placed.l2tp.tunnel);
  if (tunnel == nullptr) return;  // it ends with its tunnel
  disconnect(c, *tunnel, out, Ending::of(CallResult::carrier_lost, "the subscriber has begun anew"));
  flush(c, *tunnel);
}

// One half of a switched call has ended, be it up or still being placed; the other ends for the same reason.
// with_tunnel: it went with its tunnel, so in a step of its own, for many may have.
void Engine::end_other(Context& c, SessionIndex ended, SessionIndex other, const Ending& why,
                       const l2tp::CallCause& cause, bool with_tunnel) {
  const SessionRecord* known = c.tx.session(other);
  if (known == nullptr || known->other != ended) return;
  SessionRecord& half = c.tx.edit_session(other);
  half.other = kOtherEnded;
  TunnelRecord* tunnel = with_tunnel ? nullptr : living_tunnel(c, other, half.l2tp.tunnel);
  if (tunnel == nullptr) {
    half.l2tp.deadline = c.env.now;
    return;
  }
  disconnect(c, *tunnel, other, why, cause);
  flush(c, *tunnel);
}

// What a WEN or SLI says of a switched call goes on with it.
void Engine::pass_on(Context& c, SessionIndex other, const ControlMessage& message) {
  const SessionRecord* session = other.raw != 0 && other != kOtherEnded ? c.tx.session(other) : nullptr;
  if (session == nullptr) return;
  const l2tp::Session half = session->l2tp;
  if (const auto errors = message.call_errors()) on(c, LineErrors{half.tunnel, half.id, *errors});
  if (const auto accm = message.accm()) on(c, LinkInfo{half.tunnel, half.id, *accm});
}

// After a restart: whether a damaged record has left nothing for this session to go on with.
bool Engine::switching_lost(const Context& c, SessionIndex index) {
  const SessionRecord& session = *c.tx.session(index);
  if (session.other.raw == 0 || session.other == kOtherEnded) return false;
  const SessionRecord* other = c.tx.session(session.other);
  if (other == nullptr || other->other != index) return true;
  const bool calling = !l2tp::placed(session.l2tp) && other->l2tp.state != SessionState::established;
  return calling && c.tx.subscriber(index) == nullptr;
}

}  // namespace holdfast::engine
