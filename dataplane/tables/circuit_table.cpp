#include "tables/circuit_table.hpp"

namespace holdfast::tables {

using Words = std::array<std::uint64_t, 4>;

CircuitTable::CircuitTable(Readers& readers, unsigned bank_bits)
    : readers_(readers),
      bank_bits_(bank_bits),
      slots_(std::size_t{kBankRows} << bank_bits),
      retired_(std::size_t{kBankRows} << bank_bits) {}

void CircuitTable::put(const abi::CircuitRow& row) {
  auto& slot = slots_[row.circuit.raw];
  const auto next = std::bit_cast<Words>(row);
  const bool same = slot.source() == CircuitSource{{next[0], next[1]}};
  if (!same) {
    remove(row.circuit);
    if (const auto token = retired_[row.circuit.raw]; token != 0) readers_.wait(token);
    slot.words[1].store(next[1], std::memory_order_relaxed);
    ++size_;
  }
  if (slot.words[2].load(std::memory_order_relaxed) != next[2]) slot.words[2].store(next[2], std::memory_order_release);
  if (!same) slot.words[0].store(next[0], std::memory_order_release);
}

// Unlinks; the wait comes with the row's next circuit, by which time it has long passed.
bool CircuitTable::remove(CircuitId circuit) {
  auto& slot = slots_[circuit.raw];
  if (!slot.id()) return false;
  slot.words[0].store(0, std::memory_order_release);
  retired_[circuit.raw] = readers_.retire();
  --size_;
  return true;
}

}  // namespace holdfast::tables
