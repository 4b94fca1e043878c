// The circuits: subscribers' PPPoE sessions, indexed by what their frames carry (abi/ids.hpp): no hash, half a line
// each.
//
//   word 0: circuit, port, 2 octets of the MAC address    word 1: the other 4, outer VLAN, inner VLAN
//   word 2: type of the outer tag, tunnel, session        word 3: 0
//
// It is the row of abi/table_ops.hpp as it lies, in atomic words. Words 0 and 1 say whose circuit it is, and are
// written anew only when no worker can still see them; word 0 is 0 where there is none. Word 2, where its PPP frames
// go, is seen whole whenever it changes.
#pragma once

#include "abi/table_ops.hpp"
#include "tables/memory.hpp"
#include "tables/readers.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>

namespace holdfast::tables {

// Where a frame comes from, as in words 0 and 1.
struct CircuitSource {
  std::uint64_t words[2];

  friend bool operator==(const CircuitSource&, const CircuitSource&) = default;
};
// mac: 6 octets. By shifts: these are words that have just been made of parts of a frame.
inline CircuitSource circuit_source(CircuitId circuit, PortId port, const std::uint8_t* mac, std::uint16_t outer_vlan,
                                    std::uint16_t inner_vlan) {
  std::uint16_t first;
  std::uint32_t other;
  std::memcpy(&first, mac, sizeof(first));
  std::memcpy(&other, mac + sizeof(first), sizeof(other));
  return {{std::uint64_t{first} << 48 | std::uint64_t{port.raw} << 32 | circuit.raw,
           std::uint64_t{inner_vlan} << 48 | std::uint64_t{outer_vlan} << 32 | other}};
}

struct alignas(32) CircuitSlot {
  std::array<std::atomic<std::uint64_t>, 4> words;

  // 0: no circuit.
  CircuitId id() const { return CircuitId(static_cast<std::uint32_t>(words[0].load(std::memory_order_acquire))); }
  CircuitSource source() const { return {{word(0), word(1)}}; }
  PortId port() const { return PortId(static_cast<std::uint16_t>(word(0) >> 32)); }
  // The 6 octets of the MAC address as stored, in the low bits.
  std::uint64_t mac_word() const { return word(0) >> 48 | (word(1) & 0xffffffff) << 16; }
  void copy_mac(std::uint8_t* to) const {
    const std::uint64_t mac = mac_word();
    std::memcpy(to, &mac, 6);
  }
  std::uint16_t outer_vlan() const { return static_cast<std::uint16_t>(word(1) >> 32); }
  std::uint16_t inner_vlan() const { return static_cast<std::uint16_t>(word(1) >> 48); }
  std::uint16_t outer_type() const { return static_cast<std::uint16_t>(word(2)); }

  struct Session {
    TunnelId tunnel;
    SessionId id;
    friend bool operator==(const Session&, const Session&) = default;
  };
  Session session() const {
    const std::uint64_t all = word(2);
    return {TunnelId(static_cast<std::uint16_t>(all >> 16)), SessionId(static_cast<std::uint16_t>(all >> 32))};
  }

 private:
  std::uint64_t word(unsigned i) const { return words[i].load(std::memory_order_relaxed); }
};
static_assert(sizeof(CircuitSlot) == sizeof(abi::CircuitRow) && std::endian::native == std::endian::little);

class CircuitTable {
 public:
  // bank_bits: 0..8, as the session table's.
  CircuitTable(Readers& readers, unsigned bank_bits);

  // Workers. circuit.raw < rows().
  const CircuitSlot& at(CircuitId circuit) const { return slots_[circuit.raw]; }
  CircuitId id(std::uint8_t last_octet_of_mac, std::uint16_t session) const {
    return circuit_id(last_octet_of_mac, session, bank_bits_);
  }
  const CircuitSlot* slots() const { return slots_.data(); }
  std::size_t rows() const { return slots_.size(); }

  // The writer. row.circuit.raw < rows() and not 0. Another subscriber's circuit of that id is removed first.
  void put(const abi::CircuitRow& row);
  bool remove(CircuitId circuit);
  std::size_t size() const { return size_; }

 private:
  Readers& readers_;
  unsigned bank_bits_;
  SparseArray<CircuitSlot> slots_;
  SparseArray<Readers::Token> retired_;  // of the row's last circuit; 0: never had one
  std::size_t size_ = 0;
};

}  // namespace holdfast::tables
