#include "lac/messages.hpp"

#include "l2tp/authentication.hpp"
#include "l2tp/builder.hpp"
#include "l2tp/message.hpp"

#include <cstdio>

namespace holdfast::lac {
namespace {

using enum l2tp::AvpType;
using l2tp::MessageBuilder;
using l2tp::MessageType;

constexpr std::uint32_t kSynchronous = 1, kDigital = 1;  // RFC 2661 4.4.3, 4.4.4
constexpr std::uint32_t kSpeed = 100'000'000;            // bit/s

void hide_if_wanted(MessageBuilder& builder, const TunnelSettings& settings, Entropy& entropy) {
  if (settings.hide) builder.hide(octets_of(settings.secret), entropy);
}

}  // namespace

Octets build_sccrq(MutableOctets out, const Tunnel& tunnel, const TunnelSettings& settings, Entropy& entropy) {
  MessageBuilder builder(out, MessageType::sccrq, {}, {});
  builder.u16(protocol_version, l2tp::kProtocolVersion).text(host_name, settings.host_name);
  hide_if_wanted(builder, settings, entropy);
  builder.u32(framing_capabilities, kSynchronous)
      .u32(bearer_capabilities, kDigital)
      .text(vendor_name, "Holdfast test LAC")
      .u16(assigned_tunnel_id, tunnel.id.value())
      .u16(receive_window_size, settings.window);
  if (settings.recovery_time)
    builder.add(l2tp::FailoverCapability{
        true, false, std::chrono::duration_cast<std::chrono::milliseconds>(*settings.recovery_time)});
  if (!settings.secret.empty()) builder.octets(challenge, tunnel.challenge);
  return builder.finish();
}

Octets build_recovery_sccrp(MutableOctets out, const Tunnel& recovery, const l2tp::SuggestedControlSequence& suggested,
                            const TunnelSettings& settings, Octets asked) {
  MessageBuilder builder(out, MessageType::sccrp, recovery.peer, {});
  builder.u16(protocol_version, l2tp::kProtocolVersion)
      .text(host_name, settings.host_name)
      .u32(framing_capabilities, kSynchronous)
      .u16(assigned_tunnel_id, recovery.id.value())
      .u16(receive_window_size, settings.window);
  if (!settings.secret.empty()) builder.octets(challenge, recovery.challenge);
  if (!asked.empty())
    builder.octets(challenge_response, l2tp::challenge_response(MessageType::sccrp, octets_of(settings.secret), asked));
  builder.add(suggested);
  return builder.finish();
}

Octets build_scccn(MutableOctets out, const Tunnel& tunnel, const TunnelSettings& settings, Octets received_challenge) {
  MessageBuilder builder(out, MessageType::scccn, tunnel.peer, {});
  if (!received_challenge.empty())
    builder.octets(challenge_response,
                   l2tp::challenge_response(MessageType::scccn, octets_of(settings.secret), received_challenge));
  return builder.finish();
}

Octets build(MutableOctets out, const Tunnel& tunnel, const Wanted& wanted, std::uint32_t number,
             const TunnelSettings& settings, Entropy& entropy) {
  MessageBuilder builder(out, wanted.type, tunnel.peer, wanted.peer);
  hide_if_wanted(builder, settings, entropy);
  switch (wanted.type) {
    case MessageType::icrq: {
      std::array<char, 16> calling{};
      std::snprintf(calling.data(), calling.size(), "49%010u", number);
      builder.u16(assigned_session_id, wanted.session.value())
          .u32(call_serial_number, number)
          .u32(bearer_type, kDigital)
          .text(calling_number, calling.data());
      break;
    }
    case MessageType::iccn: builder.u32(tx_connect_speed, kSpeed).u32(framing_type, kSynchronous); break;
    case MessageType::cdn: builder.result(wanted.result).u16(assigned_session_id, wanted.session.value()); break;
    case MessageType::stopccn: builder.u16(assigned_tunnel_id, tunnel.id.value()).result(wanted.result); break;
    default: break;  // HELLO: nothing more
  }
  return builder.finish();
}

}  // namespace holdfast::lac
