// What one event leads to: changes of records, operations on forwarding tables, packets to send, deadlines, notices. A
// value; nothing has happened yet when it is returned. The executor makes it happen, in that order.
#pragma once

#include "abi/packets.hpp"
#include "abi/table_ops.hpp"
#include "checkpoint/records.hpp"
#include "engine/event.hpp"
#include "engine/notice.hpp"
#include "wire/inline_list.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace holdfast::engine {

struct RecordChange {
  Table table;
  std::uint32_t index;
  Octets bytes;  // empty: the record is freed
};

struct Send {
  abi::PacketHeader header;  // kind: InjectKind; length is that of payload
  Octets payload;
};

struct Timer {
  TimerKey key;
  TimePoint due;  // kNever: disarmed
};

// Sized for the largest step: kSweepChunk sessions cleared at once, a whole window of messages sent again, or the
// states of as many sessions told as a control message holds (ControlMessage::kMaxSessionStates).
class Step {
 public:
  static constexpr std::size_t kArena = 96 * 1024;
  static constexpr std::size_t kSends = 64;

  InlineList<RecordChange, 192> changes;
  InlineList<abi::TableOp, 160> table_ops;
  InlineList<Send, kSends> sends;
  InlineList<Timer, 192> timers;
  InlineList<Notice, 80> notices;

  void clear() {
    changes.clear();
    table_ops.clear();
    sends.clear();
    timers.clear();
    notices.clear();
    used_ = 0;
  }
  bool empty() const { return changes.empty() && table_ops.empty() && sends.empty() && notices.empty(); }

  // Room in the step for octets that its lists point to, aligned to 8. Aborts when a step outgrows itself: our bug.
  MutableOctets allocate(std::size_t size) {
    const std::size_t at = used_;
    used_ += (size + 7) / 8 * 8;
    if (used_ > kArena) std::abort();
    return {arena_.data() + at, size};
  }
  Octets copy(Octets from) {
    const MutableOctets to = allocate(from.size());
    if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
    return to;
  }

 private:
  alignas(8) std::array<std::uint8_t, kArena> arena_;
  std::size_t used_ = 0;
};

// A list of a step that is full is our bug: capacities bound what one event can cause.
inline void must(bool pushed) {
  if (!pushed) std::abort();
}

}  // namespace holdfast::engine
