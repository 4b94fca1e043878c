// The common path's forwarding: longest prefix, then out of a port to a neighbour, or into a session.
#include "nodes/common_path.hpp"
#include "nodes/mss.hpp"
#include "nodes/rewrite.hpp"

namespace holdfast::nodes {
namespace {

using namespace wire_format;
using tables::HopKind;
using tables::NextHop;

constexpr unsigned kAhead = 8;  // packets between a hint and its use

NextHop look_up(const Context& c, const Lane& lane) {
  return lane.family == 4 ? c.tables.route4.lookup(lane.address)
                          : c.tables.route6.lookup(reinterpret_cast<const Ipv6*>(lane.data)->destination.data());
}

bool to_neighbour(Context& c, Lane& lane, NextHop hop) {
  const auto neighbour = c.tables.neighbours.at(NeighbourId(hop.index()));
  if (!neighbour) return false;
  const PortFacts& port = c.ports[neighbour.port().raw];
  if (lane.length > port.mtu) return false;
  if (lane.session != nullptr) {
    if (const std::uint16_t mss = lane.session->mss(); mss != 0) clamp_mss(lane.data, lane.length, mss);
    auto& counters = c.session_counters[lane.index.raw];
    add(counters.rx_packets, 1);
    add(counters.rx_octets, lane.length);
  }
  take_hop(lane.data, lane.family);
  write_ethernet(lane.data, neighbour, port, lane.family);
  send(c, lane, lane.data - sizeof(Ethernet), neighbour.port());
  return true;
}

// From one subscriber to another is less common.
bool to_session(Context& c, CommonBurst& burst, Lane& lane, NextHop hop) {
  if (lane.session != nullptr) return false;
  lane.index = SessionIndex{hop.index()};
  lane.session = &c.tables.sessions.at(lane.index);
  __builtin_prefetch(lane.session);
  __builtin_prefetch(&c.session_counters[lane.index.raw], 1);
  burst.to_session.add() = lane;
  return true;
}

}  // namespace

void common_forward(Context& c, CommonBurst& burst) {
  Lanes& lanes = burst.forward;
  const auto hint = [&](unsigned i) {
    if (i < lanes.count() && lanes[i].family == 4) c.tables.route4.prefetch_group(lanes[i].address);
  };
  for (unsigned i = 0; i < kAhead; ++i) hint(i);
  for (unsigned i = 0; i < lanes.count(); ++i) {
    hint(i + kAhead);
    Lane& lane = lanes[i];
    const NextHop hop = look_up(c, lane);
    bool taken = false;
    if (hop.kind() == HopKind::neighbour)
      taken = to_neighbour(c, lane, hop);
    else if (hop.kind() == HopKind::session)
      taken = to_session(c, burst, lane, hop);
    if (!taken) burst.leave(lane);
  }
}

}  // namespace holdfast::nodes
