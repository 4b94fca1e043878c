#include "l2tp/tunnel.hpp"

#include "l2tp/authentication.hpp"
#include "l2tp/builder.hpp"
#include "wire/digest.hpp"

namespace holdfast::l2tp {
namespace {

constexpr std::uint32_t kFramingBoth = 3;  // RFC 2661 4.4.3: synchronous and asynchronous
constexpr std::uint16_t kFirmware = 0x0001;
constexpr std::string_view kVendor = "Holdfast";

void keep(Outbox& out, MessageBuilder& builder) { (void)out.keep(builder.finish()); }

void enter(Tunnel& tunnel, TunnelState state, TimePoint now, TimePoint deadline) {
  tunnel.state = state;
  tunnel.since = now;
  tunnel.deadline = deadline;
}

void learn_peer(Tunnel& tunnel, const ControlMessage& sccrq, const TunnelPolicy& policy, TimePoint now) {
  tunnel.peer = PeerTunnelId(sccrq.u16(AvpType::assigned_tunnel_id).value_or(0));
  const std::string_view host = host_name(sccrq);
  (void)tunnel.peer_host.assign(host.substr(0, 63));
  tunnel.channel = open_channel(sccrq.u16(AvpType::receive_window_size).value_or(4), policy.channel, now);
  if (const auto capability = sccrq.failover_capability()) {
    tunnel.peer_announced = 1;
    tunnel.peer_control_failover = capability->control ? 1 : 0;
    tunnel.peer_data_failover = capability->data ? 1 : 0;
    tunnel.peer_recovery_time_ms = static_cast<std::uint32_t>(capability->recovery_time.count());
  }
}

// RFC 2661 5.1.1: the SCCCN must carry the response to the challenge that our SCCRP carried.
bool response_is_right(const Tunnel& tunnel, const ControlMessage& scccn, Octets secret) {
  const auto response = scccn.octets(AvpType::challenge_response);
  const Md5 expected = challenge_response(MessageType::scccn, secret, tunnel.challenge);
  return response.has_value() && equal_in_constant_time(*response, expected);
}

TunnelEvent connect(Tunnel& tunnel, const ControlMessage& scccn, const TunnelPolicy& policy, const Env& env,
                    Outbox& out) {
  if (tunnel.challenged != 0 && !response_is_right(tunnel, scccn, policy.secret)) {
    const bool sent = scccn.has(AvpType::challenge_response);
    close(tunnel, Ending::of(StopResult::not_authorized, sent ? "wrong tunnel password" : "no challenge response"), env,
          out);
    return TunnelEvent::closed;
  }
  enter(tunnel, TunnelState::established, env.now, kNever);
  tunnel.was_established = 1;
  return TunnelEvent::established;
}

TunnelEvent stop(Tunnel& tunnel, const ControlMessage& stopccn, const Env& env) {
  const auto code = stopccn.result_code();
  tunnel.ending = Ending::make(code ? code->result : std::uint16_t{0},
                               static_cast<ErrorCode>(code && code->error ? *code->error : std::uint16_t{0}),
                               code ? code->text : std::string_view{});
  tunnel.ended_by_peer = 1;
  enter(tunnel, TunnelState::stopping, env.now, env.now + kStopHold);
  return TunnelEvent::closed;
}

}  // namespace

std::string_view host_name(const ControlMessage& sccrq) {
  const auto host = sccrq.octets(AvpType::host_name);
  return host ? text_of(*host) : std::string_view{};
}

TunnelEvent accept(Tunnel& tunnel, const ControlMessage& sccrq, const TunnelPolicy& policy, const Env& env,
                   Outbox& out) {
  const auto challenge = sccrq.octets(AvpType::challenge);
  if (challenge && policy.secret.empty()) {
    refuse(tunnel, sccrq, Ending::of(StopResult::not_authorized, "no tunnel password is configured"), policy, env, out);
    return TunnelEvent::closed;
  }
  learn_peer(tunnel, sccrq, policy, env.now);
  enter(tunnel, TunnelState::wait_ctl_conn, env.now, env.now + kSetupLimit);

  MessageBuilder sccrp(out.room(), MessageType::sccrp, tunnel.peer, PeerSessionId{});
  sccrp.u16(AvpType::protocol_version, kProtocolVersion)
      .u32(AvpType::framing_capabilities, kFramingBoth)
      .text(AvpType::host_name, policy.local_host)
      .u16(AvpType::assigned_tunnel_id, tunnel.id.value())
      .u32(AvpType::bearer_capabilities, 0)
      .u16(AvpType::firmware_revision, kFirmware)
      .text(AvpType::vendor_name, kVendor)
      .u16(AvpType::receive_window_size, policy.channel.receive_window);
  if (challenge)
    sccrp.octets(AvpType::challenge_response, challenge_response(MessageType::sccrp, policy.secret, *challenge));
  if (!policy.secret.empty()) {
    env.entropy.fill(tunnel.challenge);
    tunnel.challenged = 1;
    sccrp.octets(AvpType::challenge, tunnel.challenge);
  }
  keep(out, sccrp);
  return TunnelEvent::nothing;
}

void refuse(Tunnel& tunnel, const ControlMessage& sccrq, const Ending& why, const TunnelPolicy& policy, const Env& env,
            Outbox& out) {
  learn_peer(tunnel, sccrq, policy, env.now);
  close(tunnel, why, env, out);
}

TunnelEvent receive(Tunnel& tunnel, const ControlMessage& message, const TunnelPolicy& policy, const Env& env,
                    Outbox& out) {
  if (tunnel.state == TunnelState::stopping) return TunnelEvent::nothing;  // only acknowledged, by the channel
  if (message.fault) {
    close(tunnel, ending_of(*message.fault), env, out);
    return TunnelEvent::closed;
  }
  switch (message.type) {
    case MessageType::stopccn: return stop(tunnel, message, env);
    case MessageType::hello: return TunnelEvent::nothing;
    case MessageType::scccn:
      if (tunnel.state == TunnelState::wait_ctl_conn) return connect(tunnel, message, policy, env, out);
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
