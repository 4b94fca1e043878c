// Circuits that their subscribers have ended by PADT (RFC 2516 5.5), a bit each: nobody repeats a PADT, so that none
// may find a ring full, however many come at once.
//
//   | RegionHeader | told, begun, attempts, circuits | word 0: circuits 0 to 63 | word 1 | ...
//
// A worker sets the bit after it has seen that the PADT comes from where the circuit is, then counts in `told`. Control
// clears the bit after it has committed the end of the circuit: a bit that is set twice, or seen by two processes of
// control, ends what is ended already. `begun` and `attempts` are what they are in a ring: what killed control twice is
// skipped.
#pragma once

#include "abi/ids.hpp"
#include "abi/region.hpp"

#include <atomic>
#include <bit>
#include <cstdint>
#include <optional>

namespace holdfast::abi {

struct HangUpsRegion {
  RegionHeader header;
  alignas(64) std::atomic<std::uint64_t> told;   // bits set since the dataplane started, those set again among them
  alignas(64) std::atomic<std::uint32_t> begun;  // control: the circuit that work has begun at; 0: none
  std::atomic<std::uint32_t> attempts;           // at it
  std::uint32_t circuits;                        // bits, a multiple of 64
  std::uint32_t reserved;
  // words follow
};
static_assert(sizeof(HangUpsRegion) == 192);

constexpr std::uint64_t hang_ups_size(std::uint64_t circuits) { return sizeof(HangUpsRegion) + circuits / 8; }
inline constexpr std::uint64_t kHangUpsLayout = layout_hash(sizeof(HangUpsRegion));

// A view of the region. The view checks nothing: see hang_ups_fit().
class HangUps {
 public:
  HangUps() = default;
  explicit HangUps(HangUpsRegion* region)
      : region_(region), words_(reinterpret_cast<std::atomic<std::uint64_t>*>(region + 1)) {}

  // Any worker. circuit.raw < circuits.
  void tell(CircuitId circuit) {
    word(circuit).fetch_or(bit(circuit), std::memory_order_relaxed);
    region_->told.fetch_add(1, std::memory_order_release);
  }
  // Anybody: grows with each tell().
  std::uint64_t told() const { return region_->told.load(std::memory_order_acquire); }

  // Control. The first circuit from this one on that was ended; nothing when there is none up to the last.
  std::optional<CircuitId> next(CircuitId from) const {
    const std::uint32_t words = region_->circuits / 64;
    std::uint64_t mask = ~std::uint64_t{0} << (from.raw % 64);
    for (std::uint32_t i = from.raw / 64; i < words; ++i, mask = ~std::uint64_t{0})
      if (const std::uint64_t set = words_[i].load(std::memory_order_relaxed) & mask; set != 0)
        return CircuitId(i * 64 + static_cast<std::uint32_t>(std::countr_zero(set)));
    return std::nullopt;
  }
  // Control, before it works on one: how often that was begun before.
  std::uint32_t begin_attempt(CircuitId circuit) {
    const bool again = region_->begun.load(std::memory_order_relaxed) == circuit.raw;
    const std::uint32_t before = again ? region_->attempts.load(std::memory_order_relaxed) + 1 : 0;
    region_->attempts.store(before, std::memory_order_relaxed);
    region_->begun.store(circuit.raw, std::memory_order_release);
    return before;
  }
  // Control, when it is done with it.
  void done(CircuitId circuit) {
    word(circuit).fetch_and(~bit(circuit), std::memory_order_relaxed);
    region_->begun.store(0, std::memory_order_release);
  }

 private:
  static std::uint64_t bit(CircuitId circuit) { return std::uint64_t{1} << (circuit.raw % 64); }
  std::atomic<std::uint64_t>& word(CircuitId circuit) { return words_[circuit.raw / 64]; }

  HangUpsRegion* region_ = nullptr;
  std::atomic<std::uint64_t>* words_ = nullptr;
};

// Whether a region of region_size octets has as many bits as it says.
inline bool hang_ups_fit(const HangUpsRegion& region, std::uint64_t region_size) {
  return region.circuits % 64 == 0 && hang_ups_size(region.circuits) <= region_size;
}

}  // namespace holdfast::abi
