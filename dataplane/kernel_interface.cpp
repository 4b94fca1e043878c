#include "dataplane/kernel_interface.hpp"

#include "dataplane/start_error.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace holdfast::dataplane {
namespace {

constexpr unsigned kLongestWait = 500;  // milliseconds for an interface to run

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  const std::string hint = errno == EBUSY    ? "another process or interface has that name"
                           : errno == EINVAL ? "an interface of another kind has that name"
                                             : "run as root or with CAP_NET_ADMIN, with /dev/net/tun there";
  throw StartError("can't make the kernel interface " + name + ", " + what + " (" + std::strerror(errno) +
                   "): " + hint + ".");
}

ifreq request_for(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

// Settings of a network interface want any socket to ask through.
void configure(const std::string& name, unsigned long command, ifreq& request, const std::string& what) {
  const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int result = ::ioctl(control, command, &request);
  const int error = errno;
  ::close(control);
  errno = error;
  if (result < 0) fail(name, what);
}

void bring_up(const std::string& name) {
  ifreq request = request_for(name);
  request.ifr_flags = IFF_UP;
  configure(name, SIOCSIFFLAGS, request, "setting it up");
}

bool is_running(const std::string& name) {
  ifreq request = request_for(name);
  configure(name, SIOCGIFFLAGS, request, "asking whether it runs");
  return (request.ifr_flags & IFF_RUNNING) != 0;
}

// An interface that was there without a process takes a moment to run again. Until then the kernel drops what it sends,
// and after a lost ARP request or neighbour solicitation it waits a second.
void wait_until_running(const std::string& name) {
  const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
  for (unsigned i = 0; i < kLongestWait && !is_running(name); ++i) ::nanosleep(&pause, nullptr);
  bring_up(name);  // comes after what makes it run has come to its end: both hold the kernel's lock of interfaces
}

struct Setting {
  std::string path, value;
};

std::vector<std::string> apply(const std::vector<Setting>& settings) {
  std::vector<std::string> failures;
  for (const auto& [path, value] : settings) {
    const std::string file = "/proc/sys/net/" + path;
    const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    const bool done = fd >= 0 && ::write(fd, value.data(), value.size()) == static_cast<ssize_t>(value.size());
    if (!done) failures.push_back("can't set " + file + " to " + value + ": " + std::strerror(errno));
    if (fd >= 0) ::close(fd);
  }
  return failures;
}

}  // namespace

KernelInterface::KernelInterface(const std::string& name, short flags)
    : name_(name), fd_(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
  if (fd_ < 0) fail(name, "opening /dev/net/tun");
  ifreq request = request_for(name);
  request.ifr_flags = static_cast<short>(flags | IFF_NO_PI);
  if (::ioctl(fd_, TUNSETIFF, &request) < 0) {
    const int error = errno;
    ::close(fd_);
    errno = error;
    fail(name, "asking for it");
  }
  ::ioctl(fd_, TUNSETPERSIST, 1);
}

KernelInterface::~KernelInterface() {
  if (fd_ < 0) return;
  ::ioctl(fd_, TUNSETPERSIST, 0);
  ::close(fd_);
}

KernelInterface KernelInterface::tap(const std::string& name, const wire_format::Mac& mac, std::uint16_t mtu) {
  KernelInterface interface(name, IFF_TAP);
  ifreq address = request_for(name);
  configure(name, SIOCGIFHWADDR, address, "reading its MAC address");
  // Set anew, even the same one would make the kernel forget all neighbours.
  if (std::memcmp(address.ifr_hwaddr.sa_data, mac.data(), mac.size()) != 0) {
    address.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(address.ifr_hwaddr.sa_data, mac.data(), mac.size());
    configure(name, SIOCSIFHWADDR, address, "setting its MAC address");
  }
  ifreq size = request_for(name);
  size.ifr_mtu = mtu;
  configure(name, SIOCSIFMTU, size, "setting its MTU");
  bring_up(name);
  wait_until_running(name);
  return interface;
}

KernelInterface KernelInterface::tun(const std::string& name) {
  KernelInterface interface(name, IFF_TUN);
  apply({{"ipv6/conf/" + name + "/addr_gen_mode", "1"}});  // no link-local address of its own
  bring_up(name);
  wait_until_running(name);
  return interface;
}

bool KernelInterface::write(std::span<const std::uint8_t> data) const {
  return ::write(fd_, data.data(), data.size()) == static_cast<ssize_t>(data.size());
}

std::size_t KernelInterface::read(std::span<std::uint8_t> room) const {
  const ssize_t size = ::read(fd_, room.data(), room.size());
  return size < 0 ? 0 : static_cast<std::size_t>(size);
}

std::vector<std::string> set_up_forwarding(const std::string& interface, bool subscribers) {
  const std::string v4 = "ipv4/conf/" + interface + "/", v6 = "ipv6/conf/" + interface + "/";
  std::vector<Setting> settings{
      {v4 + "forwarding", "1"},         {v4 + "rp_filter", "0"},
      {"ipv4/conf/all/rp_filter", "0"},                                     // the stricter of the two counts
      {v6 + "forwarding", "1"},         {"ipv6/conf/all/forwarding", "1"},  // IPv6 forwards everywhere or nowhere
      {v6 + "accept_ra", "0"},
  };
  // What we send and can't place ourselves comes in here, from the router's own addresses.
  if (subscribers) settings.push_back({v4 + "accept_local", "1"});
  return apply(settings);
}

// With strict reverse path filtering everything that comes in here comes in at the wrong place.
std::vector<std::string> silence(const std::string& interface) {
  const std::string v4 = "ipv4/conf/" + interface + "/", v6 = "ipv6/conf/" + interface + "/";
  return apply(
      {{v4 + "rp_filter", "1"}, {v4 + "forwarding", "0"}, {v4 + "arp_ignore", "8"}, {v6 + "disable_ipv6", "1"}});
}

}  // namespace holdfast::dataplane
