// The generator at work: set-up with its figures, traffic, and all of it as JSON.
#pragma once

#include "dial/pinger.hpp"
#include "pppoe/subscribers.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>

namespace holdfast::pppoe {

// Of the first set-up, from the first PADI to the last subscriber decided.
struct SetUp {
  std::uint32_t subscribers = 0;
  std::uint32_t up = 0;
  std::uint32_t failed = 0;  // did not come up in time, for whatever reason
  double seconds = 0;
  double sessions_per_s = 0;
  Duration shortest{}, median{}, longest{};  // of those that came up
};

class Generator : public Listener {
 public:
  Generator(const Settings& settings, Wire& wire, Entropy& entropy);

  void start(TimePoint now);
  void receive(Octets frame, TimePoint now) { subscribers_.receive(frame, now); }
  void run(TimePoint now);
  TimePoint next_due() const;

  // Once all subscribers are decided, or the time is up.
  const std::optional<SetUp>& set_up() const { return set_up_; }
  Subscribers& subscribers() { return subscribers_; }
  dial::Pinger& pinger() { return pinger_; }
  // IP packets that came out of a session which does not have their destination's address.
  std::uint64_t misdelivered() const { return misdelivered_; }

  // Everything counted; with_addresses: "all_addresses" lists those of all subscribers that are up.
  nlohmann::json status(bool with_addresses) const;
  // What is left of it at the end, with the figures of the set-up.
  nlohmann::json report() const;

  void packet(std::uint32_t subscriber, std::uint16_t protocol, Octets packet, TimePoint now) override;

 private:
  void look_whether_set_up(TimePoint now);

  const Settings& settings_;
  Subscribers subscribers_;
  dial::Pinger pinger_;
  TimePoint started_{};
  TimePoint ping_at_ = kNever;
  std::optional<SetUp> set_up_;
  std::uint64_t misdelivered_ = 0;
};

nlohmann::json figures_of(const SetUp& set_up);

}  // namespace holdfast::pppoe
