// Records as rows of the forwarding tables.
#pragma once

#include "abi/table_ops.hpp"
#include "checkpoint/records.hpp"
#include "config/model.hpp"

namespace holdfast::engine {

abi::TableOp put_tunnel(const TunnelRecord& tunnel, bool udp_checksum);
abi::TableOp remove_tunnel(TunnelId tunnel);
// What the configuration says of a session's row.
struct RowSettings {
  std::uint16_t mru;  // what fits into the tunnel, octets
  config::DataMessages data;
  std::uint16_t mss{};  // abi::SessionRow
};
abi::TableOp put_session(const SessionRecord& session, const SubscriberRecord* subscriber, PeerTunnelId peer,
                         const RowSettings& settings);
abi::TableOp remove_session(TunnelId tunnel, SessionId session);
// session: circuit.ppp, whose row is put before.
abi::TableOp put_circuit(const CircuitRecord& circuit, const l2tp::Session& session);
abi::TableOp remove_circuit(CircuitId circuit);
// session: the row that the route leads to, as put_session made it.
abi::TableOp put_subscriber_route(const IpPrefix& prefix, const abi::TableOp& session);
abi::TableOp remove_route(const IpPrefix& prefix);

inline IpPrefix host_route(const IpAddress& address) {
  return {address, static_cast<std::uint8_t>(address.is_v4() ? 32 : 128)};
}

}  // namespace holdfast::engine
