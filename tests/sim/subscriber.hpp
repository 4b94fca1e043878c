// A PPP client behind a LAC, as plain as can be (RFC 1661, RFC 1332): it agrees to what it is asked, asks for any
// address, and has no timer, because the LNS asks again.
#pragma once

#include "wire/octets.hpp"

#include <cstdint>
#include <vector>

namespace holdfast::sim {

class Subscriber {
 public:
  using Frame = std::vector<std::uint8_t>;  // beginning with the protocol field

  // What it answers to a frame.
  std::vector<Frame> receive(Octets frame);

 private:
  bool lcp_agreed_ = false;
  bool ipcp_agreed_ = false;
  std::uint32_t address_ = 0;
};

}  // namespace holdfast::sim
