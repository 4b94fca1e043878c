// One end's part in the reliable delivery of RFC 2661 5.8, as the wire shows it: what it sent and how often, what
// arrived at it, what it has acknowledged. Sequence numbers are counted on beyond 2**16 here, from 0.
#pragma once

#include "checker/rule.hpp"
#include "l2tp/message.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace holdfast::sim {

using Sequence = std::int64_t;
inline constexpr Sequence kNone = -1;

class Delivery {
 public:
  explicit Delivery(std::string who) : who_(std::move(who)) {}

  // The end sent a message. content: of all but its Nr. Gives its sequence if it is new, kNone if it was sent before
  // (or can't be placed) or is a ZLB.
  Sequence sent(Findings& found, const Allowance& allowed, const l2tp::ControlHeader& header, bool zlb,
                std::uint64_t content);
  // A message of the peer arrived at the end.
  void arrived(Findings& found, const Allowance& allowed, const l2tp::ControlHeader& header, bool zlb);
  // The end forgot what it had sent, none of which had arrived, and takes what comes to it for new.
  void begin_again();
  // Its Nr says that the end has taken more than has arrived.
  bool acknowledges_more(const l2tp::ControlHeader& header) const;
  // The end's channel goes on from these numbers, and all that was under way is forgotten (RFC 4951 3.2.2).
  void renumber(Sequence own, Sequence peers);
  // What the end sends from now on, and what comes to it, begins at or beyond these.
  Sequence next_own() const { return count(); }
  // The peer asks for so much time before it is given up (RFC 4951 5.1).
  void wait_for_recovery(Duration time) { recovery_time_ = time; }
  // Time passed.
  void tick(Findings& found, const Allowance& allowed);

  void set_peer_window(unsigned window) { peer_window_ = window; }
  // What arrived last needs no acknowledgement.
  void forgive() { owed_.reset(); }
  // From then on the end owes no acknowledgement any more.
  void excuse_from(TimePoint at) { excused_ = std::min(excused_, at); }

  // The peer's message has arrived, with all before it.
  bool has(Sequence peers) const { return peers != kNone && peers < next_arrival_; }
  // The end has said that it took the peer's message.
  bool took(Sequence peers) const { return peers != kNone && peers < last_nr_; }
  // The message sent last was made after the end took the peer's message: it was not waiting in a queue by then.
  bool made_after(Sequence peers) const {
    return took(peers) && (peers < first_taken_ || took_at_[static_cast<std::size_t>(peers - first_taken_)] <= made_);
  }

  bool acknowledged(Sequence own) const { return own < acknowledged_; }
  bool idle() const { return acknowledged_ == count(); }
  // Nothing it sent was ever answered, for as many times as it tries: it may have given up.
  bool gave_up() const { return gave_up_; }
  // So long ago that no restart brings it back.
  bool is_gone(TimePoint now, const Allowance& allowed) const;
  bool spoke() const { return spoke_; }
  std::string waits(TimePoint now, const Allowance& allowed) const;  // for what, for too long; empty: for nothing

 private:
  struct Message {
    std::uint64_t content;
    unsigned times;
    TimePoint first;
    TimePoint last;
  };
  struct Owed {
    TimePoint until;
    Sequence sequence;
  };

  Sequence count() const { return first_ + static_cast<Sequence>(messages_.size()); }
  Message& message(Sequence own) { return messages_[static_cast<std::size_t>(own - first_)]; }
  const Message& message(Sequence own) const { return messages_[static_cast<std::size_t>(own - first_)]; }
  void number(Findings& found, std::uint16_t nr);
  void again(Findings& found, const Allowance& allowed, Sequence sequence, std::uint64_t content);

  std::string who_;
  Sequence first_ = 0;  // of messages_
  std::vector<Message> messages_;
  Sequence acknowledged_ = 0;             // messages below it
  std::optional<TimePoint> oldest_sent_;  // when the oldest was sent last, as the oldest
  Duration oldest_pause_{};               // before that
  unsigned peer_window_ = 4;              // RFC 2661 4.4.3: of a peer that did not say
  bool gave_up_ = false;
  bool spoke_ = false;
  TimePoint idle_since_{};       // when all that was sent was acknowledged
  std::uint64_t last_idle_ = 0;  // the last event before which nothing waited to be sent
  std::uint64_t made_ = 0;       // the message sent last was made after this event

  Sequence next_arrival_ = 0;
  std::set<Sequence> ahead_;
  Sequence last_nr_ = 0;
  Sequence first_taken_ = 0;            // of took_at_
  std::vector<std::uint64_t> took_at_;  // by the peer's sequence: the event that showed it
  std::optional<Owed> owed_;
  TimePoint excused_ = kNever;
  Duration recovery_time_{};
};

}  // namespace holdfast::sim
