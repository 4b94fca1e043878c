// pppoe-generator: plays many PPPoE subscribers. The loop: frames in, commands in, what is due, frames out.
#include "dial/system.hpp"
#include "pppoe/commands.hpp"
#include "pppoe/generator.hpp"
#include "pppoe/options.hpp"
#include "pppoe/packet_wire.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <poll.h>
#include <signal.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::pppoe {
namespace {

using dial::clock_now;

volatile sig_atomic_t interrupted = 0;

class Loop {
 public:
  explicit Loop(const Settings& settings)
      : settings_(settings),
        wire_(settings.interface),
        generator_(settings, wire_, entropy_),
        commands_(generator_, std::cout) {}

  int run() {
    generator_.start(clock_now());
    while (!is_over(clock_now())) turn();
    if (!commands_.wants_quiet()) (void)generator_.subscribers().hang_up(UINT32_MAX, false, clock_now());
    wire_.flush();
    return report();
  }

 private:
  void turn() {
    wire_.flush();
    std::array<pollfd, 2> ready{{{wire_.descriptor(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    const auto before = clock_now();
    const auto timeout = until(before, std::min({generator_.next_due(), commands_.console().next_due(before), end_}));
    if (::ppoll(ready.data(), input_ended_ ? 1 : 2, &timeout, nullptr) < 0) return;
    receive();
    if (!input_ended_ && ready[1].revents != 0) read_input();
    const auto now = clock_now();
    generator_.run(now);
    commands_.console().run(now);
  }

  static timespec until(TimePoint now, TimePoint due) {
    constexpr Duration kLongest = std::chrono::seconds(1);
    const auto wait = std::clamp(due == kNever ? kLongest : due - now, Duration(0), kLongest);
    return {static_cast<time_t>(wait / std::chrono::seconds(1)),
            static_cast<long>((wait % std::chrono::seconds(1)).count())};
  }

  void receive() {
    constexpr int kBatches = 8;  // then timers and commands have their turn
    for (int i = 0; i < kBatches; ++i) {
      const auto& frames = wire_.receive();
      if (frames.empty()) return;
      const auto now = clock_now();
      for (const Octets frame : frames) generator_.receive(frame, now);
    }
  }

  void read_input() {
    std::array<char, 4096> input;
    const auto got = ::read(STDIN_FILENO, input.data(), input.size());
    input_ended_ = got <= 0;
    if (got > 0) commands_.console().feed({input.data(), static_cast<std::size_t>(got)}, clock_now());
  }

  bool is_over(TimePoint now) {
    if (interrupted != 0 || commands_.wants_quit()) return true;
    if (!generator_.set_up()) return false;
    if (!settings_.hold) return input_ended_;
    if (end_ == kNever) end_ = now + *settings_.hold;
    return now >= end_;
  }

  // Asked for, and what became of it.
  int report() {
    commands_.console().print("end", generator_.report());
    if (wire_.send_errors() > 0)
      std::fprintf(stderr, "pppoe-generator: %llu frames could not be sent\n",
                   static_cast<unsigned long long>(wire_.send_errors()));
    const auto& set_up = generator_.set_up();
    if (!set_up) std::fprintf(stderr, "pppoe-generator: ended before the set-up did\n");
    return set_up && set_up->failed == 0 ? 0 : 1;
  }

  const Settings& settings_;
  dial::KernelEntropy entropy_;
  PacketWire wire_;
  Generator generator_;
  Commands commands_;
  bool input_ended_ = false;
  TimePoint end_ = kNever;
};

}  // namespace
}  // namespace holdfast::pppoe

int main(int argc, char** argv) {
  const auto settings = holdfast::pppoe::parse_options(argc, argv);
  for (const int number : {SIGINT, SIGTERM}) ::signal(number, [](int) { holdfast::pppoe::interrupted = 1; });
  try {
    return holdfast::pppoe::Loop(settings).run();
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "pppoe-generator: %s\n", error.what());
    return 2;
  }
}
