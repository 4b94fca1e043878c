// The common path of a LAC between PPPoE and a tunnel (RFC 2516 6): frames of a circuit from where the circuit is, and
// frames to it.
#include "nodes/common_path.hpp"
#include "nodes/mss.hpp"
#include "nodes/rewrite.hpp"

#include <cstddef>

namespace holdfast::nodes {
namespace {

using namespace wire_format;
using tables::CircuitSlot;

constexpr std::uint32_t kPppoe = sizeof(Pppoe), kTag = sizeof(VlanTag), kMacs = 12;
constexpr std::uint16_t kAddressControl = 0x03ff;     // as stored
constexpr std::uint64_t kSessionHeader = 0x00116488;  // as stored: type of the frame, version, type and code
constexpr std::uint32_t kCustomerTag = 0x0081;        // as stored

std::uint32_t swapped_tag(std::uint16_t vlan) { return std::uint32_t{swapped(vlan)} << 16; }

// The circuit's session, if the frame comes from where the circuit is.
bool find_session(const Rows& rows, PortId port, Lane& lane) {
  const CircuitId id(lane.circuit);
  const auto& circuit = rows.circuits[id.raw];
  if (!id || circuit.id() != id) return false;
  const std::uint8_t* mac = octets(lane.mbuf) + offsetof(Ethernet, source);
  const auto source = tables::circuit_source(id, port, mac, static_cast<std::uint16_t>(lane.vlans),
                                             static_cast<std::uint16_t>(lane.vlans >> 16));
  if (circuit.source() != source) return false;
  const auto session = circuit.session();
  rows.find(lane, session_index(session.tunnel, session.id, rows.bank_bits));
  const auto* tunnel = reinterpret_cast<const std::uint8_t*>(&rows.tunnels[session.tunnel.raw]);
  __builtin_prefetch(tunnel);
  __builtin_prefetch(tunnel + 64);
  return true;
}

// The two rows name each other.
bool to_tunnel(const Rows& rows, CommonBurst& burst, Lane& lane) {
  const auto& circuit = rows.circuits[lane.circuit];
  const auto identity = lane.session->identity();
  const std::uint32_t flags = lane.session->flags();
  const CircuitSlot::Session session{identity.tunnel, identity.session};
  if (session != circuit.session() || is_access(identity.tunnel)) return false;
  if ((flags & abi::kSessionToCircuit) == 0 || lane.session->onward() != lane.circuit) return false;
  if (!has_plain_header(burst, *lane.session, flags)) return false;
  if (lane.length < 2 || load<std::uint16_t>(lane.data) == kAddressControl) return false;
  lane.prefix = std::uint32_t{kAddressControl} << 16;
  lane.prefix_size = (flags & abi::kSessionOmitFf03) != 0 ? 0 : 2;
  burst.l2tp_encap.add(lane);
  return true;
}

// Everything before the PPP frame; gives where it begins.
std::uint8_t* write_headers(const CircuitSlot& circuit, CircuitId id, const PortFacts& port, const Lane& lane) {
  const std::uint64_t session = swapped(pppoe_session(id)), length = swapped(static_cast<std::uint16_t>(lane.length));
  store(lane.data - 8, kSessionHeader | session << 32 | length << 48);
  std::uint8_t* tags = lane.data - 8;
  if (circuit.inner_vlan() != 0) {
    tags -= kTag;
    store(tags, kCustomerTag | swapped_tag(circuit.inner_vlan()));
  }
  if (circuit.outer_vlan() != 0) {
    tags -= kTag;
    store(tags, swapped(circuit.outer_type()) | swapped_tag(circuit.outer_vlan()));
  }
  std::uint8_t* frame = tags - kMacs;
  const std::uint64_t source = load<std::uint64_t>(port.mac.data()) & kMacBits;
  store(frame, circuit.mac_word() | source << 48);
  store(frame + 8, static_cast<std::uint32_t>(source >> 16));
  return frame;
}

// The two rows name each other, or a change is under way. There is room for all headers where those of the tunnel were.
bool encap(Context& c, const Rows& rows, Lane& lane) {
  const CircuitId id(lane.session->onward());
  const auto& circuit = rows.circuits[id.raw];
  const auto identity = lane.session->identity();
  const CircuitSlot::Session session{identity.tunnel, identity.session};
  if (!identity.tunnel || !id || circuit.id() != id || circuit.session() != session) return false;
  const PortId to = circuit.port();
  const PortFacts& port = rows.ports[to.raw];
  if (lane.length + kPppoe > port.mtu) return false;
  if (const std::uint16_t mss = lane.session->mss(); mss != 0) clamp_mss_of_frame(lane.data, lane.length, mss);
  auto& counters = rows.counters[lane.index.raw];
  add(counters.tx_packets, 1);
  add(counters.tx_octets, lane.length);
  std::uint8_t* frame = write_headers(circuit, id, port, lane);
  send(c, lane.mbuf, frame, lane.length + static_cast<std::uint32_t>(lane.data - frame), to);
  return true;
}

}  // namespace

void common_pppoe_decap(Context& c, PortId port, CommonBurst& burst) {
  const Rows rows(c);
  std::uint32_t found = 0;
  Waiting& lanes = burst.pppoe_decap;
  for (unsigned i = 0; i < lanes.count(); ++i) {
    if (find_session(rows, port, lanes[i]))
      found |= 1u << i;
    else
      burst.leave(lanes[i]);
  }
  each(found, [&](unsigned i) {
    if (!to_tunnel(rows, burst, lanes[i])) burst.leave(lanes[i]);
  });
}

void common_pppoe_encap(Context& c, CommonBurst& burst) {
  const Rows rows(c);
  for (Lane* lane : burst.pppoe_encap)
    if (!encap(c, rows, *lane)) burst.leave(*lane);
}

}  // namespace holdfast::nodes
