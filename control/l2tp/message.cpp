#include "l2tp/message.hpp"

#include "l2tp/authentication.hpp"
#include "wire/reader.hpp"

#include <cassert>
#include <cstdio>

namespace holdfast::l2tp {
namespace {

// RFC 2661 3.1, the first 16 bits of the header. Other bits are reserved and ignored; P means nothing here.
constexpr std::uint16_t kTypeBit = 0x8000;
constexpr std::uint16_t kLengthBit = 0x4000;
constexpr std::uint16_t kSequenceBit = 0x0800;
constexpr std::uint16_t kOffsetBit = 0x0200;
constexpr std::uint16_t kVersionMask = 0x000f;
constexpr std::uint16_t kVersion = 2;

// RFC 2661 4.1, the first 16 bits of an AVP.
constexpr std::uint16_t kMandatoryBit = 0x8000;
constexpr std::uint16_t kHiddenBit = 0x4000;
constexpr std::uint16_t kReservedBits = 0x3c00;
constexpr std::uint16_t kAvpLengthMask = 0x03ff;

// RFC 2661 4.4.2.
constexpr std::uint16_t kGeneralError = 2;
constexpr std::uint16_t kVersionUnsupported = 5;
constexpr std::uint16_t kLengthWrong = 2;
constexpr std::uint16_t kValueOutOfRange = 3;
constexpr std::uint16_t kUnknownMandatory = 8;

struct Framed {
  ControlHeader header;
  Octets avps;  // what Length leaves behind the header
};

Result<Framed, ParseError> frame(Octets datagram) {
  Reader in(datagram);
  const auto flags = in.u16();
  const auto length = in.u16();
  if (!in.ok()) return fail(ParseError::header_too_short);
  if ((flags & kTypeBit) == 0) return fail(ParseError::not_control);
  if ((flags & kVersionMask) != kVersion) return fail(ParseError::wrong_version);
  if ((flags & (kLengthBit | kSequenceBit | kOffsetBit)) != (kLengthBit | kSequenceBit))
    return fail(ParseError::header_flags);
  Framed out;
  out.header.tunnel = TunnelId(in.u16());
  out.header.session = SessionId(in.u16());
  out.header.ns = in.u16();
  out.header.nr = in.u16();
  if (!in.ok()) return fail(ParseError::header_too_short);
  if (length < kControlHeaderLength) return fail(ParseError::length_below_header);
  if (length > datagram.size()) return fail(ParseError::length_beyond_datagram);
  out.avps = in.take(length - kControlHeaderLength);
  return out;
}

struct Avp {
  std::uint16_t bits;
  std::uint16_t vendor;
  std::uint16_t attribute;
  Octets value;

  bool mandatory() const { return (bits & kMandatoryBit) != 0; }
  bool hidden() const { return (bits & kHiddenBit) != 0; }
  bool reserved() const { return (bits & kReservedBits) != 0; }
};

Result<Avp, ParseError> next_avp(Reader& in) {
  if (in.left() < kAvpHeaderLength) return fail(ParseError::avp_truncated);
  const auto first = in.u16();
  Avp avp{.bits = first, .vendor = in.u16(), .attribute = in.u16(), .value = {}};
  const std::size_t length = first & kAvpLengthMask;
  if (length < kAvpHeaderLength) return fail(ParseError::avp_too_short);
  avp.value = in.take(length - kAvpHeaderLength);
  if (!in.ok()) return fail(ParseError::avp_overruns_message);
  return avp;
}

std::size_t row_of(const AvpSpec& spec) { return static_cast<std::size_t>(&spec - kAvps.data()); }

}  // namespace

// Fills one ControlMessage, AVP by AVP.
class MessageParser {
 public:
  MessageParser(ControlMessage& out, Octets datagram, Octets secret) : out_(out), secret_(secret) {
    out_.datagram_ = datagram;
  }

