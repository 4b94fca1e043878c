// Makes UDP datagrams to us whole again that came in fragments (RFC 791 3.2, RFC 8200 4.5), if L2TP is in them: a peer
// may have had to fragment its data messages. Fragments of anything else are the kernel's, as they came.
//
// edges: l2tp_decap, ip_forward, punt, kernel, drop; those that wait go on with the one that makes them whole
#include "nodes/checksum.hpp"
#include "nodes/context.hpp"
#include "nodes/handoff.hpp"

#include <bit>
#include <cstring>
#include <optional>

namespace holdfast::nodes {
namespace {

using namespace wire_format;
using abi::Drop;

// Milliseconds: fragments of one datagram follow each other, and IPv4's ids come round soon (RFC 4963).
constexpr std::uint64_t kPatience = 250;
constexpr std::uint16_t kDontFragment = 0x4000, kMoreFragments = 0x2000, kFragmentOffset = 0x1fff;
constexpr std::uint32_t kLongestDatagram = 65535;

struct Piece {
  DatagramKey key;
  Fragment fragment;
};

Piece piece_of_ipv4(const Packet& p) {
  const auto& ip = header<Ipv4>(p.mbuf);
  const std::uint16_t flags = ip.flags_fragment.value();
  return {.key = {IpAddress::v4(ip.source.value()), IpAddress::v4(ip.destination.value()), ip.id.value()},
          .fragment = {.mbuf = p.mbuf,
                       .header = sizeof(Ipv4),
                       .offset = (flags & kFragmentOffset) * 8u,
                       .length = p.mbuf->data_len - static_cast<std::uint32_t>(sizeof(Ipv4)),
                       .last = (flags & kMoreFragments) == 0}};
}

Piece piece_of_ipv6(const Packet& p) {
  constexpr std::uint16_t kBefore = sizeof(Ipv6) + sizeof(Ipv6Fragment);
  const auto& ip = header<Ipv6>(p.mbuf);
  const auto& fragment = header<Ipv6Fragment>(p.mbuf, sizeof(Ipv6));
  const std::uint16_t flags = fragment.offset_more.value();
  return {.key = {{ip.source}, {ip.destination}, fragment.id.value()},
          .fragment = {.mbuf = p.mbuf,
                       .header = kBefore,
                       .offset = flags & 0xfff8u,
                       .length = p.mbuf->data_len - std::uint32_t{kBefore},
                       .last = (flags & 1) == 0}};
}

// All but the last are of so many times 8 octets, and the datagram can be as long as it says.
bool makes_sense(const Fragment& fragment) {
  if (fragment.length == 0 || (!fragment.last && fragment.length % 8 != 0)) return false;
  return fragment.offset + fragment.length + sizeof(Ipv6) <= kLongestDatagram;
}

// Of the first fragment.
bool carries_l2tp(const Fragment& first) {
  return first.length >= sizeof(Udp) && header<Udp>(first.mbuf, first.header).destination.value() == kL2tpPort;
}

void drop_one(Context& c, rte_mbuf* mbuf, Drop reason) {
  count_drop(c, reason);
  rte_pktmbuf_free(mbuf);
}

// Fragments that came before the one that says whose they are. The burst's own packets need the rest of the outbox.
void give_to_kernel(Context& c, rte_mbuf* mbuf) {
  if (c.agent.count >= kBurst) return drop_one(c, mbuf, Drop::kernel_queue_full);
  extend(mbuf, sizeof(Ethernet));
  add(c.port_counters[note(mbuf).port.raw].to_kernel, 1);
  c.agent.push(mbuf);
}

// The header of a whole datagram; the Ethernet header stays in front of it.
void make_whole(rte_mbuf* mbuf, std::uint8_t family) {
  if (family == 4) {
    auto& ip = header<Ipv4>(mbuf);
    ip.total_length = Be16(mbuf->data_len);
    ip.flags_fragment = Be16(ip.flags_fragment.value() & kDontFragment);
    ip.checksum = Be16(0);
    const auto sum = static_cast<std::uint16_t>(~fold(sum_words(octets(mbuf), sizeof(Ipv4))));
    ip.checksum = std::bit_cast<Be16>(sum);
    return;
  }
  std::uint8_t* before = octets(mbuf) - sizeof(Ethernet);
  std::memmove(before + sizeof(Ipv6Fragment), before, sizeof(Ethernet) + sizeof(Ipv6));
  strip(mbuf, sizeof(Ipv6Fragment));
  auto& ip = header<Ipv6>(mbuf);
  ip.next_header = kProtocolUdp;
  ip.payload_length = Be16(static_cast<std::uint16_t>(mbuf->data_len - sizeof(Ipv6)));
}

Next go_on_whole(Context& c, Packet& p, rte_mbuf* mbuf) {
  p.mbuf = mbuf;
  make_whole(mbuf, p.family);
  return classify_ip(c, p);
}

// Drops what the datagram holds besides p.
void end(Context& c, Datagram& datagram, const Packet& p) {
  c.fragments.end(datagram, [&](rte_mbuf* mbuf) {
    if (mbuf != p.mbuf) drop_one(c, mbuf, Drop::ip_fragment);
  });
}

// Nothing: it waits.
std::optional<Next> reassemble_one(Context& c, Packet& p) {
  const Piece piece = p.family == 4 ? piece_of_ipv4(p) : piece_of_ipv6(p);
  const Fragment& fragment = piece.fragment;
  if (!makes_sense(fragment)) return refuse(p, Drop::ip_fragment);
  if (fragment.offset == 0 && fragment.last) return go_on_whole(c, p, p.mbuf);  // the only one (RFC 6946)

  const std::uint64_t deadline = c.now + kPatience * c.ticks_per_millisecond;
  Datagram& datagram =
      c.fragments.find(piece.key, deadline, [&](rte_mbuf* mbuf) { drop_one(c, mbuf, Drop::ip_fragment_overload); });
  if (fragment.offset == 0) {
    datagram.is_others = !carries_l2tp(fragment);
    if (datagram.is_others) datagram.release([&](rte_mbuf* mbuf) { give_to_kernel(c, mbuf); });
  }
  if (datagram.is_others) return Next::kernel;

  note(p.mbuf) = {.kind = Handoff::to_tap, .port = p.port};
  const unsigned held = datagram.count();
  switch (datagram.add(fragment)) {
    case Datagram::Added::waits: return std::nullopt;
    case Datagram::Added::refused: end(c, datagram, p); [[fallthrough]];
    case Datagram::Added::twice: return refuse(p, Drop::ip_fragment);
    case Datagram::Added::whole: break;
  }
  rte_mbuf* whole = datagram.join();
  if (whole != nullptr) c.joined_fragments += held;
  end(c, datagram, p);
  return whole != nullptr ? go_on_whole(c, p, whole) : refuse(p, Drop::ip_fragment);
}

}  // namespace

void expire_fragments(Context& c) {
  if (!c.fragments.has_work(c.now)) return;
  c.fragments.expire(c.now, [&](rte_mbuf* mbuf) { drop_one(c, mbuf, Drop::ip_fragment_timeout); });
}

void ip_reassembly(Context& c, Burst& burst) {
  each(burst.take(Next::ip_reassembly), [&](unsigned i) {
    if (const auto next = reassemble_one(c, burst.packets[i])) burst.send(i, *next);
  });
}

}  // namespace holdfast::nodes
