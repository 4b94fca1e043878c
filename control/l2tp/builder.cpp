#include "l2tp/builder.hpp"

#include "l2tp/authentication.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <initializer_list>

namespace holdfast::l2tp {
namespace {

constexpr std::uint16_t kControlFlags = 0xc802;  // RFC 2661 3.1: T, L and S set, version 2
constexpr std::size_t kLengthAt = 2;
constexpr std::size_t kNsAt = 8;
constexpr std::size_t kNrAt = 10;
constexpr std::uint16_t kMandatoryBit = 0x8000;
constexpr std::uint16_t kHiddenBit = 0x4000;
constexpr std::size_t kHiddenLengthField = 2;
constexpr std::size_t kPaddedTo = 16;  // hidden values of variable length

void control_header(Writer& out, std::size_t length, PeerTunnelId tunnel, PeerSessionId session, std::uint16_t ns,
                    std::uint16_t nr) {
  out.u16(kControlFlags);
  out.u16(static_cast<std::uint16_t>(length));
  out.u16(tunnel.value());
  out.u16(session.value());
  out.u16(ns);
  out.u16(nr);
}

const AvpSpec& row(AvpType type, std::initializer_list<Kind> kinds) {
  const AvpSpec* const spec = find_avp(type);
  assert(spec != nullptr && std::ranges::find(kinds, spec->kind) != kinds.end());
  return *spec;
}

template <class Native>
Octets wire(std::array<std::uint8_t, sizeof(Native)>& storage, Native value) {
  for (std::size_t i = 0; i < storage.size(); ++i)
    storage[i] = static_cast<std::uint8_t>(value >> (8 * (storage.size() - 1 - i)));
  return storage;
}

}  // namespace

MessageBuilder::MessageBuilder(MutableOctets out, MessageType type, PeerTunnelId tunnel, PeerSessionId session)
    : out_(out), writer_(out) {
  const MessageSpec* const message = find_message(type);
  assert(message != nullptr && type != MessageType::zlb);
  control_header(writer_, 0, tunnel, session, 0, 0);
  AvpSpec spec = *find_avp(AvpType::message_type);
  spec.mandatory = message->mandatory;
  header(spec, sizeof(type), false);
  writer_.u16(static_cast<std::uint16_t>(type));
}

MessageBuilder& MessageBuilder::u16(AvpType type, std::uint16_t value) {
  std::array<std::uint8_t, 2> storage{};
  avp(row(type, {Kind::u16, Kind::id}), wire(storage, value));
  return *this;
}
MessageBuilder& MessageBuilder::u32(AvpType type, std::uint32_t value) {
  std::array<std::uint8_t, 4> storage{};
  avp(row(type, {Kind::u32}), wire(storage, value));
  return *this;
}
MessageBuilder& MessageBuilder::u64(AvpType type, std::uint64_t value) {
  std::array<std::uint8_t, 8> storage{};
  avp(row(type, {Kind::u64}), wire(storage, value));
  return *this;
}
MessageBuilder& MessageBuilder::octets(AvpType type, Octets value) {
  avp(row(type, {Kind::octets, Kind::text}), value);
  return *this;
}
MessageBuilder& MessageBuilder::text(AvpType type, std::string_view value) { return octets(type, octets_of(value)); }
MessageBuilder& MessageBuilder::flag(AvpType type) {
  avp(row(type, {Kind::empty}), {});
  return *this;
}

template <class Value>
MessageBuilder& MessageBuilder::structure(AvpType type, const Value& value) {
  std::array<std::uint8_t, kMaxValueLength> storage;
  Writer out(storage);
  value.encode(out);
  if (out.ok())
    avp(row(type, {Kind::structure}), out.written());
  else
    fits_ = false;
  return *this;
}
MessageBuilder& MessageBuilder::result(std::uint16_t result, std::optional<std::uint16_t> error,
                                       std::string_view text) {
  return add(ResultCode{result, error, text});
}
MessageBuilder& MessageBuilder::add(const ResultCode& v) { return structure(AvpType::result_code, v); }
MessageBuilder& MessageBuilder::add(const Q931Cause& v) { return structure(AvpType::q931_cause_code, v); }
MessageBuilder& MessageBuilder::add(const CallErrors& v) { return structure(AvpType::call_errors, v); }
MessageBuilder& MessageBuilder::add(const Accm& v) { return structure(AvpType::accm, v); }
MessageBuilder& MessageBuilder::add(const PppDisconnectCause& v) {
  return structure(AvpType::ppp_disconnect_cause_code, v);
}
MessageBuilder& MessageBuilder::add(const FailoverCapability& v) { return structure(AvpType::failover_capability, v); }
MessageBuilder& MessageBuilder::add(const TunnelRecovery& v) { return structure(AvpType::tunnel_recovery, v); }
MessageBuilder& MessageBuilder::add(const SuggestedControlSequence& v) {
  return structure(AvpType::suggested_control_sequence, v);
}
MessageBuilder& MessageBuilder::add(const FailoverSessionState& v) {
  return structure(AvpType::failover_session_state, v);
}

MessageBuilder& MessageBuilder::hide(Octets secret, Entropy& entropy) {
  secret_ = secret;
  entropy_ = secret.empty() ? nullptr : &entropy;  // RFC 2661 4.3: no H bit without a shared secret
  return *this;
}
MessageBuilder& MessageBuilder::reveal() {
  entropy_ = nullptr;
  return *this;
}

Octets MessageBuilder::finish() {
  writer_.patch_u16(kLengthAt, static_cast<std::uint16_t>(writer_.size()));
  if (!fits_ || !writer_.ok() || writer_.size() > UINT16_MAX) return {};
  return writer_.written();
}

void MessageBuilder::avp(const AvpSpec& spec, Octets value) {
  if (value.size() < spec.min_length || value.size() > spec.max_length) {
    fits_ = false;
    return;
  }
  if (entropy_ != nullptr && spec.hideable == Hideable::yes) return hidden_avp(spec, value);
  header(spec, value.size(), false);
  writer_.octets(value);
}

// RFC 2661 4.3.
void MessageBuilder::hidden_avp(const AvpSpec& spec, Octets value) {
  if (!has_random_vector_) {
    has_random_vector_ = true;
    entropy_->fill(random_vector_);
    avp(*find_avp(AvpType::random_vector), random_vector_);
  }
  std::size_t length = kHiddenLengthField + value.size();
  if (spec.min_length != spec.max_length) length = (length + kPaddedTo - 1) / kPaddedTo * kPaddedTo;
  length = std::min<std::size_t>(length, kMaxValueLength);
  if (length < kHiddenLengthField + value.size()) {
    fits_ = false;
    return;
  }
  std::array<std::uint8_t, kMaxValueLength> storage;
  const auto subformat = MutableOctets(storage).first(length);
  Writer out(subformat);
  out.u16(static_cast<std::uint16_t>(value.size()));
  out.octets(value);
  entropy_->fill(subformat.subspan(out.size()));
  l2tp::hide(attribute(spec.type), secret_, random_vector_, subformat);
  header(spec, length, true);
  writer_.octets(subformat);
}

void MessageBuilder::header(const AvpSpec& spec, std::size_t value_length, bool hidden) {
  const auto bits = (spec.mandatory == Mandatory::yes ? kMandatoryBit : 0u) | (hidden ? kHiddenBit : 0u);
  writer_.u16(static_cast<std::uint16_t>(bits | (kAvpHeaderLength + value_length)));
  writer_.u16(vendor(spec.type));
  writer_.u16(attribute(spec.type));
}

bool keep(Outbox& out, MessageBuilder& message) { return out.keep(message.finish()); }

void set_sequence(MutableOctets message, std::uint16_t ns, std::uint16_t nr) {
  assert(message.size() >= kNrAt + 2);
  const auto put = [&](std::size_t at, std::uint16_t value) {
    message[at] = static_cast<std::uint8_t>(value >> 8);
    message[at + 1] = static_cast<std::uint8_t>(value);
  };
  put(kNsAt, ns);
  put(kNrAt, nr);
}

void set_tunnel(MutableOctets message, PeerTunnelId tunnel) {
  constexpr std::size_t kTunnelAt = 4;
  constexpr std::size_t kTypeAt = 18;  // the value of Message Type, which is always the first AVP
  assert(message.size() >= kTypeAt + 2);
  const auto value = [&](std::size_t at) { return message[at] << 8 | message[at + 1]; };
  if (value(kTunnelAt) != 0 || value(kTypeAt) == static_cast<int>(MessageType::sccrq)) return;
  message[kTunnelAt] = static_cast<std::uint8_t>(tunnel.value() >> 8);
  message[kTunnelAt + 1] = static_cast<std::uint8_t>(tunnel.value());
}

Octets build_zlb(MutableOctets out, PeerTunnelId tunnel, std::uint16_t ns, std::uint16_t nr) {
  constexpr std::size_t kLength = 12;
  Writer writer(out);
  control_header(writer, kLength, tunnel, PeerSessionId{}, ns, nr);
  return writer.ok() ? writer.written() : Octets{};
}

}  // namespace holdfast::l2tp
