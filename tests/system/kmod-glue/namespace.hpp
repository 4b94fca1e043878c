// Each test has a network namespace of its own, with a veth pair v0 - v1, and iproute2 to act in it from outside.
#pragma once

#include "kmod-glue/kernel.hpp"
#include "kmod-glue/monitor.hpp"
#include "kmod-glue/text.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <sched.h>
#include <string>

namespace holdfast::glue {

// One ip(8) command a line. False when one failed.
inline bool ip(const std::string& commands) {
  FILE* batch = popen("ip -batch -", "w");
  if (batch == nullptr) return false;
  const bool written = std::fputs(commands.c_str(), batch) >= 0;
  return pclose(batch) == 0 && written;
}

class InNamespace : public ::testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0)
      GTEST_SKIP() << "no network namespace could be made: " << std::strerror(errno) << " (it takes root)";
    if (std::system("ip -V > /dev/null 2>&1") != 0) GTEST_SKIP() << "there is no ip command (Debian package iproute2)";
    ASSERT_TRUE(
        ip("link set lo up\n"
           "link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02\n"
           "link set v0 up\n"
           "link set v1 up\n"));
    auto kernel = Kernel::open();
    ASSERT_TRUE(kernel) << kernel.error();
    v0_ = kernel->link_by_name("v0").value().index;
    v1_ = kernel->link_by_name("v1").value().index;
  }

  std::uint32_t v0_{};
  std::uint32_t v1_{};
};

// Receives until done() or, with a generous limit, until it is clear that it will never be.
template <class Done>
[[nodiscard]] bool receive_until(Monitor& monitor, Observer& observer, Done done) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (;;) {
    const auto received = monitor.receive(observer);
    EXPECT_TRUE(received) << received.error();
    if (!received) return false;
    pollfd readable{.fd = monitor.fd(), .events = POLLIN, .revents = 0};
    if (done()) return true;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now());
    if (left.count() <= 0 || poll(&readable, 1, static_cast<int>(left.count())) <= 0) return done();
  }
}

[[nodiscard]] inline bool synchronize(Monitor& monitor, Observer& observer) {
  const auto started = monitor.start(observer);
  EXPECT_TRUE(started) << started.error();
  return started && receive_until(monitor, observer, [&] { return monitor.synchronized(); });
}

}  // namespace holdfast::glue
