// A channel whose numbers are those of a copy of it, older than what the peer has seen since (RFC 2661 5.8).
//
// A message with an Ns that is known to be old is a duplicate to the peer, which must acknowledge it, and the Nr of the
// acknowledgement is the Ns that it expects next. Its own Ns says up to where it has sent; what of that it has no
// acknowledgement for it sends again, oldest first, so its next such message is the one that we must take next.
#pragma once

#include "l2tp/channel.hpp"

#include <cstdint>

namespace holdfast::l2tp {

enum class Numbers : std::uint8_t {
  known,
  asked,     // may be old: nothing is sent but probes
  settling,  // ours are known; the peer may have sent messages that were never acknowledged, and will send them again
};

// How long a peer is given in which to send again what was not acknowledged: the longest pause between two tries is 8 s
// unless it is told otherwise (RFC 2661 5.8).
inline constexpr Duration kSettle = std::chrono::seconds(9);

// Makes the numbers old ones: whatever is queued may have been sent.
void make_stale(Channel& channel);
// An Ns that the peer has taken long ago.
std::uint16_t probe_ns(const Channel& channel);

// How the queue goes on once the peer's Nr is known: messages first.. count that were queued since make_stale() are to
// get the numbers from `to` on; those before them are acknowledged, or keep their numbers.
struct Requeue {
  std::uint16_t first{};
  std::uint16_t count{};
  std::uint16_t to{};
};
// nr: of a message from the peer. False: it can't be, since the peer had acknowledged more before.
bool may_be_next(const Channel& channel, std::uint16_t nr);
Requeue go_on_from(Channel& channel, std::uint16_t nr);

// The peer's side: whether ns comes after what we would take next.
bool is_ahead(const Channel& channel, std::uint16_t ns);
void expect(Channel& channel, std::uint16_t ns);

}  // namespace holdfast::l2tp
