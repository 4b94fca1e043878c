// Whole packets through the graph, from where they come in to where they leave: frames from both ports, packets from
// the kernel for a subscriber, PPP frames from control. The input is a list of them, each with a kind and a length;
// neighbours of one kind make a burst. Header checksums, which a fuzzer does not guess, are made right if the kind says
// so.
//
// Whatever comes: every packet is sent, handed over or counted as dropped, once, if not at once, or has become part of
// another; nothing beyond a
// packet is read; the common path and the nodes alone come to the same; what is sent to a neighbour is a whole IP
// packet of right checksum in a frame of ours, to a subscriber a whole PPPoE frame; what is punted fits its slot.
#include "dp_router.hpp"
#include "nodes/ip_check.hpp"
#include "nodes/vlan.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace {

using namespace holdfast;
using namespace holdfast::fuzz;
using namespace holdfast::wire_format;
using Frame = std::vector<std::uint8_t>;

// The low bits of an input packet's first octet.
enum Kind : std::uint8_t { frame0, frame1, from_kernel, from_control, kinds_ };
constexpr std::uint8_t kMakeChecksumsRight = 0x80, kWaitBefore = 0x40;
constexpr std::size_t kLongest = 2048;              // data room of a buffer
constexpr std::uint64_t kLongestPatience = 10'000;  // ticks, after which nothing waits any longer

// One that has the common path, one that takes the nodes alone. They stay: EAL is never taken down.
std::array<Router, 2>& routers() {
  static rte_mempool* pool = make_pool();
  static auto* both = new std::array<Router, 2>{Router(pool, true), Router(pool, false)};
  return *both;
}

std::uint32_t be16_at(const Frame& frame, std::size_t at) {
  return static_cast<std::uint32_t>(frame[at] << 8 | frame[at + 1]);
}

// Where the header checksum of what may be an IPv4 header is made right; nothing happens where none fits.
void repair_ipv4(Frame& frame, std::size_t at) {
  if (at + sizeof(Ipv4) > frame.size() || frame[at] >> 4 != 4) return;
  const std::size_t size = (frame[at] & 0xfu) * 4u;
  if (size < sizeof(Ipv4) || at + size > frame.size()) return;
  frame[at + 10] = frame[at + 11] = 0;
  const std::uint16_t sum = static_cast<std::uint16_t>(~nodes::fold(nodes::sum_words(frame.data() + at, size)));
  std::memcpy(&frame[at + 10], &sum, sizeof(sum));
}

// Behind PPPoE, where that lies behind so many octets.
bool repair_pppoe(Frame& frame, std::size_t at) {
  if (at + sizeof(Pppoe) + 2 > frame.size() || be16_at(frame, at - 2) != kEtherPppoeSession) return false;
  at += sizeof(Pppoe);
  repair_ipv4(frame, at + ((frame[at] & 1) != 0 ? 1 : 2));
  return true;
}

// As far as a reader of good faith follows a frame: the outer header, and the one inside of an L2TP data message.
void repair(Frame& frame) {
  if (frame.size() < sizeof(Ethernet) + 1) return;
  for (const std::size_t at : {14u, 18u, 22u})
    if (repair_pppoe(frame, at)) return;
  repair_ipv4(frame, sizeof(Ethernet));
  const std::size_t ip_size = frame[sizeof(Ethernet)] >> 4 == 4 ? sizeof(Ipv4) : sizeof(Ipv6);
  std::size_t at = sizeof(Ethernet) + ip_size + sizeof(Udp);
  if (at + 16 > frame.size()) return;
  const std::uint32_t flags = be16_at(frame, at);
  at += 6u + ((flags & kL2tpLength) != 0 ? 2u : 0u) + ((flags & kL2tpSequence) != 0 ? 4u : 0u);
  if ((flags & kL2tpOffset) != 0) at += 2 + be16_at(frame, at);
  if (at + 4 > frame.size()) return;
  if (be16_at(frame, at) == kPppAddressControl) at += 2;
  repair_ipv4(frame, at + ((frame[at] & 1) != 0 ? 1 : 2));
}

