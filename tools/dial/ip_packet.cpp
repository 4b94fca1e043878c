#include "dial/ip_packet.hpp"

#include "wire/reader.hpp"
#include "wire/writer.hpp"

#include <algorithm>
#include <array>

namespace holdfast::dial {
namespace {

constexpr std::uint8_t kIcmp = 1, kUdp = 17, kIcmpv6 = 58;
constexpr std::uint8_t kEchoReply = 0, kEchoRequest = 8;  // RFC 792
constexpr std::uint8_t kEchoRequest6 = 128, kEchoReply6 = 129, kRouterSolicitation = 133, kRouterAdvertisement = 134;
constexpr std::size_t kIpv4Header = 20, kIpv6Header = 40, kUpperHeader = 8;
constexpr std::uint8_t kHops = 64, kHopsOfNeighbourDiscovery = 255;

// RFC 1071: one's complement sum, before it is folded.
std::uint32_t sum(Octets octets) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i + 1 < octets.size(); i += 2)
    out += static_cast<std::uint32_t>(octets[i] << 8 | octets[i + 1]);
  if (octets.size() % 2 != 0) out += static_cast<std::uint32_t>(octets.back() << 8);
  return out;
}
std::uint16_t folded(std::uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// Of the pseudo-header (RFC 768, RFC 8200 8.1), which IPv4's ICMP does not have.
std::uint32_t pseudo_sum(const IpAddress& from, const IpAddress& to, std::uint8_t protocol, std::size_t length) {
  if (protocol == kIcmp) return 0;
  const std::size_t skip = from.is_v4() ? 12 : 0;
  return sum(Octets(from.octets).subspan(skip)) + sum(Octets(to.octets).subspan(skip)) + protocol +
         static_cast<std::uint32_t>(length);
}

struct Carried {  // by IP
  std::uint8_t protocol = 0;
  std::uint8_t hops = 0;
  Octets octets;
};

Carried take_ipv4(Octets packet, IpPacket& out) {
  Reader in(packet);
  const std::size_t header = (in.u8() & 0x0fu) * 4u;
  in.skip(1);
  const std::size_t length = in.u16();
  in.skip(2);
  const bool fragment = (in.u16() & 0x3fff) != 0;
  Carried carried;
  carried.hops = in.u8();
  carried.protocol = in.u8();
  in.skip(2);
  out.source = IpAddress::v4(in.u32());
  out.destination = IpAddress::v4(in.u32());
  const bool sound = in.ok() && !fragment && header >= kIpv4Header && length >= header && length <= packet.size();
  if (!sound || folded(sum(packet.first(header))) != 0) return {};
  carried.octets = packet.first(length).subspan(header);
  return carried;
}

Carried take_ipv6(Octets packet, IpPacket& out) {
  Reader in(packet);
  in.skip(4);
  const std::size_t length = in.u16();
  Carried carried;
  carried.protocol = in.u8();
  carried.hops = in.u8();
  for (auto* const address : {&out.source, &out.destination})
    std::ranges::copy(in.take(address->octets.size()), address->octets.begin());
  if (!in.ok() || length > in.left()) return {};
  carried.octets = in.take(length);
  return carried;
}

std::optional<PacketKind> kind_of(const Carried& carried) {
  const auto type = carried.octets[0];
  switch (carried.protocol) {
    case kUdp: return PacketKind::udp;
    case kIcmp:
      if (type == kEchoRequest) return PacketKind::echo_request;
      if (type == kEchoReply) return PacketKind::echo_reply;
      return std::nullopt;
    case kIcmpv6:
      if (type == kEchoRequest6) return PacketKind::echo_request;
      if (type == kEchoReply6) return PacketKind::echo_reply;
      if (type == kRouterAdvertisement && carried.hops == kHopsOfNeighbourDiscovery && carried.octets.size() >= 16)
        return PacketKind::router_advertisement;
      return std::nullopt;
    default: return std::nullopt;
  }
}

std::uint8_t icmp_type(PacketKind kind, bool v4) {
  if (kind == PacketKind::echo_request) return v4 ? kEchoRequest : kEchoRequest6;
  return v4 ? kEchoReply : kEchoReply6;
}

void write_ip_header(Writer& out, const IpPacket& packet, std::uint8_t protocol, std::uint8_t hops,
                     std::size_t carried) {
  if (!packet.source.is_v4()) {
    out.u32(0x60000000);
    out.u16(static_cast<std::uint16_t>(carried));
    out.u8(protocol);
    out.u8(hops);
    out.octets(packet.source.octets);
    out.octets(packet.destination.octets);
    return;
  }
  out.u16(0x4500);
  out.u16(static_cast<std::uint16_t>(kIpv4Header + carried));
  out.u32(0x00004000);  // identification 0, DF
  out.u8(hops);
  out.u8(protocol);
  out.u16(0);
  out.octets(Octets(packet.source.octets).last(4));
  out.octets(Octets(packet.destination.octets).last(4));
  if (out.ok()) out.patch_u16(10, folded(sum(out.written())));
}

}  // namespace

