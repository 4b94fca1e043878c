// What the generator counts, over all tunnels and sessions.
#pragma once

#include <cstdint>

namespace holdfast::lac {

struct Counters {
  // Tunnels
  std::uint32_t tunnels_up = 0;
  std::uint32_t tunnels_failed = 0;  // never came up
  std::uint32_t tunnels_lost = 0;    // were up, and ended without our doing
  // Calls; each that was begun is in exactly one of up, failed, lost, ended, or still being set up or hung up.
  std::uint32_t calls_begun = 0;
  std::uint32_t calls_open = 0;      // being set up
  std::uint32_t calls_up = 0;        // subscribers that have an address now
  std::uint32_t calls_came_up = 0;   // ever
  std::uint32_t calls_failed = 0;    // never came up
  std::uint32_t calls_lost = 0;      // were up, and ended without our doing
  std::uint32_t calls_ended = 0;     // were up, and were hung up by us
  std::uint32_t calls_closing = 0;   // PPP is being terminated by us
  std::uint32_t renegotiations = 0;  // LCP or an NCP began anew on a link that was up: the peer forgot it
  // Control messages
  std::uint64_t messages_sent = 0;      // without repetitions and acknowledgements
  std::uint64_t messages_received = 0;  // in order
  std::uint64_t retransmissions = 0;    // ours
  std::uint64_t duplicates = 0;         // of the LNS: a message with an Ns and a content received before
  std::uint64_t reused_ns = 0;          // an Ns received before with another content: a fault of the LNS
  std::uint64_t answered_twice = 0;     // an SCCRP or ICRP under a new Ns when one was received before: likewise
  std::uint64_t ahead = 0;              // an Ns beyond the one expected: one before it was lost or left out
  std::uint64_t acks_of_unsent = 0;     // an Nr beyond what we sent
  std::uint64_t window_exceeded = 0;    // more messages than our receive window holds, whatever was acknowledged
  std::uint64_t malformed = 0;          // control messages that could not be parsed
  // Recovery by RFC 4951, of which the LNS is the failed end
  std::uint32_t recoveries_begun = 0;  // SCCRQs with Tunnel Recovery that were accepted
  std::uint32_t recoveries_refused = 0;
  std::uint32_t tunnels_recovered = 0;
  std::uint64_t sessions_confirmed = 0;  // by FSR
  std::uint64_t sessions_denied = 0;
  std::uint64_t discarded = 0;  // control messages in a tunnel between the SCCRQ and the SCCCN of its recovery
  // Data messages
  std::uint64_t data_sent = 0;
  std::uint64_t data_received = 0;
  std::uint64_t strays = 0;           // of any kind, for a tunnel or session that does not exist
  std::uint64_t echoes_answered = 0;  // LCP Echo-Requests of the LNS
};

}  // namespace holdfast::lac
