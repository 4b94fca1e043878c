#include "tables/tunnel_table.hpp"

#include <algorithm>
#include <cstring>

namespace holdfast::tables {
namespace {

constexpr std::uint8_t kTtl = 64;

wire_format::Udp udp_header(const abi::TunnelRow& row) {
  return {.source = Be16(row.local_port), .destination = Be16(row.peer_port), .length = {}, .checksum = {}};
}

wire_format::Ipv4 ipv4_header(const abi::TunnelRow& row) {
  return {.version_ihl = 0x45,
          .tos = row.traffic_class,
          .total_length = {},
          .id = {},
          .flags_fragment = {},  // may be fragmented on the way: the subscriber's packet plus 38 octets
          .ttl = kTtl,
          .protocol = wire_format::kProtocolUdp,
          .checksum = {},
          .source = Be32(row.local.v4_value()),
          .destination = Be32(row.peer.v4_value())};
}

wire_format::Ipv6 ipv6_header(const abi::TunnelRow& row) {
  return {.version_class_flow = Be32(6u << 28 | std::uint32_t{row.traffic_class} << 20),
          .payload_length = {},
          .next_header = wire_format::kProtocolUdp,
          .hop_limit = kTtl,
          .source = row.local.octets,
          .destination = row.peer.octets};
}

std::uint32_t sum_of_words(const wire_format::Ipv4& header) {
  std::array<std::uint16_t, 10> words;
  std::memcpy(words.data(), &header, sizeof(words));
  std::uint32_t sum = 0;
  for (const auto word : words) sum += word;
  return sum;
}

}  // namespace

TunnelTable::TunnelTable(Readers& readers) : readers_(readers), slots_(65536) {}

void TunnelTable::put(const abi::TunnelRow& row) {
  TunnelSlot& slot = slots_[row.tunnel.raw];
  const std::uint32_t family = row.peer.is_v4() ? 4 : 6;
  remove(row.tunnel);
  slot.local = row.local;
  slot.peer = row.peer;
  slot.local_port = Be16(row.local_port);
  slot.peer_port = Be16(row.peer_port);
  slot.peer_tunnel = row.peer_tunnel;
  slot.flags = row.flags;
  const auto udp = udp_header(row);
  std::memcpy(slot.headers.data() + 40, &udp, sizeof(udp));
  if (family == 4) {
    const auto ip = ipv4_header(row);
    std::memcpy(slot.headers.data() + 20, &ip, sizeof(ip));
    slot.ipv4_sum = sum_of_words(ip);
  } else {
    const auto ip = ipv6_header(row);
    std::memcpy(slot.headers.data(), &ip, sizeof(ip));
  }
  slot.family.store(family, std::memory_order_release);
}

void TunnelTable::remove(TunnelId tunnel) {
  if (slots_[tunnel.raw].family.exchange(0, std::memory_order_relaxed) == 0) return;
  readers_.wait(readers_.retire());
}

}  // namespace holdfast::tables
