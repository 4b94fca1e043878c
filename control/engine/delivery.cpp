// From the state machines' outbox to the wire: the channel gives numbers, the checkpoint keeps the message until it is
// acknowledged, the step sends it.
#include "engine/engine.hpp"
#include "l2tp/builder.hpp"

namespace holdfast::engine {

void Engine::enqueue(Context& c, TunnelRecord& tunnel, const l2tp::Outbox& out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    // StopCCN must go out even when nothing is free: what it ends needs no answer any more. For all others the callers
    // asked for room before they began.
    if (l2tp::room(tunnel.l2tp.channel) == 0) {
      counters_.add(Count::back_pressure);
      return;
    }
    c.tx.put_message(tunnel.l2tp.id, l2tp::enqueue(tunnel.l2tp.channel), out[i]);
  }
}

void Engine::flush(Context& c, TunnelRecord& tunnel) {
  if (is_access(tunnel.l2tp.id) || is_frozen(tunnel) || tunnel.numbers == l2tp::Numbers::asked) return;
  compare_sessions(c, tunnel);
  end_waiting(c, tunnel);
  place_waiting(c, tunnel);
  const auto policy = channel_policy(tunnel);
  const l2tp::SendRange range = l2tp::take_sendable(tunnel.l2tp.channel, policy, c.env.now);
  for (std::uint16_t i = 0; i < range.count; ++i)
    send_message(c, tunnel, static_cast<std::uint16_t>(range.first_ns + i));
  // RFC 2661 5.7: a full cycle from when the StopCCN went out. While it waits for the peer's window, the messages
  // before it decide: they are acknowledged, or sent as often as it takes to give the peer up.
  const bool over = tunnel.l2tp.deadline <= c.env.now;
  if (tunnel.l2tp.state == l2tp::TunnelState::stopping && tunnel.l2tp.ended_by_peer == 0 && !over) {
    const bool waits = l2tp::zlb_ns(tunnel.l2tp.channel) != l2tp::next_ns(tunnel.l2tp.channel);
    if (waits)
      tunnel.l2tp.deadline = kNever;
    else if (range.count > 0)
      tunnel.l2tp.deadline = c.env.now + l2tp::kStopHold;
  }
  if (!l2tp::ack_due(tunnel.l2tp.channel, c.env.now)) return;
  send_zlb(c, tunnel);
  l2tp::ack_sent(tunnel.l2tp.channel);
}

void Engine::send_zlb(Context& c, const TunnelRecord& tunnel) {
  std::array<std::uint8_t, l2tp::kControlHeaderLength> zlb{};
  const auto& channel = tunnel.l2tp.channel;
  send_control(c, tunnel, l2tp::build_zlb(zlb, tunnel.l2tp.peer, l2tp::zlb_ns(channel), l2tp::next_nr(channel)));
  counters_.add(Count::zlb_sent);
}

void Engine::send_message(Context& c, const TunnelRecord& tunnel, std::uint16_t ns) {
  const Octets stored = c.tx.message(tunnel.l2tp.id, ns);
  if (stored.size() < l2tp::kControlHeaderLength) return;  // a damaged record was dropped at the restart
  std::array<std::uint8_t, l2tp::kMaxMessage> message;
  std::copy(stored.begin(), stored.end(), message.begin());
  const MutableOctets used = MutableOctets(message).first(stored.size());
  l2tp::set_sequence(used, ns, l2tp::next_nr(tunnel.l2tp.channel));
  // A StopCCN may have been written before the peer named its tunnel; an SCCRQ has none to name.
  if (tunnel.l2tp.state == l2tp::TunnelState::stopping) l2tp::set_tunnel(used, tunnel.l2tp.peer);
  send_control(c, tunnel, used);
  count_message(tunnel);
  counters_.add(Count::messages_sent);
}

void Engine::send_control(Context& c, const TunnelRecord& tunnel, Octets message) {
  Send send{};
  send.header.kind = static_cast<std::uint16_t>(abi::InjectKind::l2tp_control);
  send.header.length = static_cast<std::uint16_t>(message.size());
  send.header.source = tunnel.l2tp.local;
  send.header.destination = tunnel.l2tp.remote;
  send.header.source_port = tunnel.l2tp.local_port;
  send.header.destination_port = tunnel.l2tp.remote_port;
  send.payload = c.tx.step().copy(message);
  must(c.tx.step().sends.push(send));
}

}  // namespace holdfast::engine
