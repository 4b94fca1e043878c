// The way to the LNS, as the LAC sees it: a buffer to write a UDP payload into, and the port to send it to.
#pragma once

#include "wire/octets.hpp"

#include <cstdint>

namespace holdfast::lac {

class Wire {
 public:
  virtual ~Wire() = default;
  // At least 2,048 octets, valid until send() or the next room().
  virtual MutableOctets room() = 0;
  // Sends the first length octets of room() to this UDP port of the LNS. What the network can't take is lost.
  virtual void send(std::size_t length, std::uint16_t port) = 0;
};

}  // namespace holdfast::lac
