// Writes a control message into a buffer of the caller's (RFC 2661 3.1, 4.1). M bits come from the AVP table; the order
// of the AVPs is the order of the calls, after Message Type.
#pragma once

#include "abi/ids.hpp"
#include "l2tp/avp.hpp"
#include "l2tp/avp_values.hpp"
#include "l2tp/message_table.hpp"
#include "l2tp/outbox.hpp"
#include "wire/env.hpp"
#include "wire/octets.hpp"
#include "wire/writer.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::l2tp {

class MessageBuilder {
 public:
  // type: one with a row in kMessages, not zlb (see build_zlb).
  MessageBuilder(MutableOctets out, MessageType type, PeerTunnelId tunnel, PeerSessionId session);

  // The kind of the AVP must be the one that the table names, and the length within its bounds: else a bug, which
  // aborts.
  MessageBuilder& u16(AvpType type, std::uint16_t value);
  MessageBuilder& u32(AvpType type, std::uint32_t value);
  MessageBuilder& u64(AvpType type, std::uint64_t value);
  MessageBuilder& octets(AvpType type, Octets value);
  MessageBuilder& text(AvpType type, std::string_view value);
  MessageBuilder& flag(AvpType type);  // an AVP without a value

  MessageBuilder& result(std::uint16_t result, std::optional<std::uint16_t> error = {}, std::string_view text = {});
  MessageBuilder& add(const ResultCode& value);
  MessageBuilder& add(const Q931Cause& value);
  MessageBuilder& add(const CallErrors& value);
  MessageBuilder& add(const Accm& value);
  MessageBuilder& add(const PppDisconnectCause& value);
  MessageBuilder& add(const FailoverCapability& value);
  MessageBuilder& add(const TunnelRecovery& value);
  MessageBuilder& add(const SuggestedControlSequence& value);
  MessageBuilder& add(const FailoverSessionState& value);

  // From here on every AVP that may be hidden is hidden; a Random Vector of 16 octets goes before the first. Values of
  // variable length are padded, so that their length is hidden too. An empty secret hides nothing. secret and entropy
  // must outlive the builder or the next hide() or reveal().
  MessageBuilder& hide(Octets secret, Entropy& entropy);
  MessageBuilder& reveal();

  // Octets that are left in the buffer, for callers that fill a message with as many AVPs as fit.
  std::size_t room() const { return out_.size() - writer_.size(); }

  // The message, with its length set and Ns and Nr left zero (set_sequence). Empty if it did not fit.
  Octets finish();

 private:
  template <class Value>
  MessageBuilder& structure(AvpType type, const Value& value);
  void avp(const AvpSpec& spec, Octets value);
  void hidden_avp(const AvpSpec& spec, Octets value);
  void header(const AvpSpec& spec, std::size_t value_length, bool hidden);

  MutableOctets out_;
  Writer writer_;
  bool fits_ = true;
  Octets secret_;
  Entropy* entropy_ = nullptr;  // null: not hiding
  std::array<std::uint8_t, 16> random_vector_{};
  bool has_random_vector_ = false;
};

// Finishes the message and leaves it in the outbox, whose room() it was built in. False: it did not fit.
bool keep(Outbox& out, MessageBuilder& message);

// Writes Ns and Nr into a message built before. message: at least a control header long.
void set_sequence(MutableOctets message, std::uint16_t ns, std::uint16_t nr);

// Writes the Tunnel ID into a message built before that has none, unless it is an SCCRQ, which never has one.
void set_tunnel(MutableOctets message, PeerTunnelId tunnel);

// A zero-length-body message, which only acknowledges (RFC 2661 5.8). Empty if out is shorter than 12 octets.
Octets build_zlb(MutableOctets out, PeerTunnelId tunnel, std::uint16_t ns, std::uint16_t nr);

}  // namespace holdfast::l2tp
