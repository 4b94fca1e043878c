#include "l2tp/call_messages.hpp"

#include <algorithm>

namespace holdfast::l2tp {
namespace {

constexpr std::size_t kMinAgentId = 2;  // RFC 5515 5.1, 5.2: as the access-line AVPs of the table have it

template <std::size_t N>
void copy_text(InlineOctets<N>& into, const std::optional<Octets>& from) {
  if (from) (void)into.assign(from->first(std::min(from->size(), N)));
}

template <std::size_t N>
void text(MessageBuilder& message, AvpType type, const InlineOctets<N>& value, std::size_t least = 1) {
  if (value.length >= least) message.octets(type, value.octets());
}

void write_proxy(MessageBuilder& message, const Proxy& proxy) {
  text(message, AvpType::initial_received_lcp_confreq, proxy.initial_received_confreq);
  text(message, AvpType::last_sent_lcp_confreq, proxy.last_sent_confreq);
  text(message, AvpType::last_received_lcp_confreq, proxy.last_received_confreq);
  if (proxy.authen_type == 0) return;
  message.u16(AvpType::proxy_authen_type, proxy.authen_type);
  text(message, AvpType::proxy_authen_name, proxy.name);
  text(message, AvpType::proxy_authen_challenge, proxy.challenge);
  message.u16(AvpType::proxy_authen_id, proxy.authen_id);
  text(message, AvpType::proxy_authen_response, proxy.response);
}

}  // namespace

void write_icrq(MessageBuilder& message, const Session& session, const CallSpec& call) {
  message.u16(AvpType::assigned_session_id, session.id.value())
      .u32(AvpType::call_serial_number, session.call_serial)
      .u32(AvpType::bearer_type, call.bearer);
  if (call.physical_channel != 0) message.u32(AvpType::physical_channel_id, call.physical_channel);
  text(message, AvpType::calling_number, call.calling);
  text(message, AvpType::called_number, call.called);
  text(message, AvpType::sub_address, call.sub_address);
  text(message, AvpType::agent_circuit_id, call.agent_circuit_id, kMinAgentId);
  text(message, AvpType::agent_remote_id, call.agent_remote_id, kMinAgentId);
  call.aggregators.for_each([&](Octets id) { message.octets(AvpType::tunnel_switching_aggregator_id, id); });
}

void write_iccn(MessageBuilder& message, const CallSpec& call) {
  message.u32(AvpType::tx_connect_speed, call.tx_speed).u32(AvpType::framing_type, call.framing);
  write_proxy(message, call.proxy);
  text(message, AvpType::private_group_id, call.private_group);
  if (call.rx_speed != 0) message.u32(AvpType::rx_connect_speed, call.rx_speed);
  if (call.sequencing != 0) message.flag(AvpType::sequencing_required);
}

void write_ocrq(MessageBuilder& message, const Session& session, const CallSpec& call) {
  message.u16(AvpType::assigned_session_id, session.id.value())
      .u32(AvpType::call_serial_number, session.call_serial)
      .u32(AvpType::minimum_bps, call.minimum_bps)
      .u32(AvpType::maximum_bps, call.maximum_bps)
      .u32(AvpType::bearer_type, call.bearer)
      .u32(AvpType::framing_type, call.framing)
      .octets(AvpType::called_number, call.called.octets());
  text(message, AvpType::sub_address, call.sub_address);
}

void write_occn(MessageBuilder& message, const Circuit& circuit) {
  message.u32(AvpType::tx_connect_speed, circuit.tx_speed).u32(AvpType::framing_type, circuit.framing);
  if (circuit.rx_speed != 0) message.u32(AvpType::rx_connect_speed, circuit.rx_speed);
  if (circuit.sequencing) message.flag(AvpType::sequencing_required);
}

void pass_on_request(CallSpec& call, const ControlMessage& icrq) {
  call.bearer = icrq.u32(AvpType::bearer_type).value_or(0);
  call.physical_channel = icrq.u32(AvpType::physical_channel_id).value_or(0);
  copy_text(call.calling, icrq.octets(AvpType::calling_number));
  copy_text(call.called, icrq.octets(AvpType::called_number));
  copy_text(call.sub_address, icrq.octets(AvpType::sub_address));
  copy_text(call.agent_circuit_id, icrq.octets(AvpType::agent_circuit_id));
  copy_text(call.agent_remote_id, icrq.octets(AvpType::agent_remote_id));
}

void pass_on_connected(CallSpec& call, const ControlMessage& iccn) {
  call.tx_speed = iccn.u32(AvpType::tx_connect_speed).value_or(0);
  call.rx_speed = iccn.u32(AvpType::rx_connect_speed).value_or(0);
  call.framing = iccn.u32(AvpType::framing_type).value_or(call.framing);
  call.sequencing = iccn.has(AvpType::sequencing_required) ? 1 : 0;
  copy_text(call.private_group, iccn.octets(AvpType::private_group_id));
}

void read_request(Session& session, const ControlMessage& message) {
  session.peer = PeerSessionId(message.u16(AvpType::assigned_session_id).value_or(0));
  session.call_serial = message.u32(AvpType::call_serial_number).value_or(0);
  session.framing = message.u32(AvpType::framing_type).value_or(0);
  copy_text(session.calling, message.octets(AvpType::calling_number));
  copy_text(session.called, message.octets(AvpType::called_number));
}

void read_connected(Session& session, const ControlMessage& message) {
  session.tx_speed = message.u32(AvpType::tx_connect_speed).value_or(0);
  session.rx_speed = message.u32(AvpType::rx_connect_speed).value_or(session.tx_speed);
  session.framing = message.u32(AvpType::framing_type).value_or(0);
  session.sequencing = message.has(AvpType::sequencing_required) ? 1 : 0;
}

}  // namespace holdfast::l2tp
