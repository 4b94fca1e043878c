// The common path: what nearly every packet is goes from port to port in a few passes over the burst, each of which
// fetches what the next one reads.
//
//   classify -> l2tp_decap -> forward                      LNS, from the tunnel
//   classify ->               forward -> l2tp_encap        LNS, to the tunnel
//   classify -> pppoe_decap ->           l2tp_encap        LAC, up
//   classify -> l2tp_decap -> pppoe_encap                  LAC, down
//
// Nothing in a packet is changed, and nothing is counted, before all about it is known to be well. A packet that is not
// common in every respect is left to the nodes (graph.hpp) as it came: they know all the ways there are, and they alone
// drop. So whatever the common path does, the nodes would have done the same.
#pragma once

#include "nodes/context.hpp"

#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <span>

namespace holdfast::nodes {

// A packet on the common path. One line, of which each stage fills what the next one needs.
struct alignas(64) Lane {
  rte_mbuf* mbuf;
  std::uint8_t* data;    // what goes on: the outer IP packet, the PPP frame, the IP packet in it
  std::uint32_t length;  // of that, octets; all there
  SessionIndex index;
  const tables::SessionSlot* session;  // null: it comes from none
  union {
    std::uint32_t ids;      // for l2tp_decap: tunnel and session as in the row's first word
    std::uint32_t address;  // for forward: destination if IPv4, host byte order
    std::uint32_t circuit;  // for pppoe_decap: CircuitId::raw
  };
  union {
    std::uint32_t vlans;   // for pppoe_decap: outer, inner << 16
    std::uint32_t prefix;  // for l2tp_encap: the end of it are the octets of the PPP frame in front of `data`
  };
  union {
    std::uint8_t prefix_size;  // for l2tp_encap
    bool sequenced;            // for l2tp_decap: it carries Ns
  };
  std::uint8_t family;  // of the IP packet at `data`; 0: it is a PPP frame
};

// Packets that wait for a stage, in the order in which they came.
class Waiting {
 public:
  Waiting() {}  // NOLINT(modernize-use-equals-default): = default would fill the array
  void add(Lane& lane) { lanes_[count_++] = &lane; }
  Lane* const* begin() const { return lanes_.data(); }
  Lane* const* end() const { return lanes_.data() + count_; }
  unsigned count() const { return count_; }
  Lane& operator[](unsigned i) const { return *lanes_[i]; }

 private:
  std::array<Lane*, kBurst> lanes_;
  unsigned count_ = 0;
};

// A burst on the common path.
struct CommonBurst {
  CommonBurst() {}  // NOLINT(modernize-use-equals-default): each lane is filled as it is used

  std::array<Lane, kBurst> lanes;  // by place in the burst
  Waiting l2tp_decap, pppoe_decap, pppoe_encap, forward, to_session, l2tp_encap;
  std::uint32_t left = 0;  // bit n: packet n of the burst is for the nodes
  // One that was left may carry Ns: then nothing overtakes it whose way depends on that (kSessionMirrorSequence).
  bool left_numbers = false;

  void leave(const Lane& lane) { left |= 1u << (&lane - lanes.data()); }
};

// Where the rows lie, for a stage to keep at hand: a store into a packet might be one into the tables themselves, for
// all that the compiler knows.
struct Rows {
  explicit Rows(const Context& c)
      : sessions(c.tables.sessions.slots()),
        bank_bits(c.tables.sessions.bank_bits()),
        counters(c.session_counters),
        tunnels(c.tables.tunnels.slots()),
        circuits(c.tables.circuits.slots()),
        ports(c.ports.data()) {}

  // The rows of a session that a lane comes from or goes to.
  void find(Lane& lane, SessionIndex index) const {
    lane.index = index;
    lane.session = &sessions[index.raw];
    __builtin_prefetch(&sessions[index.raw]);
    __builtin_prefetch(&counters[index.raw], 1);
  }

  const tables::SessionSlot* sessions;
  unsigned bank_bits;
  abi::SessionCounters* counters;
  const tables::TunnelSlot* tunnels;
  const tables::CircuitSlot* circuits;
  const PortFacts* ports;
};

// Takes what is common out of a burst and sends it. Gives what is left, a bit each.
std::uint32_t run_common_path(Context& context, PortId port, std::span<rte_mbuf* const> frames);

// The stages, in order.
void common_classify(Context&, PortId, std::span<rte_mbuf* const>, CommonBurst&);
void common_l2tp_decap(Context&, CommonBurst&);
void common_pppoe_decap(Context&, PortId, CommonBurst&);
void common_pppoe_encap(Context&, CommonBurst&);
void common_forward(Context&, CommonBurst&);
void common_to_session(Context&, CommonBurst&);
void common_l2tp_encap(Context&, CommonBurst&);

// A frame leaves by a port: `size` octets from `begin` on.
inline void send(Context& context, rte_mbuf* mbuf, std::uint8_t* begin, std::uint32_t size, PortId port) {
  const auto length = static_cast<std::uint16_t>(size);
  mbuf->data_off = static_cast<std::uint16_t>(begin - static_cast<std::uint8_t*>(mbuf->buf_addr));
  mbuf->pkt_len = length;
  mbuf->data_len = length;
  context.tx[port.raw].push(mbuf);
}

// Whether the data messages of a session have none of the optional fields (RFC 2661 3.1).
inline bool has_plain_header(const CommonBurst& burst, const tables::SessionSlot& session, std::uint32_t flags) {
  if ((flags & (abi::kSessionSendSequence | abi::kSessionSendLength)) != 0) return false;
  return (flags & abi::kSessionMirrorSequence) == 0 || !(burst.left_numbers || session.peer_numbers());
}

}  // namespace holdfast::nodes
