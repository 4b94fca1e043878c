// The sessions, indexed by the ids that the peer puts into what it sends (abi/ids.hpp): no hash, one line a session.
//
//   word 0: tunnel, session, peer tunnel, peer session    the identity; 0: no session
//   word 1: flags, LCP magic number     word 2: MTU, reordering, onward     word 4: IPv4
//   words 5-7: IPv6 prefix, MSS
//
// It is the row of abi/table_ops.hpp as it lies, in eight atomic words; but word 3, half of an IPv4 address and always
// the same, is the workers' own: what they have noted of the session. A worker that finds the identity it looks for may
// read on until its next quiescent point: the row isn't given to another session before that. A change within a session
// is seen word by word. What sequence numbers need (RFC 2661 5.4) lies apart: most sessions do without.
#pragma once

#include "abi/table_ops.hpp"
#include "tables/memory.hpp"
#include "tables/readers.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <vector>

namespace holdfast::tables {

struct SessionIdentity {
  TunnelId tunnel;
  SessionId session;
  PeerTunnelId peer_tunnel;
  PeerSessionId peer_session;
};
static_assert(sizeof(SessionIdentity) == 8);

struct alignas(64) SessionSlot {
  static constexpr unsigned kNoted = 3;

  std::array<std::atomic<std::uint64_t>, 8> words;

  SessionIdentity identity() const { return std::bit_cast<SessionIdentity>(words[0].load(std::memory_order_acquire)); }
  std::uint32_t flags() const { return static_cast<std::uint32_t>(word(1)); }
  std::uint32_t magic() const { return static_cast<std::uint32_t>(word(1) >> 32); }
  std::uint16_t mtu() const { return static_cast<std::uint16_t>(word(2)); }
  std::uint8_t reorder_packets() const { return static_cast<std::uint8_t>(word(2) >> 16); }
  std::uint8_t reorder_milliseconds() const { return static_cast<std::uint8_t>(word(2) >> 24); }
  // A circuit or a session, as flags() say; within the table in either case.
  std::uint32_t onward() const { return static_cast<std::uint32_t>(word(2) >> 32); }
  // Whether the latest data message from the peer carried Ns, noted where that matters (kSessionMirrorSequence).
  bool peer_numbers() const { return word(kNoted) != 0; }
  // The subscriber's address as on the wire, loaded as a native integer; 0: none.
  std::uint32_t ipv4() const { return static_cast<std::uint32_t>(word(4) >> 32); }
  // The halves of the prefix as on the wire, loaded as native integers, and its length in bits.
  std::uint64_t ipv6_high() const { return word(5); }
  std::uint64_t ipv6_low() const { return word(6); }
  std::uint8_t ipv6_length() const { return static_cast<std::uint8_t>(word(7)); }
  std::uint16_t mss() const { return static_cast<std::uint16_t>(word(7) >> 16); }

 private:
  std::uint64_t word(unsigned i) const { return words[i].load(std::memory_order_relaxed); }
};
static_assert(sizeof(SessionSlot) == 64 && std::endian::native == std::endian::little);

// Where a session's sequence numbers are. All but the first two belong to the worker that receives from the peer.
struct alignas(16) SequenceState {
  std::atomic<std::uint16_t> next_ns;  // of what we send
  bool known;                          // one has come, so `expected` means something
  std::uint16_t expected;              // the Ns whose turn it is
  std::uint16_t late_next;             // the Ns that would go on a row of late ones...
  std::uint8_t late_row;               // ...which is so long by now
  std::uint8_t reserved;
  std::uint16_t gap;  // of nodes::Reorder, whose packets wait for `expected`; 0: none wait
};
static_assert(sizeof(SequenceState) == 16);

class SessionTable {
 public:
  // bank_bits: 0..8.
  SessionTable(Readers& readers, unsigned bank_bits);

  // Workers.
  SessionIndex index(TunnelId tunnel, SessionId session) const { return session_index(tunnel, session, bank_bits_); }
  const SessionSlot& at(SessionIndex index) const { return slots_[index.raw]; }
  const SessionSlot* slots() const { return slots_.data(); }
  unsigned bank_bits() const { return bank_bits_; }
  SequenceState& sequence(SessionIndex index) const { return sequences_[index.raw]; }
  // By the worker that receives from the peer.
  void note_peer_numbers(SessionIndex index, bool numbers) const {
    auto& noted = slots_[index.raw].words[SessionSlot::kNoted];
    if (noted.load(std::memory_order_relaxed) != numbers) noted.store(numbers, std::memory_order_relaxed);
  }

  // The writer. The key's ids are not 0. False: another session has the row (its tunnel shares the bank).
  [[nodiscard]] bool put(const abi::SessionRow& row);
  bool remove(TunnelId tunnel, SessionId session);
  std::size_t size() const { return size_; }

 private:
  Readers& readers_;
  unsigned bank_bits_;
  SparseArray<SessionSlot> slots_;
  SparseArray<SequenceState> sequences_;
  SparseArray<Readers::Token> retired_;  // of the row's last session; 0: never had one
  std::size_t size_ = 0;
};

}  // namespace holdfast::tables
