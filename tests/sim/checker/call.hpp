// One call as the wire shows it (RFC 2661 7.4, 7.5): three messages set it up, a CDN of either end clears it.
#pragma once

#include "checker/delivery.hpp"
#include "l2tp/message_table.hpp"

#include <array>
#include <cstdint>

namespace holdfast::sim {

// The ends of a control connection: who opened it, and who accepted.
enum Side : unsigned { kOriginator = 0, kAcceptor = 1 };
constexpr Side other(Side side) { return side == kOriginator ? kAcceptor : kOriginator; }

struct Call {
  bool incoming{};                                   // ICRQ, ICRP, ICCN; else OCRQ, OCRP, OCCN
  Side requester{};                                  // the LAC of an incoming call, the LNS of an outgoing one
  std::array<std::uint16_t, 2> id{};                 // assigned by each side; 0: not yet
  Sequence request = kNone;                          // of the requester
  Sequence reply = kNone;                            // of the replier
  Sequence connect = kNone;                          // of connecter()
  std::array<Sequence, 2> disconnect{kNone, kNone};  // CDN of each side

  std::array<bool, 2> cleared{};  // by each side without a word (RFC 4951 3.3)

  Side replier() const { return other(requester); }
  // The LAC says that the call is through, whoever asked for it.
  Side connecter() const { return incoming ? requester : replier(); }
  Side lac() const { return connecter(); }
};

}  // namespace holdfast::sim
