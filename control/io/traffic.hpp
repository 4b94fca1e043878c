// What the workers of the dataplane have counted for one session.
#pragma once

#include "abi/ids.hpp"
#include "forwarding/port.hpp"

#include <cstdint>

namespace holdfast::io {

struct Traffic {
  std::uint64_t rx_packets = 0, rx_octets = 0, tx_packets = 0, tx_octets = 0;
};

// The sums over the workers; zero while there is no dataplane.
inline Traffic traffic(const forwarding::Port& port, SessionIndex index) {
  Traffic sum;
  const auto* dataplane = port.dataplane();
  if (dataplane == nullptr) return sum;
  for (std::uint32_t w = 0; w < dataplane->counters().workers; ++w) {
    const auto* c = dataplane->session_counters(w, index.raw);
    if (c == nullptr) continue;
    sum.rx_packets += c->rx_packets.load(std::memory_order_relaxed);
    sum.rx_octets += c->rx_octets.load(std::memory_order_relaxed);
    sum.tx_packets += c->tx_packets.load(std::memory_order_relaxed);
    sum.tx_octets += c->tx_octets.load(std::memory_order_relaxed);
  }
  return sum;
}

// Into a document that has the same four.
template <class Document>
void add_traffic(const forwarding::Port& port, SessionIndex index, Document& d) {
  const Traffic sum = traffic(port, index);
  d.rx_packets = sum.rx_packets;
  d.rx_octets = sum.rx_octets;
  d.tx_packets = sum.tx_packets;
  d.tx_octets = sum.tx_octets;
}

}  // namespace holdfast::io
