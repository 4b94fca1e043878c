#include "io/command_server.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace holdfast::io {
namespace {

constexpr std::size_t kMaxConnections = 32;
constexpr std::size_t kMaxLine = 4096;

}  // namespace

struct CommandServer::Connection {
  Connection(CommandServer& owner, int fd_, Ticket ticket_) : server(owner), fd(fd_), ticket(ticket_) {
    watcher.set<Connection, &Connection::on_event>(this);
    watcher.start(fd, ev::READ);
  }
  ~Connection() {
    watcher.stop();
    ::close(fd);
  }

  void on_event(ev::io&, int events) {
    if ((events & ev::READ) != 0 && !receive()) return finish();
    if ((events & ev::WRITE) != 0 && !transmit()) return finish();
  }

  // False: the connection is over.
  bool receive() {
    std::array<char, 1024> buffer;
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (asked) return n > 0;  // it waits, or it has gone
    in.append(buffer.data(), static_cast<std::size_t>(n));
    const auto end = in.find('\n');
    if (end == std::string::npos && n > 0) return in.size() < kMaxLine;
    asked = true;
    if (const auto now = server.handler_(std::string_view(in).substr(0, end), ticket)) answer(*now);
    return true;
  }
  void answer(const Answer& answer) {
    if (!out.empty()) return;
    out = (answer.ok ? "ok\n" : "error\n") + answer.text;
    watcher.stop();
    watcher.start(fd, ev::WRITE);
  }
  bool transmit() {
    const ssize_t n = ::send(fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    sent += static_cast<std::size_t>(n);
    return sent < out.size();
  }
  void finish() {
    server.connections_.remove_if([this](const Connection& c) { return &c == this; });  // the end of *this
  }

  CommandServer& server;
  int fd;
  Ticket ticket;
  bool asked = false;  // the line has come
  ev::io watcher;
  std::string in;
  std::string out;
  std::size_t sent = 0;
};

CommandServer::CommandServer(const std::string& path, Handler handler) : path_(path), handler_(std::move(handler)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw std::runtime_error(path + ": too long for a socket; use a shorter --run-dir");
  std::memcpy(address.sun_path, path.c_str(), path.size());
  ::unlink(path.c_str());
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool listening = fd_ >= 0 && ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                         ::chmod(path.c_str(), 0660) == 0 && ::listen(fd_, 16) == 0;
  if (!listening)
    throw std::runtime_error(path + ": " + std::strerror(errno) + "; the directory must exist and be writable");
  accept_.set<CommandServer, &CommandServer::on_accept>(this);
  accept_.start(fd_, ev::READ);
}

CommandServer::~CommandServer() {
  connections_.clear();
  accept_.stop();
  ::close(fd_);
  ::unlink(path_.c_str());
}

void CommandServer::answer(Ticket ticket, const Answer& answer) {
  for (auto& connection : connections_)
    if (connection.ticket == ticket) return connection.answer(answer);
}

void CommandServer::on_accept(ev::io&, int) {
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  if (connections_.size() >= kMaxConnections) {
    ::close(fd);
    return;
  }
  connections_.emplace_back(*this, fd, ++last_ticket_);
}

}  // namespace holdfast::io
