// lac-generator: plays many LACs against one LNS. The loop: datagrams in, commands in, what is due, datagrams out.
#include "dial/system.hpp"
#include "lac/commands.hpp"
#include "lac/delayed_wire.hpp"
#include "lac/generator.hpp"
#include "lac/options.hpp"
#include "lac/report.hpp"
#include "lac/udp_wire.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <poll.h>
#include <signal.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::lac {
namespace {

constexpr Duration kFarewell = std::chrono::seconds(5);  // for StopCCN to be acknowledged
volatile sig_atomic_t interrupted = 0;

class Loop {
 public:
  explicit Loop(const Settings& settings)
      : settings_(settings),
        wire_(settings),
        way_(wire_, settings.delay),
        generator_(settings, way_, entropy_),
        commands_(generator_, std::cout) {}

  int run() {
    way_.set_now(dial::clock_now());
    generator_.start(dial::clock_now());
    while (!is_over(dial::clock_now())) turn(true);
    if (!commands_.wants_quiet()) farewell();
    return report();
  }

 private:
  void turn(bool with_input) {
    wire_.flush();
    std::array<pollfd, 2> ready{{{wire_.descriptor(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    const auto before = dial::clock_now();
    const bool listen = with_input && !input_ended_;
    const auto timeout =
        until(before, std::min({generator_.next_due(), commands_.next_due(before), way_.next_due(), end_}));
    if (::ppoll(ready.data(), listen ? 2 : 1, &timeout, nullptr) < 0) return;
    receive();
    way_.set_now(dial::clock_now());
    if (listen && ready[1].revents != 0) read_input();
    const auto now = dial::clock_now();
    generator_.run(now);
    commands_.run(now);
    way_.run(now);
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
      const auto& datagrams = wire_.receive();
      if (datagrams.empty()) break;
      const auto now = dial::clock_now();
      way_.set_now(now);
      for (const auto& datagram : datagrams)
        if (way_.delays())
          way_.arrived(datagram.payload, datagram.port, now);
        else
          generator_.receive(datagram.payload, datagram.port, now);
    }
    const auto now = dial::clock_now();
    way_.set_now(now);
    for (DelayedWire::Datagram late; way_.take(late, now);) generator_.receive(late.payload, late.port, now);
  }

  void read_input() {
    std::array<char, 4096> input;
    const auto got = ::read(STDIN_FILENO, input.data(), input.size());
    input_ended_ = got <= 0;
    if (got > 0) commands_.feed({input.data(), static_cast<std::size_t>(got)}, dial::clock_now());
  }

  bool is_over(TimePoint now) {
    if (interrupted != 0 || commands_.wants_quit()) return true;
    if (!generator_.set_up()) return false;
    if (!settings_.hold) return input_ended_;
    if (end_ == kNever) end_ = now + *settings_.hold;
    return now >= end_;
  }

  void farewell() {
    const auto limit = dial::clock_now() + kFarewell;
    generator_.lac().stop(dial::clock_now());
    end_ = limit;
    while (!generator_.lac().is_stopped() && dial::clock_now() < limit) turn(false);
  }

  // Asked for, and what became of it.
  int report() {
    wire_.flush();
    const auto& set_up = generator_.set_up();
    if (!set_up) {
      std::fprintf(stderr, "lac-generator: ended before the set-up did\n");
      return 1;
    }
    if (settings_.json)
      std::cout << figures_of(*set_up).dump() << std::endl;
    else
      std::fprintf(stderr, "lac-generator: %u tunnels, %u of %llu sessions up after %.3f s, %.0f calls/s\n",
                   set_up->tunnels, set_up->up, static_cast<unsigned long long>(set_up->sessions), set_up->seconds,
                   set_up->calls_per_s);
    for (const auto& [why, count] : generator_.lac().endings())
      std::fprintf(stderr, "lac-generator: %u times: %s\n", count, why.c_str());
    return set_up->failed == 0 ? 0 : 1;
  }

  const Settings& settings_;
  dial::KernelEntropy entropy_;
  UdpWire wire_;
  DelayedWire way_;
  Generator generator_;
  Commands commands_;
  bool input_ended_ = false;
  TimePoint end_ = kNever;
};

}  // namespace
}  // namespace holdfast::lac

int main(int argc, char** argv) {
  const auto settings = holdfast::lac::parse_options(argc, argv);
  for (const int number : {SIGINT, SIGTERM}) ::signal(number, [](int) { holdfast::lac::interrupted = 1; });
  try {
    return holdfast::lac::Loop(settings).run();
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "lac-generator: %s\n", error.what());
    return 2;
  }
}
