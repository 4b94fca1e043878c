#include "l2tp/tunnel_setup.hpp"

#include "l2tp/authentication.hpp"
#include "l2tp/builder.hpp"
#include "wire/digest.hpp"

namespace holdfast::l2tp {
namespace {

constexpr std::uint32_t kFramingBoth = 3;  // RFC 2661 4.4.3: synchronous and asynchronous
constexpr std::uint16_t kFirmware = 0x0001;
constexpr std::string_view kVendor = "Holdfast";

// What SCCRQ and SCCRP say of us. Nothing of it is hidden: it has the Host Name by which the peer finds the secret, and
// xl2tpd, for one, finds it only after the whole message.
void introduce(MessageBuilder& message, Tunnel& tunnel, const TunnelPolicy& policy) {
  message.u16(AvpType::protocol_version, kProtocolVersion)
      .text(AvpType::host_name, policy.local_host)
      .u32(AvpType::framing_capabilities, kFramingBoth)
      .u16(AvpType::assigned_tunnel_id, tunnel.id.value())
      .u32(AvpType::bearer_capabilities, policy.bearers)
      .u16(AvpType::firmware_revision, kFirmware)
      .text(AvpType::vendor_name, kVendor)
      .u16(AvpType::receive_window_size, policy.channel.receive_window);
  if (policy.capability) message.add(*policy.capability);
  tunnel.announced = policy.capability && policy.capability->control ? 1 : 0;
}

void challenge_peer(MessageBuilder& message, Tunnel& tunnel, const TunnelPolicy& policy, const Env& env) {
  if (policy.secret.empty()) return;
  env.entropy.fill(tunnel.challenge);
  tunnel.challenged = 1;
  message.octets(AvpType::challenge, tunnel.challenge);
}

// RFC 2661 5.1.1: the message after our challenge must carry the response to it. Empty: it does.
std::string_view wrong_response(const Tunnel& tunnel, const ControlMessage& message, Octets secret) {
  if (tunnel.challenged == 0) return {};
  const auto response = message.octets(AvpType::challenge_response);
  if (!response) return "no challenge response";
  const Md5 expected = challenge_response(message.type, secret, tunnel.challenge);
  return equal_in_constant_time(*response, expected) ? std::string_view{} : "wrong tunnel password";
}

void learn_peer(Tunnel& tunnel, const ControlMessage& message) {
  tunnel.peer = PeerTunnelId(message.u16(AvpType::assigned_tunnel_id).value_or(0));
  (void)tunnel.peer_host.assign(host_name(message).substr(0, 63));
  if (const auto capability = message.failover_capability()) {
    tunnel.peer_announced = 1;
    tunnel.peer_control_failover = capability->control ? 1 : 0;
    tunnel.peer_data_failover = capability->data ? 1 : 0;
    tunnel.peer_recovery_time_ms = static_cast<std::uint32_t>(capability->recovery_time.count());
  }
}

std::uint16_t window(const ControlMessage& message) {
  return message.u16(AvpType::receive_window_size).value_or(kDefaultWindow);
}

void come_up(Tunnel& tunnel, const Env& env) {
  enter(tunnel, TunnelState::established, env.now, kNever);
  tunnel.was_established = 1;
}

}  // namespace

std::string_view host_name(const ControlMessage& message) {
  const auto host = message.octets(AvpType::host_name);
  return host ? text_of(*host) : std::string_view{};
}

bool answers_challenge(const Tunnel& tunnel, const ControlMessage& message, const TunnelPolicy& policy) {
  return wrong_response(tunnel, message, policy.secret).empty();
}

void open(Tunnel& tunnel, const TunnelPolicy& policy, const Env& env, Outbox& out) {
  tunnel.initiated = 1;
  tunnel.channel = open_channel(kDefaultWindow, policy.channel, env.now);
  enter(tunnel, TunnelState::wait_ctl_reply, env.now, env.now + kSetupLimit);
  MessageBuilder sccrq(out.room(), MessageType::sccrq, PeerTunnelId{}, PeerSessionId{});
  introduce(sccrq, tunnel, policy);
  challenge_peer(sccrq, tunnel, policy, env);
  if (policy.tie_breaker) sccrq.u64(AvpType::tie_breaker, std::uint64_t{env.entropy.u32()} << 32 | env.entropy.u32());
  if (policy.recovers) sccrq.add(*policy.recovers);
  keep(out, sccrq);
}

TunnelEvent accept(Tunnel& tunnel, const ControlMessage& sccrq, const TunnelPolicy& policy, const Env& env,
                   Outbox& out) {
  const auto challenge = sccrq.octets(AvpType::challenge);
  if (challenge && policy.secret.empty()) {
    refuse(tunnel, sccrq, Ending::of(StopResult::not_authorized, "no tunnel password is configured"), policy, env, out);
    return TunnelEvent::closed;
  }
  learn_peer(tunnel, sccrq);
  tunnel.channel = open_channel(window(sccrq), policy.channel, env.now);
  enter(tunnel, TunnelState::wait_ctl_conn, env.now, env.now + kSetupLimit);

  MessageBuilder sccrp(out.room(), MessageType::sccrp, tunnel.peer, PeerSessionId{});
  introduce(sccrp, tunnel, policy);
  if (challenge)
    sccrp.octets(AvpType::challenge_response, challenge_response(MessageType::sccrp, policy.secret, *challenge));
  challenge_peer(sccrp, tunnel, policy, env);
  if (policy.suggests) sccrp.add(*policy.suggests);
  keep(out, sccrp);
  return TunnelEvent::nothing;
}

void refuse(Tunnel& tunnel, const ControlMessage& sccrq, const Ending& why, const TunnelPolicy& policy, const Env& env,
            Outbox& out) {
  learn_peer(tunnel, sccrq);
  tunnel.channel = open_channel(window(sccrq), policy.channel, env.now);
  close(tunnel, why, env, out);
}

TunnelEvent replied(Tunnel& tunnel, const ControlMessage& sccrp, const TunnelPolicy& policy, const Env& env,
                    Outbox& out) {
  const auto refuse = [&](const Ending& why) {
    close(tunnel, why, env, out);
    return TunnelEvent::closed;
  };
  learn_peer(tunnel, sccrp);  // first: a StopCCN must reach the tunnel that the peer has made for us
  set_peer_window(tunnel.channel, window(sccrp));
  if (sccrp.fault) return refuse(ending_of(*sccrp.fault));
  if (!policy.peer_host.empty() && policy.peer_host != host_name(sccrp))
    return refuse(Ending::of(StopResult::not_authorized, "unexpected host name"));
  if (const auto wrong = wrong_response(tunnel, sccrp, policy.secret); !wrong.empty())
    return refuse(Ending::of(StopResult::not_authorized, wrong));
  const auto challenge = sccrp.octets(AvpType::challenge);
  if (challenge && policy.secret.empty())
    return refuse(Ending::of(StopResult::not_authorized, "no tunnel password is configured"));

  come_up(tunnel, env);
  MessageBuilder scccn(out.room(), MessageType::scccn, tunnel.peer, PeerSessionId{});
  if (policy.hide) scccn.hide(policy.secret, env.entropy);
  if (challenge)
    scccn.octets(AvpType::challenge_response, challenge_response(MessageType::scccn, policy.secret, *challenge));
  keep(out, scccn);
  return TunnelEvent::established;
}

TunnelEvent connected(Tunnel& tunnel, const ControlMessage& scccn, const TunnelPolicy& policy, const Env& env,
                      Outbox& out) {
  if (const auto wrong = wrong_response(tunnel, scccn, policy.secret); !wrong.empty()) {
    close(tunnel, Ending::of(StopResult::not_authorized, wrong), env, out);
    return TunnelEvent::closed;
  }
  come_up(tunnel, env);
  return TunnelEvent::established;
}

}  // namespace holdfast::l2tp
