// The common path into a tunnel: the outer headers in one go, from words that lie ready in the tunnel's row (RFC 2661
// 3.1, 8.1). In front of an IP packet comes the PPP header that its session wants, in front of a PPP frame ff 03 or
// nothing.
#include "nodes/checksum.hpp"
#include "nodes/common_path.hpp"
#include "nodes/mss.hpp"
#include "nodes/rewrite.hpp"
#include "nodes/udp_checksum.hpp"

#include <cstddef>

namespace holdfast::nodes {
namespace {

using namespace wire_format;

constexpr std::uint32_t kMostHeadroom = 14 + 48 + 6 + 4;  // Ethernet, IPv6 and UDP, L2TP, PPP
constexpr std::uint32_t kL2tp = 6;

// RFC 1661 2, 6.5, 6.6: the PPP header by kSessionOmitFf03 and kSessionCompressProtocol. As stored, right-aligned.
struct PppHeader {
  std::uint32_t octets;
  std::uint8_t size;
};
PppHeader ppp_header(std::uint32_t flags, std::uint8_t family) {
  const std::uint32_t protocol = std::uint32_t{family == 4 ? kPppIpv4 : kPppIpv6} << 24;
  const bool omit = (flags & abi::kSessionOmitFf03) != 0;
  if ((flags & abi::kSessionCompressProtocol) != 0)
    return {protocol | 0x03ff00, static_cast<std::uint8_t>(omit ? 1 : 3)};
  return {protocol | 0x0003ff, static_cast<std::uint8_t>(omit ? 2 : 4)};
}

bool takes_packet(const Lane& lane, std::uint32_t flags) {
  return (flags & (lane.family == 4 ? abi::kSessionIpv4 : abi::kSessionIpv6)) != 0 &&
         lane.length <= lane.session->mtu();
}

// The headers from IP to the session id; `at` is where they begin. The checksum of IPv4 by increment (RFC 1624).
void write_ipv4(std::uint8_t* at, const tables::TunnelSlot& tunnel, std::uint16_t id, std::uint32_t length,
                tables::SessionIdentity to) {
  const std::uint8_t* ready = tunnel.headers.data() + 20;
  const std::uint64_t total = swapped(static_cast<std::uint16_t>(length));
  const std::uint64_t wire_id = swapped(id), changed = total | wire_id << 16;
  const auto sum =
      static_cast<std::uint16_t>(~fold_small(tunnel.ipv4_sum + static_cast<std::uint32_t>(total + wire_id)));
  const std::uint64_t udp_length = swapped(static_cast<std::uint16_t>(length - sizeof(Ipv4)));
  store(at, load<std::uint64_t>(ready) | changed << 16);
  store(at + 8, load<std::uint64_t>(ready + 8) | std::uint64_t{sum} << 16);
  store(at + 16, load<std::uint64_t>(ready + 16));
  store(at + 24, udp_length | std::uint64_t{0x0200} << 32 | std::uint64_t{swapped(to.peer_tunnel.raw)} << 48);
  store(at + 32, swapped(to.peer_session.raw));
}

void write_ipv6(std::uint8_t* at, const tables::TunnelSlot& tunnel, std::uint32_t length, tables::SessionIdentity to) {
  const std::uint16_t carried = swapped(static_cast<std::uint16_t>(length - sizeof(Ipv6)));
  std::memcpy(at, tunnel.headers.data(), 48);
  store(at + offsetof(Ipv6, payload_length), carried);
  store(at + sizeof(Ipv6) + offsetof(Udp, length), carried);
  store(at + 48, 0x0200u | std::uint32_t{swapped(to.peer_tunnel.raw)} << 16);
  store(at + 52, swapped(to.peer_session.raw));
}

void clamp(const Lane& lane, std::uint16_t mss) {
  if (lane.family != 0)
    clamp_mss(lane.data, lane.length, mss);
  else
    clamp_mss_of_frame(lane.data, lane.length, mss);
}

// Of an IP packet to a subscriber, or of a PPP frame from one.
void count(const Rows& rows, const Lane& lane, std::uint32_t length) {
  auto& counters = rows.counters[lane.index.raw];
  if (lane.family != 0) {
    add(counters.tx_packets, 1);
    add(counters.tx_octets, length);
  } else {
    add(counters.rx_packets, 1);
    add(counters.rx_octets, length);
  }
}

bool encap(Context& c, const Rows& rows, Lane& lane) {
  const auto to = lane.session->identity();
  const auto& tunnel = rows.tunnels[to.tunnel.raw];
  const std::uint32_t family = tunnel.family.load(std::memory_order_acquire);
  const std::uint32_t outer = family == 4 ? 28 : 48;
  const tables::NextHop out(tunnel.out.load(std::memory_order_relaxed));
  if (family == 0 || out.kind() != tables::HopKind::neighbour) return false;
  const auto neighbour = c.tables.neighbours.at(NeighbourId(out.index()));
  if (!neighbour) return false;
  const PortFacts& port = rows.ports[neighbour.port().raw];
  rte_mbuf* mbuf = lane.mbuf;
  std::uint8_t* data = lane.data;
  const std::uint32_t before = outer + kL2tp + lane.prefix_size;
  const std::uint32_t length = lane.length + before;
  if (length > port.mtu || data - static_cast<std::uint8_t*>(mbuf->buf_addr) < kMostHeadroom) return false;

  if (const std::uint16_t mss = lane.session->mss(); mss != 0) clamp(lane, mss);
  count(rows, lane, length - before);
  if (lane.family != 0) take_hop(data, lane.family);
  std::uint8_t* ip = data - before;
  store(data - 4, lane.prefix);  // what it writes too much is written over
  if (family == 4)
    write_ipv4(ip, tunnel, c.ipv4_id++, length, to);
  else
    write_ipv6(ip, tunnel, length, to);
  write_ethernet(ip, neighbour, port, static_cast<std::uint8_t>(family));
  send(c, mbuf, ip - sizeof(Ethernet), length + static_cast<std::uint32_t>(sizeof(Ethernet)), neighbour.port());
  if (family == 6 || (tunnel.flags & abi::kTunnelUdpChecksum) != 0)
    fill_udp_checksum(mbuf, ip, family == 4, port.udp_checksum_offload);
  return true;
}

}  // namespace

void common_to_session(Context& c, CommonBurst& burst) {
  for (Lane* waiting : burst.to_session) {
    Lane& lane = *waiting;
    const auto to = lane.session->identity();
    const std::uint32_t flags = lane.session->flags();
    if (!to.tunnel || is_access(to.tunnel) || !has_plain_header(burst, *lane.session, flags) ||
        !takes_packet(lane, flags)) {
      burst.leave(lane);
      continue;
    }
    __builtin_prefetch(&c.tables.tunnels.at(to.tunnel));
    const PppHeader header = ppp_header(flags, lane.family);
    lane.prefix = header.octets;
    lane.prefix_size = header.size;
    burst.l2tp_encap.add(lane);
  }
}

void common_l2tp_encap(Context& c, CommonBurst& burst) {
  const Rows rows(c);
  for (Lane* lane : burst.l2tp_encap)
    if (!encap(c, rows, *lane)) burst.leave(*lane);
}

}  // namespace holdfast::nodes
