#include "kmod-glue/socket.hpp"

#include <libmnl/libmnl.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <linux/netlink.h>
#include <string>
#include <sys/socket.h>

namespace holdfast::glue {
namespace {

int enable(mnl_socket* socket, int option) {
  int on = 1;
  return mnl_socket_setsockopt(socket, option, &on, sizeof on);
}

void set_receive_buffer(int fd, std::uint32_t octets) {
  const int size = static_cast<int>(octets);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size,
                     sizeof size);  // a smaller buffer overruns sooner, and that is noticed
}

tl::unexpected<std::string> failure(const char* what) {
  return fail(std::string("routing netlink socket: ") + what + ": " + std::strerror(errno));
}

}  // namespace

void Socket::Close::operator()(mnl_socket* socket) const { (void)mnl_socket_close(socket); }

Result<Socket> Socket::open(std::uint32_t receive_buffer) {
  mnl_socket* opened = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
  if (opened == nullptr) return failure("open");
  Socket socket(opened);
  set_receive_buffer(socket.fd(), receive_buffer);
  if (mnl_socket_bind(opened, 0, MNL_SOCKET_AUTOPID) != 0) return failure("bind");
  // Without it the kernel ignores filters in dump requests: ours would give the routes of every table.
  if (enable(opened, NETLINK_GET_STRICT_CHK) != 0) return failure("strict checking (Linux 4.20 or later is needed)");
  (void)enable(opened, NETLINK_EXT_ACK);  // the kernel's own words with an error: welcome, not needed
  (void)enable(opened, NETLINK_CAP_ACK);  // an answer need not repeat the request
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  if (setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) return failure("time limit");
  return socket;
}

int Socket::join(std::uint32_t group) {
  int value = static_cast<int>(group);
  return mnl_socket_setsockopt(socket_.get(), NETLINK_ADD_MEMBERSHIP, &value, sizeof value) == 0 ? 0 : errno;
}

int Socket::fd() const { return mnl_socket_get_fd(socket_.get()); }

std::uint32_t Socket::port() const { return mnl_socket_get_portid(socket_.get()); }

int Socket::send(std::span<const std::uint8_t> messages) const {
  while (mnl_socket_sendto(socket_.get(), messages.data(), messages.size()) < 0)
    if (errno != EINTR) return errno;
  return 0;
}

Received Socket::receive(std::span<std::uint8_t> into, Wait wait) const {
  for (;;) {
    sockaddr_nl from{};
    iovec piece{.iov_base = into.data(), .iov_len = into.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    const ssize_t length = recvmsg(fd(), &message, wait == Wait::no ? MSG_DONTWAIT : 0);
    if (length < 0) {
      if (errno == EINTR) continue;
      return {.error = errno, .datagram = {}};
    }
    if (from.nl_pid != 0) continue;  // any process with CAP_NET_ADMIN could write to us, but only port 0 is the kernel
    if ((message.msg_flags & MSG_TRUNC) != 0) return {.error = ENOBUFS, .datagram = {}};  // some of it is lost
    return {.error = 0, .datagram = into.first(static_cast<std::size_t>(length))};
  }
}

}  // namespace holdfast::glue
