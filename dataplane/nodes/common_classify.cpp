// The first stage of the common path: L2TP data, PPPoE session data and IP to be forwarded, in frames to this port. Of
// each it finds where its row lies, so that the row is on its way from memory.
#include "nodes/common_path.hpp"
#include "nodes/ip_check.hpp"
#include "nodes/rewrite.hpp"
#include "nodes/vlan.hpp"

namespace holdfast::nodes {
namespace {

using namespace wire_format;

// Of frames. The shortest L2TP data message over IPv4 that can be common has 14 + 20 + 8 + 8 octets.
constexpr std::uint32_t kLeast = 54;
constexpr unsigned kAhead = 8;  // packets between a hint and its use

constexpr std::uint16_t as_stored(std::uint16_t value) { return static_cast<std::uint16_t>(value << 8 | value >> 8); }
constexpr std::uint16_t kAnyFragment = as_stored(0x3fff);  // MF or an offset, RFC 791 3.1
constexpr std::uint16_t kPort = as_stored(kL2tpPort);

// RFC 2661 3.1. udp: 16 octets are there at least.
[[gnu::always_inline]] inline bool is_common_l2tp(const Rows& rows, Lane& lane, const std::uint8_t* udp) {
  const std::uint8_t* l2tp = udp + sizeof(Udp);
  if ((l2tp[0] & kL2tpControl >> 8) != 0) return false;
  const std::uint8_t* ids = l2tp + ((l2tp[0] & kL2tpLength >> 8) != 0 ? 4 : 2);
  const std::uint32_t tunnel = load_be16(ids), session = load_be16(ids + 2);
  lane.ids = tunnel | session << 16;
  const TunnelId tunnel_id(static_cast<std::uint16_t>(tunnel));
  rows.find(lane, session_index(tunnel_id, SessionId(static_cast<std::uint16_t>(session)), rows.bank_bits));
  __builtin_prefetch(&rows.tunnels[tunnel]);
  __builtin_prefetch(l2tp + 22);  // the end of the inner header
  return true;
}

enum class Found : std::uint8_t { nothing, fragment, l2tp, to_forward };

// ip: `available` octets, kLeast - 14 of them at least.
Found look_at_ipv4(const Context& c, const Rows& rows, Lane& lane, std::uint8_t* ip, std::uint32_t available) {
  const auto& header = *reinterpret_cast<const Ipv4*>(ip);
  const std::uint32_t total = load_be16(ip + offsetof(Ipv4, total_length));
  if (header.version_ihl != 0x45 || total > available || total < sizeof(Ipv4)) return Found::nothing;
  if (!ipv4_sum_is_right(ip)) return Found::nothing;
  lane.data = ip;
  lane.length = total;
  lane.family = 4;
  if (header.protocol == kProtocolUdp) {
    if ((load<std::uint16_t>(ip + offsetof(Ipv4, flags_fragment)) & kAnyFragment) != 0) return Found::fragment;
    const std::uint8_t* udp = ip + sizeof(Ipv4);
    if (load<std::uint16_t>(udp + offsetof(Udp, destination)) == kPort)
      return is_common_l2tp(rows, lane, udp) ? Found::l2tp : Found::nothing;
  }
  if (header.ttl <= 1) return Found::nothing;
  lane.address = header.destination.value();
  lane.session = nullptr;
  c.tables.route4.prefetch(lane.address);
  return Found::to_forward;
}

Found look_at_ipv6(const Context& c, const Rows& rows, Lane& lane, std::uint8_t* ip, std::uint32_t available) {
  const auto& header = *reinterpret_cast<const Ipv6*>(ip);
  if (ip[0] >> 4 != 6 || header.payload_length.value() > available - sizeof(Ipv6)) return Found::nothing;
  lane.data = ip;
  lane.length = static_cast<std::uint32_t>(sizeof(Ipv6)) + header.payload_length.value();
  lane.family = 6;
  if (header.next_header == kProtocolFragment) return Found::fragment;
  if (header.next_header == kProtocolUdp) {
    if (lane.length < sizeof(Ipv6) + 2 * sizeof(Udp)) return Found::nothing;
    const std::uint8_t* udp = ip + sizeof(Ipv6);
    if (load<std::uint16_t>(udp + offsetof(Udp, destination)) == kPort)
      return is_common_l2tp(rows, lane, udp) ? Found::l2tp : Found::nothing;
  }
  if (header.hop_limit <= 1 || is_link_local(header.source)) return Found::nothing;
  lane.session = nullptr;
  c.tables.route6.prefetch(header.destination.data());
  return Found::to_forward;
}

// RFC 2516 4. The frame has kLeast octets at least.
bool is_common_pppoe(const Rows& rows, Lane& lane, std::uint8_t* frame, std::uint16_t type, std::uint32_t length) {
  EthernetPayload payload{.type = type, .at = sizeof(Ethernet)};
  if (type == kEtherVlan || type == kEtherQinq) payload = behind_tags(lane.mbuf);
  if (payload.type != kEtherPppoeSession) return false;
  const auto& pppoe = *reinterpret_cast<const Pppoe*>(frame + payload.at);
  if (pppoe.version_type != kPppoeVersionType || pppoe.code != 0) return false;
  lane.data = frame + payload.at + sizeof(Pppoe);
  lane.length = pppoe.length.value();
  if (lane.length > length - payload.at - sizeof(Pppoe)) return false;
  lane.family = 0;
  lane.vlans = payload.outer_vlan | std::uint32_t{payload.inner_vlan} << 16;
  const CircuitId circuit = circuit_id(frame[11], pppoe.session.value(), rows.bank_bits);
  lane.circuit = circuit.raw;
  __builtin_prefetch(&rows.circuits[circuit.raw]);
  return true;
}

}  // namespace

void common_classify(Context& c, PortId port, std::span<rte_mbuf* const> frames, CommonBurst& burst) {
  const std::uint64_t us = load<std::uint64_t>(c.ports[port.raw].mac.data()) & kMacBits;
  const Rows rows(c);
  const auto count = static_cast<unsigned>(frames.size());
  for (unsigned i = 0; i < count && i < kAhead; ++i) __builtin_prefetch(octets(frames[i]));
  for (unsigned i = 0; i < count; ++i) {
    if (i + kAhead < count) __builtin_prefetch(octets(frames[i + kAhead]));
    rte_mbuf* mbuf = frames[i];
    std::uint8_t* frame = octets(mbuf);
    const std::uint32_t length = mbuf->data_len;
    Lane& lane = burst.lanes[i];
    lane.mbuf = mbuf;
    if (mbuf->nb_segs == 1 && length >= kLeast && (load<std::uint64_t>(frame) & kMacBits) == us) {
      const std::uint16_t type = load_be16(frame + offsetof(Ethernet, type));
      const std::uint32_t available = length - static_cast<std::uint32_t>(sizeof(Ethernet));
      if (type == kEtherIpv4 || type == kEtherIpv6) {
        std::uint8_t* ip = frame + sizeof(Ethernet);
        const Found found = type == kEtherIpv4 ? look_at_ipv4(c, rows, lane, ip, available)
                                               : look_at_ipv6(c, rows, lane, ip, available);
        if (found == Found::l2tp) {
          burst.l2tp_decap.add(lane);
          continue;
        }
        if (found == Found::to_forward) {
          burst.forward.add(lane);
          continue;
        }
        if (found == Found::fragment) burst.left_numbers = true;
      } else if (is_common_pppoe(rows, lane, frame, type, length)) {
        burst.pppoe_decap.add(lane);
        continue;
      }
    }
    burst.leave(lane);
  }
}

}  // namespace holdfast::nodes
