// The records: what the checkpoint holds of tunnels, sessions, subscribers and circuits. They are the engine's only
// state; all else is derived from them. Their bytes are the checkpoint's bytes, so a change here is a change of layout.
#pragma once

#include "abi/ids.hpp"
#include "abi/ip_address.hpp"
#include "abi/line_module.hpp"
#include "abi/region.hpp"
#include "checkpoint/tunnel_spec.hpp"
#include "l2tp/call.hpp"
#include "l2tp/channel.hpp"
#include "l2tp/outbox.hpp"
#include "l2tp/session.hpp"
#include "l2tp/stale_channel.hpp"
#include "l2tp/tunnel.hpp"
#include "ppp/link.hpp"
#include "ppp/overheard.hpp"
#include "wire/time.hpp"

#include <array>
#include <cstdint>
#include <type_traits>

namespace holdfast {

enum class Table : std::uint16_t {
  tunnel,      // index: TunnelId
  message,     // index: TunnelId * kSlots + Ns mod kSlots
  session,     // index: SessionIndex
  subscriber,  // index: SessionIndex, the same as its session's
  spec,        // index: TunnelId, of tunnels that we opened
  call,        // index: SessionRecord::call, of calls that we place
  circuit,     // index: CircuitId
  lockout,     // index: any
  node,        // one, index 0
};

// Where a tunnel is in the failover protocol (RFC 4951).
enum class ResyncPhase : std::uint8_t {
  none,
  recovery,     // this is a recovery tunnel, of `partner`
  waiting,      // we failed: as many tunnels are being recovered as may be at a time
  recovering,   // we failed: its recovery tunnel `partner` is being opened
  half_open,    // the peer failed: its recovery tunnel `partner` is answered and not up yet
  unreachable,  // the peer does not acknowledge; it asked for time to recover
  clearing,     // recovered: sessions that are not established are being cleared (3.3)
  comparing,    // recovered: the states of sessions are being compared (section 4)
};
struct Resync {
  TimePoint deadline = kNever;   // of the phase
  TunnelId partner;              // recovery: the tunnel that it recovers; else the recovery tunnel; 0: none
  std::uint16_t suggested_ns{};  // recovery, answered by us: the numbers that the peer is to use (5.3)
  std::uint16_t suggested_nr{};
  std::uint16_t next{};     // clearing, comparing: the session id behind which it goes on; 65,535: through
  std::uint16_t awaited{};  // comparing: states that were asked for and not told yet
  ResyncPhase phase{};
  std::uint8_t failed{};      // half_open: we failed, too, and are not recovered yet
  std::uint8_t stale_only{};  // comparing: only sessions that the peer has with others than we do
  std::uint8_t stale_seen{};  // there are such
  std::array<std::uint8_t, 2> reserved{};
};

struct TunnelRecord {
  l2tp::Tunnel l2tp;
  std::uint32_t sessions{};    // how many there are
  std::uint32_t sweep_next{};  // stopping: the session id from which on sessions are still to be cleared
  ResyncMethod method{};
  abi::LineModule module{};      // through which the peer was reached when the tunnel was established
  std::uint16_t last_session{};  // the session id assigned last: a restart goes on behind it
  std::uint8_t lowered{};        // 1: another method was configured, which its module does not support
  l2tp::Numbers numbers{};
  std::uint16_t peer_ns{};  // numbers are not known: up to where the peer has sent
  Resync resync;
  friend bool operator==(const TunnelRecord& a, const TunnelRecord& b) { return std::memcmp(&a, &b, sizeof a) == 0; }
};

// A control message that is queued or not acknowledged yet, as it will be sent but for Ns and Nr.
struct MessageRecord {
  std::uint16_t length{};
  std::array<std::uint8_t, 6> reserved{};
  std::array<std::uint8_t, l2tp::kMaxMessage> octets{};
};
static_assert(sizeof(MessageRecord) == 512);

struct SessionRecord {
  l2tp::Session l2tp;
  std::uint32_t call{};  // the CallRecord of a call that we place, until it is established; 0: none
  CircuitId circuit;     // whose PPP it carries; 0: none
  SessionIndex other;    // tunnel switching: the call that carries on its PPP, or will; 0: none
  std::array<std::uint8_t, 4> reserved{};
};
inline constexpr SessionIndex kOtherEnded{~0u};  // SessionRecord::other: there was one

// What a tunnel was opened for: its secret and its names must be known as long as it lives.
struct SpecRecord {
  TunnelSpec spec;
};

// What a call that we place is to be like. Few exist at a time, so they are not indexed by session: a record that
// nobody uses any more costs memory all the same.
struct CallRecord {
  SessionIndex session;
  std::uint32_t tried{};  // for a subscriber: a bit for the number of each tunnel of his domain that was tried
  l2tp::CallSpec call;
  ppp::Overheard overheard;  // of a subscriber: what becomes the call's proxy AVPs
  std::uint16_t refused{};   // the result of the CDN that ended the last try; 0: none came
  std::array<std::uint8_t, 2> reserved{};
};

// One subscriber: the PPP link of a session and what it was given.
struct SubscriberRecord {
  ppp::Link link;
  IpAddress ipv4;             // the lease; none: no lease
  IpPrefix ipv6;              // the prefix lease; length 0: none
  std::uint8_t ipv4_up{};     // IPCP is open
  std::uint8_t ipv6_up{};     // IPV6CP is open
  std::uint8_t fixed_ipv4{};  // the address is the user's own, not the pool's
  std::array<std::uint8_t, 4> reserved{};
  TimePoint up_since{};                  // authentication was accepted; zero: not yet
  TimePoint advertisement_due = kNever;  // next router advertisement
};

// What a circuit's PPP frames are about.
enum class CircuitState : std::uint8_t {
  ppp,      // they come to us: the user is not known yet, or is ours
  calling,  // they come to us, and a call is being placed for it
  retry,    // likewise, and the next tunnel is to be tried
  tunnel,   // they go to the LNS
  ending,   // the subscriber has hung up; the LNS is to be told when its tunnel has room
};

// One PPPoE session of ours as the access concentrator (RFC 2516).
struct CircuitRecord {
  TimePoint since{};
  CircuitId id;
  SessionIndex ppp;       // whose PPP it carries: in an access tunnel, or the call when that is up
  SessionIndex call;      // calling: what is to carry it; else 0
  std::uint32_t asked{};  // a hash of the PADR, by which a repeated one is known
  std::array<std::uint8_t, 6> mac{};
  PortId port;
  std::uint16_t outer_vlan{};   // 0: none
  std::uint16_t inner_vlan{};   // 0: none
  std::uint16_t max_payload{};  // RFC 4638; 0: not asked for
  std::uint8_t provider_tag{};  // 1: the outer tag is one of 802.1ad
  CircuitState state{};
};

inline constexpr std::uint32_t kLockouts = 1024;  // destinations that may be locked out at a time

// A destination that did not answer: not to be tried for a while.
struct LockoutRecord {
  IpAddress destination;
  TimePoint failed{};
};

// What the node keeps for itself.
struct NodeRecord {
  std::array<std::uint8_t, 32> cookie_key{};  // of the AC-Cookies that we give out
};

template <class Record>
inline constexpr bool kIsRecord =
    std::is_trivially_copyable_v<Record>&& std::has_unique_object_representations_v<Record> &&
    sizeof(Record) % 8 == 0 && alignof(Record) <= 8;
static_assert(kIsRecord<TunnelRecord>);
static_assert(kIsRecord<MessageRecord>);
static_assert(kIsRecord<SessionRecord>);
static_assert(kIsRecord<SubscriberRecord>);
static_assert(kIsRecord<SpecRecord>);
static_assert(kIsRecord<CallRecord>);
static_assert(kIsRecord<CircuitRecord> && sizeof(CircuitRecord) == 40);
static_assert(kIsRecord<LockoutRecord>);
static_assert(kIsRecord<NodeRecord>);
static_assert(sizeof(SessionRecord) + sizeof(SubscriberRecord) + sizeof(CircuitRecord) <= 512,
              "what a session costs in the checkpoint");

inline constexpr std::uint32_t kRecordsVersion = 4;
inline constexpr std::uint64_t kRecordsLayout = abi::layout_hash(
    kRecordsVersion, sizeof(l2tp::Channel), sizeof(l2tp::Tunnel), sizeof(TunnelRecord), sizeof(MessageRecord),
    l2tp::kSlots, sizeof(SessionRecord), sizeof(ppp::Link), sizeof(SubscriberRecord), sizeof(SpecRecord),
    sizeof(CallRecord), sizeof(CircuitRecord), sizeof(LockoutRecord), sizeof(NodeRecord), sizeof(Resync),
    offsetof(TunnelRecord, sessions), offsetof(TunnelRecord, method), offsetof(TunnelRecord, last_session),
    offsetof(SubscriberRecord, ipv4), offsetof(SubscriberRecord, up_since));

constexpr std::uint32_t message_index(TunnelId tunnel, std::uint16_t ns) {
  return std::uint32_t{tunnel.raw} * l2tp::kSlots + ns % l2tp::kSlots;
}

// What the engine reads: records by table and index. Empty: there is none.
class Records {
 public:
  virtual ~Records() = default;
  virtual Octets record(Table table, std::uint32_t index) const = 0;
  // Calls for each record in use, by rising index.
  virtual void for_each(Table table, void* context, void (*call)(void* context, std::uint32_t index)) const = 0;
  // Whether there is memory for this record, which then stays there for it.
  virtual bool reserve(Table, std::uint32_t) const { return true; }

  template <class Record>
  const Record* get(Table table, std::uint32_t index) const {
    const Octets octets = record(table, index);
    return octets.size() == sizeof(Record) ? reinterpret_cast<const Record*>(octets.data()) : nullptr;
  }
  const TunnelRecord* tunnel(TunnelId id) const { return get<TunnelRecord>(Table::tunnel, id.raw); }
  const SessionRecord* session(SessionIndex i) const { return get<SessionRecord>(Table::session, i.raw); }
  const SubscriberRecord* subscriber(SessionIndex i) const { return get<SubscriberRecord>(Table::subscriber, i.raw); }
  const SpecRecord* spec(TunnelId id) const { return get<SpecRecord>(Table::spec, id.raw); }
  const CallRecord* placed_call(std::uint32_t i) const { return get<CallRecord>(Table::call, i); }
  const CircuitRecord* circuit(CircuitId id) const { return get<CircuitRecord>(Table::circuit, id.raw); }
};

}  // namespace holdfast
