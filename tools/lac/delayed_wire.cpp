#include "lac/delayed_wire.hpp"

#include <algorithm>

namespace holdfast::lac {

void DelayedWire::send(std::size_t length, std::uint16_t port) {
  if (!delays()) return wire_.send(length, port);
  out_.push_back({now_ + delay_, {{room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(length)}, port}});
}

void DelayedWire::arrived(Octets payload, std::uint16_t port, TimePoint now) {
  in_.push_back({now + delay_, {{payload.begin(), payload.end()}, port}});
}

void DelayedWire::run(TimePoint now) {
  for (; !out_.empty() && out_.front().due <= now; out_.pop_front()) {
    const auto& payload = out_.front().datagram.payload;
    std::ranges::copy(payload, wire_.room().begin());
    wire_.send(payload.size(), out_.front().datagram.port);
  }
}

bool DelayedWire::take(Datagram& out, TimePoint now) {
  if (in_.empty() || in_.front().due > now) return false;
  out = std::move(in_.front().datagram);
  in_.pop_front();
  return true;
}

TimePoint DelayedWire::next_due() const {
  return std::min(out_.empty() ? kNever : out_.front().due, in_.empty() ? kNever : in_.front().due);
}

}  // namespace holdfast::lac
