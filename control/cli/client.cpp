#include "cli/client.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::cli {
namespace {

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// What an errno means at this socket, and what to do about it.
std::string trouble(const std::string& path, int error) {
  const std::string reason = std::generic_category().message(error);
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return "no daemon at " + path + ": " + reason +
             ". Is holdfastd running, with this --instance and --run-dir? (systemctl status holdfastd)";
    case EACCES:
      return "may not open " + path + ": " + reason + ". Run this as root, or as a member of the socket's group.";
    case EAGAIN: return "the daemon at " + path + " took the command but does not answer. See the log of holdfastd.";
    default: return path + ": " + reason;
  }
}

bool connect_to(const Socket& socket, const std::string& path, std::chrono::seconds patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO})
    if (::setsockopt(socket.get(), SOL_SOCKET, option, &limit, sizeof limit) != 0) return false;
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool send_all(const Socket& socket, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t n = ::send(socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool receive_all(const Socket& socket, std::string& text) {
  std::array<char, 65536> chunk;
  for (;;) {
    const ssize_t n = ::recv(socket.get(), chunk.data(), chunk.size(), 0);
    if (n == 0) return true;
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) text.append(chunk.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

std::string socket_path(std::string_view run_dir, std::string_view instance) {
  return std::string(run_dir) + '/' + std::string(instance) + "/cli.sock";
}

Result<Reply, std::string> ask(const std::string& path, std::string_view line, std::chrono::seconds patience) {
  const Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  std::string text;
  const bool done = socket.get() >= 0 && connect_to(socket, path, patience) &&
                    send_all(socket, std::string(line) + '\n') && receive_all(socket, text);
  if (!done) return fail(trouble(path, errno));
  const auto end = text.find('\n');
  const auto status = std::string_view(text).substr(0, end);
  if (end == std::string::npos || (status != "ok" && status != "error"))
    return fail("the daemon at " + path + " went away without an answer. It may be restarting: try again.");
  return Reply{.ok = status == "ok", .body = text.substr(end + 1)};
}

}  // namespace holdfast::cli
