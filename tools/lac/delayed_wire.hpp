// A long way to the LNS: every datagram takes some time, each way. Without delay it is the wire behind it.
#pragma once

#include "lac/wire.hpp"
#include "wire/time.hpp"

#include <array>
#include <deque>
#include <vector>

namespace holdfast::lac {

class DelayedWire : public Wire {
 public:
  struct Datagram {
    std::vector<std::uint8_t> payload;
    std::uint16_t port;  // of the LNS
  };

  DelayedWire(Wire& wire, Duration delay) : wire_(wire), delay_(delay) {}

  bool delays() const { return delay_ > Duration::zero(); }
  // What is sent from now on is sent at this time.
  void set_now(TimePoint now) { now_ = now; }
  MutableOctets room() override { return delays() ? MutableOctets(room_) : wire_.room(); }
  void send(std::size_t length, std::uint16_t port) override;
  // A datagram has come from the LNS.
  void arrived(Octets payload, std::uint16_t port, TimePoint now);

  // Puts on the wire behind it what is due.
  void run(TimePoint now);
  // The next datagram from the LNS that is due; false: there is none.
  bool take(Datagram& out, TimePoint now);
  TimePoint next_due() const;

 private:
  struct Late {
    TimePoint due;
    Datagram datagram;
  };
  Wire& wire_;
  Duration delay_;
  TimePoint now_{};
  std::array<std::uint8_t, 2048> room_{};
  std::deque<Late> out_;
  std::deque<Late> in_;
};

}  // namespace holdfast::lac
