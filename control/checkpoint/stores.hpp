// Every store to a region goes through one of these functions, so that a test can stop the process after any of them.
//
// What a killed process leaves behind is what the stores up to some instruction have written, in the order in which the
// processor ran them: so it is the compiler alone that must not reorder them. Copies and clears may happen in any order
// and by halves; but none moves over a publish, in either direction.
#pragma once

#include "wire/octets.hpp"

#include <atomic>
#include <cstdint>
#include <cstring>

namespace holdfast::checkpoint {

struct DirectStores {
  void copy(std::uint8_t* to, Octets from) {
    if (!from.empty()) std::memcpy(to, from.data(), from.size());
  }
  void clear(MutableOctets at) { std::memset(at.data(), 0, at.size()); }
  // In one piece; a release store, for the readers in other processes.
  void publish(std::uint64_t& at, std::uint64_t value) {
    std::atomic_ref(at).store(value, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
};

}  // namespace holdfast::checkpoint
