// PADOs that wait, so that another access concentrator is preferred (`pppoe pado-delay`). So many at most, in the order
// in which they were asked for; they are no record: after a restart whoever misses one asks again (RFC 2516 8).
#pragma once

#include "abi/ids.hpp"
#include "access/frame.hpp"
#include "wire/octets.hpp"
#include "wire/time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>

namespace holdfast::engine {

class Offers {
 public:
  static constexpr std::size_t kMost = 1024;

  struct Offer {
    TimePoint due;
    PortId port;
    std::uint16_t length;
    std::array<std::uint8_t, access::kMaxDiscovery> octets;
    Octets frame() const { return Octets(octets).first(length); }
  };

  bool full() const { return waiting_.size() >= kMost; }
  // Not when full; frame: up to kMaxDiscovery octets.
  void wait(TimePoint due, PortId port, Octets frame) {
    Offer& offer = waiting_.emplace_back();
    offer.due = due;
    offer.port = port;
    offer.length = static_cast<std::uint16_t>(frame.size());
    std::copy(frame.begin(), frame.end(), offer.octets.begin());
  }
  // kNever: none waits. After a change of the delay a later one may have to wait for an earlier one.
  TimePoint next_due() const { return waiting_.empty() ? kNever : waiting_.front().due; }
  const Offer& front() const { return waiting_.front(); }
  void pop() { waiting_.pop_front(); }

 private:
  std::deque<Offer> waiting_;
};

}  // namespace holdfast::engine
