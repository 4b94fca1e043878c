// The way to the access concentrator, as the subscribers see it: a buffer to write a frame into.
#pragma once

#include "wire/octets.hpp"

namespace holdfast::pppoe {

class Wire {
 public:
  virtual ~Wire() = default;
  // At least 2,048 octets, valid until send() or the next room().
  virtual MutableOctets room() = 0;
  // Sends the first length octets of room(). What the network can't take is lost.
  virtual void send(std::size_t length) = 0;
};

}  // namespace holdfast::pppoe