  // The first AVP must be the Message Type: it decides what the others mean (RFC 2661 4.4.1).
  std::optional<ParseError> message_type(const Avp& avp) {
    if (avp.vendor != kVendorIetf || avp.attribute != 0 || avp.reserved()) return ParseError::message_type_missing;
    if (avp.hidden() || avp.value.size() != 2) return ParseError::message_type_malformed;
    out_.type = static_cast<MessageType>(Reader(avp.value).u16());
    if (out_.type == MessageType::zlb) return ParseError::message_type_malformed;
    out_.mandatory = avp.mandatory();
    message_ = find_message(out_.type);
    out_.known = message_ != nullptr;
    if (!out_.known && out_.mandatory) set_fault(kGeneralError, kUnknownMandatory, avp);
    if (out_.known) keep(*find_avp(AvpType::message_type), avp.value, ControlMessage::Location::In::datagram);
    return {};
  }

  void take(const Avp& avp) {
    if (message_ == nullptr) return;  // nothing can be said of the AVPs of an unknown message
    const AvpSpec* const spec = avp.reserved() ? nullptr : find_avp(avp.vendor, avp.attribute);
    if (foreign_to_failover_message(spec)) {
      ++out_.ignored;
      return;
    }
    if (spec == nullptr) return refuse(avp, kUnknownMandatory);
    if (avp.hidden())
      take_hidden(*spec, avp);
    else
      take_value(*spec, avp, avp.value, ControlMessage::Location::In::datagram);
  }

  void finish() {
    if (message_ == nullptr) return;
    for (const auto type : message_->required)
      if (!out_.has(type)) set_fault(kGeneralError, kValueOutOfRange, {0, vendor(type), attribute(type), {}});
    const auto version = out_.has(AvpType::protocol_version) ? out_.u16(AvpType::protocol_version) : std::nullopt;
    // RFC 2661 4.4.3: Ver is 1; a revision of it is no other version. It goes before any other fault, as a peer of
    // another version may be right to send what we can't understand.
    if (version && (*version >> 8) != (kProtocolVersion >> 8))
      out_.fault = Fault{kVersionUnsupported, kProtocolVersion, kVendorIetf, attribute(AvpType::protocol_version)};
  }

 private:
  // RFC 4951 4.1, 4.2: whatever else is in an FSQ or FSR is ignored.
  bool foreign_to_failover_message(const AvpSpec* spec) const {
    if (message_->type != MessageType::fsq && message_->type != MessageType::fsr) return false;
    return spec == nullptr || (spec->type != AvpType::random_vector && !message_->required.contains(spec->type));
  }

  void take_hidden(const AvpSpec& spec, const Avp& avp) {
    if (spec.hideable == Hideable::no) return refuse(avp, kValueOutOfRange);
    if (secret_.empty()) {
      out_.unread_hidden = true;
      return refuse(avp, kValueOutOfRange);
    }
    // RFC 2661 4.3: a Random Vector must have come before.
    if (!random_vector_) return refuse(avp, kValueOutOfRange);
    const auto room = MutableOctets(out_.unhidden_).subspan(out_.unhidden_size_);
    const auto length = unhide(avp.attribute, secret_, *random_vector_, avp.value, room);
    if (!length) return refuse(avp, kLengthWrong);
    take_value(spec, avp, room.first(*length), ControlMessage::Location::In::unhidden);
  }

  void take_value(const AvpSpec& spec, const Avp& avp, Octets value, ControlMessage::Location::In in) {
    if (value.size() < spec.min_length || value.size() > spec.max_length) return refuse(avp, kLengthWrong);
    if (spec.kind == Kind::id && Reader(value).u16() == 0 && !may_be_zero()) return refuse(avp, kValueOutOfRange);
    if (spec.type == AvpType::random_vector) random_vector_ = value;
    if (spec.type == AvpType::failover_session_state) {
      if (!out_.session_states_.push(FailoverSessionState::decode(value))) ++out_.ignored;
    } else if (spec.type == AvpType::tunnel_switching_aggregator_id) {
      if (!out_.aggregators_.push(location(value, in)))
        ++out_.ignored;
      else if (out_.has(spec.type))
        hold(value, in);
    } else if (out_.has(spec.type) && spec.type != AvpType::random_vector) {
      ++out_.ignored;
    }
    if (!out_.has(spec.type)) keep(spec, value, in);
  }

