#include "dataplane/punter.hpp"

#include "abi/wire.hpp"
#include "nodes/checksum.hpp"
#include "nodes/context.hpp"
#include "nodes/handoff.hpp"
#include "nodes/vlan.hpp"

#include <rte_ip.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace holdfast::dataplane {
namespace {

using abi::Drop;
using namespace wire_format;

constexpr Drop kFine = Drop::count_;
constexpr std::uint64_t kRoomForPadi = 4, kRoomForSubscribers = 7;  // eighths of the ring

// RFC 768: a checksum of 0 was not computed; RFC 8200 8.1 wants one over IPv6.
bool checksum_right(const std::uint8_t* ip, bool v4, const Udp& udp) {
  if (udp.checksum.value() == 0) return v4;
  const std::uint8_t* addresses = ip + (v4 ? offsetof(Ipv4, source) : offsetof(Ipv6, source));
  const std::uint64_t pseudo_header = nodes::sum_words(addresses, v4 ? 8 : 32) +
                                      std::bit_cast<std::uint16_t>(udp.length) +
                                      std::bit_cast<std::uint16_t>(Be16(kProtocolUdp));
  return nodes::fold(pseudo_header + rte_raw_cksum(&udp, udp.length.value())) == 0xffff;
}

}  // namespace

void Punter::put(rte_mbuf* mbuf, std::uint64_t now_ns) {
  const auto kind = nodes::note(mbuf).kind;
  const Drop reason = kind == nodes::Handoff::punt_l2tp    ? put_l2tp(mbuf, now_ns)
                      : kind == nodes::Handoff::punt_pppoe ? put_pppoe(mbuf, now_ns)
                                                           : put_ppp(mbuf, now_ns);
  if (reason != kFine) nodes::add(drops_.drops[static_cast<std::size_t>(reason)], 1);
}

// The data begins with the outer IP header, which classify has checked; UDP is checked here.
Drop Punter::put_l2tp(rte_mbuf* mbuf, std::uint64_t now_ns) {
  const std::uint8_t* ip = nodes::octets(mbuf);
  const bool v4 = ip[0] >> 4 == 4;
  const std::size_t ip_size = v4 ? sizeof(Ipv4) : sizeof(Ipv6);
  if (mbuf->data_len < ip_size + sizeof(Udp)) return Drop::udp_too_short;
  const auto& udp = *reinterpret_cast<const Udp*>(ip + ip_size);
  const std::size_t length = udp.length.value();
  if (length < sizeof(Udp) || length > mbuf->data_len - ip_size) return Drop::udp_bad_length;
  if (!checksum_right(ip, v4, udp)) return Drop::udp_bad_checksum;
  abi::PacketHeader header{};
  header.kind = static_cast<std::uint16_t>(abi::PuntKind::l2tp_control);
  header.length = static_cast<std::uint16_t>(length - sizeof(Udp));
  header.source_port = udp.source.value();
  header.destination_port = udp.destination.value();
  header.port = nodes::note(mbuf).port;
  header.received_ns = now_ns;
  if (v4) {
    const auto& from = *reinterpret_cast<const Ipv4*>(ip);
    header.source = IpAddress::v4(from.source.value());
    header.destination = IpAddress::v4(from.destination.value());
  } else {
    const auto& from = *reinterpret_cast<const Ipv6*>(ip);
    header.source.octets = from.source;
    header.destination.octets = from.destination;
  }
  return write(header, nullptr, 0, ip + ip_size + sizeof(Udp));
}

// The data begins with the Ethernet header; control reads it.
Drop Punter::put_pppoe(rte_mbuf* mbuf, std::uint64_t now_ns) {
  const std::uint32_t at = nodes::behind_tags(mbuf).at;
  const bool padi = mbuf->data_len >= at + sizeof(Pppoe) && nodes::header<Pppoe>(mbuf, at).code == kPppoePadi;
  if (fuller_than(padi ? kRoomForPadi : kRoomForSubscribers)) return Drop::punt_pppoe_overload;
  abi::PacketHeader header{};
  header.kind = static_cast<std::uint16_t>(abi::PuntKind::pppoe_discovery);
  header.length = mbuf->data_len;
  header.port = nodes::note(mbuf).port;
  header.received_ns = now_ns;
  return write(header, nullptr, 0, nodes::octets(mbuf));
}

Drop Punter::put_ppp(rte_mbuf* mbuf, std::uint64_t now_ns) {
  if (fuller_than(kRoomForSubscribers)) return Drop::punt_ppp_overload;
  const auto& from = nodes::note(mbuf);
  abi::PacketHeader header{};
  header.kind = static_cast<std::uint16_t>(abi::PuntKind::ppp);
  header.length = static_cast<std::uint16_t>(mbuf->data_len + 2u);
  header.tunnel = from.tunnel;
  header.session = from.session;
  header.port = from.port;
  header.received_ns = now_ns;
  const std::array<std::uint8_t, 2> protocol{static_cast<std::uint8_t>(from.protocol >> 8),
                                             static_cast<std::uint8_t>(from.protocol)};
  return write(header, protocol.data(), protocol.size(), nodes::octets(mbuf));
}

Drop Punter::write(const abi::PacketHeader& header, const std::uint8_t* prefix, std::size_t prefix_size,
                   const std::uint8_t* data) {
  if (header.length > abi::kMaxPacket) return Drop::punt_too_big;
  auto* slot = static_cast<std::uint8_t*>(ring_.reserve());
  if (slot == nullptr) return Drop::punt_ring_full;
  std::memcpy(slot, &header, sizeof(header));
  slot += sizeof(header);
  if (prefix_size != 0) std::memcpy(slot, prefix, prefix_size);
  if (header.length > prefix_size) std::memcpy(slot + prefix_size, data, header.length - prefix_size);
  if (ring_.publish()) bell_ = true;
  return kFine;
}

}  // namespace holdfast::dataplane
