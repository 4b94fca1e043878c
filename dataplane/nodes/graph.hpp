// The graph: the nodes in the order in which packets meet them, as one table. A burst goes through once, from the top
// to the bottom; a node that has nothing waiting costs a compare.
#pragma once

#include "nodes/context.hpp"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

namespace holdfast::nodes {

// The nodes that a node may send a packet to.
struct Edges {
  constexpr Edges(std::initializer_list<Next> some) {
    for (const Next next : some) to[count++] = next;
  }
  constexpr const Next* begin() const { return to.data(); }
  constexpr const Next* end() const { return to.data() + count; }

  std::array<Next, 5> to{};
  std::size_t count = 0;
};

struct NodeSpec {
  Next id;
  std::string_view name;
  void (*process)(Context&, Burst&);
  Edges edges;
};

inline constexpr std::array<NodeSpec, kNodes> kGraph{{
    {Next::ip_reassembly,
     "ip_reassembly",
     ip_reassembly,
     {Next::l2tp_decap, Next::ip_forward, Next::punt, Next::kernel, Next::drop}},
    {Next::l2tp_decap,
     "l2tp_decap",
     l2tp_decap,
     {Next::l2tp_sequence, Next::ppp_relay, Next::ppp_input, Next::ip_forward, Next::drop}},
    {Next::l2tp_sequence, "l2tp_sequence", l2tp_sequence, {Next::ppp_relay, Next::ppp_input, Next::drop}},
    {Next::pppoe_decap, "pppoe_decap", pppoe_decap, {Next::ppp_relay, Next::ppp_input, Next::drop}},
    {Next::ppp_relay, "ppp_relay", ppp_relay, {Next::l2tp_encap, Next::pppoe_encap, Next::drop}},
    {Next::ppp_input, "ppp_input", ppp_input, {Next::ip_forward, Next::ppp_output, Next::punt, Next::drop}},
    {Next::ip_forward, "ip_forward", ip_forward, {Next::ppp_output, Next::eth_output, Next::kernel, Next::drop}},
    {Next::ppp_output, "ppp_output", ppp_output, {Next::l2tp_encap, Next::pppoe_encap, Next::kernel, Next::drop}},
    {Next::l2tp_encap, "l2tp_encap", l2tp_encap, {Next::eth_output, Next::kernel, Next::drop}},
    {Next::pppoe_encap, "pppoe_encap", pppoe_encap, {Next::tx, Next::drop}},
    {Next::eth_output, "eth_output", eth_output, {Next::tx}},
    {Next::tx, "tx", tx, {}},
    {Next::punt, "punt", punt, {}},
    {Next::kernel, "kernel", kernel, {}},
    {Next::drop, "drop", drop, {}},
}};

// Every edge leads further down, so that one pass is enough.
constexpr bool one_pass_is_enough() {
  for (std::size_t i = 0; i < kGraph.size(); ++i) {
    if (static_cast<std::size_t>(kGraph[i].id) != i) return false;
    for (const Next next : kGraph[i].edges)
      if (next <= kGraph[i].id) return false;
  }
  return true;
}
static_assert(one_pass_is_enough());

// Frames from a port. At most kBurst; each ends in one of the outboxes of context or is freed and counted.
void run_frames(Context& context, PortId port, std::span<rte_mbuf* const> frames);
// Packets that have waited for others and wait no longer, at most kBurst of them. To be called as long as
// context.reorder.has_work(): after frames, and as time passes.
void run_ready(Context& context);
// Packets from the agent, each with its HandoffNote. At most kBurst; likewise.
void run_handoffs(Context& context, std::span<rte_mbuf* const> packets);
// Drops the PPPoE discovery frames among what is to go to the agent: for a worker whose agent does not keep up.
void drop_discovery(Context& context);

}  // namespace holdfast::nodes
