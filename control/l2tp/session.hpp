// A session: one call (RFC 2661 5.2, and the state tables of 7.4 and 7.5): incoming or outgoing, seen as the LAC or as
// the LNS. Functions over a record; what is to be sent goes to an outbox, what happened is the return value.
//
//           placed by us                                     placed by the peer
//   LAC     incoming: ICRQ >  wait-reply   < ICRP, ICCN >    outgoing: < OCRQ, OCRP >  wait-cs-answer  OCCN >
//   LNS     outgoing: OCRQ >  wait-reply   < OCRP            incoming: < ICRQ, ICRP >  wait-connect  < ICCN
//                     wait-connect < OCCN
#pragma once

#include "l2tp/call.hpp"
#include "l2tp/call_cause.hpp"
#include "l2tp/message.hpp"
#include "l2tp/outbox.hpp"
#include "l2tp/result_code.hpp"
#include "l2tp/tunnel.hpp"
#include "wire/env.hpp"

namespace holdfast::l2tp {

enum class SessionState : std::uint8_t {
  idle,
  wait_tunnel,     // placed by us: the tunnel is not up yet, or has no room for the request
  wait_reply,      // ICRQ or OCRQ sent, ICRP or OCRP awaited
  wait_connect,    // LNS: ICCN or OCCN awaited
  wait_cs_answer,  // LAC: OCRP sent; the circuit is being connected
  established,
};
constexpr std::string_view name(SessionState state) {
  switch (state) {
    case SessionState::idle: return "idle";
    case SessionState::wait_tunnel: return "wait-tunnel";
    case SessionState::wait_reply: return "wait-reply";
    case SessionState::wait_connect: return "wait-connect";
    case SessionState::wait_cs_answer: return "wait-cs-answer";
    case SessionState::established: return "established";
  }
  return "unknown";
}

// What a session's record holds. Lies in the checkpoint.
struct Session {
  TunnelId tunnel;
  SessionId id;
  PeerSessionId peer;  // 0: not told yet
  SessionState state{};
  std::uint8_t sequencing{};  // 1: the LAC demands sequence numbers in data messages (AVP 39)
  Role role = Role::lns;
  CallKind kind = CallKind::incoming;
  std::uint8_t queried : 2 = 0;  // 1: its state was asked for, and the answer is to come; 2: the peer has it no more
  std::uint8_t stale : 1 = 0;    // 1: the peer has it with another session than we do, which is to be asked for
  std::uint8_t reserved : 5 = 0;
  std::uint8_t unconfirmed{};  // 1: restored from an old copy, and the other end has not been heard since
  std::uint32_t circuit{};     // of the CallSpec, where we placed the call
  std::uint32_t call_serial{};
  std::uint32_t tx_speed{};  // bit/s, of ICCN or OCCN
  std::uint32_t rx_speed{};  // bit/s; tx_speed where there is none
  std::uint32_t framing{};
  TimePoint since{};            // of the state
  TimePoint deadline = kNever;  // not established: give up
  InlineOctets<31> calling;     // Calling Number, cut to 31 octets
  InlineOctets<31> called;
};
static_assert(std::is_trivially_copyable_v<Session>);
static_assert(std::has_unique_object_representations_v<Session>);

// Whether we placed the call.
constexpr bool placed(const Session& s) { return (s.role == Role::lac) == (s.kind == CallKind::incoming); }

enum class SessionEvent : std::uint8_t {
  nothing,
  established,
  closed,       // the session is over; `ending` says why; CDN is in the outbox unless the peer sent one
  line_errors,  // LNS: a WEN tells of the LAC's line
  link_info,    // LAC: an SLI tells what PPP has agreed on
  wrong_role,   // a WEN to a LAC or an SLI to an LNS: ignored
};
struct SessionOutcome {
  SessionEvent event{};
  Ending ending{};
  CallCause cause{};  // closed by the peer: what its CDN says besides
};

// A call that we place, from wait-tunnel on: ICRQ or OCRQ; the record goes to wait-reply. Set beforehand: tunnel and
// id. closed: what the call says does not fit into a message.
void begin(Session& session, const CallSpec& call, const Env& env);
SessionOutcome request(Session& session, const Tunnel& tunnel, const CallSpec& call, const TunnelPolicy& policy,
                       const Env& env, Outbox& out);

// Answers an ICRQ with ICRP, and goes to wait-connect; or an OCRQ with OCRP, and goes to wait-cs-answer. Set
// beforehand: tunnel and id. message: without fault.
void accept(Session& session, const Tunnel& tunnel, const ControlMessage& message, const TunnelPolicy& policy,
            const Env& env, Outbox& out);

// wait-cs-answer: the circuit is there. OCCN; the session is established.
void answer(Session& session, const Tunnel& tunnel, const Circuit& circuit, const TunnelPolicy& policy, const Env& env,
            Outbox& out);

// Refuses an ICRQ or OCRQ for which there is no record: CDN to the session id that the peer assigned (RFC 2661 4.4.4:
// the Assigned Session ID in it is 0 then).
void refuse(const Tunnel& tunnel, const ControlMessage& message, const Ending& why, const CallCause& cause,
            Outbox& out);

// Takes a message in order addressed to the session. call: of a call that we placed, until it is established.
SessionOutcome receive(Session& session, const Tunnel& tunnel, const ControlMessage& message, const CallSpec* call,
                       const TunnelPolicy& policy, const Env& env, Outbox& out);

// Ends the session from our side: CDN. The caller frees the record; the channel delivers the CDN.
void disconnect(const Session& session, const Tunnel& tunnel, const Ending& why, const CallCause& cause, Outbox& out);

// WEN, as the LAC, and SLI, as the LNS, of a session that is established (RFC 2661 6.13, 6.14).
void report_errors(const Session& session, const Tunnel& tunnel, const CallErrors& errors, const TunnelPolicy& policy,
                   const Env& env, Outbox& out);
void tell_link_info(const Session& session, const Tunnel& tunnel, const Accm& accm, const TunnelPolicy& policy,
                    const Env& env, Outbox& out);

}  // namespace holdfast::l2tp