  // Peers that refuse what they gave no id yet send 0 in StopCCN and CDN, and these are obeyed anyway.
  bool may_be_zero() const { return out_.type == MessageType::stopccn || out_.type == MessageType::cdn; }

  ControlMessage::Location location(Octets value, ControlMessage::Location::In in) const {
    const auto* const base =
        in == ControlMessage::Location::In::datagram ? out_.datagram_.data() : out_.unhidden_.data();
    return {static_cast<std::uint16_t>(value.data() - base), static_cast<std::uint16_t>(value.size()), in};
  }

  void keep(const AvpSpec& spec, Octets value, ControlMessage::Location::In in) {
    out_.locations_[row_of(spec)] = location(value, in);
    hold(value, in);
  }

  // What was unhidden stays where it is.
  void hold(Octets value, ControlMessage::Location::In in) {
    if (in == ControlMessage::Location::In::unhidden)
      out_.unhidden_size_ = static_cast<std::uint16_t>(out_.unhidden_size_ + value.size());
  }

  // RFC 2661 4.1, 7.1: the M bit decides whether the message or the AVP alone is refused.
  void refuse(const Avp& avp, std::uint16_t error) {
    if (avp.mandatory())
      set_fault(kGeneralError, error, avp);
    else
      ++out_.ignored;
  }

  void set_fault(std::uint16_t result, std::uint16_t error, const Avp& avp) {
    if (!out_.fault) out_.fault = Fault{result, error, avp.vendor, avp.attribute};
  }

