// A PPP frame whose link does not end here goes on as it is: as LAC, from the circuit into its tunnel and back (RFC
// 2661 2.0); switched, from one tunnel into another. Only address and control field come and go, as the next hop wants
// them.
//
// edges: l2tp_encap, pppoe_encap, drop
#include "nodes/context.hpp"
#include "nodes/mss.hpp"

namespace holdfast::nodes {
namespace {

using namespace wire_format;
using abi::Drop;

constexpr std::uint32_t kMostHeadroom = 14 + 48 + 12 + 2;  // Ethernet, IPv6 and UDP, L2TP with all fields, ff 03

void strip_address_control(rte_mbuf* mbuf) {
  if (mbuf->data_len >= 2 && header<Be16>(mbuf) == Be16(kPppAddressControl)) strip(mbuf, 2);
}

void clamp(const Packet& p, std::uint16_t mss) {
  if (mss != 0) clamp_mss_of_frame(octets(p.mbuf), p.mbuf->data_len, mss);
}

Next into_tunnel(Packet& p) {
  if (rte_pktmbuf_headroom(p.mbuf) < kMostHeadroom) return refuse(p, Drop::no_headroom);
  if ((p.session->flags() & abi::kSessionOmitFf03) == 0) {
    extend(p.mbuf, 2);
    header<Be16>(p.mbuf) = Be16(kPppAddressControl);
  }
  return Next::l2tp_encap;
}

void count_received(Context& c, const Packet& p) {
  auto& counters = c.session_counters[p.index.raw];
  add(counters.rx_packets, 1);
  add(counters.rx_octets, p.mbuf->data_len);
}
void count_sent(Context& c, const Packet& p) {
  auto& counters = c.session_counters[p.index.raw];
  add(counters.tx_packets, 1);
  add(counters.tx_octets, p.mbuf->data_len);
}

// The two rows name each other, or a change is under way.
Next into_other_session(Context& c, Packet& p) {
  const SessionIndex other{p.session->onward()};
  const auto& session = c.tables.sessions.at(other);
  const bool paired =
      session.identity().tunnel && (session.flags() & abi::kSessionToSession) != 0 && session.onward() == p.index.raw;
  if (!paired) return refuse(p, Drop::l2tp_no_session);
  clamp(p, session.mss());
  count_received(c, p);
  p.index = other;
  p.session = &session;
  count_sent(c, p);
  return into_tunnel(p);
}

Next relay_one(Context& c, Packet& p) {
  strip_address_control(p.mbuf);
  if (p.mbuf->data_len == 0) return refuse(p, Drop::ppp_too_short);
  clamp(p, p.session->mss());
  if (p.circuit) {
    count_received(c, p);
    return into_tunnel(p);
  }
  if ((p.session->flags() & abi::kSessionToSession) != 0) return into_other_session(c, p);
  count_sent(c, p);
  return Next::pppoe_encap;
}

}  // namespace

void ppp_relay(Context& c, Burst& burst) {
  each(burst.take(Next::ppp_relay), [&](unsigned i) { burst.send(i, relay_one(c, burst.packets[i])); });
}

}  // namespace holdfast::nodes
