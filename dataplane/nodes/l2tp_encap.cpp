// Puts a session's PPP frame into an L2TP data message to its peer (RFC 2661 3.1, 8.1): the tunnel's ready-made outer
// headers in one copy, then the few fields that differ from packet to packet.
//
// edges: eth_output, kernel, drop
#include "nodes/checksum.hpp"
#include "nodes/context.hpp"
#include "nodes/udp_checksum.hpp"

#include <bit>
#include <cstring>

namespace holdfast::nodes {
namespace {

using namespace wire_format;

struct Ids {
  Be16 tunnel;
  Be16 session;
};
struct L2tpData {
  Be16 flags;
  Ids ids;
};
struct Sequence {  // RFC 2661 5.4: Nr is reserved in data messages
  Be16 ns;
  Be16 nr;
};

constexpr std::uint32_t kOptionalFields =
    abi::kSessionSendSequence | abi::kSessionMirrorSequence | abi::kSessionSendLength;

void prepend(rte_mbuf* mbuf, std::uint32_t value) {
  extend(mbuf, sizeof(Be16));
  header<Be16>(mbuf) = Be16(static_cast<std::uint16_t>(value));
}

// Most sessions have none of these fields, and their path stays clear of this.
[[gnu::cold, gnu::noinline]] void prepend_all_fields(const Context& c, const Packet& p,
                                                     const tables::SessionIdentity& to, std::uint32_t flags) {
  auto& state = c.tables.sessions.sequence(p.index);
  std::uint32_t bits = 2;
  if ((flags & abi::kSessionSendSequence) != 0 ||
      ((flags & abi::kSessionMirrorSequence) != 0 && p.session->peer_numbers())) {
    bits |= kL2tpSequence;
    extend(p.mbuf, sizeof(Sequence));
    header<Sequence>(p.mbuf) = {Be16(state.next_ns.fetch_add(1, std::memory_order_relaxed)), Be16(0)};
  }
  extend(p.mbuf, sizeof(Ids));
  header<Ids>(p.mbuf) = {Be16(to.peer_tunnel.raw), Be16(to.peer_session.raw)};
  if ((flags & abi::kSessionSendLength) != 0) {
    bits |= kL2tpLength;
    prepend(p.mbuf, p.mbuf->data_len + 4u);
  }
  prepend(p.mbuf, bits);
}

void prepend_l2tp(const Context& c, const Packet& p, const tables::SessionIdentity& to) {
  const std::uint32_t flags = p.session->flags();
  if ((flags & kOptionalFields) != 0) return prepend_all_fields(c, p, to, flags);
  extend(p.mbuf, sizeof(L2tpData));
  header<L2tpData>(p.mbuf) = {Be16(2), {Be16(to.peer_tunnel.raw), Be16(to.peer_session.raw)}};
}

void prepend_ipv4(Context& c, rte_mbuf* mbuf, const tables::TunnelSlot& tunnel) {
  const auto carried = static_cast<std::uint16_t>(mbuf->data_len + sizeof(Udp));
  std::memcpy(extend(mbuf, 28), tunnel.headers.data() + 20, 28);
  auto& ip = header<Ipv4>(mbuf);
  ip.total_length = Be16(static_cast<std::uint16_t>(carried + sizeof(Ipv4)));
  ip.id = Be16(c.ipv4_id++);
  std::uint32_t changed;  // total_length and id lie side by side
  std::memcpy(&changed, &ip.total_length, sizeof(changed));
  const auto sum = static_cast<std::uint16_t>(~fold(std::uint64_t{tunnel.ipv4_sum} + changed));
  ip.checksum = std::bit_cast<Be16>(sum);
  header<Udp>(mbuf, sizeof(Ipv4)).length = Be16(carried);
}

void prepend_ipv6(rte_mbuf* mbuf, const tables::TunnelSlot& tunnel) {
  const auto carried = static_cast<std::uint16_t>(mbuf->data_len + sizeof(Udp));
  std::memcpy(extend(mbuf, 48), tunnel.headers.data(), 48);
  header<Ipv6>(mbuf).payload_length = Be16(carried);
  header<Udp>(mbuf, sizeof(Ipv6)).length = Be16(carried);
}

Next encap_one(Context& c, Packet& p) {
  const auto to = p.session->identity();
  const auto& tunnel = c.tables.tunnels.at(to.tunnel);
  const std::uint32_t family = tunnel.family.load(std::memory_order_acquire);
  if (family == 0) return refuse(p, abi::Drop::inject_no_session);
  prepend_l2tp(c, p, to);
  p.family = static_cast<std::uint8_t>(family);
  if (family == 4)
    prepend_ipv4(c, p.mbuf, tunnel);
  else
    prepend_ipv6(p.mbuf, tunnel);

  const tables::NextHop out(tunnel.out.load(std::memory_order_relaxed));
  p.neighbour =
      out.kind() == tables::HopKind::neighbour ? c.tables.neighbours.at(NeighbourId(out.index())) : tables::Neighbour{};
  const bool direct = p.neighbour && p.mbuf->data_len <= c.ports[p.neighbour.port().raw].mtu;
  if (family == 6 || (tunnel.flags & abi::kTunnelUdpChecksum) != 0)
    fill_udp_checksum(p.mbuf, octets(p.mbuf), family == 4,
                      direct && c.ports[p.neighbour.port().raw].udp_checksum_offload);
  p.origin = Origin::control;  // ours from here on
  return direct ? Next::eth_output : Next::kernel;
}

}  // namespace

void l2tp_encap(Context& c, Burst& burst) {
  each(burst.take(Next::l2tp_encap), [&](unsigned i) { burst.send(i, encap_one(c, burst.packets[i])); });
}

}  // namespace holdfast::nodes
