// Neighbours: a MAC address and the port behind which it is, in one atomic word, so that a change is seen whole.
#pragma once

#include "abi/table_ops.hpp"
#include "tables/memory.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace holdfast::tables {

struct Neighbour {
  std::array<std::uint8_t, 6> mac;
  std::uint16_t port_plus_1;  // 0: no such neighbour

  explicit operator bool() const { return port_plus_1 != 0; }
  PortId port() const { return PortId(static_cast<std::uint16_t>(port_plus_1 - 1)); }
};
static_assert(sizeof(Neighbour) == 8);

class NeighbourTable {
 public:
  explicit NeighbourTable(std::uint32_t count) : words_(count) {}

  // Workers. id < size().
  Neighbour at(NeighbourId id) const {
    return std::bit_cast<Neighbour>(words_[id.raw].load(std::memory_order_relaxed));
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(words_.size()); }

  // The writer. id < size().
  void put(const abi::NeighbourRow& row) {
    const Neighbour next{row.mac, static_cast<std::uint16_t>(row.port.raw + 1)};
    words_[row.id.raw].store(std::bit_cast<std::uint64_t>(next), std::memory_order_relaxed);
  }
  void remove(NeighbourId id) { words_[id.raw].store(0, std::memory_order_relaxed); }

 private:
  SparseArray<std::atomic<std::uint64_t>> words_;
};

}  // namespace holdfast::tables
