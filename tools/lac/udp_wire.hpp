// A UDP socket to the LNS, for all tunnels; sends and receives many datagrams a system call.
#pragma once

#include "lac/settings.hpp"
#include "lac/wire.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <sys/socket.h>
#include <vector>

namespace holdfast::lac {

class UdpWire : public Wire {
 public:
  // Throws std::system_error when the socket can't be had.
  explicit UdpWire(const Settings& settings);
  ~UdpWire() override;
  UdpWire(const UdpWire&) = delete;
  UdpWire& operator=(const UdpWire&) = delete;

  MutableOctets room() override { return out_[queued_].payload; }
  void send(std::size_t length, std::uint16_t port) override;
  // What was sent leaves now.
  void flush();
  int descriptor() const { return socket_; }

  struct Datagram {
    Octets payload;
    std::uint16_t port = 0;  // of the LNS
  };
  // What has arrived from the LNS's address, at most 64 datagrams; valid until the next call.
  const std::vector<Datagram>& receive();
  std::uint64_t send_errors() const { return send_errors_; }

 private:
  static constexpr std::size_t kBatch = 64;
  struct Buffer {
    std::array<std::uint8_t, 2048> payload;
    sockaddr_storage peer;
  };

  int socket_ = -1;
  IpAddress lns_;
  std::uint64_t send_errors_ = 0;
  std::size_t queued_ = 0;
  std::unique_ptr<Buffer[]> out_ = std::make_unique<Buffer[]>(kBatch);
  std::array<iovec, kBatch> out_pieces_{};
  std::array<mmsghdr, kBatch> out_headers_{};
  std::unique_ptr<Buffer[]> in_ = std::make_unique<Buffer[]>(kBatch);
  std::array<iovec, kBatch> in_pieces_{};
  std::array<mmsghdr, kBatch> in_headers_{};
  std::vector<Datagram> received_;
};

}  // namespace holdfast::lac
