#include "tables/session_table.hpp"

namespace holdfast::tables {

using Words = std::array<std::uint64_t, 8>;

SessionTable::SessionTable(Readers& readers, unsigned bank_bits)
    : readers_(readers),
      bank_bits_(bank_bits),
      slots_(std::size_t{65536} << bank_bits),
      sequences_(std::size_t{65536} << bank_bits),
      retired_(std::size_t{65536} << bank_bits) {}

bool SessionTable::put(const abi::SessionRow& row) {
  const auto i = index(row.tunnel, row.session).raw;
  auto& words = slots_[i].words;
  auto next = std::bit_cast<Words>(row);
  next[SessionSlot::kNoted] = 0;
  const auto now = slots_[i].identity();
  const bool same = now.tunnel == row.tunnel && now.session == row.session;
  if (now.tunnel && !same) return false;
  if (!same) {
    if (retired_[i] != 0) readers_.wait(retired_[i]);
    new (&sequences_[i]) SequenceState{};
    ++size_;
  }
  for (unsigned w = 1; w < words.size(); ++w) {
    if (same && w == SessionSlot::kNoted) continue;
    if (words[w].load(std::memory_order_relaxed) != next[w]) words[w].store(next[w], std::memory_order_relaxed);
  }
  words[0].store(next[0], std::memory_order_release);
  return true;
}

// Unlinks; the wait comes with the row's next session, by which time it has long passed.
bool SessionTable::remove(TunnelId tunnel, SessionId session) {
  const auto i = index(tunnel, session).raw;
  const auto now = slots_[i].identity();
  if (now.tunnel != tunnel || now.session != session || !tunnel) return false;
  slots_[i].words[0].store(0, std::memory_order_release);
  retired_[i] = readers_.retire();
  --size_;
  return true;
}

}  // namespace holdfast::tables
