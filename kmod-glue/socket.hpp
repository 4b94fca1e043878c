// A routing netlink socket (netlink(7)), opened through libmnl: datagrams out, datagrams in, and errors as errno.
#pragma once

#include "kmod-glue/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct mnl_socket;

namespace holdfast::glue {

// A dump comes in pieces of up to 32 KiB; one link alone may take more.
inline constexpr std::size_t kDatagramCapacity = 64 * 1024;

struct Received {
  int error{};  // 0; EAGAIN: nothing there; ENOBUFS: the kernel had to drop some; else what failed
  std::span<const std::uint8_t> datagram;
};

class Socket {
 public:
  // receive_buffer: octets; exceeds rmem_max only with CAP_NET_ADMIN.
  [[nodiscard]] static Result<Socket> open(std::uint32_t receive_buffer);

  // group: RTNLGRP_*. Gives 0 or errno.
  [[nodiscard]] int join(std::uint32_t group);
  int fd() const;
  // What the kernel calls us: answers carry it, and notifications of what somebody else asked carry another.
  std::uint32_t port() const;

  // Gives 0 or errno.
  [[nodiscard]] int send(std::span<const std::uint8_t> messages) const;

  enum class Wait : std::uint8_t { no, bounded };  // bounded: 10 s, then EAGAIN
  // into: kDatagramCapacity octets, aligned to 4. Datagrams that did not come from the kernel are passed over.
  [[nodiscard]] Received receive(std::span<std::uint8_t> into, Wait wait) const;

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit Socket(mnl_socket* socket) : socket_(socket) {}
  std::unique_ptr<mnl_socket, Close> socket_;
};

}  // namespace holdfast::glue
