// A tunnel's control connection (RFC 2661 5.1, 5.7 and the state tables of 7.2): SCCRQ, SCCRP, SCCCN, StopCCN, HELLO.
// Functions over a record; what is to be sent goes to an outbox, what happened is the return value.
#pragma once

#include "abi/ids.hpp"
#include "abi/ip_address.hpp"
#include "l2tp/channel.hpp"
#include "l2tp/message.hpp"
#include "l2tp/outbox.hpp"
#include "l2tp/result_code.hpp"
#include "wire/env.hpp"

#include <array>
#include <optional>

namespace holdfast::l2tp {

enum class TunnelState : std::uint8_t {
  idle,
  wait_ctl_reply,  // SCCRQ sent, SCCRP awaited
  wait_ctl_conn,   // SCCRP sent, SCCCN awaited
  established,
  stopping,  // StopCCN sent or received; kept for a full retransmission cycle (RFC 2661 5.7)
};
constexpr std::string_view name(TunnelState state) {
  switch (state) {
    case TunnelState::idle: return "idle";
    case TunnelState::wait_ctl_reply: return "wait-ctl-reply";
    case TunnelState::wait_ctl_conn: return "wait-ctl-conn";
    case TunnelState::established: return "established";
    case TunnelState::stopping: return "stopping";
  }
  return "unknown";
}

inline constexpr Duration kStopHold = std::chrono::seconds(31);    // RFC 2661 5.7: 1+2+4+8+8+8
inline constexpr Duration kSetupLimit = std::chrono::seconds(60);  // for a connection or a call that does not get on

// What a tunnel's record holds of the control connection. Lies in the checkpoint.
struct Tunnel {
  Channel channel;
  IpAddress local;   // our address, to which the peer sends
  IpAddress remote;  // the peer's
  std::uint16_t local_port{};
  std::uint16_t remote_port{};
  TunnelId id;
  PeerTunnelId peer;
  TunnelState state{};
  std::uint8_t challenged{};  // 1: our SCCRQ or SCCRP carried a challenge, which the next message must answer
  std::uint8_t ended_by_peer{};
  std::uint8_t was_established{};        // 1: the peer got through the set-up once
  std::uint8_t peer_announced{};         // 1: the peer sent a Failover Capability AVP (RFC 4951 5.1)
  std::uint8_t peer_control_failover{};  // 1: with C set
  std::uint8_t peer_data_failover{};     // 1: with D set
  std::uint8_t initiated{};              // 1: we sent the SCCRQ
  std::uint32_t peer_recovery_time_ms{};
  std::uint8_t lost_tie{};   // wait-ctl-reply, 1: the peer's own SCCRQ goes before ours (RFC 2661 4.4.3)
  std::uint8_t announced{};  // 1: we sent a Failover Capability AVP with C set
  std::array<std::uint8_t, 2> reserved3{};
  TimePoint since{};            // of the state
  TimePoint deadline = kNever;  // wait-ctl-reply, wait-ctl-conn: give up; established: idle too long; stopping: forget
  std::array<std::uint8_t, 16> challenge{};
  InlineOctets<63> peer_host;  // Host Name AVP (cut to 63 octets for show; matching uses the whole)
  Ending ending;               // stopping only
};
static_assert(std::is_trivially_copyable_v<Tunnel>);

// Given up, or held long enough after its end: it neither hears nor speaks, and is forgotten as soon as its timer runs.
inline bool is_over(const Tunnel& tunnel, TimePoint now) {
  return tunnel.state == TunnelState::stopping && tunnel.deadline <= now;
}

// What holds for the peer; not in the record.
struct TunnelPolicy {
  std::string_view local_host;
  std::string_view peer_host;  // that an SCCRP must come from; empty: any
  Octets secret;               // empty: no tunnel authentication
  bool hide = false;           // hide AVPs from SCCCN on, where there is a secret (RFC 2661 4.3)
  bool tie_breaker = false;    // our SCCRQ asks for a single tunnel (RFC 2661 4.4.3)
  std::uint32_t bearers = 0;   // Bearer Capabilities: of what outgoing calls can be placed on, bits as Bearer Type
  ChannelPolicy channel;
  std::optional<FailoverCapability> capability;  // announced in SCCRQ and SCCRP (RFC 4951 5.1); recovery tunnels: not
  std::optional<TunnelRecovery> recovers;        // our SCCRQ asks for a recovery tunnel (RFC 4951 5.2)
  std::optional<SuggestedControlSequence> suggests;  // our SCCRP answers for a recovery tunnel (RFC 4951 5.3)
};

enum class TunnelEvent : std::uint8_t { nothing, established, closed };

// Asks for a tunnel: SCCRQ, with a challenge where there is a secret; the record goes to wait-ctl-reply. Set
// beforehand: id, local, remote and the ports.
void open(Tunnel& tunnel, const TunnelPolicy& policy, const Env& env, Outbox& out);

// The Host Name of an SCCRQ, without its secret being known yet. Empty when it has none.
std::string_view host_name(const ControlMessage& sccrq);

// Answers an SCCRQ: SCCRP, with our challenge and the response to the peer's where there is a secret; the record goes
// to wait-ctl-conn. Set beforehand: id, local, remote and the ports. sccrq: type sccrq, no fault. closed: the request
// cannot be met (it challenges us and there is no secret); StopCCN is in the outbox.
TunnelEvent accept(Tunnel& tunnel, const ControlMessage& sccrq, const TunnelPolicy& policy, const Env& env,
                   Outbox& out);

// Whether the message has the right response to our challenge, where there was one (RFC 2661 5.1.1).
bool answers_challenge(const Tunnel& tunnel, const ControlMessage& message, const TunnelPolicy& policy);

// Takes an SCCRQ that is to be refused: the record goes to stopping with StopCCN in the outbox, so that the refusal is
// delivered reliably. Set beforehand: as for accept.
void refuse(Tunnel& tunnel, const ControlMessage& sccrq, const Ending& why, const TunnelPolicy& policy, const Env& env,
            Outbox& out);

// Takes a message in order that concerns the tunnel: of session 0, or any of no session.
TunnelEvent receive(Tunnel& tunnel, const ControlMessage& message, const TunnelPolicy& policy, const Env& env,
                    Outbox& out);

// Ends the tunnel from our side: StopCCN, then stopping. Does nothing when it is stopping already.
void close(Tunnel& tunnel, const Ending& why, const Env& env, Outbox& out);

// HELLO (RFC 2661 5.5), when the channel says that one is due.
void hello(const Tunnel& tunnel, Outbox& out);

}  // namespace holdfast::l2tp
