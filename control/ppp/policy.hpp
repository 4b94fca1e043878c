// What configuration says about PPP links. It is handed to every call and is not part of a link's record: a change
// applies to a running negotiation at its next step, but never to what was already agreed.
#pragma once

#include "ppp/protocol.hpp"
#include "wire/time.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace holdfast::ppp {

struct Policy {
  std::uint16_t mru =
      1460;  // what we ask the peer to send at most; 1500 is the default of PPP and is then not asked for
  bool offer_ms_chap_v2 = false;               // MS-CHAPv2 first,
  bool offer_chap = true;                      // CHAP with MD5 when the peer naks that,
  bool offer_pap = true;                       // PAP when the peer naks CHAP; all false: no authentication
  std::string_view name{};                     // ours, in CHAP challenges; up to 255 octets are used
  Duration restart = std::chrono::seconds(3);  // RFC 1661 4.6: Restart timer
  std::uint8_t max_configure = 10;             // RFC 1661 4.6; at least 1
  std::uint8_t max_terminate = 2;              // RFC 1661 4.6; at least 1
  std::uint8_t max_failure = 5;  // RFC 1661 4.6: Configure-Naks, in either direction, before we stop bargaining
  // A link that stays in the establish phase, or in the network phase without a network protocol, for so long is
  // closed: the restart counter alone does not end a negotiation in which the peer answers but never agrees.
  Duration negotiation_timeout = std::chrono::seconds(60);
  Duration authentication_timeout = std::chrono::seconds(30);  // from LCP up to the answer, the peer's part and ours
  bool ipv4 = true;
  bool ipv6 = true;
  Duration echo_interval = Duration::zero();  // our own LCP keepalive; zero: off
  std::uint8_t echo_failures = 3;             // unanswered Echo-Requests after which the link is closed
};

}  // namespace holdfast::ppp
