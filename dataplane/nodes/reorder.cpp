#include "nodes/reorder.hpp"

#include <algorithm>

namespace holdfast::nodes {

using tables::SequenceState;

Reorder::Reorder() : entries_(1 + kPackets + kBurst), gaps_(1 + kGaps), free_entries_(kPackets + kBurst) {
  for (std::uint16_t i = 1; i + 1u < entries_.size(); ++i) entries_[i].next = static_cast<std::uint16_t>(i + 1);
  for (std::uint16_t i = 1; i + 1u < gaps_.size(); ++i) gaps_[i].first = static_cast<std::uint16_t>(i + 1);
}

Reorder::Held Reorder::hold(SequenceState& state, const Packet& packet, std::uint64_t deadline) {
  const auto turn = [&](std::uint16_t ns) { return static_cast<std::uint16_t>(ns - state.expected); };
  std::uint16_t before = 0, after = gaps_[state.gap].first;
  if (state.gap == 0) after = 0;
  while (after != 0 && turn(entries_[after].packet.ns) < turn(packet.ns)) {
    before = after;
    after = entries_[after].next;
  }
  if (after != 0 && entries_[after].packet.ns == packet.ns) return Held::twice;
  if (free_entries_ <= kBurst) return Held::no_room;
  if (state.gap == 0) state.gap = take_gap();
  if (state.gap == 0) return Held::no_room;

  const std::uint16_t entry = take_entry(packet, deadline);
  Gap& gap = gaps_[state.gap];
  entries_[entry].next = after;
  (before == 0 ? gap.first : entries_[before].next) = entry;
  ++gap.count;
  gap.deadline = std::min(gap.deadline, deadline);
  next_deadline_ = std::min(next_deadline_, deadline);
  return Held::waits;
}

void Reorder::release_in_turn(SequenceState& state) {
  const std::uint16_t number = state.gap;
  if (number == 0) return;
  Gap& gap = gaps_[number];
  while (gap.count != 0 && entries_[gap.first].packet.ns == state.expected) {
    if (gap.count == 1) state.gap = 0;
    append_ready(pop(number));
    ++state.expected;
  }
  if (state.gap == 0) return;
  gap.deadline = kNever;
  for (std::uint16_t i = gap.first; i != 0; i = entries_[i].next)
    gap.deadline = std::min(gap.deadline, entries_[i].deadline);
}

std::uint16_t Reorder::give_up(SequenceState& state) {
  const std::uint16_t first = entries_[gaps_[state.gap].first].packet.ns;
  const auto missing = static_cast<std::uint16_t>(first - state.expected);
  state.expected = first;
  release_in_turn(state);
  return missing;
}

Packet Reorder::take_ready() {
  const std::uint16_t entry = ready_first_;
  ready_first_ = entries_[entry].next;
  return take(entry);
}

std::uint16_t Reorder::take_entry(const Packet& packet, std::uint64_t deadline) {
  const std::uint16_t entry = free_entry_;
  free_entry_ = entries_[entry].next;
  --free_entries_;
  entries_[entry] = {packet, deadline, 0};
  return entry;
}

Packet Reorder::take(std::uint16_t entry) {
  entries_[entry].next = free_entry_;
  free_entry_ = entry;
  ++free_entries_;
  return entries_[entry].packet;
}

std::uint16_t Reorder::take_gap() {
  const std::uint16_t gap = free_gap_;
  if (gap == 0) return 0;
  free_gap_ = gaps_[gap].first;
  gaps_[gap] = {};
  return gap;
}

// The first packet that waits in the gap; the gap is free again after the last.
std::uint16_t Reorder::pop(std::uint16_t number) {
  Gap& gap = gaps_[number];
  const std::uint16_t entry = gap.first;
  gap.first = entries_[entry].next;
  if (--gap.count == 0) {
    gap.first = free_gap_;
    free_gap_ = number;
  }
  return entry;
}

void Reorder::append_ready(std::uint16_t entry) {
  entries_[entry].next = 0;
  (ready_first_ == 0 ? ready_first_ : entries_[ready_last_].next) = entry;
  ready_last_ = entry;
}

}  // namespace holdfast::nodes
