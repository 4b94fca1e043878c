#include "dataplane/injector.hpp"

#include "abi/wire.hpp"
#include "nodes/context.hpp"
#include "nodes/handoff.hpp"

#include <rte_ip.h>

#include <bit>
#include <cstring>

namespace holdfast::dataplane {
namespace {

using abi::Drop;
using namespace wire_format;

constexpr std::uint8_t kTtl = 64;
constexpr std::uint8_t kNetworkControl = 0xc0;  // DSCP CS6 (RFC 4594 3.1): signalling goes ahead of data

template <class Ip>
Ip ip_header(const abi::PacketHeader& header, std::uint16_t carried);

template <>
Ipv4 ip_header<Ipv4>(const abi::PacketHeader& header, std::uint16_t carried) {
  return {.version_ihl = 0x45,
          .tos = kNetworkControl,
          .total_length = Be16(static_cast<std::uint16_t>(sizeof(Ipv4) + carried)),
          .id = {},
          .flags_fragment = {},
          .ttl = kTtl,
          .protocol = kProtocolUdp,
          .checksum = {},
          .source = Be32(header.source.v4_value()),
          .destination = Be32(header.destination.v4_value())};
}

template <>
Ipv6 ip_header<Ipv6>(const abi::PacketHeader& header, std::uint16_t carried) {
  return {.version_class_flow = Be32(6u << 28 | std::uint32_t{kNetworkControl} << 20),
          .payload_length = Be16(carried),
          .next_header = kProtocolUdp,
          .hop_limit = kTtl,
          .source = header.source.octets,
          .destination = header.destination.octets};
}

}  // namespace

std::uint64_t Injector::take_until(std::uint64_t position) {
  std::uint64_t count = 0;
  while (ring_.tail() != position && ring_.readable() != 0 && rte_ring_free_count(to_worker_) != 0) {
    if (rte_mbuf* mbuf = make(ring_.front())) rte_ring_enqueue(to_worker_, mbuf);
    ring_.release();
    ++count;
  }
  return count;
}

rte_mbuf* Injector::make(const void* slot) {
  abi::PacketHeader header;  // a copy: what was checked is what is used
  std::memcpy(&header, slot, sizeof(header));
  const auto* payload = static_cast<const std::uint8_t*>(slot) + sizeof(header);
  if (header.length > abi::kMaxPacket) {
    refuse(Drop::inject_bad_header);
    return nullptr;
  }
  rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
  if (mbuf == nullptr) {
    refuse(Drop::no_mbuf);
    return nullptr;
  }
  if (fill(mbuf, header, payload)) return mbuf;
  rte_pktmbuf_free(mbuf);
  refuse(Drop::inject_bad_header);
  return nullptr;
}

bool Injector::fill(rte_mbuf* mbuf, const abi::PacketHeader& header, const std::uint8_t* payload) {
  switch (static_cast<abi::InjectKind>(header.kind)) {
    case abi::InjectKind::l2tp_control: return fill_l2tp(mbuf, header, payload);
    case abi::InjectKind::ppp: return fill_ppp(mbuf, header, payload);
    case abi::InjectKind::pppoe_discovery: return fill_frame(mbuf, header, payload);
  }
  return false;
}

bool Injector::fill_l2tp(rte_mbuf* mbuf, const abi::PacketHeader& header, const std::uint8_t* payload) {
  const bool v4 = header.destination.is_v4();
  if (v4 != header.source.is_v4() || header.source.is_none() || header.destination.is_none()) return false;
  const std::size_t ip_size = v4 ? sizeof(Ipv4) : sizeof(Ipv6);
  const auto carried = static_cast<std::uint16_t>(sizeof(Udp) + header.length);
  auto* ip = reinterpret_cast<std::uint8_t*>(rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(ip_size + carried)));
  if (ip == nullptr) return false;
  auto& udp = *reinterpret_cast<Udp*>(ip + ip_size);
  udp = {Be16(header.source_port), Be16(header.destination_port), Be16(carried), Be16(0)};
  std::memcpy(ip + ip_size + sizeof(Udp), payload, header.length);
  if (v4) {
    auto& out = *reinterpret_cast<Ipv4*>(ip);
    out = ip_header<Ipv4>(header, carried);
    out.id = Be16(ipv4_id_++);
    const auto* raw = reinterpret_cast<const rte_ipv4_hdr*>(ip);
    out.checksum = std::bit_cast<Be16>(rte_ipv4_cksum(raw));
    udp.checksum = std::bit_cast<Be16>(rte_ipv4_udptcp_cksum(raw, &udp));
  } else {
    *reinterpret_cast<Ipv6*>(ip) = ip_header<Ipv6>(header, carried);
    udp.checksum = std::bit_cast<Be16>(rte_ipv6_udptcp_cksum(reinterpret_cast<const rte_ipv6_hdr*>(ip), &udp));
  }
  nodes::note(mbuf) = {.kind = nodes::Handoff::inject_ip};
  return true;
}

bool Injector::fill_ppp(rte_mbuf* mbuf, const abi::PacketHeader& header, const std::uint8_t* payload) {
  if (header.length < 2) return false;
  const auto information = static_cast<std::uint16_t>(header.length - 2);
  char* data = rte_pktmbuf_append(mbuf, information);
  if (data == nullptr) return false;
  std::memcpy(data, payload + 2, information);
  nodes::note(mbuf) = {.kind = nodes::Handoff::inject_ppp,
                       .tunnel = header.tunnel,
                       .session = header.session,
                       .protocol = static_cast<std::uint16_t>(payload[0] << 8 | payload[1])};
  return true;
}

bool Injector::fill_frame(rte_mbuf* mbuf, const abi::PacketHeader& header, const std::uint8_t* payload) {
  if (header.length < sizeof(Ethernet) || header.port.raw >= ports_) return false;
  char* data = rte_pktmbuf_append(mbuf, header.length);
  if (data == nullptr) return false;
  std::memcpy(data, payload, header.length);
  nodes::note(mbuf) = {.kind = nodes::Handoff::inject_frame, .port = header.port};
  return true;
}

void Injector::refuse(Drop reason) { nodes::add(drops_.drops[static_cast<std::size_t>(reason)], 1); }

}  // namespace holdfast::dataplane
