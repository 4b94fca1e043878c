// The common path's forwarding: longest prefix, then out of a port to a neighbour, or into a session.
#include "nodes/common_path.hpp"
#include "nodes/mss.hpp"
#include "nodes/rewrite.hpp"

#include <array>
#include <atomic>

namespace holdfast::nodes {
namespace {

using namespace wire_format;
using tables::HopKind;
using tables::NextHop;

NextHop look_up_ipv6(const Context& c, const Lane& lane) {
  return c.tables.route6.lookup(reinterpret_cast<const Ipv6*>(lane.data)->destination.data());
}

bool to_neighbour(Context& c, const Rows& rows, Lane& lane, NextHop hop) {
  const auto neighbour = c.tables.neighbours.at(NeighbourId(hop.index()));
  if (!neighbour) return false;
  const PortFacts& port = rows.ports[neighbour.port().raw];
  const std::uint32_t length = lane.length;
  if (length > port.mtu) return false;
  if (lane.session != nullptr) {
    if (const std::uint16_t mss = lane.session->mss(); mss != 0) clamp_mss(lane.data, length, mss);
    auto& counters = rows.counters[lane.index.raw];
    add(counters.rx_packets, 1);
    add(counters.rx_octets, length);
  }
  rte_mbuf* mbuf = lane.mbuf;
  std::uint8_t* ip = lane.data;
  const std::uint8_t family = lane.family;
  take_hop(ip, family);
  write_ethernet(ip, neighbour, port, family);
  send(c, mbuf, ip - sizeof(Ethernet), length + static_cast<std::uint32_t>(sizeof(Ethernet)), neighbour.port());
  return true;
}

// From one subscriber to another is less common.
bool to_session(const Rows& rows, CommonBurst& burst, Lane& lane, NextHop hop) {
  if (lane.session != nullptr) return false;
  rows.find(lane, SessionIndex{hop.index()});
  burst.to_session.add(lane);
  return true;
}

}  // namespace

void common_forward(Context& c, CommonBurst& burst) {
  const Rows rows(c);
  const tables::Route4& route4 = c.tables.route4;
  const Waiting& lanes = burst.forward;
  std::array<const std::atomic<std::uint32_t>*, kBurst> entries;
  for (unsigned i = 0; i < lanes.count(); ++i) {
    if (lanes[i].family != 4) continue;
    entries[i] = route4.entry(lanes[i].address);
    __builtin_prefetch(entries[i]);
  }
  for (unsigned i = 0; i < lanes.count(); ++i) {
    Lane& lane = lanes[i];
    const NextHop hop = lane.family == 4 ? route4.answer(entries[i]) : look_up_ipv6(c, lane);
    bool taken = false;
    if (hop.kind() == HopKind::neighbour)
      taken = to_neighbour(c, rows, lane, hop);
    else if (hop.kind() == HopKind::session)
      taken = to_session(rows, burst, lane, hop);
    if (!taken) burst.leave(lane);
  }
}

}  // namespace holdfast::nodes
