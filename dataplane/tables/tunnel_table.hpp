// The tunnels, indexed by our tunnel id: whom to take data messages from, and the outer headers of those we send,
// ready made (RFC 2661 8.1: L2TP over UDP over IP).
#pragma once

#include "abi/table_ops.hpp"
#include "abi/wire.hpp"
#include "tables/memory.hpp"
#include "tables/next_hop.hpp"
#include "tables/readers.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace holdfast::tables {

struct alignas(64) TunnelSlot {
  std::atomic<std::uint32_t> family;  // 4 or 6; 0: no tunnel. Stored last
  std::atomic<std::uint32_t> out;     // NextHop towards the peer; the table agent looks it up ahead
  IpAddress local;
  IpAddress peer;
  Be16 peer_port;  // the two as in what the peer sends
  Be16 local_port;
  PeerTunnelId peer_tunnel;
  std::uint16_t flags;  // abi::TunnelFlag
  // IP and UDP, lengths, id and checksums zero; ends at the end of the array, so IPv4 begins 20 octets in.
  std::array<std::uint8_t, 48> headers;
  // The sum of the words of the IPv4 header, not folded (RFC 1071); lengths and id are to be added.
  std::uint32_t ipv4_sum;
  std::uint32_t reserved;

  std::uint32_t header_size() const { return family.load(std::memory_order_relaxed) == 6 ? 48 : 28; }
};
static_assert(sizeof(TunnelSlot) == 128);

class TunnelTable {
 public:
  explicit TunnelTable(Readers& readers);

  // Workers: the slot of any id; valid where family is not 0.
  const TunnelSlot& at(TunnelId tunnel) const { return slots_[tunnel.raw]; }
  const TunnelSlot* slots() const { return slots_.data(); }

  // The writer. The row's addresses are of one family. Replacing interrupts the tunnel for some microseconds, so the
  // caller leaves alone what is as it was.
  void put(const abi::TunnelRow& row);
  void set_out(TunnelId tunnel, NextHop hop) { slots_[tunnel.raw].out.store(hop.raw, std::memory_order_relaxed); }
  // Unlink, wait for the readers.
  void remove(TunnelId tunnel);

 private:
  Readers& readers_;
  SparseArray<TunnelSlot> slots_;
};

}  // namespace holdfast::tables
