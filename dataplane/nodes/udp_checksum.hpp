// The checksum of an outer UDP header, with its pseudo header (RFC 768, RFC 8200 8.1).
#pragma once

#include "abi/wire.hpp"
#include "nodes/packet.hpp"

#include <rte_ip.h>

#include <bit>
#include <cstdint>

namespace holdfast::nodes {

// By the port where it can, else here: all of the packet, read once more. ip: where the header in front of UDP is; the
// packet ends with the datagram, whose checksum field is 0.
inline void fill_udp_checksum(rte_mbuf* mbuf, std::uint8_t* ip, bool v4, bool offload) {
  const std::uint32_t ip_size = v4 ? sizeof(wire_format::Ipv4) : sizeof(wire_format::Ipv6);
  auto* v4_header = reinterpret_cast<rte_ipv4_hdr*>(ip);
  auto* v6_header = reinterpret_cast<rte_ipv6_hdr*>(ip);
  std::uint16_t sum;
  if (offload) {
    mbuf->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM | (v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
    mbuf->l2_len = sizeof(wire_format::Ethernet);
    mbuf->l3_len = ip_size & 0x1ffu;
    sum = v4 ? rte_ipv4_phdr_cksum(v4_header, mbuf->ol_flags) : rte_ipv6_phdr_cksum(v6_header, mbuf->ol_flags);
  } else {
    const void* udp = ip + ip_size;
    sum = v4 ? rte_ipv4_udptcp_cksum(v4_header, udp) : rte_ipv6_udptcp_cksum(v6_header, udp);
  }
  reinterpret_cast<wire_format::Udp*>(ip + ip_size)->checksum = std::bit_cast<Be16>(sum);
}

}  // namespace holdfast::nodes
