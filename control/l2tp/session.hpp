// A session: one incoming call on the LNS (RFC 2661 5.2 and the state table of 7.4.2): ICRQ, ICRP, ICCN, CDN.
// Functions over a record; what is to be sent goes to an outbox, what happened is the return value.
#pragma once

#include "l2tp/message.hpp"
#include "l2tp/outbox.hpp"
#include "l2tp/result_code.hpp"
#include "l2tp/tunnel.hpp"
#include "wire/env.hpp"

namespace holdfast::l2tp {

enum class SessionState : std::uint8_t {
  idle,
  wait_connect,  // ICRP sent, ICCN awaited
  established,
};
constexpr std::string_view name(SessionState state) {
  switch (state) {
    case SessionState::idle: return "idle";
    case SessionState::wait_connect: return "wait-connect";
    case SessionState::established: return "established";
  }
  return "unknown";
}

// What a session's record holds. Lies in the checkpoint.
struct Session {
  TunnelId tunnel;
  SessionId id;
  PeerSessionId peer;
  SessionState state{};
  std::uint8_t sequencing{};  // 1: the LAC demands sequence numbers in data messages (AVP 39)
  std::uint32_t call_serial{};
  std::uint32_t tx_speed{};  // bit/s, of ICCN
  std::uint32_t rx_speed{};  // bit/s; tx_speed where ICCN has none
  std::uint32_t framing{};
  TimePoint since{};            // of the state
  TimePoint deadline = kNever;  // wait-connect: give up
  InlineOctets<31> calling;     // Calling Number, cut to 31 octets
  InlineOctets<31> called;
};
static_assert(std::is_trivially_copyable_v<Session>);
static_assert(std::has_unique_object_representations_v<Session>);

enum class SessionEvent : std::uint8_t {
  nothing,
  established,
  closed,  // the session is over; `ending` says why; CDN is in the outbox unless the peer sent one
};
struct SessionOutcome {
  SessionEvent event{};
  Ending ending{};
};

// Answers an ICRQ with ICRP; the record goes to wait-connect. Set beforehand: tunnel and id. icrq: type icrq, no fault.
void accept(Session& session, const Tunnel& tunnel, const ControlMessage& icrq, const Env& env, Outbox& out);

// Refuses an ICRQ for which there is no record: CDN to the session id that the peer assigned (RFC 2661 4.4.4: the
// Assigned Session ID in it is 0 then).
void refuse(const Tunnel& tunnel, const ControlMessage& icrq, const Ending& why, Outbox& out);

// Takes a message in order addressed to the session.
SessionOutcome receive(Session& session, const Tunnel& tunnel, const ControlMessage& message, const Env& env,
                       Outbox& out);

// Ends the session from our side: CDN. The caller frees the record; the channel delivers the CDN.
void disconnect(const Session& session, const Tunnel& tunnel, const Ending& why, Outbox& out);

}  // namespace holdfast::l2tp
