// How a writer begins: with a new region, or with the one that its predecessor left.
#pragma once

#include "checkpoint/redo.hpp"
#include "checkpoint/region.hpp"

#include <cstdint>

namespace holdfast::checkpoint {

struct Writer {
  std::uint64_t start{};  // MonotonicClock nanoseconds
  std::uint64_t pid{};
};

// Finishes the transaction that was cut short, if there is one, and counts a new incarnation. The region was checked.
template <class Stores>
void take_over(const Region& region, const Writer& writer, Stores& stores) {
  Progress& progress = region.progress();
  if (progress.committed != progress.applied) apply_redo(region, stores);
  stores.publish(progress.writer_start, writer.start);
  stores.publish(progress.writer_pid, writer.pid);
  stores.publish(progress.incarnation, progress.incarnation + 1);
}

// Makes a region of header.octets zeros a new one. header: as planned, not ready.
template <class Stores>
void begin_new(std::uint8_t* base, const Header& header, const Writer& writer, Stores& stores) {
  stores.copy(base, object_octets(header));
  take_over(Region(base), writer, stores);
  stores.publish(reinterpret_cast<Header*>(base)->ready, kReady);
}

}  // namespace holdfast::checkpoint
