// What the engine refused or could not do, by reason. Every refusal has a counter with a name. They live as long as the
// process: the checkpoint holds state, not statistics.
#pragma once

#include "l2tp/message.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace holdfast::engine {

enum class Count : std::uint8_t {
  messages_received,
  messages_sent,
  messages_retransmitted,
  zlb_received,
  zlb_sent,
  duplicates,
  out_of_order,
  bad_acknowledgement,  // Nr beyond what was sent
  unknown_tunnel,
  wrong_peer,        // a control message from another address or port than the tunnel's peer (RFC 2661 8.1)
  address_taken,     // an SCCRQ was answered from another address or port, to which the tunnel now belongs
  address_ignored,   // messages from another address or port that were taken (`peer-address-change ignore`)
  address_rejected,  // answers to an SCCRQ from another address or port that were dropped (`... reject`)
  not_sccrq,         // tunnel id 0 and another message than SCCRQ
  unknown_session,
  faulty,           // can't be accepted as it is: an AVP or a type is wrong; a CDN or StopCCN says so (RFC 2661 7.1)
  not_established,  // about a call in a tunnel that is not up, or anything in one that is ending
  back_pressure,    // dropped, to be sent again by the peer: no room to queue an answer
  tunnels_full,
  setup_limit,   // too many tunnels that are not established
  source_limit,  // too many SCCRQs a second from one source
  total_limit,   // too many SCCRQs a second in all
  no_session_id,
  no_memory,   // no shared memory is left for another session
  no_address,  // the pools are used up
  ppp_unknown_session,
  ppp_dropped,
  tunnels_established,
  tunnels_refused,
  tunnel_authentication_failures,
  tunnel_timeouts,
  sessions_established,
  sessions_refused,
  line_errors,  // WENs: what they say is in the log
  link_infos,   // SLIs
  wrong_role,   // WEN to a LAC, SLI to an LNS
  logins_refused,
  calls_placed,
  calls_failed,
  ties_won,                    // an SCCRQ that came while ours to the same peer goes before it (RFC 2661 4.4.3)
  ties_lost,                   // a tunnel of ours that was given up for the peer's
  proxy_authentication_taken,  // the LAC's LCP and the credentials that it was shown (RFC 2661 4.4.5)
  proxy_lcp_taken,             // its LCP alone: the subscriber is to authenticate again
  proxy_missing,               // LCP is negotiated anew, because: not all Configure-Requests were told,
  proxy_malformed,             // they were not well-formed,
  proxy_peer_option,           // the subscriber had asked for what we do not do,
  proxy_our_option,            // the LAC had asked for what we would not,
  proxy_mru,                   // it had promised to take more than we do,
  proxy_authentication,        // it had asked for another authentication than is configured,
  proxy_disabled,              // the host profile says `disable proxy lcp`
  calls_full,                  // as many calls are being placed as there may be
  pppoe_malformed,             // a discovery frame that is none, or is none for us
  pppoe_not_served,            // on an interface or VLAN where PPPoE is not configured
  pppoe_other_service,         // a Service-Name that we do not offer
  pppoe_bad_cookie,            // a PADR without a cookie of ours, or with an old one
  pppoe_overload,              // PADIs and PADRs dropped: as many lines are being set up as there may be
  pppoe_limit,                 // sessions of an interface, or ids, are used up
  pppoe_repeated,              // PADRs that were answered before
  pppoe_unknown_session,       // PADT for a session that is not there
  pppoe_wrong_source,          // PADT for somebody else's session
  circuits_begun,              // PPPoE sessions
  circuits_ended,
  no_tunnel_left,            // calls of subscribers for which every tunnel of the domain was tried
  failovers_begun,           // of ours: recovery tunnels opened (RFC 4951 3.2)
  failovers_recovered,       // of ours and the peer's
  failovers_failed,          // tunnels cleared because they could not be recovered
  failovers_fallen_back,     // refused by the peer, and gone on silently
  peer_failovers,            // recovery tunnels of peers that were answered
  peer_failovers_abandoned,  // and did not come up in time
  peers_awaited,             // peers that do not acknowledge and have time to recover
  recovery_unknown,          // recovery tunnels refused: no such tunnel, or not with this peer's id
  recovery_wrong_peer,       // ... the tunnel is another peer's
  recovery_not_announced,    // ... one of the ends had not announced that it can recover
  recovery_too_often,        // ... dropped: the tunnel stood still for such ones long enough
  recovery_discarded,        // messages of a tunnel that is being recovered (RFC 4951 3.2)
  fsq_received,
  fsr_received,
  fsr_unasked,          // states told that nobody asked for
  sessions_stale,       // that the peer has with another session than we do
  sessions_reconciled,  // cleared because the peer does not have them, or were not established when it failed
  probes_sent,          // HELLOs with an old Ns, after a restart from an old copy
  tunnels_confirmed,    // whose peers answered such HELLOs
  sessions_confirmed,   // whose subscribers answered Echo-Requests after such a restart
  sessions_switched,    // calls that go on in another tunnel
  switching_loops,      // calls that have come through this node already, or through too many
  poison,               // a packet that killed the process twice, skipped
  count_,
};
inline constexpr std::size_t kCounts = static_cast<std::size_t>(Count::count_);

