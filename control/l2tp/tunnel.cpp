#include "l2tp/tunnel.hpp"

#include "l2tp/builder.hpp"
#include "l2tp/tunnel_setup.hpp"

namespace holdfast::l2tp {
namespace {

TunnelEvent stop(Tunnel& tunnel, const ControlMessage& stopccn, const Env& env) {
  const auto code = stopccn.result_code();
  tunnel.ending = Ending::make(code ? code->result : std::uint16_t{0},
                               static_cast<ErrorCode>(code && code->error ? *code->error : std::uint16_t{0}),
                               code ? code->text : std::string_view{});
  tunnel.ended_by_peer = 1;
  // RFC 2661 4.4.3: a peer that refuses our SCCRQ names its tunnel here first; the acknowledgement goes there.
  if (!tunnel.peer) tunnel.peer = PeerTunnelId(stopccn.u16(AvpType::assigned_tunnel_id).value_or(0));
  enter(tunnel, TunnelState::stopping, env.now, env.now + kStopHold);
  return TunnelEvent::closed;
}

}  // namespace

void enter(Tunnel& tunnel, TunnelState state, TimePoint now, TimePoint deadline) {
  tunnel.state = state;
  tunnel.since = now;
  tunnel.deadline = deadline;
}

TunnelEvent receive(Tunnel& tunnel, const ControlMessage& message, const TunnelPolicy& policy, const Env& env,
                    Outbox& out) {
  if (tunnel.state == TunnelState::stopping) {  // only acknowledged, by the channel
    if (!tunnel.peer) tunnel.peer = PeerTunnelId(message.u16(AvpType::assigned_tunnel_id).value_or(0));
    return TunnelEvent::nothing;
  }
  if (message.type == MessageType::sccrp && tunnel.state == TunnelState::wait_ctl_reply)
    return replied(tunnel, message, policy, env, out);
  if (message.type == MessageType::stopccn) return stop(tunnel, message, env);  // whatever else is wrong with it
  if (message.fault) {
    close(tunnel, ending_of(*message.fault), env, out);
    return TunnelEvent::closed;
  }
  switch (message.type) {
    case MessageType::hello: return TunnelEvent::nothing;
    case MessageType::scccn:
      if (tunnel.state == TunnelState::wait_ctl_conn) return connected(tunnel, message, policy, env, out);
      break;
    case MessageType::sccrq:
    case MessageType::sccrp: break;
    default:
      // RFC 2661 4.1: an unknown message is ignored unless it is mandatory.
      if (message.known || !message.mandatory) return TunnelEvent::nothing;
      close(tunnel, Ending::of(StopResult::error, "unknown message", ErrorCode::unknown_mandatory_avp), env, out);
      return TunnelEvent::closed;
  }
  // RFC 2661 7.2: anything else of the connection's own messages in this state ends it.
  close(tunnel, Ending::of(StopResult::state_machine, "message in wrong state"), env, out);
  return TunnelEvent::closed;
}

void close(Tunnel& tunnel, const Ending& why, const Env& env, Outbox& out) {
  if (tunnel.state == TunnelState::stopping) return;
  tunnel.ending = why;
  enter(tunnel, TunnelState::stopping, env.now, env.now + kStopHold);
  MessageBuilder stopccn(out.room(), MessageType::stopccn, tunnel.peer, PeerSessionId{});
  stopccn.u16(AvpType::assigned_tunnel_id, tunnel.id.value()).result(why.result, why.error, why.text.text());
  keep(out, stopccn);
}

void hello(const Tunnel& tunnel, Outbox& out) {
  MessageBuilder message(out.room(), MessageType::hello, tunnel.peer, PeerSessionId{});
  keep(out, message);
}

}  // namespace holdfast::l2tp
