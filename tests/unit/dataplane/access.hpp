// The router of lns.hpp as access concentrator: a subscriber behind PPPoE on port 1, whose PPP goes on in session 9 of
// tunnel 7, or ends here in session 9 of the access tunnel.
#pragma once

#include "lns.hpp"

#include <cstdint>

namespace holdfast::test {

inline constexpr wire_format::Mac kUserMac{2, 0, 0, 0, 0x44, 0x30}, kEveryone{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
inline constexpr std::uint16_t kPppoeSession = 0x1234;
inline constexpr CircuitId kCircuit = circuit_id(kUserMac[5], kPppoeSession, 0);
inline constexpr TunnelId kAccess = access_tunnel(0);

// Of a circuit; 0: no tag.
struct Vlans {
  unsigned outer = 0, inner = 0, outer_type = 0x8100;
};

inline Bytes tagged(const wire_format::Mac& to, const wire_format::Mac& from, unsigned type, Vlans vlans = {}) {
  Bytes frame = Bytes(to.begin(), to.end()) + Bytes(from.begin(), from.end());
  if (vlans.outer != 0) frame = frame + be16(vlans.outer_type) + be16(vlans.outer);
  if (vlans.inner != 0) frame = frame + be16(0x8100) + be16(vlans.inner);
  return frame + be16(type);
}

// RFC 2516 4.
inline Bytes pppoe(const Bytes& payload, unsigned session = kPppoeSession, unsigned code = 0) {
  return Bytes{0x11, static_cast<std::uint8_t>(code)} + be16(session) + be16(size(payload)) + payload;
}

class Access : public Lns {
 public:
  // Where PPP ends: access tunnel or kTunnel. outer: of the tunnel.
  explicit Access(TunnelId tunnel, Vlans vlans = {}, int outer = 4) : Lns(outer), tunnel_(tunnel), vlans_(vlans) {
    if (tunnel != kTunnel) {  // which shares the bank
      abi::TableOp op;
      op.kind = abi::TableOpKind::remove_session;
      op.session.tunnel = kTunnel;
      op.session.session = kSession;
      EXPECT_TRUE(agent.apply(op));
    }
    put(access_row());
    put_circuit(circuit_row());
  }

  abi::SessionRow access_row() const {
    auto row = session_row();
    row.tunnel = tunnel_;
    if (tunnel_ == kTunnel) row.flags = 0;
    row.flags |= abi::kSessionToCircuit;
    row.onward = kCircuit.raw;
    return row;
  }
  abi::CircuitRow circuit_row() const {
    return {.circuit = kCircuit,
            .port = PortId(1),
            .mac = kUserMac,
            .outer_vlan = static_cast<std::uint16_t>(vlans_.outer),
            .inner_vlan = static_cast<std::uint16_t>(vlans_.inner),
            .outer_type = static_cast<std::uint16_t>(vlans_.outer_type),
            .tunnel = tunnel_,
            .session = kSession,
            .reserved = {}};
  }
  void put_circuit(const abi::CircuitRow& row) {
    abi::TableOp op;
    op.kind = abi::TableOpKind::put_circuit;
    op.circuit = row;
    EXPECT_TRUE(agent.apply(op));
  }
  void remove_circuit() {
    abi::TableOp op;
    op.kind = abi::TableOpKind::remove_circuit;
    op.circuit.circuit = kCircuit;
    EXPECT_TRUE(agent.apply(op));
  }

  // A PPP frame as the subscriber sends it, and as it shall receive it.
  Bytes from_circuit(const Bytes& ppp_frame) const {
    return tagged(kPort1, kUserMac, 0x8864, vlans_) + pppoe(ppp_frame);
  }
  Bytes to_circuit(const Bytes& ppp_frame) const { return tagged(kUserMac, kPort1, 0x8864, vlans_) + pppoe(ppp_frame); }

 private:
  TunnelId tunnel_;
  Vlans vlans_;
};

}  // namespace holdfast::test
