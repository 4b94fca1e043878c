// After a restart from a copy of the records that may be old (a boot, from the copy on disk): first each tunnel's
// numbers are found out, by HELLOs that are duplicates to the peer (l2tp/stale_channel.hpp), then what the records say
// of sessions is confirmed or cleared.
//
//   tunnel    in set-up or ending: given up. Up: asked. Without an answer: given up, as any peer that is silent
//   session   in set-up: CDN. Up, PPP ends here: LCP Echo-Request; without an answer it ends as with a keepalive
//             Up, PPP goes on to an LNS: as the tunnel; only the two ends of PPP could ask each other
//
// A call that came after the copy was made is not known here. Its peer finds out when it says something of it, or its
// subscriber; its session id is not given to another for a long time (records: last_session).
#include "engine/engine.hpp"
#include "l2tp/builder.hpp"
#include "ppp/lcp.hpp"
#include "ppp/ppp.hpp"
#include "resync/method.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

using l2tp::ControlMessage;
using l2tp::Ending;
using l2tp::MessageType;
using l2tp::Numbers;
using l2tp::StopResult;
using l2tp::TunnelState;

constexpr std::string_view kWhy = "restored from a copy that does not know its end";

// Tunnels and sessions are not asked all at once. Each has its own moment, which needs no record.
constexpr std::uint32_t kTunnelsPerSecond = 1000, kTunnelSeconds = 2;
constexpr std::uint32_t kSessionSeconds = 30;

Duration tunnel_pace(TunnelId id) {
  return std::chrono::milliseconds(id.raw % (kTunnelsPerSecond * kTunnelSeconds) * 1000 / kTunnelsPerSecond);
}
Duration session_pace(SessionIndex index) {
  constexpr std::uint32_t kSpread = 2654435761;  // 2**32 divided by the golden ratio
  return std::chrono::milliseconds(index.raw * kSpread % (kSessionSeconds * 1000));
}

}  // namespace

// The tunnel is there as the copy has it.
void Engine::begin_probe(Context& c, TunnelRecord& tunnel) {
  const bool recovery = tunnel.resync.phase == ResyncPhase::recovery;
  if (!recovery && tunnel.resync.phase != ResyncPhase::none) {  // what was under way then is over
    drop_partner(c, tunnel);
    enter(tunnel, ResyncPhase::none);
  }
  if (tunnel.l2tp.state != TunnelState::established || recovery) {
    tunnel.numbers = Numbers::known;
    return give_up(c, tunnel, Ending::of(StopResult::general, kWhy), NoticeKind::tunnel_down);
  }
  tunnel.numbers = Numbers::asked;
  auto& channel = tunnel.l2tp.channel;
  channel.ack_at = kNever;
  channel.acks_owed = 0;
  channel.quiet_since = c.env.now;
  channel.send_ns = channel.acknowledged_ns;
  channel.retransmissions = 0;
  channel.retransmit_at = c.env.now + tunnel_pace(tunnel.l2tp.id);
  tunnel.l2tp.deadline = kNever;
}

// As often as a message that is not acknowledged is sent.
l2tp::Expiry Engine::expire_probe(Context& c, TunnelRecord& tunnel) {
  auto& channel = tunnel.l2tp.channel;
  if (channel.retransmit_at > c.env.now) return l2tp::Expiry::nothing;
  const auto policy = channel_policy(tunnel);
  if (channel.retransmissions > policy.retries_established) {
    channel.retransmit_at = kNever;
    return l2tp::Expiry::exhausted;
  }
  send_probe(c, tunnel);
  channel.retransmit_at = c.env.now + l2tp::retransmission_interval(policy, channel.retransmissions++);
  return l2tp::Expiry::nothing;
}

void Engine::send_probe(Context& c, const TunnelRecord& tunnel) {
  outbox_.clear();
  l2tp::hello(tunnel.l2tp, outbox_);
  std::array<std::uint8_t, l2tp::kMaxMessage> message;
  std::ranges::copy(outbox_[0], message.begin());
  const MutableOctets used = MutableOctets(message).first(outbox_[0].size());
  const auto& channel = tunnel.l2tp.channel;
  l2tp::set_sequence(used, l2tp::probe_ns(channel), l2tp::next_nr(channel));
  send_control(c, tunnel, used);
  counters_.add(Count::probes_sent);
}

