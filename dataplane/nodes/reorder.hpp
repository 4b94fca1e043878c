// Packets that came before their turn (RFC 2661 5.4) and wait for those that are missing: a list for each session that
// has a gap, in the order of Ns. What was missing has come or is given up, and they are ready to go on in order. Of
// fixed size, a worker's own; knows no clock, deadlines are numbers.
#pragma once

#include "nodes/packet.hpp"
#include "tables/session_table.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace holdfast::nodes {

class Reorder {
 public:
  static constexpr std::uint16_t kPackets = 1024;  // waiting, in all sessions; a burst of ready ones besides
  static constexpr std::uint16_t kGaps = 256;      // sessions in which some wait
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  Reorder();

  enum class Held : std::uint8_t { waits, twice, no_room };
  // Keeps a packet whose ns is `expected` or later, until `deadline`; a copy, with the mbuf. twice: one of that ns is
  // there. `state`, here and below: of the packet's session.
  [[nodiscard]] Held hold(tables::SequenceState& state, const Packet& packet, std::uint64_t deadline);
  // Makes those ready whose turn it is, and counts `expected` on.
  void release_in_turn(tables::SequenceState& state);
  // Gives up what is missing before the first that waits; some do. Gives how many numbers that are.
  std::uint16_t give_up(tables::SequenceState& state);
  std::uint16_t waiting(const tables::SequenceState& state) const { return gaps_[state.gap].count; }

  // A packet goes on behind those that are ready already. At most kBurst of them until they are taken.
  void make_ready(const Packet& packet) { append_ready(take_entry(packet, kNever)); }
  bool any_ready() const { return ready_first_ != 0; }
  Packet take_ready();

  // Whether run_ready() (nodes/graph.hpp) has something to do.
  bool has_work(std::uint64_t now) const { return any_ready() || now >= next_deadline_; }
  // Calls f(gap, first packet) for each gap of which a deadline has passed; f ends the gap or gives it up.
  template <class F>
  void each_overdue(std::uint64_t now, F f) {
    next_deadline_ = kNever;
    for (std::uint16_t gap = 1; gap <= kGaps; ++gap) {
      if (gaps_[gap].count != 0 && now >= gaps_[gap].deadline) f(gap, entries_[gaps_[gap].first].packet);
      if (gaps_[gap].count != 0 && gaps_[gap].deadline < next_deadline_) next_deadline_ = gaps_[gap].deadline;
    }
  }
  // Ends a gap whose session has gone; f(packet) takes each packet that waited.
  template <class F>
  void abandon(std::uint16_t gap, F f) {
    while (gaps_[gap].count != 0) f(take(pop(gap)));
  }

 private:
  struct Entry {
    Packet packet;
    std::uint64_t deadline = kNever;
    std::uint16_t next = 0;
  };
  struct Gap {
    std::uint64_t deadline = kNever;
    std::uint16_t first = 0;  // for a free one: the next free one
    std::uint16_t count = 0;
  };

  std::uint16_t take_entry(const Packet& packet, std::uint64_t deadline);
  Packet take(std::uint16_t entry);
  std::uint16_t take_gap();
  std::uint16_t pop(std::uint16_t gap);
  void append_ready(std::uint16_t entry);

  // 0 is none: both are counted from 1.
  std::vector<Entry> entries_;
  std::vector<Gap> gaps_;
  std::uint16_t free_entry_ = 1, free_entries_, free_gap_ = 1;
  std::uint16_t ready_first_ = 0, ready_last_ = 0;
  std::uint64_t next_deadline_ = kNever;
};

}  // namespace holdfast::nodes
