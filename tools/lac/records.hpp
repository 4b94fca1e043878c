// What the generator knows of a tunnel and of a session.
#pragma once

#include "abi/ids.hpp"
#include "dial/ppp_client.hpp"
#include "l2tp/avp_values.hpp"
#include "l2tp/message_table.hpp"
#include "lac/delivery.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::lac {

namespace ppp = dial::ppp;

// A control message that waits for room in the channel.
struct Wanted {
  l2tp::MessageType type{};
  SessionId session;       // ours
  PeerSessionId peer;      // the LNS's; none in ICRQ
  std::uint16_t result{};  // CDN and StopCCN
};

enum class TunnelState : std::uint8_t {
  idle,
  wait_reply,  // SCCRQ sent, SCCRP awaited (RFC 2661 7.2.1)
  established,
  wait_connect,  // of a recovery tunnel (RFC 4951): SCCRP sent, SCCCN awaited
  recovered,     // likewise: it has recovered its tunnel
  stopping,      // our StopCCN awaits its acknowledgement
  closed,
};

inline constexpr std::uint32_t kNoSession = UINT32_MAX;

struct Tunnel {
  TunnelId id;
  PeerTunnelId peer;
  TunnelState state{};
  std::array<std::uint8_t, 16> challenge{};
  std::uint32_t calls_wanted = 0;  // to be begun
  std::deque<Wanted> wanted;
  std::vector<std::uint32_t> sessions;          // by session id - 1: number of the session, or kNoSession
  std::deque<std::uint16_t> free_ids;           // used before, the oldest first
  std::deque<std::vector<std::uint8_t>> built;  // messages that wait likewise
  l2tp::SuggestedControlSequence suggested;     // to the LNS that recovers it
  std::optional<std::uint64_t> tie_breaker;     // of the SCCRQ, in a recovery tunnel
  std::uint32_t unanswered = 0;                 // sessions whose state the LNS was asked for
  bool deaf = false;                            // its recovery is under way: what comes in it is dropped
  std::string ending;                           // why it failed or was lost
  Delivery delivery;
};

enum class CallState : std::uint8_t {
  none,
  wait_reply,   // ICRQ sent or to be sent, ICRP awaited (RFC 2661 7.4.1)
  negotiating,  // ICCN sent, PPP is being set up
  up,
  terminating,  // by us: PPP first, then CDN
};

struct Session {
  std::uint32_t tunnel = 0;  // number of the tunnel
  SessionId id;
  PeerSessionId peer;
  CallState state{};
  std::uint8_t was_up = 0;
  std::uint8_t sequenced = 0;      // the LNS sends sequence numbers, so we do (RFC 2661 5.4)
  std::uint8_t echo_waiting = 0;   // an Echo-Request of this round is unanswered
  std::uint8_t queried = 0;        // the LNS has asked for its state since it failed
  std::uint8_t solicitations = 0;  // of a router, sent
  std::uint16_t send_ns = 0;
  std::uint64_t ipv6_prefix = 0;  // upper half of our address, from a Router Advertisement; 0: none
  ppp::Client ppp;
};

}  // namespace holdfast::lac
