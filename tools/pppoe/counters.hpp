// What the generator counts, over all subscribers.
#pragma once

#include <cstdint>

namespace holdfast::pppoe {

struct Counters {
  // Sessions; each that was begun is in exactly one of up, failed, lost, ended, or still being set up or hung up.
  std::uint32_t begun = 0;
  std::uint32_t setting_up = 0;
  std::uint32_t up = 0;              // subscribers that have an address now
  std::uint32_t came_up = 0;         // ever
  std::uint32_t failed = 0;          // never came up
  std::uint32_t lost = 0;            // were up, and ended without our doing
  std::uint32_t ended = 0;           // were up, and were hung up by us
  std::uint32_t closing = 0;         // PPP is being terminated by us
  std::uint32_t renegotiations = 0;  // Configure-Requests of LCP on a link on which it was open
  // Frames
  std::uint64_t padis_sent = 0;  // with repetitions, as all below
  std::uint64_t padrs_sent = 0;
  std::uint64_t padts_sent = 0;
  std::uint64_t pados_received = 0;
  std::uint64_t padss_received = 0;
  std::uint64_t padts_received = 0;
  std::uint64_t retransmissions = 0;  // of PADI and PADR
  std::uint64_t second_sessions = 0;  // a PADS with another session than an earlier one gave
  std::uint64_t session_frames_sent = 0;
  std::uint64_t session_frames_received = 0;
  std::uint64_t echoes_answered = 0;  // LCP Echo-Requests of the access concentrator
  std::uint64_t malformed = 0;        // frames for a subscriber of ours that are not whole
  std::uint64_t wrong_vlan = 0;       // frames for a subscriber of ours with others' VLAN tags
  std::uint64_t strays = 0;           // frames for a session that does not exist
};

}  // namespace holdfast::pppoe