// A message of the peer in a tunnel whose numbers are not known. True: what it has to say may be taken now.
bool Engine::learn_numbers(Context& c, TunnelRecord& tunnel, const ControlMessage& message) {
  auto& channel = tunnel.l2tp.channel;
  const std::uint16_t ns = message.header.ns;
  const bool zlb = message.type == MessageType::zlb;
  if (tunnel.numbers == Numbers::asked) {
    if (!l2tp::may_be_next(channel, message.header.nr)) {
      counters_.add(Count::bad_acknowledgement);
      return false;
    }
    // Whether older ones of the peer's went before it is not known; that it comes again shows that there are none.
    if (!zlb && l2tp::is_ahead(channel, ns) && tunnel.peer_ns != ns) {
      counters_.add(Count::out_of_order);
      tunnel.peer_ns = ns;
      return false;
    }
    go_on_from(c, tunnel, message.header.nr);
    if (zlb && l2tp::is_ahead(channel, ns)) {
      tunnel.numbers = Numbers::settling;
      tunnel.peer_ns = ns;
      if (tunnel.l2tp.state == TunnelState::established) tunnel.l2tp.deadline = c.env.now + l2tp::kSettle;
      return true;
    }
  } else if (zlb) {
    return true;
  } else if (l2tp::is_ahead(channel, ns) && static_cast<std::uint16_t>(tunnel.peer_ns - ns - 1) >= 0x8000) {
    // Sent after the answer; an older one may still have to come. What it acknowledges is.
    (void)l2tp::receive(channel, ns, message.header.nr, true, channel_policy(tunnel), c.env.now);
    counters_.add(Count::out_of_order);
    return false;
  }
  if (!zlb && l2tp::is_ahead(channel, ns)) l2tp::expect(channel, ns);
  numbers_known(c, tunnel);
  return true;
}

// The peer had the time to send again what it has no acknowledgement for, and did not.
void Engine::settle(Context& c, TunnelRecord& tunnel) {
  l2tp::expect(tunnel.l2tp.channel, tunnel.peer_ns);
  numbers_known(c, tunnel);
}

void Engine::go_on_from(Context& c, TunnelRecord& tunnel, std::uint16_t nr) {
  const l2tp::Requeue requeue = l2tp::go_on_from(tunnel.l2tp.channel, nr);
  InlineList<Octets, l2tp::kSlots> messages;
  for (std::uint16_t i = 0; i < requeue.count; ++i)
    must(messages.push(c.tx.message(tunnel.l2tp.id, static_cast<std::uint16_t>(requeue.first + i))));
  for (std::uint16_t i = 0; i < requeue.count; ++i)
    c.tx.put_message(tunnel.l2tp.id, static_cast<std::uint16_t>(requeue.to + i), messages[i]);
}

void Engine::numbers_known(Context& c, TunnelRecord& tunnel) {
  tunnel.numbers = Numbers::known;
  tunnel.peer_ns = 0;
  counters_.add(Count::tunnels_confirmed);
  if (tunnel.l2tp.state != TunnelState::established) return;
  tunnel.l2tp.deadline = kNever;
  arm_idle(c, tunnel);
  if (resync::recovery(tunnel.method, resync::can_recover(tunnel.l2tp)) == resync::Recovery::disconnect)
    close_tunnel(c, tunnel, Ending::of(StopResult::general, "restarted, and resynchronization is not enabled"));
}

// A session as the copy has it. True: it is gone.
bool Engine::begin_confirming(Context& c, SessionIndex index) {
  const l2tp::Session session = c.tx.session(index)->l2tp;
  if (session.state != l2tp::SessionState::established) {
    TunnelRecord* tunnel = living_tunnel(c, index, session.tunnel);
    if (tunnel == nullptr) return false;
    disconnect(c, *tunnel, index, Ending::of(l2tp::CallResult::error, kWhy, l2tp::ErrorCode::vendor));
    flush(c, *tunnel);
    return true;
  }
  const SubscriberRecord* subscriber = c.tx.subscriber(index);
  const bool askable =
      subscriber != nullptr && ppp::echo_answerable(subscriber->link) && subscriber->link.echo_refused == 0;
  if (!askable) {
    c.tx.edit_session(index).l2tp.unconfirmed = 0;
    return false;
  }
  pace_confirming(c, index);
  return false;
}

void Engine::pace_confirming(Context& c, SessionIndex index) {
  ppp::Link& link = c.tx.edit_subscriber(index).link;
  link.echo_unanswered = 0;
  link.echo_deadline = c.env.now + session_pace(index);
}

// After a frame of its subscriber. before: his Echo-Requests that were unanswered until then.
void Engine::confirm(Context& c, SessionIndex index, unsigned before, const ppp::Policy& policy) {
  SubscriberRecord& subscriber = c.tx.edit_subscriber(index);
  const bool answered = before != 0 && (subscriber.link.echo_unanswered == 0 || subscriber.link.echo_refused != 0);
  if (!answered) return;
  c.tx.edit_session(index).l2tp.unconfirmed = 0;
  counters_.add(Count::sessions_confirmed);
  ppp::Policy usual = policy;
  usual.echo_interval = config_.ppp.keepalive;
  ppp::arm_echo(subscriber.link, usual, c.env.now);
}

}  // namespace holdfast::engine
