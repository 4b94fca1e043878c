// Datagrams to us that came in fragments (RFC 791 3.2, RFC 8200 4.5), while some are missing: only the first shows
// whether L2TP is in it. Of fixed size, a worker's own; knows no clock, deadlines are numbers. A source address has but
// so many places, which it shares with those of the same hash, and its newest datagram takes the place of the oldest:
// whoever sends fragments that never become whole is in nobody's way but in theirs.
#pragma once

#include "abi/ip_address.hpp"

#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace holdfast::nodes {

struct DatagramKey {
  IpAddress source, destination;
  std::uint32_t id = 0;

  friend bool operator==(const DatagramKey&, const DatagramKey&) = default;
};

// A packet with a piece of a datagram: `length` octets, `header` octets into the packet, `offset` octets into the
// datagram.
struct Fragment {
  rte_mbuf* mbuf = nullptr;
  std::uint16_t header = 0;
  std::uint32_t offset = 0, length = 0;
  bool last = false;
};

class Datagram {
 public:
  static constexpr unsigned kFragments = 8;

  enum class Added : std::uint8_t { waits, whole, twice, refused };
  // twice: it is there already; refused: it overlaps with another, which ends the datagram (RFC 8200 4.5), or there are
  // too many. In both cases it stays the caller's.
  [[nodiscard]] Added add(const Fragment& fragment);
  // Of a whole one: all in the packet of the first fragment, the other packets freed. Null: it has no room for that.
  [[nodiscard]] rte_mbuf* join();
  unsigned count() const { return count_; }
  // f(mbuf) takes each packet that is held.
  template <class F>
  void release(F f) {
    for (unsigned i = 0; i < count_; ++i) f(fragments_[i].mbuf);
    count_ = 0;
  }

  bool is_others = false;  // not L2TP: nothing is held, whatever comes is the kernel's

 private:
  friend class Reassembly;

  DatagramKey key_;
  std::uint64_t deadline_ = 0;  // 0: none has this place
  unsigned count_ = 0;
  std::array<Fragment, kFragments> fragments_;  // by offset
};

class Reassembly {
 public:
  static constexpr unsigned kSets = 64, kDatagramsOfSet = 8;
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  Reassembly() : datagrams_(kSets * kDatagramsOfSet) {}

  // The datagram of that key; if it is new, until `deadline`, and f(mbuf) takes what was in its place.
  template <class F>
  Datagram& find(const DatagramKey& key, std::uint64_t deadline, F f) {
    Datagram& datagram = place_of(key);
    if (datagram.deadline_ != 0 && datagram.key_ == key) return datagram;
    end(datagram, f);
    datagram.key_ = key;
    datagram.deadline_ = deadline;
    if (deadline < next_deadline_) next_deadline_ = deadline;
    return datagram;
  }
  template <class F>
  void end(Datagram& datagram, F f) {
    datagram.release(f);
    datagram.deadline_ = 0;
    datagram.is_others = false;
  }

  bool has_work(std::uint64_t now) const { return now >= next_deadline_; }
  // Ends those whose deadline has passed; f(mbuf) takes what they held.
  template <class F>
  void expire(std::uint64_t now, F f) {
    next_deadline_ = kNever;
    for (Datagram& datagram : datagrams_) {
      if (datagram.deadline_ == 0) continue;
      if (now >= datagram.deadline_)
        end(datagram, f);
      else if (datagram.deadline_ < next_deadline_)
        next_deadline_ = datagram.deadline_;
    }
  }

 private:
  Datagram& place_of(const DatagramKey& key);

  std::vector<Datagram> datagrams_;
  std::uint64_t next_deadline_ = kNever;
};

}  // namespace holdfast::nodes