// With the tags of the circuit that it goes to, and the length that it has.
void check_pppoe(unsigned port, rte_mbuf* mbuf) {
  const auto payload = nodes::behind_tags(mbuf);
  require(port == 0 && payload.type == kEtherPppoeSession && nodes::header<Ethernet>(mbuf).source == kPortMac[0]);
  require(mbuf->nb_segs == 1 && mbuf->data_len > payload.at + sizeof(Pppoe));
  const auto& pppoe = nodes::header<Pppoe>(mbuf, payload.at);
  require(pppoe.version_type == kPppoeVersionType && pppoe.code == 0);
  require(pppoe.length.value() == mbuf->data_len - payload.at - sizeof(Pppoe));
  const bool access = pppoe.session.value() == Router::kAccessCircuit;
  require(access || pppoe.session.value() == Router::kLacCircuit);
  require(payload.outer_vlan == (access ? 5 : 0) && payload.inner_vlan == (access ? 6 : 0));
}

void check_frame(unsigned port, rte_mbuf* mbuf) {
  const std::uint8_t* data = nodes::octets(mbuf);
  const std::uint32_t length = mbuf->data_len;
  if (length >= sizeof(Ethernet) && nodes::header<Ethernet>(mbuf).destination == kUserMac)
    return check_pppoe(port, mbuf);
  require(mbuf->nb_segs == 1 && mbuf->pkt_len == length && length >= sizeof(Ethernet) + sizeof(Ipv4));
  const auto& ethernet = nodes::header<Ethernet>(mbuf);
  require(ethernet.destination == kOtherMac[port] && ethernet.source == kPortMac[port]);
  const bool v4 = ethernet.type.value() == kEtherIpv4;
  require(v4 || ethernet.type.value() == kEtherIpv6);
  const std::uint32_t available = length - static_cast<std::uint32_t>(sizeof(Ethernet));
  require((v4 ? nodes::check_ipv4(data + sizeof(Ethernet), available, false)
              : nodes::check_ipv6(data + sizeof(Ethernet), available)) == nodes::kFine);
  require(v4 ? nodes::header<Ipv4>(mbuf, sizeof(Ethernet)).total_length.value() == available
             : nodes::header<Ipv6>(mbuf, sizeof(Ethernet)).payload_length.value() + sizeof(Ipv6) == available);
}

// As the agent does it. What the ring holds is what control will read.
void check_punted(Router& r, rte_mbuf* mbuf) {
  r.punter.put(mbuf, 1);
  if (r.punt_ring.readable() == 0) {
    require(r.take_drops() == 1);
    return;
  }
  abi::PacketHeader header;
  std::memcpy(&header, r.punt_ring.front(), sizeof(header));
  require(header.length <= abi::kMaxPacket);
  const auto kind = static_cast<abi::PuntKind>(header.kind);
  require(kind != abi::PuntKind::ppp || header.length >= 2);
  require(kind != abi::PuntKind::pppoe_discovery || header.length >= sizeof(Ethernet));
  r.punt_ring.release();
}

void note(Router& r, Frame seen, rte_mbuf* mbuf) {
  seen.insert(seen.end(), nodes::octets(mbuf), nodes::octets(mbuf) + mbuf->data_len);
  r.seen.packets.push_back(std::move(seen));
}

// The id of our own outer header and its checksum are as the order is.
void note_frame(Router& r, unsigned port, rte_mbuf* mbuf) {
  note(r, {static_cast<std::uint8_t>(port)}, mbuf);
  Frame& seen = r.seen.packets.back();
  constexpr std::size_t kIp = 1 + sizeof(Ethernet);
  if (be16_at(seen, kIp - 2) != kEtherIpv4 || seen[kIp + 9] != kProtocolUdp) return;
  std::fill_n(&seen[kIp + 4], 2, std::uint8_t{0});
  std::fill_n(&seen[kIp + 10], 2, std::uint8_t{0});
}

std::size_t check_and_free_outboxes(Router& r) {
  std::size_t count = 0;
  for (unsigned port = 0; port < 2; ++port) {
    auto& out = r.context.tx[port];
    for (std::uint32_t i = 0; i < out.count; ++i) {
      check_frame(port, out.packets[i]);
      note_frame(r, port, out.packets[i]);
      rte_pktmbuf_free(out.packets[i]);
    }
    count += out.count;
    out.count = 0;
  }
  auto& agent = r.context.agent;
  for (std::uint32_t i = 0; i < agent.count; ++i) {
    rte_mbuf* mbuf = agent.packets[i];
    const auto kind = nodes::note(mbuf).kind;
    note(r, {2, static_cast<std::uint8_t>(kind)}, mbuf);
    if (kind == nodes::Handoff::punt_l2tp || kind == nodes::Handoff::punt_ppp || kind == nodes::Handoff::punt_pppoe)
      check_punted(r, mbuf);
    else
      require(kind == nodes::Handoff::to_tap || kind == nodes::Handoff::to_tun);
    rte_pktmbuf_free(mbuf);
  }
  count += agent.count;
  agent.count = 0;
  return count;
}

