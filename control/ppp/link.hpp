// The record of one PPP link: all that is needed to go on after a restart of the process at any point.
#pragma once

#include "ppp/protocol.hpp"
#include "wire/octets.hpp"
#include "wire/time.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace holdfast::ppp {

// RFC 1661 4.2, in the order and with the numbers of the transition table there.
enum class State : std::uint8_t {
  initial,
  starting,
  closed,
  stopped,
  closing,
  stopping,
  request_sent,
  ack_received,
  ack_sent,
  opened,
};

// RFC 1661 3.2
enum class Phase : std::uint8_t { dead, establish, authenticate, network, terminate };

enum class EndReason : std::uint8_t {
  none,
  peer_terminated,         // the peer sent Terminate-Request
  admin,                   // we were told to
  lcp_timeout,             // no agreement on LCP
  lcp_loop,                // our own magic number came back
  lcp_rejected,            // the peer rejects LCP itself, or a code LCP can't do without
  no_auth_protocol,        // the peer refuses every authentication protocol that we offer
  authentication_failed,   // the answer was no
  authentication_timeout,  // the peer did not authenticate itself, or no answer came
  user_name_too_long,      // longer than Link::user holds
  echo_timeout,            // our keepalive was not answered
  no_network_protocol,     // the peer rejects every network protocol, or none was granted
  network_timeout,         // no agreement on any network protocol
};

enum class AuthMethod : std::uint8_t { none, pap, chap, ms_chap_v2 };
// Both are the Challenge Handshake Authentication Protocol, with another algorithm.
constexpr bool is_chap(AuthMethod method) { return method == AuthMethod::chap || method == AuthMethod::ms_chap_v2; }

enum class AuthState : std::uint8_t {
  idle,            // LCP is not up
  waiting_peer,    // for a PAP Authenticate-Request or a CHAP Response
  waiting_answer,  // for answer()
  accepted,
};

// Printable, lower case, with spaces; "unknown" for a value that is none of the enum's.
std::string_view name(State state);
std::string_view name(Phase phase);
std::string_view name(EndReason reason);

// One option negotiation automaton (RFC 1661 4): LCP and each NCP has one.
struct Automaton {
  TimePoint deadline = kNever;  // of the Restart timer; kNever: not running
  State state = State::initial;
  std::uint8_t request_id{};     // Identifier of the last Configure-Request sent
  std::uint8_t answered{};       // 1: that request was acked, nakked or rejected; further replies to it are stale
  std::uint8_t restarts{};       // Restart counter: requests that may still be sent
  std::uint8_t naks_sent{};      // without an Ack in between (RFC 1661 4.6: Max-Failure)
  std::uint8_t naks_received{};  // in this negotiation
  std::uint8_t left_out{};       // bits: options of ours that the peer rejected; their meaning is each protocol's own
  std::uint8_t asked{};          // 1: what the peer left out was asked for in this negotiation
};
static_assert(sizeof(Automaton) == 16);

// Integers are in host byte order; an address, magic number or interface identifier of 0 is "none".
struct Link {
  Automaton lcp;
  Automaton ipcp;
  Automaton ipv6cp;
  TimePoint phase_deadline = kNever;           // when the phase has lasted too long
  TimePoint authentication_deadline = kNever;  // when to send the next CHAP Challenge
  TimePoint echo_deadline = kNever;            // when to send the next Echo-Request of ours

  std::uint64_t our_interface_id{};   // RFC 5072 4; ours is in use when ipv6cp is opened
  std::uint64_t peer_interface_id{};  // what we suggest to the peer, then what was agreed
  std::uint32_t our_magic{};
  std::uint32_t peer_magic{};
  std::uint32_t our_ipv4{};
  std::uint32_t peer_ipv4{};
  std::uint32_t dns1{};
  std::uint32_t dns2{};
  std::uint16_t our_mru = kDefaultMru;   // the longest packet we asked the peer to send
  std::uint16_t peer_mru = kDefaultMru;  // the longest packet the peer wants

  Phase phase = Phase::dead;
  EndReason end_reason = EndReason::none;
  std::uint8_t peer_pfc{};   // 1: the peer takes protocol fields of one octet (never in LCP packets)
  std::uint8_t peer_acfc{};  // 1: the peer takes frames without ff 03
  std::uint8_t loops{};      // times our own magic number came back in this negotiation

  AuthMethod auth_method = AuthMethod::none;  // asked for, and agreed once LCP is opened
  AuthState auth_state = AuthState::idle;
  std::uint8_t auth_id{};  // Identifier of the last CHAP Challenge, or of the PAP request to be answered
  std::uint8_t
      auth_request{};        // counts the times that credentials were handed out, so that a late answer is told apart
  std::uint8_t packet_id{};  // Identifier of the last packet sent that needs a fresh one and has no other counter
  std::uint8_t ncp_heard{};  // 1: the peer is in the network phase too
  std::uint8_t echo_unanswered{};
  std::uint8_t echo_refused{};  // 1: the peer code-rejected our Echo-Request
  std::array<std::uint8_t, 3> reserved{};

  // Of the last CHAP Challenge; zeros: none that we know. Accepted with MS-CHAPv2: the first octets of the proof that
  // was sent, whose last follow in proof_end, as a repeated response gets the same answer.
  std::array<std::uint8_t, 4> proof_end{};
  std::array<std::uint8_t, 16> challenge{};
  InlineOctets<63> user;  // the name the peer authenticates as; empty before it did
};
static_assert(std::is_trivially_copyable_v<Link>);
static_assert(std::has_unique_object_representations_v<Link>);
static_assert(sizeof(Link) == 216);

}  // namespace holdfast::ppp
