// A ring of fixed slots in shared memory between one producer and one consumer, each of which may die and come back.
//
//   | RingHeader: head (written by the producer) | tail, begun ... waiting (written by the consumer) | slot 0 | slot 1
//   | ...
//
// head and tail only grow; the slot of position p is p mod slots. The consumer moves tail after it is done with a slot
// (for control: after the commit), so what it was working on when it died is there again when it comes back. Before it
// begins it notes the slot's position in `begun`, with `mark`: a number that its work will change (for control: the
// sequence of its last commit). So the one that comes back knows whether the work was done and only the slot not given
// back: nothing is done twice. `attempts` counts the tries at a slot: a consumer that finds 2 there skips it, or it
// would die of it forever.
//
// Doorbell: before it sleeps, the consumer sets `waiting` and looks once more; a producer that finds `waiting` set
// clears it and rings (an eventfd, outside of this file).
#pragma once

#include <atomic>
#include <cstdint>

namespace holdfast::abi {

struct RingHeader {
  alignas(64) std::atomic<std::uint64_t> head;  // next position to be written
  alignas(64) std::atomic<std::uint64_t> tail;  // next position to be read
  std::atomic<std::uint64_t> begun;             // position + 1 of the slot that work has begun at
  std::atomic<std::uint64_t> mark;              // as it was when the work began
  std::atomic<std::uint32_t> attempts;          // at that slot
  std::atomic<std::uint32_t> waiting;           // the consumer wants the doorbell
  alignas(64) std::uint32_t slots;              // a power of two
  std::uint32_t slot_size;                      // octets, a multiple of 64
  std::uint64_t slots_offset;                   // from the start of the region
};
static_assert(sizeof(RingHeader) == 192);

// A view of a ring in mapped memory. base: start of the region. The view checks nothing: see ring_fits().
class Ring {
 public:
  Ring() = default;
  Ring(void* base, RingHeader* header)
      : header_(header),
        slots_(static_cast<std::uint8_t*>(base) + header->slots_offset),
        mask_(header->slots - 1),
        slot_size_(header->slot_size) {}

  explicit operator bool() const { return header_ != nullptr; }
  std::uint32_t slot_size() const { return slot_size_; }
  std::uint64_t slots() const { return mask_ + 1; }

  // Producer. The slot to fill next, or null when the ring is full. `ahead`: how many unpublished slots lie before it.
  void* reserve(std::uint64_t ahead = 0) {
    const auto head = header_->head.load(std::memory_order_relaxed) + ahead;
    if (head - header_->tail.load(std::memory_order_acquire) > mask_) return nullptr;
    return slot(head);
  }
  // Producer. How many slots the consumer has not given back.
  std::uint64_t used() const {
    return header_->head.load(std::memory_order_relaxed) - header_->tail.load(std::memory_order_acquire);
  }
  // Producer. Makes the `count` slots filled since the last publish visible. True: the consumer asked for the doorbell.
  [[nodiscard]] bool publish(std::uint64_t count = 1) {
    header_->head.store(header_->head.load(std::memory_order_relaxed) + count, std::memory_order_seq_cst);
    return header_->waiting.load(std::memory_order_seq_cst) != 0 && header_->waiting.exchange(0) != 0;
  }

  // Consumer. How many slots are there to read now.
  std::uint64_t readable() const {
    const auto n = header_->head.load(std::memory_order_acquire) - header_->tail.load(std::memory_order_relaxed);
    return n > mask_ + 1 ? mask_ + 1 : n;  // a head from outside is not believed beyond the ring
  }
  // Consumer. The slot `ahead` positions after tail; ahead < readable().
  const void* front(std::uint64_t ahead = 0) const {
    return slot(header_->tail.load(std::memory_order_relaxed) + ahead);
  }
  // Consumer. Gives `count` slots back.
  void release(std::uint64_t count = 1) {
    header_->tail.store(header_->tail.load(std::memory_order_relaxed) + count, std::memory_order_release);
  }
  // Consumer. How often the slot at tail was begun before; call once before working on it. mark: see above.
  std::uint32_t begin_attempt(std::uint64_t mark) {
    const std::uint32_t before = begun_at_tail() ? header_->attempts.load(std::memory_order_relaxed) + 1 : 0;
    header_->attempts.store(before, std::memory_order_relaxed);
    header_->mark.store(mark, std::memory_order_relaxed);
    header_->begun.store(tail() + 1, std::memory_order_release);  // last: a crash before it began nothing
    return before;
  }
  // Consumer, when it comes back, with the mark as it is now: whether the work at the slot at tail was done.
  bool done_at_tail(std::uint64_t mark) const {
    return readable() != 0 && begun_at_tail() && header_->mark.load(std::memory_order_relaxed) != mark;
  }
  // Consumer. True: nothing to read, and the producer will ring. False: there is something.
  [[nodiscard]] bool prepare_to_wait() {
    header_->waiting.store(1, std::memory_order_seq_cst);
    if (header_->head.load(std::memory_order_seq_cst) == header_->tail.load(std::memory_order_relaxed)) return true;
    header_->waiting.store(0, std::memory_order_relaxed);
    return false;
  }
  // Either side: positions, e.g. to drain up to what was there at a given moment.
  std::uint64_t head() const { return header_->head.load(std::memory_order_acquire); }
  std::uint64_t tail() const { return header_->tail.load(std::memory_order_acquire); }

 private:
  bool begun_at_tail() const { return header_->begun.load(std::memory_order_acquire) == tail() + 1; }
  void* slot(std::uint64_t position) const { return slots_ + (position & mask_) * slot_size_; }

  RingHeader* header_ = nullptr;
  std::uint8_t* slots_ = nullptr;
  std::uint64_t mask_ = 0;
  std::uint32_t slot_size_ = 0;
};

// Whether a ring header found in a region of region_size octets describes slots that lie inside of it.
inline bool ring_fits(const RingHeader& header, std::uint64_t region_size) {
  return header.slots != 0 && (header.slots & (header.slots - 1)) == 0 && header.slot_size != 0 &&
         header.slot_size % 64 == 0 && header.slots_offset <= region_size &&
         std::uint64_t{header.slots} * header.slot_size <= region_size - header.slots_offset;
}

}  // namespace holdfast::abi
