// A network that loses, repeats, delays and so reorders, as its weather and a seed will have it. It tells the checker
// what enters and what leaves it.
#pragma once

#include "checker/spec_checker.hpp"
#include "datagram.hpp"
#include "random.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace holdfast::sim {

struct Weather {
  unsigned loss = 0;       // per cent
  unsigned duplicate = 0;  // per cent
  Duration delay{};        // of all
  Duration jitter{};       // at most so much more; what is delayed more than what came later arrives out of order
};

struct WireCounts {
  std::uint64_t messages = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
};

class VirtualWire {
 public:
  VirtualWire(std::uint64_t seed, SpecChecker& checker) : random_(seed), checker_(checker) {}

  void set_weather(const Weather& weather) { weather_ = weather; }
  // cut: the sender died while it was sending, so the datagram is lost in any case.
  enum class Fate : std::uint8_t { under_way, lost };
  Fate send(TimePoint now, const Datagram& datagram, bool cut);
  TimePoint next() const { return queue_.empty() ? kNever : queue_.front().at; }
  // What arrives next. Nobody has been told yet: it may arrive where nobody is.
  Datagram take();
  void arrived(TimePoint now, const Datagram& datagram) { checker_.arrived(now, datagram); }
  void lost() { ++counts_.lost; }
  const WireCounts& counts() const { return counts_; }

 private:
  struct UnderWay {
    TimePoint at;
    std::uint64_t number;  // of two that arrive at once the one sent first goes first
    Datagram datagram;
    friend bool operator>(const UnderWay& a, const UnderWay& b) {
      return a.at != b.at ? a.at > b.at : a.number > b.number;
    }
  };
  void put(TimePoint now, const Datagram& datagram);

  Random random_;
  SpecChecker& checker_;
  Weather weather_;
  std::vector<UnderWay> queue_;  // a heap, the earliest in front
  std::uint64_t number_ = 0;
  WireCounts counts_;
};

}  // namespace holdfast::sim
