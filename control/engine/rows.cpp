#include "engine/rows.hpp"

#include "abi/wire.hpp"
#include "ppp/ppp.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

abi::TableOp op(abi::TableOpKind kind) {
  abi::TableOp result;
  result.kind = kind;
  return result;
}

}  // namespace

abi::TableOp put_tunnel(const TunnelRecord& tunnel, bool udp_checksum) {
  abi::TableOp result = op(abi::TableOpKind::put_tunnel);
  abi::TunnelRow& row = result.tunnel;
  row.local = tunnel.l2tp.local;
  row.peer = tunnel.l2tp.remote;
  row.local_port = tunnel.l2tp.local_port;
  row.peer_port = tunnel.l2tp.remote_port;
  row.tunnel = tunnel.l2tp.id;
  row.peer_tunnel = tunnel.l2tp.peer;
  row.flags = udp_checksum ? abi::kTunnelUdpChecksum : 0;
  return result;
}

abi::TableOp remove_tunnel(TunnelId tunnel) {
  abi::TableOp result = op(abi::TableOpKind::remove_tunnel);
  result.tunnel.tunnel = tunnel;
  return result;
}

abi::TableOp put_session(const SessionRecord& session, const SubscriberRecord* subscriber, PeerTunnelId peer,
                         const RowSettings& settings) {
  abi::TableOp result = op(abi::TableOpKind::put_session);
  abi::SessionRow& row = result.session;
  row.tunnel = session.l2tp.tunnel;
  row.session = session.l2tp.id;
  row.peer_tunnel = peer;
  row.peer_session = session.l2tp.peer;
  row.mtu = settings.mru;
  row.mss = settings.mss;
  if (session.circuit) {
    row.onward = session.circuit.raw;
    row.flags |= abi::kSessionToCircuit;
  } else if (session.other.raw != 0 && session.other != kOtherEnded && subscriber == nullptr) {
    row.onward = session.other.raw;
    row.flags |= abi::kSessionToSession;
  }
  // RFC 2661 5.4: the LAC's demand holds at all times; else the LNS decides, and the LAC does as it does.
  const config::DataMessages& data = settings.data;
  const bool lac = session.l2tp.role == l2tp::Role::lac;
  if (session.l2tp.sequencing != 0 || (!lac && data.sequence_numbers))
    row.flags |= abi::kSessionSendSequence;
  else if (lac)
    row.flags |= abi::kSessionMirrorSequence;
  if (data.ignore_sequence_numbers) row.flags |= abi::kSessionIgnoreSequence;
  if (data.length) row.flags |= abi::kSessionSendLength;
  if (data.omit_address_control) row.flags |= abi::kSessionOmitFf03;
  row.reorder_packets = data.reorder_packets;
  row.reorder_milliseconds = data.reorder_milliseconds;
  if (subscriber == nullptr) return result;
  row.mtu = std::min(settings.mru, subscriber->link.peer_mru);
  row.magic = subscriber->link.our_magic;
  row.ipv4 = subscriber->ipv4;
  row.ipv6 = subscriber->ipv6;
  if (ppp::echo_answerable(subscriber->link)) row.flags |= abi::kSessionAnswerEcho;
  if (subscriber->ipv4_up != 0) row.flags |= abi::kSessionIpv4;
  if (subscriber->ipv6_up != 0) row.flags |= abi::kSessionIpv6;
  return result;
}

abi::TableOp remove_session(TunnelId tunnel, SessionId session) {
  abi::TableOp result = op(abi::TableOpKind::remove_session);
  result.session.tunnel = tunnel;
  result.session.session = session;
  return result;
}

abi::TableOp put_circuit(const CircuitRecord& circuit, const l2tp::Session& session) {
  abi::TableOp result = op(abi::TableOpKind::put_circuit);
  abi::CircuitRow& row = result.circuit;
  row = {};
  row.circuit = circuit.id;
  row.port = circuit.port;
  row.mac = circuit.mac;
  row.outer_vlan = circuit.outer_vlan;
  row.inner_vlan = circuit.inner_vlan;
  if (circuit.outer_vlan != 0)
    row.outer_type = circuit.provider_tag != 0 ? wire_format::kEtherQinq : wire_format::kEtherVlan;
  row.tunnel = session.tunnel;
  row.session = session.id;
  return result;
}

abi::TableOp remove_circuit(CircuitId circuit) {
  abi::TableOp result = op(abi::TableOpKind::remove_circuit);
  result.circuit.circuit = circuit;
  return result;
}

abi::TableOp put_subscriber_route(const IpPrefix& prefix, const abi::TableOp& session) {
  abi::TableOp result = op(abi::TableOpKind::put_route);
  result.route.prefix = prefix;
  result.route.kind = abi::NextHopKind::session;
  result.route.mtu = session.session.mtu;
  result.route.tunnel = session.session.tunnel;
  result.route.session = session.session.session;
  return result;
}

abi::TableOp remove_route(const IpPrefix& prefix) {
  abi::TableOp result = op(abi::TableOpKind::remove_route);
  result.route.prefix = prefix;
  return result;
}

}  // namespace holdfast::engine
