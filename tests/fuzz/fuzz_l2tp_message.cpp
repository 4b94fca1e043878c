// Any datagram, parsed as a control message with and without a secret: whatever is accepted can be read in full.
#include "l2tp/message.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace holdfast;
using namespace holdfast::l2tp;

void require(bool condition) {
  if (!condition) std::abort();
}

volatile unsigned touched;

// Reads every octet, so that a span outside its memory is found.
void touch(Octets octets) {
  unsigned sum = 0;
  for (const auto octet : octets) sum += octet;
  touched = sum;
}

void read_all(const ControlMessage& m) {
  for (const auto& row : kAvps) {
    const auto value = m.octets(row.type);
    require(value.has_value() == m.has(row.type));
    if (!value) continue;
    require(value->size() >= row.min_length && value->size() <= row.max_length);
    touch(*value);
    if (fixed_length(row.kind) == 2) require(m.u16(row.type).has_value());
    if (row.kind == Kind::u32) require(m.u32(row.type).has_value());
    if (row.kind == Kind::u64) require(m.u64(row.type).has_value());
  }
  if (const auto v = m.result_code()) touch(octets_of(v->text));
  if (const auto v = m.q931_cause()) touch(octets_of(v->advisory));
  if (const auto v = m.ppp_disconnect_cause()) touch(octets_of(v->message));
  require(m.call_errors().has_value() == m.has(AvpType::call_errors));
  require(m.accm().has_value() == m.has(AvpType::accm));
  require(m.failover_capability().has_value() == m.has(AvpType::failover_capability));
  require(m.tunnel_recovery().has_value() == m.has(AvpType::tunnel_recovery));
  require(m.suggested_control_sequence().has_value() == m.has(AvpType::suggested_control_sequence));
  require(m.session_states().empty() == !m.has(AvpType::failover_session_state));
  if (m.fault) require(!describe(*m.fault).empty());
  // Without a fault, all that the message must have is there.
  if (!m.fault && m.known)
    for (const auto type : find_message(m.type)->required) require(m.has(type));
}

void parse_one(Octets datagram, Octets secret) {
  const auto header = parse_header(datagram);
  const auto message = parse(datagram, secret);
  if (!message) {
    require(name(message.error()) != "unknown");
    return;
  }
  require(header.has_value() && *header == message->header);
  read_all(*message);
  const ControlMessage copy = *message;
  read_all(copy);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse_one({data, size}, {});
  parse_one({data, size}, octets_of("secret"));
  return 0;
}
