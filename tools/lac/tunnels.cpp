// The LAC's side of control connections (RFC 2661 5.1, 7.2.1).
#include "l2tp/authentication.hpp"
#include "l2tp/result_code.hpp"
#include "lac/lac.hpp"
#include "lac/messages.hpp"
#include "wire/digest.hpp"

#include <utility>

namespace holdfast::lac {
namespace {

using l2tp::AvpType;
using l2tp::MessageType;

constexpr std::uint32_t kTunnelsAtATime = 64;

// RFC 2661 5.1.1.
const char* what_is_wrong(const l2tp::ControlMessage& sccrp, const Tunnel& tunnel, Octets secret) {
  if (secret.empty()) return sccrp.has(AvpType::challenge) ? "the LNS challenges and there is no secret" : nullptr;
  const auto response = sccrp.octets(AvpType::challenge_response);
  if (!response) return "the LNS does not answer the challenge";
  const Md5 expected = l2tp::challenge_response(MessageType::sccrp, secret, tunnel.challenge);
  return equal_in_constant_time(*response, expected) ? nullptr : "the LNS has another secret";
}

std::string describe(const char* what, const l2tp::ControlMessage& message) {
  const auto code = message.result_code();
  std::string out = what;
  if (!code) return out;
  out.append(" ").append(std::to_string(code->result));
  if (code->error) out.append("/").append(std::to_string(*code->error));
  if (!code->text.empty()) out.append(" ").append(code->text);
  return out;
}

}  // namespace

void Lac::start(TimePoint now) {
  tunnels_.resize(settings_.tunnel.recovery_time ? std::size_t{settings_.tunnels} * 2 : settings_.tunnels);
  for (std::uint32_t i = 0; i < settings_.tunnels; ++i) {
    tunnels_[i].id = TunnelId(static_cast<std::uint16_t>(i + 1));
    tunnels_[i].calls_wanted = settings_.sessions;
  }
  calls_wanted_ = std::uint64_t{settings_.tunnels} * settings_.sessions;
  sessions_.reserve(calls_wanted_);
  next_call_at_ = now;
  run(now);
}

void Lac::start_tunnels(TimePoint now) {
  while (tunnels_begun_ < settings_.tunnels && tunnels_waiting_ < kTunnelsAtATime) {
    Tunnel& tunnel = tunnels_[tunnels_begun_++];
    ++tunnels_waiting_;
    tunnel.state = TunnelState::wait_reply;
    tunnel.delivery.open(policy_, now);
    tunnel.delivery.set_port(1701);
    entropy_.fill(tunnel.challenge);
    std::array<std::uint8_t, Delivery::kMaxMessage> message;
    tunnel.delivery.enqueue(build_sccrq(message, tunnel, settings_.tunnel, entropy_));
    touch(number(tunnel));
  }
}

void Lac::want(Tunnel& tunnel, const Wanted& wanted) {
  tunnel.wanted.push_back(wanted);
  touch(number(tunnel));
}

// A message in order, of any kind.
void Lac::process(Tunnel& tunnel, const l2tp::ControlMessage& message, TimePoint now) {
  if (message.type == MessageType::stopccn) return end(tunnel, TunnelState::closed, describe("StopCCN", message));
  if (tunnel.state == TunnelState::stopping) return;
  const auto* const row = l2tp::find_message(message.type);
  if (message.fault && (row == nullptr || row->scope == l2tp::Scope::tunnel)) {
    ++counters_.malformed;
    return refuse(tunnel, message.fault->result, std::string(l2tp::describe(*message.fault).text()));
  }
  switch (message.type) {
    case MessageType::sccrp:
      if (tunnel.state == TunnelState::wait_reply)
        connect(tunnel, message);
      else
        ++counters_.answered_twice;
      break;
    case MessageType::icrp:
    case MessageType::cdn: process_call(tunnel, message, now); break;
    case MessageType::fsq: answer_query(tunnel, message, now); break;
    case MessageType::fsr: take_answer(tunnel, message, now); break;
    default: break;  // HELLO and whatever is of no concern here: the channel acknowledges it
  }
}

void Lac::connect(Tunnel& tunnel, const l2tp::ControlMessage& sccrp) {
  tunnel.peer = PeerTunnelId(*sccrp.u16(AvpType::assigned_tunnel_id));
  tunnel.delivery.set_peer(tunnel.peer);
  l2tp::set_peer_window(tunnel.delivery.channel(),
                        sccrp.u16(AvpType::receive_window_size).value_or(l2tp::kDefaultWindow));
  if (const char* const wrong = what_is_wrong(sccrp, tunnel, octets_of(settings_.tunnel.secret)))
    return refuse(tunnel, static_cast<std::uint16_t>(l2tp::StopResult::not_authorized), wrong);
  --tunnels_waiting_;
  ++counters_.tunnels_up;
  tunnel.state = TunnelState::established;
  std::array<std::uint8_t, Delivery::kMaxMessage> message;
  const auto challenge = sccrp.octets(AvpType::challenge).value_or(Octets{});
  tunnel.delivery.enqueue(build_scccn(message, tunnel, settings_.tunnel, challenge));
  if (tunnel.calls_wanted > 0) callers_.push_back(number(tunnel));
}

// StopCCN is delivered reliably, while the tunnel counts as ended already.
void Lac::refuse(Tunnel& tunnel, std::uint16_t result, const std::string& why) {
  end(tunnel, TunnelState::stopping, why);
  want(tunnel, {MessageType::stopccn, {}, {}, result});
}

void Lac::stop(TimePoint now) {
  for (auto& tunnel : tunnels_) {
    if (tunnel.state != TunnelState::established) continue;
    for (const auto session : tunnel.sessions)
      if (session != kNoSession) end_call(session, Cause::by_us, {});
    calls_wanted_ -= tunnel.calls_wanted;
    tunnel.calls_wanted = 0;
    --counters_.tunnels_up;
    tunnel.state = TunnelState::stopping;
    tunnel.wanted.clear();
    want(tunnel, {MessageType::stopccn, {}, {}, static_cast<std::uint16_t>(l2tp::StopResult::shutting_down)});
  }
  callers_.clear();
  run(now);
}

// The tunnel is over, and not because we were told to end it.
void Lac::end(Tunnel& tunnel, TunnelState next, const std::string& why) {
  const auto before = std::exchange(tunnel.state, next);
  tunnel.wanted.clear();
  if (before != TunnelState::wait_reply && before != TunnelState::established) return;
  tunnel.ending = why;
  note("tunnel: ", why);
  if (before == TunnelState::wait_reply) {
    --tunnels_waiting_;
    ++counters_.tunnels_failed;
  } else {
    --counters_.tunnels_up;
    ++counters_.tunnels_lost;
  }
  for (const auto session : tunnel.sessions)
    if (session != kNoSession) end_call(session, Cause::by_peer, "the tunnel ended");
  counters_.calls_begun += tunnel.calls_wanted;
  counters_.calls_failed += tunnel.calls_wanted;
  calls_wanted_ -= tunnel.calls_wanted;
  tunnel.calls_wanted = 0;
  std::erase(callers_, number(tunnel));
}

}  // namespace holdfast::lac
