// The matrix of failures: every recovery method, everything that a peer may announce, and failures of the LAC, the LNS,
// both, and of one twice, over a wire that loses one message in twenty. What comes of each is known beforehand.
#pragma once

#include "checkpoint/tunnel_spec.hpp"
#include "datagram.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace holdfast::sim {

// The Failover Capability AVP that an end's peer gets to see, whatever the end sent (RFC 4951 5.1).
enum class Announced : std::uint8_t { nothing, numbered_data, control, control_without_time, as_sent };
std::string_view name(Announced announced);

struct Failover {
  std::array<ResyncMethod, 2> method{};
  std::array<Announced, 2> announced{Announced::as_sent, Announced::as_sent};  // by the end that announces
  std::array<bool, 2> fails{};
  bool twice{};
};

// What becomes of the tunnel when this end fails (the table of methods).
enum class Fate : std::uint8_t { disconnected, recovered, kept_silently };
Fate fate(const Failover& failover, std::size_t failed);

std::string describe(const Failover& failover);

// Gives the SCCRQ or SCCRP of an ordinary tunnel the AVP that its receiver is to see. The AVP must not be hidden.
void announce(Datagram& datagram, Announced announced);

}  // namespace holdfast::sim
