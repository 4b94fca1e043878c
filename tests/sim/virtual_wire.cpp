#include "virtual_wire.hpp"

#include <algorithm>

namespace holdfast::sim {

VirtualWire::Fate VirtualWire::send(TimePoint now, const Datagram& datagram, bool cut) {
  checker_.sent(now, datagram);
  ++counts_.messages;
  if (cut || random_.chance(weather_.loss)) {
    ++counts_.lost;
    return Fate::lost;
  }
  put(now, datagram);
  if (random_.chance(weather_.duplicate)) {
    ++counts_.duplicated;
    put(now, datagram);
  }
  return Fate::under_way;
}

void VirtualWire::put(TimePoint now, const Datagram& datagram) {
  const TimePoint at = now + weather_.delay + random_.between(Duration::zero(), weather_.jitter);
  queue_.push_back({at, ++number_, datagram});
  std::ranges::push_heap(queue_, std::greater<>{});
}

Datagram VirtualWire::take() {
  std::ranges::pop_heap(queue_, std::greater<>{});
  Datagram datagram = std::move(queue_.back().datagram);
  queue_.pop_back();
  return datagram;
}

}  // namespace holdfast::sim