std::optional<IpPacket> parse_ip(Octets packet) {
  if (packet.empty()) return std::nullopt;
  IpPacket out;
  const unsigned version = packet[0] >> 4;
  const auto carried = version == 4 ? take_ipv4(packet, out) : version == 6 ? take_ipv6(packet, out) : Carried{};
  if (carried.octets.size() < kUpperHeader) return std::nullopt;
  const auto kind = kind_of(carried);
  if (!kind) return std::nullopt;
  const bool unchecked = *kind == PacketKind::udp && carried.octets[6] == 0 && carried.octets[7] == 0;
  if (!unchecked && folded(sum(carried.octets) +
                           pseudo_sum(out.source, out.destination, carried.protocol, carried.octets.size())) != 0)
    return std::nullopt;
  out.kind = *kind;
  Reader in(carried.octets);
  if (*kind != PacketKind::udp) in.skip(4);
  out.first = in.u16();
  out.second = in.u16();
  out.payload = carried.octets.subspan(*kind == PacketKind::router_advertisement ? 16 : kUpperHeader);
  return out;
}

Octets build_ip(MutableOctets buffer, const IpPacket& packet) {
  const bool v4 = packet.source.is_v4();
  const bool udp = packet.kind == PacketKind::udp;
  const std::uint8_t protocol = udp ? kUdp : v4 ? kIcmp : kIcmpv6;
  const std::size_t header = v4 ? kIpv4Header : kIpv6Header, length = kUpperHeader + packet.payload.size();
  Writer out(buffer);
  write_ip_header(out, packet, protocol, kHops, length);
  if (udp) {
    out.u16(packet.first);
    out.u16(packet.second);
    out.u16(static_cast<std::uint16_t>(length));
    out.u16(0);
  } else {
    out.u8(icmp_type(packet.kind, v4));
    out.u8(0);
    out.u16(0);
    out.u16(packet.first);
    out.u16(packet.second);
  }
  out.octets(packet.payload);
  if (!out.ok()) return {};
  const auto checksum =
      folded(sum(out.written().subspan(header)) + pseudo_sum(packet.source, packet.destination, protocol, length));
  // RFC 768: a UDP checksum of zero is sent as all ones.
  out.patch_u16(header + (udp ? 6 : 2), udp && checksum == 0 ? 0xffff : checksum);
  return out.written();
}

Octets build_router_solicitation(MutableOctets buffer, std::uint64_t interface_id) {
  IpPacket packet;
  packet.source = ipv6_address(kLinkLocal, interface_id);
  packet.destination = ipv6_address(0xff02'0000'0000'0000, 2);  // all routers
  Writer out(buffer);
  write_ip_header(out, packet, kIcmpv6, kHopsOfNeighbourDiscovery, kUpperHeader);
  out.u8(kRouterSolicitation);
  out.u8(0);
  out.u16(0);
  out.u32(0);
  if (!out.ok()) return {};
  out.patch_u16(kIpv6Header + 2, folded(sum(out.written().subspan(kIpv6Header)) +
                                        pseudo_sum(packet.source, packet.destination, kIcmpv6, kUpperHeader)));
  return out.written();
}

std::uint64_t prefix_in(Octets options) {
  constexpr std::uint8_t kPrefixInformation = 3, kAutonomous = 0x40;  // RFC 4861 4.6.2
  Reader in(options);
  while (in.left() > 0) {
    const auto type = in.u8();
    const std::size_t length = in.u8() * 8u;
    if (length == 0) return 0;
    Reader option(in.take(length - 2));
    const auto prefix_length = option.u8();
    const auto flags = option.u8();
    option.skip(12);  // lifetimes and reserved
    const auto prefix = option.u64();
    if (type == kPrefixInformation && option.ok() && prefix_length == 64 && (flags & kAutonomous) != 0) return prefix;
  }
  return 0;
}

IpAddress ipv6_address(std::uint64_t prefix, std::uint64_t interface_id) {
  IpAddress out;
  Writer to(out.octets);
  to.u64(prefix);
  to.u64(interface_id);
  return out;
}

}  // namespace holdfast::dial