  ControlMessage& out_;
  Octets secret_;
  const MessageSpec* message_ = nullptr;
  std::optional<Octets> random_vector_;
};

Result<ControlHeader, ParseError> parse_header(Octets udp_payload) {
  return frame(udp_payload).map([](const Framed& framed) { return framed.header; });
}

namespace {

std::optional<ParseError> parse_into(ControlMessage& out, Octets datagram, Octets secret) {
  const auto framed = frame(datagram);
  if (!framed) return framed.error();
  out.header = framed->header;
  if (framed->avps.empty()) return {};

  MessageParser parser(out, datagram, secret);
  Reader in(framed->avps);
  const auto first = next_avp(in);
  if (!first) return first.error();
  if (const auto error = parser.message_type(*first)) return error;
  while (in.left() > 0) {
    const auto avp = next_avp(in);
    if (!avp) return avp.error();
    parser.take(*avp);
  }
  parser.finish();
  return {};
}

}  // namespace

Result<ControlMessage, ParseError> parse(Octets udp_payload, Octets secret) {
  Result<ControlMessage, ParseError> out;
  if (const auto error = parse_into(*out, udp_payload, secret)) out = fail(*error);
  return out;
}

InlineOctets<79> describe(const Fault& fault) {
  std::array<char, 80> text{};
  const auto format = [&](const char* pattern, auto... values) {
    const int length = std::snprintf(text.data(), text.size(), pattern, values...);
    return std::string_view(text.data(), std::min(static_cast<std::size_t>(length), text.size() - 1));
  };
  const AvpSpec* const spec = find_avp(fault.vendor, fault.attribute);
  const int name_length = spec == nullptr ? 0 : static_cast<int>(spec->name.size());
  const char* const avp_name = spec == nullptr ? "" : spec->name.data();
  const unsigned vendor_id = fault.vendor;
  const unsigned attribute_type = fault.attribute;

  InlineOctets<79> out;
  if (fault.result == kVersionUnsupported)
    (void)out.assign("protocol version not supported");
  else if (fault.error == kUnknownMandatory && attribute_type == 0 && vendor_id == kVendorIetf)
    (void)out.assign("unknown mandatory message type");
  else if (fault.error == kUnknownMandatory)
    (void)out.assign(format("unknown mandatory AVP %u of vendor %u", attribute_type, vendor_id));
  else if (fault.error == kLengthWrong)
    (void)out.assign(format("wrong length of AVP %u (%.*s)", attribute_type, name_length, avp_name));
  else
    (void)out.assign(format("AVP %u (%.*s) missing or out of range", attribute_type, name_length, avp_name));
  return out;
}

bool ControlMessage::has(AvpType avp) const {
  const auto* const spec = find_avp(avp);
  return spec != nullptr && locations_[row_of(*spec)].in != Location::In::absent;
}

std::optional<Octets> ControlMessage::octets(AvpType avp) const {
  const auto* const spec = find_avp(avp);
  assert(spec != nullptr);
  const Location& where = locations_[row_of(*spec)];
  return where.in != Location::In::absent ? std::optional(at(where)) : std::nullopt;
}

Octets ControlMessage::at(const Location& location) const {
  const Octets in = location.in == Location::In::unhidden ? Octets(unhidden_) : datagram_;
  return in.subspan(location.offset, location.length);
}

InlineList<Octets, ControlMessage::kMaxAggregators> ControlMessage::aggregators() const {
  InlineList<Octets, kMaxAggregators> all;
  for (const Location& location : aggregators_) (void)all.push(at(location));  // as long as aggregators_
  return all;
}

std::optional<std::uint16_t> ControlMessage::u16(AvpType avp) const {
  assert(find_avp(avp) != nullptr && fixed_length(find_avp(avp)->kind) == 2);
  const auto value = octets(avp);
  return value ? std::optional(Reader(*value).u16()) : std::nullopt;
}

std::optional<std::uint32_t> ControlMessage::u32(AvpType avp) const {
  assert(find_avp(avp) != nullptr && find_avp(avp)->kind == Kind::u32);
  const auto value = octets(avp);
  return value ? std::optional(Reader(*value).u32()) : std::nullopt;
}

std::optional<std::uint64_t> ControlMessage::u64(AvpType avp) const {
  assert(find_avp(avp) != nullptr && find_avp(avp)->kind == Kind::u64);
  const auto value = octets(avp);
  return value ? std::optional(Reader(*value).u64()) : std::nullopt;
}

std::optional<std::string_view> ControlMessage::text(AvpType avp) const {
  const auto value = octets(avp);
  return value ? std::optional(text_of(*value)) : std::nullopt;
}

template <class Value>
std::optional<Value> ControlMessage::decoded(AvpType avp) const {
  const auto value = octets(avp);
  return value ? std::optional(Value::decode(*value)) : std::nullopt;
}
std::optional<ResultCode> ControlMessage::result_code() const { return decoded<ResultCode>(AvpType::result_code); }
std::optional<Q931Cause> ControlMessage::q931_cause() const { return decoded<Q931Cause>(AvpType::q931_cause_code); }
std::optional<CallErrors> ControlMessage::call_errors() const { return decoded<CallErrors>(AvpType::call_errors); }
std::optional<Accm> ControlMessage::accm() const { return decoded<Accm>(AvpType::accm); }
std::optional<PppDisconnectCause> ControlMessage::ppp_disconnect_cause() const {
  return decoded<PppDisconnectCause>(AvpType::ppp_disconnect_cause_code);
}
std::optional<FailoverCapability> ControlMessage::failover_capability() const {
  return decoded<FailoverCapability>(AvpType::failover_capability);
}
std::optional<TunnelRecovery> ControlMessage::tunnel_recovery() const {
  return decoded<TunnelRecovery>(AvpType::tunnel_recovery);
}
std::optional<SuggestedControlSequence> ControlMessage::suggested_control_sequence() const {
  return decoded<SuggestedControlSequence>(AvpType::suggested_control_sequence);
}

}  // namespace holdfast::l2tp
