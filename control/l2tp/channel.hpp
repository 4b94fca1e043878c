// Reliable delivery of control messages (RFC 2661 5.8 and appendix A): sequence numbers, windows, acknowledgement,
// retransmission, keepalive. Owns no socket, no clock and no message: the caller keeps message Ns in slot Ns % kSlots
// until it is acknowledged, and passes the time.
//
// After each receive(), enqueue() and expire(): send what take_sendable() gives; then, if ack_due(), a ZLB.
// Every message that leaves carries next_nr(), retransmitted ones too (set_sequence).
#pragma once

#include "wire/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <type_traits>

namespace holdfast::l2tp {

inline constexpr std::uint16_t kSlots = 16;         // messages queued or unacknowledged per tunnel; divides 65,536
inline constexpr std::uint16_t kDefaultWindow = 4;  // of a peer that sent no Receive Window Size AVP

struct ChannelPolicy {
  Duration initial = std::chrono::seconds(1);  // to the first retransmission; doubles from there
  Duration cap = std::chrono::seconds(8);      // RFC 2661 5.8: no less than 8 s
  std::uint8_t retries_unestablished = 5;
  std::uint8_t retries_established = 5;
  std::uint16_t receive_window = 16;                    // what we announce in Receive Window Size
  Duration ack_delay = std::chrono::milliseconds(100);  // how long an acknowledgement may wait for company
  Duration hello = std::chrono::seconds(60);            // silence of the peer before a HELLO; 0: no HELLO
};

// In the order of sequence: acknowledged_ns <= send_ns <= unsent_ns <= next_ns.
//   [acknowledged_ns, send_ns) in flight   [send_ns, unsent_ns) to be sent again   [unsent_ns, next_ns) never sent yet
struct Channel {
  TimePoint retransmit_at = kNever;  // never when nothing is in flight
  TimePoint ack_at = kNever;         // never when no acknowledgement is owed
  TimePoint quiet_since{};           // when the peer was last heard, or a HELLO last considered
  std::uint16_t acknowledged_ns{};   // the oldest message that the peer has not acknowledged
  std::uint16_t send_ns{};
  std::uint16_t unsent_ns{};
  std::uint16_t next_ns{};
  std::uint16_t next_nr{};
  std::uint16_t peer_window = kDefaultWindow;
  std::uint16_t cwnd = 1;  // appendix A: CWND, SSTHRESH, and acknowledgements counted towards the next CWND
  std::uint16_t ssthresh = kDefaultWindow;
  std::uint16_t cwnd_acks{};
  std::uint8_t retransmissions{};  // of the oldest message
  std::uint8_t acks_owed{};        // messages received since the last acknowledgement left, up to 255
  std::array<std::uint8_t, 4> reserved{};
  friend bool operator==(const Channel&, const Channel&) = default;
};
static_assert(sizeof(Channel) == 48);
static_assert(std::is_trivially_copyable_v<Channel> && std::has_unique_object_representations_v<Channel>);

enum class Arrival : std::uint8_t {
  in_order,       // the message expected next: to be processed
  zlb,            // nothing to process; its Nr was taken
  duplicate,      // processed before; acknowledged again at once
  ahead,          // one before it is missing: dropped, the peer sends it again
  ack_of_unsent,  // its Nr acknowledges what was never sent: forged, or our numbers are stale. Dropped, channel
                  // untouched
};

struct Received {
  Arrival arrival{};
  std::uint16_t acknowledged{};  // how many of our messages its Nr newly covers, the oldest first
  friend bool operator==(const Received&, const Received&) = default;
};

struct SendRange {  // messages first_ns, first_ns + 1, ...
  std::uint16_t first_ns{};
  std::uint16_t count{};
  friend bool operator==(const SendRange&, const SendRange&) = default;
};

enum class Expiry : std::uint8_t {
  nothing,
  retransmit,  // send message oldest_ns() again
  ack_due,     // send a ZLB; it counts as sent
  hello_due,   // nothing was heard for policy.hello: enqueue a HELLO
  exhausted,   // no acknowledgement after all retries: the tunnel is down. restart_timers() begins another cycle
};

// peer_window: Receive Window Size of the peer, kDefaultWindow if it sent none; 0 counts as 1.
Channel open_channel(std::uint16_t peer_window, const ChannelPolicy& policy, TimePoint now);
void set_peer_window(Channel& channel, std::uint16_t peer_window);  // when SCCRP tells it

// ns, nr: of a control message from the peer; zlb: whether it has no AVP.
Received receive(Channel& channel, std::uint16_t ns, std::uint16_t nr, bool zlb, const ChannelPolicy& policy,
                 TimePoint now);
// Anything came from the peer: postpones the HELLO. receive() does so itself; call it for data messages.
void heard(Channel& channel, TimePoint now);

unsigned room(const Channel& channel);  // free slots
// As many as there will be when the Nr of a message that has come is taken.
unsigned room_after(const Channel& channel, std::uint16_t nr);
std::uint16_t enqueue(Channel& channel);  // takes the next Ns; room() must not be 0
// Messages that may leave now, within CWND and the peer's window. They count as sent: the retransmission timer runs,
// and as each carries Nr, no acknowledgement is owed any more.
SendRange take_sendable(Channel& channel, const ChannelPolicy& policy, TimePoint now);

bool ack_due(const Channel& channel, TimePoint now);
void ack_sent(Channel& channel);

// At most one action a call, the most urgent first; call again until it says nothing.
Expiry expire(Channel& channel, const ChannelPolicy& policy, bool established, TimePoint now);
TimePoint next_due(const Channel& channel, const ChannelPolicy& policy);  // when to call expire(); kNever if never

// After a restore: timers at full length from now, no retransmission counted yet; an owed acknowledgement is due at
// once.
void restart_timers(Channel& channel, const ChannelPolicy& policy, TimePoint now);
// Makes what was sent and not acknowledged sendable again, from the beginning of slow start.
void resend_all(Channel& channel);
// RFC 4951 3.2.2: drops all that is queued or unacknowledged and goes on with these numbers.
void reset_sequence(Channel& channel, std::uint16_t next_ns, std::uint16_t next_nr, TimePoint now);

// How long after a message was sent for the n-th time, counted from 0, it is sent again.
Duration retransmission_interval(const ChannelPolicy& policy, unsigned n);
// From the first sending of a message to exhaustion: 31 s with 5 retries, 1 s and 8 s. StopCCN state is kept as long.
Duration full_cycle(const ChannelPolicy& policy, bool established);

SendRange unacknowledged(const Channel& channel);  // sent at least once
bool idle(const Channel& channel);                 // nothing queued or unacknowledged
inline std::uint16_t oldest_ns(const Channel& channel) { return channel.acknowledged_ns; }
inline std::uint16_t next_ns(const Channel& channel) { return channel.next_ns; }  // that enqueue() will take
// The Ns of a ZLB: that of the next message to leave. Counting what is still queued would make the ZLB look ahead of
// its time, and some peers drop it then.
inline std::uint16_t zlb_ns(const Channel& channel) { return channel.unsent_ns; }
inline std::uint16_t next_nr(const Channel& channel) { return channel.next_nr; }  // the Nr to send

}  // namespace holdfast::l2tp
