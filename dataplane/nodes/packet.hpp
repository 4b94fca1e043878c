// What the nodes know of a packet, and of a burst of packets on its way through the graph.
#pragma once

#include "abi/counters.hpp"
#include "abi/ids.hpp"
#include "tables/neighbour_table.hpp"
#include "tables/session_table.hpp"

#include <rte_mbuf.h>

#include <array>
#include <bit>
#include <cstdint>

namespace holdfast::nodes {

inline constexpr unsigned kBurst = 32;

// The node that has a packet next, in the order in which the graph runs them.
enum class Next : std::uint8_t {
  ip_reassembly,
  l2tp_decap,
  l2tp_sequence,
  pppoe_decap,
  ppp_relay,
  ppp_input,
  ip_forward,
  ppp_output,
  l2tp_encap,
  pppoe_encap,
  eth_output,
  tx,
  punt,
  kernel,
  drop,
  count_,
};
inline constexpr std::size_t kNodes = static_cast<std::size_t>(Next::count_);

// Where a packet came from decides what may become of it: what the kernel gave us never goes back to it.
enum class Origin : std::uint8_t { port, session, kernel, control };

struct Packet {
  rte_mbuf* mbuf = nullptr;
  const tables::SessionSlot* session = nullptr;  // from l2tp_decap or ip_forward on
  SessionIndex index;                            // of `session`
  TunnelId tunnel;                               // as received
  SessionId session_id;                          // as received
  CircuitId circuit;                             // that it came from, if from one
  std::uint16_t protocol = 0;                    // PPP, from ppp_input on and for ppp_output
  PortId port;                                   // where it came in
  tables::Neighbour neighbour{};                 // for eth_output
  Origin origin = Origin::port;
  std::uint8_t family = 0;  // 4 or 6, of the IP header at the start of the data
  // Octets of that IP header, for classify and l2tp_decap; of all before the PPP frame, for pppoe_decap.
  std::uint8_t header = 0;
  bool sequenced = false;  // the data message carried `ns` (RFC 2661 3.1)
  std::uint16_t ns = 0;
  bool address_control = true;  // the PPP frame came with ff 03
  abi::Drop reason = abi::Drop::count_;
};

struct Burst {
  std::array<Packet, kBurst> packets;
  std::array<std::uint32_t, kNodes> waiting{};  // bit n: packet n is at this node next

  void send(unsigned i, Next next) { waiting[static_cast<std::size_t>(next)] |= 1u << i; }
  std::uint32_t take(Next next) {
    const auto mask = waiting[static_cast<std::size_t>(next)];
    waiting[static_cast<std::size_t>(next)] = 0;
    return mask;
  }
};
static_assert(kBurst == 32, "a bit of std::uint32_t for each packet");

// Calls f(i) for every bit set in mask.
template <class F>
void each(std::uint32_t mask, F f) {
  for (; mask != 0; mask &= mask - 1) f(static_cast<unsigned>(std::countr_zero(mask)));
}

// A packet from outside loses one of its hops here; what the kernel or control sends has had its share.
inline bool is_hop(const Packet& packet) { return packet.origin == Origin::port || packet.origin == Origin::session; }

inline Next refuse(Packet& packet, abi::Drop reason) {
  packet.reason = reason;
  return Next::drop;
}

// The header of type T `offset` octets into the packet. The caller has checked the length.
template <class T>
T& header(rte_mbuf* mbuf, std::size_t offset = 0) {
  return *rte_pktmbuf_mtod_offset(mbuf, T*, offset);
}
inline std::uint8_t* octets(rte_mbuf* mbuf) { return rte_pktmbuf_mtod(mbuf, std::uint8_t*); }

// The graph handles packets of one segment: the data is data_len octets, and pkt_len says the same.
inline void strip(rte_mbuf* mbuf, std::uint32_t front) {
  mbuf->data_off = static_cast<std::uint16_t>(mbuf->data_off + front);
  mbuf->data_len = static_cast<std::uint16_t>(mbuf->data_len - front);
  mbuf->pkt_len = mbuf->data_len;
}
inline std::uint8_t* extend(rte_mbuf* mbuf, std::uint32_t front) {
  mbuf->data_off = static_cast<std::uint16_t>(mbuf->data_off - front);
  mbuf->data_len = static_cast<std::uint16_t>(mbuf->data_len + front);
  mbuf->pkt_len = mbuf->data_len;
  return octets(mbuf);
}
inline void shorten_to(rte_mbuf* mbuf, std::uint32_t length) {
  mbuf->data_len = static_cast<std::uint16_t>(length);
  mbuf->pkt_len = length;
}

}  // namespace holdfast::nodes