// PPP frames from control begin with their protocol, which travels in the note.
rte_mbuf* make_handoff(Router& r, Kind kind, const Frame& packet) {
  if (kind == from_kernel) {
    rte_mbuf* mbuf = r.make_packet(packet);
    nodes::note(mbuf) = {.kind = nodes::Handoff::from_tun};
    return mbuf;
  }
  // IPCP goes out in the tunnel over IPv6, CHAP in the access tunnel, the rest in the tunnel over IPv4.
  const unsigned which = !packet.empty() && packet[0] == 0x80 ? 1 : 0;
  const bool access = !packet.empty() && packet[0] == 0xc2;
  rte_mbuf* mbuf = r.make_packet(std::span(packet).subspan(std::min<std::size_t>(2, packet.size())));
  nodes::note(mbuf) = {.kind = nodes::Handoff::inject_ppp,
                       .tunnel = access ? access_tunnel(0) : TunnelId(Router::kTunnel[which]),
                       .session = SessionId(access ? Router::kAccessSession : Router::kSession[which]),
                       .protocol = static_cast<std::uint16_t>(packet.size() < 2 ? 0 : be16_at(packet, 0))};
  return mbuf;
}

// Gives how many have left, which came now or earlier.
std::size_t run_burst(Router& r, Kind kind, const std::vector<Frame>& packets) {
  const bool frames = kind == frame0 || kind == frame1;
  std::vector<rte_mbuf*> burst;
  for (const auto& packet : packets) burst.push_back(frames ? r.make_packet(packet) : make_handoff(r, kind, packet));
  if (frames)
    nodes::run_frames(r.context, PortId(kind == frame0 ? 0 : 1), burst);
  else
    nodes::run_handoffs(r.context, burst);
  nodes::expire_fragments(r.context);
  std::size_t left =
      r.take_drops() + std::exchange(r.context.joined_fragments, 0) + std::exchange(r.context.hang_ups_told, 0);
  left += check_and_free_outboxes(r);
  while (r.context.reorder.has_work(r.context.now)) {
    nodes::run_ready(r.context);
    left += r.take_drops();
    left += check_and_free_outboxes(r);
  }
  return left;
}

// Runs the whole input. Gives what came out.
Router::Seen run_input(Router& r, const std::uint8_t* data, std::size_t size) {
  r.forget_sequences();
  std::vector<Frame> burst;
  Kind kind = frame0;
  std::size_t came = 0, left = 0;
  const auto run = [&] {
    came += burst.size();
    left += run_burst(r, kind, burst);
    burst.clear();
  };
  while (size >= 3) {
    const auto next = static_cast<Kind>(data[0] % kinds_);
    const bool make_right = (data[0] & kMakeChecksumsRight) != 0, wait = (data[0] & kWaitBefore) != 0;
    const std::size_t length = std::min({std::size_t{data[1]} << 8 | data[2], size - 3, kLongest});
    Frame packet(data + 3, data + 3 + length);
    if (make_right && next == from_kernel) repair_ipv4(packet, 0);
    if (make_right && (next == frame0 || next == frame1)) repair(packet);
    if (next != kind || wait || burst.size() == nodes::kBurst) run();
    if (wait) r.context.now += Router::kPatience / 2;
    kind = next;
    burst.push_back(std::move(packet));
    data += 3 + length;
    size -= 3 + length;
  }
  run();
  r.context.now += kLongestPatience;
  run();
  require(came == left);
  require(rte_mempool_in_use_count(r.pool) == 0);
  return r.take_seen();
}

bool same(const abi::SessionCounters& a, const abi::SessionCounters& b) {
  return a.rx_packets == b.rx_packets && a.rx_octets == b.rx_octets && a.tx_packets == b.tx_packets &&
         a.tx_octets == b.tx_octets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Router &common = routers()[0], &nodes_alone = routers()[1];
  require(run_input(common, data, size) == run_input(nodes_alone, data, size));
  for (std::size_t session = 0; session < 32; ++session)  // all that there are
    require(same(common.session_counters[session], nodes_alone.session_counters[session]));
  return 0;
}
