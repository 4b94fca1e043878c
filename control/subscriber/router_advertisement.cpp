#include "subscriber/router_advertisement.hpp"

#include "wire/reader.hpp"
#include "wire/writer.hpp"

#include <algorithm>
#include <array>

namespace holdfast::subscriber {
namespace {

constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kHopLimit = 255;  // RFC 4861 6.1.1: nothing else can come from a neighbour
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kSource = 8;  // where the addresses begin in the IPv6 header
constexpr std::size_t kChecksum = kIpv6Header + 2;

enum class NdType : std::uint8_t { router_solicitation = 133, router_advertisement = 134 };  // RFC 4861 4.1, 4.2
enum class NdOption : std::uint8_t {
  source_link_layer_address = 1,
  prefix_information = 3,
  mtu = 5,
  recursive_dns_server = 25,  // RFC 8106 5.1
};

using Address = std::array<std::uint8_t, 16>;
constexpr Address kAllNodes{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01};

std::uint32_t sum_of(Octets octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) sum += i % 2 == 0 ? std::uint32_t{octets[i]} << 8 : octets[i];
  return sum;
}

// The checksum over a whole ICMPv6 packet as it lies there, with its pseudo-header (RFC 4443 2.3). Zero when the packet
// carries the right one; what to put there when the field is zero.
std::uint16_t checksum_of(Octets ipv6_packet) {
  const Octets icmp = ipv6_packet.subspan(kIpv6Header);
  std::uint32_t sum = sum_of(ipv6_packet.subspan(kSource, 32)) + static_cast<std::uint32_t>(icmp.size()) + kIcmpv6;
  sum += sum_of(icmp);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

bool is_multicast(Octets address) { return address[0] == 0xff; }
bool is_unspecified(Octets address) {
  return std::ranges::all_of(address, [](std::uint8_t o) { return o == 0; });
}

// RFC 4861 6.1.1: every option has a length above zero; a sender without an address can't give a link-layer address.
bool options_are_valid(Reader options, bool from_unspecified) {
  while (options.left() != 0) {
    const auto type = static_cast<NdOption>(options.u8());
    const std::size_t length = options.u8() * std::size_t{8};
    if (length == 0) return false;
    options.skip(length - 2);
    if (!options.ok()) return false;
    if (type == NdOption::source_link_layer_address && from_unspecified) return false;
  }
  return true;
}

void write_prefix(Writer& w, const RouterAdvertisement& ra) {
  constexpr std::uint8_t kOnLink = 0x80;
  constexpr std::uint8_t kAutonomous = 0x40;
  w.u8(static_cast<std::uint8_t>(NdOption::prefix_information));
  w.u8(4);
  w.u8(ra.prefix.length);
  w.u8(kOnLink | kAutonomous);
  w.u32(ra.valid_lifetime);
  w.u32(ra.preferred_lifetime);
  w.u32(0);
  w.octets(Octets(ra.prefix.address.octets).first(8));  // RFC 4861 4.6.2: the bits after the prefix are zero
  w.u64(0);
}

void write_mtu(Writer& w, std::uint16_t mtu) {
  w.u8(static_cast<std::uint8_t>(NdOption::mtu));
  w.u8(1);
  w.u16(0);
  w.u32(mtu);
}

bool is_ipv6_server(const IpAddress& server) { return !server.is_none() && !server.is_v4(); }

void write_dns(Writer& w, const RouterAdvertisement& ra) {
  const auto servers = static_cast<std::uint8_t>(is_ipv6_server(ra.dns1) + is_ipv6_server(ra.dns2));
  if (servers == 0) return;
  w.u8(static_cast<std::uint8_t>(NdOption::recursive_dns_server));
  w.u8(static_cast<std::uint8_t>(1 + 2 * servers));
  w.u16(0);
  w.u32(ra.dns_lifetime);
  for (const IpAddress& server : {ra.dns1, ra.dns2})
    if (is_ipv6_server(server)) w.octets(server.octets);
}

void write_icmp(Writer& w, const RouterAdvertisement& ra) {
  w.u8(static_cast<std::uint8_t>(NdType::router_advertisement));
  w.u8(0);
  w.u16(0);  // checksum, when all else is there
  w.u8(64);  // the hop limit that hosts shall use
  w.u8(0);   // neither managed nor other configuration: addresses come from the prefix, servers from RDNSS
  w.u16(ra.router_lifetime);
  w.u32(0);  // reachable time and retransmission timer: unspecified
  w.u32(0);
  if (!ra.prefix.address.is_none()) write_prefix(w, ra);
  if (ra.mtu != 0) write_mtu(w, ra.mtu);
  write_dns(w, ra);
}

}  // namespace

bool is_router_solicitation(Octets packet) {
  Reader r(packet);
  const std::uint32_t first = r.u32();
  const std::size_t payload_length = r.u16();
  const std::uint8_t next_header = r.u8();
  const std::uint8_t hop_limit = r.u8();
  const Octets source = r.take(16);
  r.skip(16);
  Reader icmp(r.take(payload_length));  // what follows is padding of the link
  const std::uint8_t type = icmp.u8();
  const std::uint8_t code = icmp.u8();
  icmp.skip(2 + 4);
  if (!r.ok() || !icmp.ok()) return false;
  if (first >> 28 != 6 || next_header != kIcmpv6 || hop_limit != kHopLimit) return false;
  if (type != static_cast<std::uint8_t>(NdType::router_solicitation) || code != 0) return false;
  if (is_multicast(source)) return false;
  return checksum_of(packet.first(kIpv6Header + payload_length)) == 0 &&
         options_are_valid(icmp, is_unspecified(source));
}

Octets build_router_advertisement(MutableOctets out, const RouterAdvertisement& ra) {
  const bool prefix_is_right = ra.prefix.address.is_none() || (ra.prefix.length == 64 && !ra.prefix.address.is_v4());
  if (!prefix_is_right) return {};
  Writer w(out);
  w.u32(std::uint32_t{6} << 28);
  w.u16(0);  // payload length, when known
  w.u8(kIcmpv6);
  w.u8(kHopLimit);
  w.u64(0xfe80'0000'0000'0000);
  w.u64(ra.our_interface_id);
  w.octets(kAllNodes);
  write_icmp(w, ra);
  if (!w.ok()) return {};
  w.patch_u16(4, static_cast<std::uint16_t>(w.size() - kIpv6Header));
  w.patch_u16(kChecksum, checksum_of(w.written()));
  return w.written();
}

}  // namespace holdfast::subscriber
