// Writes what the graph punts into the ring `punt` (abi/packets.hpp). While control is away they wait there. A storm of
// new subscribers leaves room for those that are there already: PADI is taken while the ring is at most half full,
// other discovery and PPP while it is at most seven eighths full, L2TP control always.
#pragma once

#include "abi/counters.hpp"
#include "abi/packets.hpp"
#include "abi/ring.hpp"

#include <rte_mbuf.h>

#include <cstdint>
#include <utility>

namespace holdfast::dataplane {

class Punter {
 public:
  Punter(abi::Ring ring, abi::DropCounters& drops) : ring_(ring), drops_(drops) {}

  // mbuf: with a HandoffNote of punt_l2tp, punt_ppp or punt_pppoe; stays the caller's. now_ns: CLOCK_MONOTONIC.
  void put(rte_mbuf* mbuf, std::uint64_t now_ns);
  // True once after packets were put, if control wants to be woken.
  [[nodiscard]] bool wants_bell() { return std::exchange(bell_, false); }

 private:
  abi::Drop put_l2tp(rte_mbuf* mbuf, std::uint64_t now_ns);
  abi::Drop put_ppp(rte_mbuf* mbuf, std::uint64_t now_ns);
  abi::Drop put_pppoe(rte_mbuf* mbuf, std::uint64_t now_ns);
  bool fuller_than(std::uint64_t eighths) const { return ring_.used() * 8 > ring_.slots() * eighths; }
  abi::Drop write(const abi::PacketHeader& header, const std::uint8_t* prefix, std::size_t prefix_size,
                  const std::uint8_t* data);

  abi::Ring ring_;
  abi::DropCounters& drops_;
  bool bell_ = false;
};

}  // namespace holdfast::dataplane
