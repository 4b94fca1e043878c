// What a worker and the table agent tell each other about a packet that goes from one to the other over a ring: in the
// private area of its mbuf.
#pragma once

#include "abi/ids.hpp"

#include <rte_mbuf.h>

#include <cstdint>

namespace holdfast::nodes {

enum class Handoff : std::uint8_t {
  // Worker to agent. The data begins with...
  punt_l2tp,   // the outer IP header
  punt_ppp,    // what follows the PPP protocol field
  punt_pppoe,  // the Ethernet header, as received on `port`
  to_tap,      // the Ethernet header, as received on `port`
  to_tun,      // the IP header
  // Agent to worker.
  from_tap,      // the Ethernet header; goes out of `port` as it is
  from_tun,      // the IP header; for a subscriber
  inject_ip,     // the IP header; from the control process
  inject_ppp,    // what follows the PPP protocol field; for `session`
  inject_frame,  // the Ethernet header; from the control process, goes out of `port` as it is
};

struct HandoffNote {
  Handoff kind{};
  std::uint8_t reserved{};
  PortId port{};
  TunnelId tunnel{};
  SessionId session{};
  std::uint16_t protocol{};  // PPP
  std::uint16_t reserved2[3]{};
};
static_assert(sizeof(HandoffNote) == 16);

inline HandoffNote& note(rte_mbuf* mbuf) { return *static_cast<HandoffNote*>(rte_mbuf_to_priv(mbuf)); }

}  // namespace holdfast::nodes
