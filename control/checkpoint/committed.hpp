// Proof that a transaction is in the checkpoint. Sending to a peer and programming a table need one, so that the wrong
// order does not compile (design: commit, program, send, arm, report).
#pragma once

#include <cstdint>

namespace holdfast::checkpoint {

// Only Store::commit makes one. It is passed by const reference and can't be kept for later: neither copied nor moved.
class Committed {
 public:
  Committed(const Committed&) = delete;
  Committed& operator=(const Committed&) = delete;

  // Of the transaction, counted from 1 over the life of the region.
  std::uint64_t sequence() const { return sequence_; }

 private:
  friend class Store;
  explicit Committed(std::uint64_t sequence) : sequence_(sequence) {}

  std::uint64_t sequence_;
};

}  // namespace holdfast::checkpoint
