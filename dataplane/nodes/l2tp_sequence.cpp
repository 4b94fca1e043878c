// Data messages with sequence numbers (RFC 2661 5.4): counts those that are lost, drops those that come late, or lets
// those that come early wait where the session's row says so. Nothing is ever sent again. Others pass.
//
// edges: ppp_relay, ppp_input, drop; those that wait go on from run_ready()
#include "nodes/context.hpp"

#include <optional>

namespace holdfast::nodes {
namespace {

using tables::SequenceState;

// So many late ones in a row, each the next of the one before, and the peer counts anew (RFC 3931 appendix C): it has
// started again, or we missed half the numbers.
constexpr std::uint8_t kRowOfLateOnes = 8;

bool counts_anew(SequenceState& state, std::uint16_t ns) {
  state.late_row =
      ns == state.late_next && state.late_row != 0 ? static_cast<std::uint8_t>(state.late_row + 1) : std::uint8_t{1};
  state.late_next = static_cast<std::uint16_t>(ns + 1);
  return state.late_row == kRowOfLateOnes;
}

std::uint16_t ahead(const SequenceState& state, std::uint16_t ns) {
  return static_cast<std::uint16_t>(ns - state.expected);
}
bool is_late(const SequenceState& state, std::uint16_t ns) { return ahead(state, ns) >= 0x8000; }

Next refuse_late(abi::SequenceCounters& counters, Packet& p) {
  add(counters.late, 1);
  return refuse(p, abi::Drop::l2tp_late);
}

void restart(Context& c, SequenceState& state, std::uint16_t ns) {
  while (state.gap != 0) c.reorder.give_up(state);
  state.expected = ns;
  state.late_row = 0;
}

// There is no room for another: what waits in this session goes on without what is missing, and then the packet.
std::optional<Next> go_on(Context& c, SequenceState& state, abi::SequenceCounters& counters, Packet& p) {
  while (state.gap != 0) add(counters.lost, c.reorder.give_up(state));
  if (is_late(state, p.ns)) return refuse_late(counters, p);
  add(counters.lost, ahead(state, p.ns));
  state.expected = static_cast<std::uint16_t>(p.ns + 1);
  if (!c.reorder.any_ready()) return next_of_frame(p);
  c.reorder.make_ready(p);
  return std::nullopt;
}

// Among those that wait, to go on behind them. Nothing: it has been taken.
std::optional<Next> wait_for_turn(Context& c, SequenceState& state, abi::SequenceCounters& counters, Packet& p) {
  const std::uint64_t patience = p.session->reorder_milliseconds() * c.ticks_per_millisecond;
  const bool early = p.ns != state.expected;
  switch (c.reorder.hold(state, p, c.now + patience)) {
    case Reorder::Held::twice: return refuse_late(counters, p);
    case Reorder::Held::no_room: return go_on(c, state, counters, p);
    case Reorder::Held::waits: break;
  }
  if (early) add(counters.reordered, 1);
  c.reorder.release_in_turn(state);
  while (state.gap != 0 && c.reorder.waiting(state) > p.session->reorder_packets())
    add(counters.lost, c.reorder.give_up(state));
  return std::nullopt;
}

std::optional<Next> sequence_one(Context& c, Packet& p) {
  SequenceState& state = c.tables.sessions.sequence(p.index);
  const std::uint32_t flags = p.session->flags();
  if ((flags & abi::kSessionMirrorSequence) != 0) c.tables.sessions.note_peer_numbers(p.index, p.sequenced);
  if (!p.sequenced || (flags & abi::kSessionIgnoreSequence) != 0) return next_of_frame(p);

  auto& counters = c.sequence_counters[p.index.raw];
  if (!state.known) {
    state.known = true;  // whoever of the two has started again: the first that comes is the first
    state.expected = p.ns;
  }
  if (!is_late(state, p.ns)) {
    state.late_row = 0;
  } else if (counts_anew(state, p.ns)) {
    add(counters.restarts, 1);
    restart(c, state, p.ns);
  } else {
    return refuse_late(counters, p);
  }

  const bool in_turn = p.ns == state.expected && !c.reorder.any_ready();
  if (state.gap != 0 || (p.session->reorder_packets() != 0 && !in_turn)) return wait_for_turn(c, state, counters, p);
  add(counters.lost, ahead(state, p.ns));
  state.expected = static_cast<std::uint16_t>(p.ns + 1);
  return next_of_frame(p);
}

}  // namespace

// A row that was given to another call in the meantime has begun without a gap, whatever its ids are.
void release_overdue(Context& c) {
  c.reorder.each_overdue(c.now, [&](std::uint16_t gap, const Packet& first) {
    SequenceState& state = c.tables.sessions.sequence(first.index);
    if (is_still_there(first) && state.gap == gap) {
      auto& lost = c.sequence_counters[first.index.raw].lost;
      add(lost, c.reorder.give_up(state));
      return;
    }
    c.reorder.abandon(gap, [&](const Packet& p) {
      count_drop(c, abi::Drop::l2tp_no_session);
      rte_pktmbuf_free(p.mbuf);
    });
  });
}

void l2tp_sequence(Context& c, Burst& burst) {
  each(burst.take(Next::l2tp_sequence), [&](unsigned i) {
    if (const auto next = sequence_one(c, burst.packets[i])) burst.send(i, *next);
  });
}

}  // namespace holdfast::nodes
