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

// A packet on the common path.
struct Lane {
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
  std::uint8_t place;   // in the burst
};

// Without initial values: most are never used.
class Lanes {
 public:
  Lanes() {}  // NOLINT(modernize-use-equals-default): = default would fill them
  Lane& add() { return lanes_[count_++]; }
  Lane* begin() { return lanes_.data(); }
  Lane* end() { return lanes_.data() + count_; }
  unsigned count() const { return count_; }
  Lane& operator[](unsigned i) { return lanes_[i]; }

 private:
  union {
    std::array<Lane, kBurst> lanes_;
  };
  unsigned count_ = 0;
};

// A burst on the common path: what waits for each stage.
struct CommonBurst {
  Lanes l2tp_decap, pppoe_decap, pppoe_encap, forward, to_session, l2tp_encap;
  std::uint32_t left = 0;  // bit n: packet n of the burst is for the nodes
  // One that was left may carry Ns, so that what comes behind it from its peer does not overtake it.
  bool left_numbers = false;

  void leave(const Lane& lane) { left |= 1u << lane.place; }
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

// What begins at `begin` and ends with the lane's data is the frame that leaves by a port.
inline void send(Context& context, const Lane& lane, std::uint8_t* begin, PortId port) {
  rte_mbuf* mbuf = lane.mbuf;
  const auto length = static_cast<std::uint16_t>(lane.data + lane.length - begin);
  mbuf->data_off = static_cast<std::uint16_t>(begin - static_cast<std::uint8_t*>(mbuf->buf_addr));
  mbuf->pkt_len = length;
  mbuf->data_len = length;
  context.tx[port.raw].push(mbuf);
}

// Whether the data messages of a session have none of the optional fields (RFC 2661 3.1).
inline bool has_plain_header(const tables::SessionSlot& session, std::uint32_t flags) {
  if ((flags & (abi::kSessionSendSequence | abi::kSessionSendLength)) != 0) return false;
  return (flags & abi::kSessionMirrorSequence) == 0 || !session.peer_numbers();
}

}  // namespace holdfast::nodes
