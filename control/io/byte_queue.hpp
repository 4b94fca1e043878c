// Octets from one thread to another, whole pushes only, without lock or allocation. One pushes, one takes.
#pragma once

#include "wire/octets.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace holdfast::io {

class ByteQueue {
 public:
  // Memory is taken as the queue is first filled.
  explicit ByteQueue(std::size_t capacity) : capacity_(capacity), octets_(new std::uint8_t[capacity]) {}

  // False, with nothing pushed: there is no room.
  [[nodiscard]] bool push(Octets octets) {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (octets.size() > capacity_ - (head - tail_.load(std::memory_order_acquire))) return false;
    const std::size_t at = head % capacity_;
    const std::size_t first = std::min(octets.size(), capacity_ - at);
    std::memcpy(octets_.get() + at, octets.data(), first);
    std::memcpy(octets_.get(), octets.data() + first, octets.size() - first);
    head_.store(head + octets.size(), std::memory_order_release);
    return true;
  }
  bool half_full() const {
    return head_.load(std::memory_order_relaxed) - tail_.load(std::memory_order_acquire) > capacity_ / 2;
  }
  // Appends all that is there.
  void take(std::vector<std::uint8_t>& out) {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    const auto size = static_cast<std::size_t>(head_.load(std::memory_order_acquire) - tail);
    const std::size_t at = tail % capacity_;
    const std::size_t first = std::min(size, capacity_ - at);
    out.insert(out.end(), octets_.get() + at, octets_.get() + at + first);
    out.insert(out.end(), octets_.get(), octets_.get() + (size - first));
    tail_.store(tail + size, std::memory_order_release);
  }

 private:
  const std::size_t capacity_;
  const std::unique_ptr<std::uint8_t[]> octets_;  // not cleared: a page that was never used takes no memory
  alignas(64) std::atomic<std::uint64_t> head_{0};
  alignas(64) std::atomic<std::uint64_t> tail_{0};
};

}  // namespace holdfast::io
