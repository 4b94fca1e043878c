// Takes what control puts into the ring `inject` (abi/packets.hpp) and makes packets of it for the graph: L2TP control
// messages get UDP and IP (RFC 2661 8.1), PPP frames go to their session, PPPoE discovery to its port.
#pragma once

#include "abi/counters.hpp"
#include "abi/packets.hpp"
#include "abi/ring.hpp"

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <cstdint>

namespace holdfast::dataplane {

class Injector {
 public:
  // to_worker: where mbufs with a HandoffNote go. ports: how many there are.
  Injector(abi::Ring ring, rte_mempool* pool, rte_ring* to_worker, std::uint16_t ports, abi::DropCounters& drops)
      : ring_(ring), pool_(pool), to_worker_(to_worker), ports_(ports), drops_(drops) {}

  // The position up to which packets may be taken now: read before the table operations are.
  std::uint64_t snapshot() const { return ring_.head(); }
  // Takes packets up to that position; leaves them where they are while the worker's ring is full. Gives how many.
  std::uint64_t take_until(std::uint64_t position);

 private:
  // Null: refused and counted.
  rte_mbuf* make(const void* slot);
  // False: the header makes no sense.
  bool fill(rte_mbuf* mbuf, const abi::PacketHeader& header, const std::uint8_t* payload);
  bool fill_l2tp(rte_mbuf* mbuf, const abi::PacketHeader& header, const std::uint8_t* payload);
  bool fill_ppp(rte_mbuf* mbuf, const abi::PacketHeader& header, const std::uint8_t* payload);
  bool fill_frame(rte_mbuf* mbuf, const abi::PacketHeader& header, const std::uint8_t* payload);
  void refuse(abi::Drop reason);

  abi::Ring ring_;
  rte_mempool* pool_;
  rte_ring* to_worker_;
  std::uint16_t ports_;
  abi::DropCounters& drops_;
  std::uint16_t ipv4_id_ = 0;
};

}  // namespace holdfast::dataplane
