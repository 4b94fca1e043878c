// A packet socket on an Ethernet interface, which takes frames to any MAC address; sends and receives many frames a
// system call. VLAN tags, which the kernel takes out of what arrives, are put back.
#pragma once

#include "pppoe/wire.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace holdfast::pppoe {

class PacketWire : public Wire {
 public:
  // Throws std::system_error when the socket can't be had.
  explicit PacketWire(const std::string& interface);
  ~PacketWire() override;
  PacketWire(const PacketWire&) = delete;
  PacketWire& operator=(const PacketWire&) = delete;

  MutableOctets room() override { return out_[queued_]; }
  void send(std::size_t length) override;
  // What was sent leaves now.
  void flush();
  int descriptor() const { return socket_; }

  // What has arrived, at most 64 frames; valid until the next call.
  const std::vector<Octets>& receive();
  std::uint64_t send_errors() const { return send_errors_; }

 private:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::size_t kTag = 4;
  using Room = std::array<std::uint8_t, 2048>;
  struct Arrived {
    std::array<std::uint8_t, kTag + 2048> octets;  // the frame begins behind the room for a tag
    alignas(cmsghdr) std::array<std::uint8_t, 64> control;
  };

  static Octets with_tag(Arrived& arrived, msghdr& header, std::size_t length);

  int socket_ = -1;
  std::uint64_t send_errors_ = 0;
  std::size_t queued_ = 0;
  std::unique_ptr<Room[]> out_ = std::make_unique<Room[]>(kBatch);
  std::array<iovec, kBatch> out_pieces_{};
  std::array<mmsghdr, kBatch> out_headers_{};
  std::unique_ptr<Arrived[]> in_ = std::make_unique<Arrived[]>(kBatch);
  std::array<iovec, kBatch> in_pieces_{};
  std::array<mmsghdr, kBatch> in_headers_{};
  std::vector<Octets> received_;
};

}  // namespace holdfast::pppoe
