#include "dataplane/control_link.hpp"

#include "abi/attach.hpp"
#include "dataplane/start_error.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace holdfast::dataplane {
namespace {

void close_if_open(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

std::string run_file(const Options& options, std::string_view file) {
  return abi::run_path(options.run_dir, options.instance, file);
}

}  // namespace

InstanceLock::InstanceLock(const Options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.run_dir + "/" + options.instance, error);
  const auto path = run_file(options, "dataplane.lock");
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0)
    throw StartError("can't make " + path + " (" + std::strerror(errno) + "): check --run-dir and its permissions.");
  if (::flock(fd_, LOCK_EX | LOCK_NB) < 0) {
    ::close(fd_);
    throw StartError("instance '" + options.instance +
                     "' is already running: stop it first, or give this one another --instance.");
  }
}

InstanceLock::~InstanceLock() { ::close(fd_); }

ControlLink::ControlLink(const Options& options, std::uint64_t incarnation)
    : path_(run_file(options, abi::kDataplaneSocket)), incarnation_(incarnation) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof(address.sun_path))
    throw StartError("the path " + path_ + " is too long for a socket: choose a shorter --run-dir.");
  path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ::unlink(path_.c_str());
  listener_ = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  punt_bell_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  work_bell_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  const bool listening = listener_ >= 0 &&
                         ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
                         ::listen(listener_, 4) == 0;
  if (!listening || punt_bell_ < 0 || work_bell_ < 0)
    throw StartError("can't listen on " + path_ + " (" + std::strerror(errno) + "): check --run-dir.");
}

ControlLink::~ControlLink() {
  for (int* fd : {&listener_, &control_, &punt_bell_, &work_bell_}) close_if_open(*fd);
  ::unlink(path_.c_str());
}

bool ControlLink::accept() {
  int peer = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (peer < 0) return false;
  if (!greet(peer)) {
    ::close(peer);
    return false;
  }
  close_if_open(control_);
  control_ = peer;
  return true;
}

bool ControlLink::greet(int peer) {
  abi::Hello hello{.pid = static_cast<std::uint32_t>(::getpid()), .incarnation = incarnation_};
  iovec content{&hello, sizeof(hello)};
  const std::array<int, 2> bells{punt_bell_, work_bell_};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(bells))> room{};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(bells));
  std::memcpy(CMSG_DATA(rights), bells.data(), sizeof(bells));
  return ::sendmsg(peer, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof(hello));
}

bool ControlLink::hung_up() {
  std::array<char, 64> ignored;
  const ssize_t size = ::recv(control_, ignored.data(), ignored.size(), 0);
  if (size > 0 || (size < 0 && errno == EAGAIN)) return false;
  close_if_open(control_);
  return true;
}

void ControlLink::ring_punt_bell() {
  const std::uint64_t one = 1;
  (void)!::write(punt_bell_, &one, sizeof(one));  // full means rung
}

void ControlLink::hush_work_bell() {
  std::uint64_t rings;
  (void)!::read(work_bell_, &rings, sizeof(rings));
}

}  // namespace holdfast::dataplane
