// The common path out of a tunnel: a data message without sequence numbers from the tunnel's peer (RFC 2661 3.1, 5.3).
// What is in it is a packet of the subscriber's own address to be forwarded, or for a LAC whatever PPP frame.
#include "nodes/common_path.hpp"
#include "nodes/ip_check.hpp"
#include "nodes/octets.hpp"
#include "nodes/source_check.hpp"

#include <cstddef>

namespace holdfast::nodes {
namespace {

using namespace wire_format;

constexpr std::uint32_t kMirrored = abi::kSessionMirrorSequence | abi::kSessionToCircuit;

bool from_peer(const tables::TunnelSlot& tunnel, const Lane& lane) {
  const std::uint8_t* ip = lane.data;
  if (tunnel.family.load(std::memory_order_acquire) != lane.family) return false;
  const auto ports = load<std::uint32_t>(reinterpret_cast<const std::uint8_t*>(&tunnel.peer_port));
  const std::uint8_t *peer = tunnel.peer.octets.data(), *local = tunnel.local.octets.data();
  if (lane.family == 4)
    return ((load<std::uint32_t>(ip + offsetof(Ipv4, source)) ^ load<std::uint32_t>(peer + 12)) |
            (load<std::uint32_t>(ip + offsetof(Ipv4, destination)) ^ load<std::uint32_t>(local + 12)) |
            (load<std::uint32_t>(ip + sizeof(Ipv4)) ^ ports)) == 0;
  const auto differ = [](const std::uint8_t* a, const std::uint8_t* b) {
    return (load<std::uint64_t>(a) ^ load<std::uint64_t>(b)) |
           (load<std::uint64_t>(a + 8) ^ load<std::uint64_t>(b + 8));
  };
  return (differ(ip + offsetof(Ipv6, source), peer) | differ(ip + offsetof(Ipv6, destination), local) |
          (load<std::uint32_t>(ip + sizeof(Ipv6)) ^ ports)) == 0;
}

// Leaves the lane at the PPP frame without ff 03 (RFC 1661 6.6), of which there are 4 octets at least.
bool take_frame(Lane& lane) {
  const std::uint32_t ip_size = lane.family == 4 ? sizeof(Ipv4) : sizeof(Ipv6);
  const std::uint8_t* udp = lane.data + ip_size;
  const std::uint32_t udp_length = load_be16(udp + offsetof(Udp, length));
  const std::uint32_t flags = load_be16(udp + sizeof(Udp));
  lane.sequenced = (flags & kL2tpSequence) != 0;
  if ((flags & (kL2tpSequence | kL2tpOffset | kL2tpVersion)) != 2) return false;
  std::uint32_t size = 6, end = udp_length - static_cast<std::uint32_t>(sizeof(Udp));
  if (udp_length > lane.length - ip_size || udp_length < sizeof(Udp) + 12) return false;
  if ((flags & kL2tpLength) != 0) {
    const std::uint32_t length = load_be16(udp + sizeof(Udp) + 2);
    if (length > end || length < 14) return false;
    size = 8;
    end = length;
  }
  lane.data += ip_size + sizeof(Udp) + size;
  lane.length = end - size;
  if (load_be16(lane.data) == kPppAddressControl) {
    lane.data += 2;
    lane.length -= 2;
  }
  return true;
}

// The IP packet in the frame, behind a protocol field of two octets or one (RFC 1661 6.5).
bool take_packet(Lane& lane) {
  const std::uint32_t field = load_be16(lane.data);
  const std::uint32_t size = (field & 0x0100) != 0 ? 1 : 2;
  const std::uint32_t protocol = size == 1 ? field >> 8 : field;
  lane.data += size;
  lane.length -= size;
  lane.family = protocol == kPppIpv4 ? 4 : 6;
  return protocol == kPppIpv4 || protocol == kPppIpv6;
}

bool is_common_ipv4(Lane& lane) {
  if (lane.length < sizeof(Ipv4) || (lane.session->flags() & abi::kSessionIpv4) == 0) return false;
  const auto& ip = *reinterpret_cast<const Ipv4*>(lane.data);
  const std::uint32_t total = load_be16(lane.data + offsetof(Ipv4, total_length));
  if (ip.version_ihl != 0x45 || total > lane.length || total < sizeof(Ipv4) || ip.ttl <= 1) return false;
  if (!ipv4_sum_is_right(lane.data)) return false;
  const auto source = load<std::uint32_t>(lane.data + offsetof(Ipv4, source));
  if (source != lane.session->ipv4() || source == 0) return false;
  lane.length = total;
  lane.address = load_be32(lane.data + offsetof(Ipv4, destination));
  return !is_multicast(lane.address) && !is_this_host_or_network(lane.address);
}

bool is_common_ipv6(Lane& lane) {
  if (lane.length < sizeof(Ipv6) || (lane.session->flags() & abi::kSessionIpv6) == 0) return false;
  const auto& ip = *reinterpret_cast<const Ipv6*>(lane.data);
  const std::uint32_t total = static_cast<std::uint32_t>(sizeof(Ipv6)) + ip.payload_length.value();
  if (lane.data[0] >> 4 != 6 || total > lane.length || ip.hop_limit <= 1) return false;
  if (is_link_local(ip.source) || !is_within_prefix(*lane.session, ip.source)) return false;
  lane.length = total;
  return ip.destination[0] != 0xff && !is_link_local(ip.destination);
}

// PPP ends here.
bool to_forward(Context& c, CommonBurst& burst, Lane& lane) {
  if (!take_packet(lane)) return false;
  if (!(lane.family == 4 ? is_common_ipv4(lane) : is_common_ipv6(lane))) return false;
  if (lane.family == 4)
    c.tables.route4.prefetch(lane.address);
  else
    c.tables.route6.prefetch(reinterpret_cast<const Ipv6*>(lane.data)->destination.data());
  burst.forward.add(lane);
  return true;
}

// It goes on to the circuit, and nothing has to be noted (RFC 2661 5.4: the LAC does as the LNS does).
bool to_circuit(const Rows& rows, CommonBurst& burst, Lane& lane, std::uint32_t special) {
  if ((special & abi::kSessionMirrorSequence) != 0 && (burst.left_numbers || lane.session->peer_numbers()))
    return false;
  __builtin_prefetch(&rows.circuits[lane.session->onward()]);
  burst.pppoe_encap.add(lane);
  return true;
}

bool decap(Context& c, const Rows& rows, CommonBurst& burst, Lane& lane) {
  lane.sequenced = false;
  const auto word = static_cast<std::uint32_t>(lane.session->words[0].load(std::memory_order_acquire));
  const TunnelId tunnel(static_cast<std::uint16_t>(lane.ids));
  if (word != lane.ids || !tunnel || !from_peer(rows.tunnels[tunnel.raw], lane) || !take_frame(lane)) return false;
  const std::uint32_t special = lane.session->flags() & (kMirrored | abi::kSessionToSession);
  if (special == 0) return to_forward(c, burst, lane);
  return (special & abi::kSessionToCircuit) != 0 && to_circuit(rows, burst, lane, special);
}

}  // namespace

void common_l2tp_decap(Context& c, CommonBurst& burst) {
  const Rows rows(c);
  for (Lane* waiting : burst.l2tp_decap) {
    Lane& lane = *waiting;
    if (decap(c, rows, burst, lane)) continue;
    burst.leave(lane);
    burst.left_numbers |= lane.sequenced;
  }
}

}  // namespace holdfast::nodes
