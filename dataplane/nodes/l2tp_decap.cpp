// Takes the L2TP data message out of its IP, UDP and L2TP headers (RFC 2661 3.1, 5.3), if it comes from the peer of the
// tunnel that it names.
//
// edges: l2tp_sequence, ppp_relay, ppp_input, ip_forward, drop
#include "nodes/context.hpp"

#include <cstring>

namespace holdfast::nodes {
namespace {

using namespace wire_format;

// Where the PPP frame lies, in octets from the L2TP header.
struct DataMessage {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t ns = 0;  // where Ns lies; 0: there is none
  abi::Drop error = abi::Drop::count_;
};

// l2tp: what UDP carries, `available` octets. Nr is reserved in data messages (5.4).
DataMessage parse(const std::uint8_t* l2tp, std::uint32_t available) {
  if (available < 2) return {.error = abi::Drop::l2tp_too_short};
  const std::uint32_t flags = std::uint32_t{l2tp[0]} << 8 | l2tp[1];
  if ((flags & kL2tpVersion) != 2) return {.error = abi::Drop::l2tp_bad_version};
  std::uint32_t size = 6;
  if ((flags & kL2tpLength) != 0) size += 2;
  if ((flags & kL2tpSequence) != 0) size += 4;
  if ((flags & kL2tpOffset) != 0) size += 2;
  if (size > available) return {.error = abi::Drop::l2tp_too_short};
  if ((flags & kL2tpLength) != 0) {
    const std::uint32_t length = reinterpret_cast<const Be16*>(l2tp + 2)->value();
    if (length < size || length > available) return {.error = abi::Drop::l2tp_bad_length};
    available = length;
  }
  if ((flags & kL2tpOffset) != 0) {
    size += reinterpret_cast<const Be16*>(l2tp + size - 2)->value();
    if (size > available) return {.error = abi::Drop::l2tp_too_short};
  }
  const std::uint32_t ns = (flags & kL2tpLength) != 0 ? 8 : 6;
  return {.begin = size, .end = available, .ns = (flags & kL2tpSequence) != 0 ? ns : 0};
}

bool to_local_end(const tables::TunnelSlot& tunnel, const Packet& p) {
  const std::uint8_t* ip = octets(p.mbuf);
  if (tunnel.family.load(std::memory_order_acquire) != p.family) return false;
  return p.family == 4 ? std::memcmp(ip + offsetof(Ipv4, destination), &tunnel.local.octets[12], 4) == 0
                       : std::memcmp(ip + offsetof(Ipv6, destination), &tunnel.local.octets[0], 16) == 0;
}

bool from_peer(const tables::TunnelSlot& tunnel, const Packet& p) {
  const std::uint8_t* ip = octets(p.mbuf);
  const auto& udp = header<Udp>(p.mbuf, p.header);
  if (udp.source != tunnel.peer_port || udp.destination != tunnel.local_port) return false;
  return p.family == 4 ? std::memcmp(ip + offsetof(Ipv4, source), &tunnel.peer.octets[12], 4) == 0
                       : std::memcmp(ip + offsetof(Ipv6, source), &tunnel.peer.octets[0], 16) == 0;
}

// The next row on the way of a frame that goes on.
void prefetch_onward(const Context& c, const Packet& p) {
  const std::uint32_t onward = p.session->onward();
  if ((p.session->flags() & abi::kSessionToCircuit) != 0)
    __builtin_prefetch(&c.tables.circuits.at(CircuitId(onward)));
  else
    __builtin_prefetch(&c.tables.sessions.at(SessionIndex{onward}));
}

Next decap_one(const Context& c, Packet& p) {
  const auto& tunnel = c.tables.tunnels.at(p.tunnel);
  const bool known_end = to_local_end(tunnel, p);
  if (!known_end && !is_ours(c, p)) return Next::ip_forward;  // passing through, between two others

  const std::uint32_t carried = p.mbuf->data_len - p.header;
  const std::uint32_t udp_length = header<Udp>(p.mbuf, p.header).length.value();
  if (udp_length < sizeof(Udp) || udp_length > carried) return refuse(p, abi::Drop::udp_bad_length);
  const std::uint32_t before = p.header + static_cast<std::uint32_t>(sizeof(Udp));
  const auto message = parse(octets(p.mbuf) + before, udp_length - static_cast<std::uint32_t>(sizeof(Udp)));
  if (message.error != abi::Drop::count_) return refuse(p, message.error);

  if (p.session == nullptr) return refuse(p, abi::Drop::l2tp_too_short);
  const auto identity = p.session->identity();
  if (!p.tunnel || identity.tunnel != p.tunnel || identity.session != p.session_id)
    return refuse(p, abi::Drop::l2tp_no_session);
  if (!known_end || !from_peer(tunnel, p)) return refuse(p, abi::Drop::l2tp_wrong_peer);

  p.sequenced = message.ns != 0;
  if (p.sequenced) p.ns = header<Be16>(p.mbuf, before + message.ns).value();
  shorten_to(p.mbuf, before + message.end);
  strip(p.mbuf, before + message.begin);
  p.origin = Origin::session;
  const std::uint32_t special = p.session->flags() & (abi::kSessionMirrorSequence | kRelayed);
  if (!p.sequenced && special == 0) return Next::ppp_input;
  if ((special & kRelayed) != 0) prefetch_onward(c, p);
  return p.sequenced || (special & abi::kSessionMirrorSequence) != 0 ? Next::l2tp_sequence : Next::ppp_relay;
}

}  // namespace

void l2tp_decap(Context& c, Burst& burst) {
  each(burst.take(Next::l2tp_decap), [&](unsigned i) { burst.send(i, decap_one(c, burst.packets[i])); });
}

}  // namespace holdfast::nodes
