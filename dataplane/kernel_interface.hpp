// Interfaces in the kernel: a TAP for each port, so that the kernel answers for the router's own addresses, and a TUN
// towards the subscribers. They are gone when this process ends, but not when it is killed: addresses and the routes to
// all subscribers are there for the next one, which takes the interfaces as they are.
#pragma once

#include "abi/wire.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::dataplane {

class KernelInterface {
 public:
  // A TAP with the port's name, MAC address and MTU: carries Ethernet frames. Up when made or found. Throws StartError.
  static KernelInterface tap(const std::string& name, const wire_format::Mac& mac, std::uint16_t mtu);
  // A TUN: carries IP packets. Likewise.
  static KernelInterface tun(const std::string& name);

  KernelInterface(KernelInterface&& other) noexcept
      : name_(std::move(other.name_)), fd_(std::exchange(other.fd_, -1)) {}
  ~KernelInterface();

  const std::string& name() const { return name_; }
  int fd() const { return fd_; }
  // One frame or packet to the kernel. False: it takes no more.
  [[nodiscard]] bool write(std::span<const std::uint8_t> data) const;
  // The next one from the kernel, without waiting. 0: there is none.
  std::size_t read(std::span<std::uint8_t> room) const;

 private:
  KernelInterface(const std::string& name, short flags);

  std::string name_;
  int fd_;
};

// Settings of the kernel (/proc/sys) that forwarding through these interfaces needs. Each function gives one line for
// each setting that could not be made, to be logged.
std::vector<std::string> set_up_forwarding(const std::string& interface, bool subscribers);
// A net_af_packet port gets copies of what its interface receives. The kernel has to leave the originals alone, or it
// would answer and forward them a second time.
std::vector<std::string> silence(const std::string& interface);

}  // namespace holdfast::dataplane
