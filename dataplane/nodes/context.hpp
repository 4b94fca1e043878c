// What the nodes of one worker work with: the tables, the ports, the worker's own counters, and where packets leave.
#pragma once

#include "abi/counters.hpp"
#include "abi/hang_ups.hpp"
#include "abi/wire.hpp"
#include "nodes/packet.hpp"
#include "nodes/reassembly.hpp"
#include "nodes/reorder.hpp"
#include "tables/tables.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace holdfast::nodes {

// What the nodes need to know of a port. Doesn't change while workers run.
struct PortFacts {
  wire_format::Mac mac{};
  std::uint16_t mtu = 1500;           // largest IP packet that it sends
  bool udp_checksum_offload = false;  // for both families
};

// Packets on their way out; the worker sends them after each burst.
struct Outbox {
  std::array<rte_mbuf*, 2 * kBurst> packets;
  std::uint32_t count = 0;

  void push(rte_mbuf* mbuf) { packets[count++] = mbuf; }
};

struct Context {
  const tables::Tables& tables;
  std::span<const PortFacts> ports;
  // This worker's blocks of the counters region (abi/counters.hpp).
  abi::DropCounters* drops = nullptr;
  abi::PortCounters* port_counters = nullptr;
  abi::SessionCounters* session_counters = nullptr;
  abi::SequenceCounters* sequence_counters = nullptr;
  abi::HangUps hang_ups{};

  std::vector<Outbox> tx;  // by port
  Outbox agent;            // with a HandoffNote each
  std::uint16_t ipv4_id = 0;

  bool common_path = true;  // false: every packet takes the nodes (common_path.hpp), which comes to the same

  // Time in ticks, at the burst; the worker sets it.
  std::uint64_t now = 0;
  std::uint64_t ticks_per_millisecond = 1;
  Reorder reorder{};
  Reassembly fragments{};
  std::uint64_t joined_fragments = 0;  // packets that have become part of another
  std::uint64_t hang_ups_told = 0;     // PADTs that have become a bit
};

inline void add(abi::Counter& counter, std::uint64_t n) {
  counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}
inline void add(abi::SequenceCounters::Count& count, std::uint32_t n) {
  count.store(count.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}
inline void count_drop(Context& context, abi::Drop reason) {
  add(context.drops->drops[static_cast<std::size_t>(reason)], 1);
}

// Whether the destination of the IP packet at the start of the data is one of the router's own addresses. While no
// route is installed nothing is known, and every address could be.
bool is_ours(const Context& context, const Packet& packet);

// Whether the session that a packet came from is there now, as it was then.
inline bool is_still_there(const Packet& packet) {
  const auto identity = packet.session->identity();
  return identity.tunnel == packet.tunnel && identity.session == packet.session_id;
}

// Where a PPP frame out of a session's tunnel goes: further on, or PPP ends here.
inline constexpr std::uint32_t kRelayed = abi::kSessionToCircuit | abi::kSessionToSession;
inline Next next_of_frame(const Packet& packet) {
  return (packet.session->flags() & kRelayed) != 0 ? Next::ppp_relay : Next::ppp_input;
}

// The nodes, in the order in which packets meet them. Each takes the packets that wait for it and sends each on.
void classify(Context&, Burst&, std::uint32_t packets);
Next classify_ip(const Context&, Packet&);  // by `family`, the IP packet at the start of the data
void ip_reassembly(Context&, Burst&);
void expire_fragments(Context&);  // drops what has waited long enough; to be called as time passes
void l2tp_decap(Context&, Burst&);
void l2tp_sequence(Context&, Burst&);
void release_overdue(Context&);  // what has waited long enough is ready
void pppoe_decap(Context&, Burst&);
void ppp_relay(Context&, Burst&);
void ppp_input(Context&, Burst&);
void ip_forward(Context&, Burst&);
void ppp_output(Context&, Burst&);
void l2tp_encap(Context&, Burst&);
void pppoe_encap(Context&, Burst&);
void eth_output(Context&, Burst&);
void tx(Context&, Burst&);
void punt(Context&, Burst&);
void kernel(Context&, Burst&);
void drop(Context&, Burst&);

}  // namespace holdfast::nodes
