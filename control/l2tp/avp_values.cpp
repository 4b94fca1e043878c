#include "l2tp/avp_values.hpp"

#include "wire/reader.hpp"

namespace holdfast::l2tp {

ResultCode ResultCode::decode(Octets value) {
  Reader in(value);
  ResultCode out{.result = in.u16(), .error = {}, .text = {}};
  if (in.left() < 2) return out;  // a lone octet behind the Result Code says nothing
  out.error = in.u16();
  out.text = text_of(in.rest());
  return out;
}
void ResultCode::encode(Writer& out) const {
  out.u16(result);
  if (error || !text.empty()) out.u16(error.value_or(0));
  out.octets(octets_of(text));
}

Q931Cause Q931Cause::decode(Octets value) {
  Reader in(value);
  const auto cause = in.u16();
  const auto message = in.u8();
  return {cause, message, text_of(in.rest())};
}
void Q931Cause::encode(Writer& out) const {
  out.u16(cause);
  out.u8(message);
  out.octets(octets_of(advisory));
}

CallErrors CallErrors::decode(Octets value) {
  Reader in(value);
  in.skip(2);
  CallErrors out;
  for (auto* const counter :
       {&out.crc, &out.framing, &out.hardware_overruns, &out.buffer_overruns, &out.timeouts, &out.alignment})
    *counter = in.u32();
  return out;
}
void CallErrors::encode(Writer& out) const {
  out.u16(0);
  for (const auto counter : {crc, framing, hardware_overruns, buffer_overruns, timeouts, alignment}) out.u32(counter);
}

Accm Accm::decode(Octets value) {
  Reader in(value);
  in.skip(2);
  const auto send = in.u32();
  const auto receive = in.u32();
  return {send, receive};
}
void Accm::encode(Writer& out) const {
  out.u16(0);
  out.u32(send);
  out.u32(receive);
}

PppDisconnectCause PppDisconnectCause::decode(Octets value) {
  Reader in(value);
  const auto code = in.u16();
  const auto control_protocol = in.u16();
  const auto direction = in.u8();
  return {code, control_protocol, direction, text_of(in.rest())};
}
void PppDisconnectCause::encode(Writer& out) const {
  out.u16(code);
  out.u16(control_protocol);
  out.u8(direction);
  out.octets(octets_of(message));
}

namespace {
constexpr std::uint16_t kControlBit = 0x0001;  // C
constexpr std::uint16_t kDataBit = 0x0002;     // D
}  // namespace

FailoverCapability FailoverCapability::decode(Octets value) {
  Reader in(value);
  const auto bits = in.u16();
  return {(bits & kControlBit) != 0, (bits & kDataBit) != 0, std::chrono::milliseconds(in.u32())};
}
void FailoverCapability::encode(Writer& out) const {
  out.u16(static_cast<std::uint16_t>((control ? kControlBit : 0) | (data ? kDataBit : 0)));
  out.u32(static_cast<std::uint32_t>(recovery_time.count()));
}

TunnelRecovery TunnelRecovery::decode(Octets value) {
  Reader in(value);
  in.skip(4);
  const PeerTunnelId senders(in.u16());
  in.skip(2);
  return {TunnelId(in.u16()), senders};
}
void TunnelRecovery::encode(Writer& out) const {
  out.u32(0);
  out.u16(ours.value());
  out.u16(0);
  out.u16(theirs.value());
}

SuggestedControlSequence SuggestedControlSequence::decode(Octets value) {
  Reader in(value);
  in.skip(2);
  const auto ns = in.u16();
  const auto nr = in.u16();
  return {ns, nr};
}
void SuggestedControlSequence::encode(Writer& out) const {
  out.u16(0);
  out.u16(ns);
  out.u16(nr);
}

FailoverSessionState FailoverSessionState::decode(Octets value) {
  Reader in(value);
  in.skip(4);
  const PeerSessionId senders(in.u16());
  in.skip(2);
  return {SessionId(in.u16()), senders};
}
void FailoverSessionState::encode(Writer& out) const {
  out.u32(0);
  out.u16(ours.value());
  out.u16(0);
  out.u16(theirs.value());
}

}  // namespace holdfast::l2tp