inline constexpr std::array<std::string_view, kCounts> kCountNames{
    "messages_received",
    "messages_sent",
    "messages_retransmitted",
    "zlb_received",
    "zlb_sent",
    "duplicates",
    "out_of_order",
    "bad_acknowledgement",
    "unknown_tunnel",
    "wrong_peer",
    "address_taken",
    "address_ignored",
    "address_rejected",
    "not_sccrq",
    "unknown_session",
    "faulty",
    "not_established",
    "back_pressure",
    "tunnels_full",
    "setup_limit",
    "source_limit",
    "total_limit",
    "no_session_id",
    "no_memory",
    "no_address",
    "ppp_unknown_session",
    "ppp_dropped",
    "tunnels_established",
    "tunnels_refused",
    "tunnel_authentication_failures",
    "tunnel_timeouts",
    "sessions_established",
    "sessions_refused",
    "line_errors",
    "link_infos",
    "wrong_role",
    "logins_refused",
    "calls_placed",
    "calls_failed",
    "ties_won",
    "ties_lost",
    "proxy_authentication_taken",
    "proxy_lcp_taken",
    "proxy_missing",
    "proxy_malformed",
    "proxy_peer_option",
    "proxy_our_option",
    "proxy_mru",
    "proxy_authentication",
    "proxy_disabled",
    "calls_full",
    "pppoe_malformed",
    "pppoe_not_served",
    "pppoe_other_service",
    "pppoe_bad_cookie",
    "pppoe_overload",
    "pppoe_limit",
    "pppoe_repeated",
    "pppoe_unknown_session",
    "pppoe_wrong_source",
    "circuits_begun",
    "circuits_ended",
    "no_tunnel_left",
    "failovers_begun",
    "failovers_recovered",
    "failovers_failed",
    "failovers_fallen_back",
    "peer_failovers",
    "peer_failovers_abandoned",
    "peers_awaited",
    "recovery_unknown",
    "recovery_wrong_peer",
    "recovery_not_announced",
    "recovery_too_often",
    "recovery_discarded",
    "fsq_received",
    "fsr_received",
    "fsr_unasked",
    "sessions_stale",
    "sessions_reconciled",
    "probes_sent",
    "tunnels_confirmed",
    "sessions_confirmed",
    "sessions_switched",
    "switching_loops",
    "poison",
};
static_assert(!kCountNames.back().empty());

struct Counters {
  std::array<std::uint64_t, kCounts> counts{};
  std::array<std::uint64_t, 64> malformed{};  // by l2tp::ParseError

  void add(Count what, std::uint64_t n = 1) { counts[static_cast<std::size_t>(what)] += n; }
  void add(l2tp::ParseError error) { ++malformed[static_cast<std::size_t>(error) % malformed.size()]; }
  std::uint64_t operator[](Count what) const { return counts[static_cast<std::size_t>(what)]; }
};

}  // namespace holdfast::engine
