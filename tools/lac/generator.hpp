// The generator at work: set-up with its figures, traffic, and the moment at which all is over.
#pragma once

#include "dial/pinger.hpp"
#include "lac/echo_round.hpp"
#include "lac/hello_probe.hpp"
#include "lac/lac.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace holdfast::lac {

// Of the first set-up, from the first SCCRQ to the last call decided.
struct SetUp {
  std::uint32_t tunnels = 0;
  std::uint64_t sessions = 0;  // wanted
  std::uint32_t up = 0;
  std::uint64_t failed = 0;  // did not come up in time, for whatever reason
  double seconds = 0;
  double calls_per_s = 0;
  std::uint32_t peak = 0;  // calls that came up in the best second
};

class Generator : public Listener {
 public:
  Generator(const Settings& settings, Wire& wire, Entropy& entropy);

  void start(TimePoint now);
  void receive(Octets datagram, std::uint16_t port, TimePoint now) { lac_.receive(datagram, port, now); }
  void run(TimePoint now);
  TimePoint next_due() const;

  // Once all calls are decided, or the time is up.
  const std::optional<SetUp>& set_up() const { return set_up_; }
  Lac& lac() { return lac_; }
  const Lac& lac() const { return lac_; }
  dial::Pinger& pinger() { return pinger_; }
  // IP packets that came out of a session which does not have their destination's address.
  std::uint64_t misdelivered() const { return misdelivered_; }
  EchoRound& echo() { return echo_; }
  HelloProbe& hello() { return hello_; }

  void came_up(std::uint32_t session, TimePoint now) override;
  void echo_reply(std::uint32_t session, std::uint8_t id, TimePoint now) override { echo_.receive(session, id, now); }
  void packet(std::uint32_t session, std::uint16_t protocol, Octets packet, TimePoint now) override;

 private:
  void look_whether_set_up(TimePoint now);
  void solicit(std::uint32_t session, TimePoint now);

  // Calls that came up in each tenth of a second, for the best second.
  class Peak {
   public:
    void count(Duration since_start);
    std::uint32_t best() const { return best_; }

   private:
    std::array<std::uint32_t, 10> tenths_{};
    std::int64_t tenth_ = 0;
    std::uint32_t sum_ = 0;
    std::uint32_t best_ = 0;
  };

  const Settings& settings_;
  Lac lac_;
  dial::Pinger pinger_;
  EchoRound echo_;
  HelloProbe hello_;
  TimePoint started_{};
  TimePoint ping_at_ = kNever;
  dial::Deadlines solicitations_;  // of sessions without a prefix
  Peak peak_;
  std::optional<SetUp> set_up_;
  std::uint64_t misdelivered_ = 0;
};

}  // namespace holdfast::lac
