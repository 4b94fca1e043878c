#include "nodes/graph.hpp"

#include "nodes/common_path.hpp"
#include "nodes/handoff.hpp"

namespace holdfast::nodes {
namespace {

void run(Context& context, Burst& burst) {
  for (const NodeSpec& node : kGraph)
    if (burst.waiting[static_cast<std::size_t>(node.id)] != 0) node.process(context, burst);
}

std::uint8_t ip_version(rte_mbuf* mbuf) {
  return mbuf->data_len == 0 ? 0 : static_cast<std::uint8_t>(octets(mbuf)[0] >> 4);
}

Next take_ip(Packet& p, Origin origin) {
  p.origin = origin;
  p.family = ip_version(p.mbuf);
  const std::uint32_t least = p.family == 4 ? sizeof(wire_format::Ipv4) : sizeof(wire_format::Ipv6);
  if ((p.family != 4 && p.family != 6) || p.mbuf->data_len < least)
    return refuse(p, origin == Origin::kernel ? abi::Drop::ipv4_bad_header : abi::Drop::inject_bad_header);
  return Next::ip_forward;
}

Next take_handoff(const Context& c, Packet& p) {
  const HandoffNote& from = note(p.mbuf);
  p.port = from.port;
  switch (from.kind) {
    case Handoff::from_tap:
    case Handoff::inject_frame: return Next::tx;
    case Handoff::from_tun: return take_ip(p, Origin::kernel);
    case Handoff::inject_ip: return take_ip(p, Origin::control);
    case Handoff::inject_ppp: {
      p.origin = Origin::control;
      p.protocol = from.protocol;
      p.index = c.tables.sessions.index(from.tunnel, from.session);
      p.session = &c.tables.sessions.at(p.index);
      const auto identity = p.session->identity();
      const bool there = identity.tunnel == from.tunnel && identity.session == from.session;
      return there ? Next::ppp_output : refuse(p, abi::Drop::inject_no_session);
    }
    case Handoff::punt_l2tp:
    case Handoff::punt_ppp:
    case Handoff::punt_pppoe:
    case Handoff::to_tap:
    case Handoff::to_tun: break;
  }
  return refuse(p, abi::Drop::inject_bad_header);
}

void run_nodes(Context& context, PortId port, std::span<rte_mbuf* const> frames, std::uint32_t left) {
  Burst burst;
  each(left, [&](unsigned i) {
    burst.packets[i].mbuf = frames[i];
    burst.packets[i].port = port;
  });
  classify(context, burst, left);
  run(context, burst);
}

}  // namespace

void run_frames(Context& context, PortId port, std::span<rte_mbuf* const> frames) {
  const auto all = static_cast<std::uint32_t>((std::uint64_t{1} << frames.size()) - 1);
  const std::uint32_t left = context.common_path ? run_common_path(context, port, frames) : all;
  if (left != 0) run_nodes(context, port, frames, left);
}

void run_ready(Context& context) {
  release_overdue(context);
  Burst burst;
  for (unsigned i = 0; i < kBurst && context.reorder.any_ready(); ++i) {
    Packet& p = burst.packets[i];
    p = context.reorder.take_ready();
    burst.send(i, is_still_there(p) ? next_of_frame(p) : refuse(p, abi::Drop::l2tp_no_session));
  }
  run(context, burst);
}

void run_handoffs(Context& context, std::span<rte_mbuf* const> packets) {
  Burst burst;
  for (unsigned i = 0; i < packets.size(); ++i) {
    burst.packets[i].mbuf = packets[i];
    burst.send(i, take_handoff(context, burst.packets[i]));
  }
  run(context, burst);
}

}  // namespace holdfast::nodes
