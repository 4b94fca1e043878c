// Many subscribers, each a host with a MAC address of its own: discovery (RFC 2516 5), a PPP client on the session that
// it gets, and PADT at its end. Owns no socket and no clock.
#pragma once

#include "dial/deadlines.hpp"
#include "dial/pinger.hpp"
#include "dial/ppp_client.hpp"
#include "pppoe/counters.hpp"
#include "pppoe/frame.hpp"
#include "pppoe/settings.hpp"
#include "pppoe/wire.hpp"
#include "wire/env.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace holdfast::pppoe {

namespace ppp = dial::ppp;

enum class State : std::uint8_t {
  idle,
  wait_offer,    // PADI sent, PADO awaited
  wait_session,  // PADR sent, PADS awaited
  negotiating,   // PPP is being set up
  up,
  terminating,  // by us: PPP first, then PADT
};

struct Subscriber {
  State state{};
  std::uint8_t was_up = 0;
  std::uint8_t tries = 0;  // transmissions of the PADI or PADR
  std::uint16_t session = 0;
  MacAddress concentrator{};
  TimePoint began{};
  Duration took{};  // from the first PADI to the address; once it was up
  Tags request;     // of the PADI or PADR
  ppp::Client ppp;
};

// What is of interest to those who send traffic through sessions. subscriber: its number.
class Listener {
 public:
  virtual ~Listener() = default;
  // An IP packet; protocol: kIpv4 or kIpv6 of PPP.
  virtual void packet(std::uint32_t subscriber, std::uint16_t protocol, Octets packet, TimePoint now) = 0;
};

class Subscribers : public dial::Senders {
 public:
  // All references must outlive it.
  Subscribers(const Settings& settings, Wire& wire, Entropy& entropy, Listener& listener);

  void receive(Octets frame, TimePoint now);
  // Does what is due; call it after each batch of receive() and when next_due() has come.
  void run(TimePoint now);
  TimePoint next_due() const { return deadlines_.next(); }

  // Lets this many of those that are idle dial; how many will.
  std::uint32_t dial(std::uint32_t count);
  // Ends sessions that are up; how many. politely: LCP Terminate first; else PADT alone.
  std::uint32_t hang_up(std::uint32_t count, bool politely, TimePoint now);

  const Counters& counters() const { return counters_; }
  // Why sessions ended that should not have, and how often.
  const std::map<std::string, std::uint32_t>& endings() const { return endings_; }
  // Those that are not decided yet: waiting for their turn, being set up or being hung up.
  std::uint64_t pending() const { return wanted_ + counters_.setting_up + counters_.closing; }
  TimePoint last_came_up() const { return last_came_up_; }
  const std::vector<Subscriber>& all() const { return subscribers_; }

  // For traffic.
  std::uint32_t count() const override { return static_cast<std::uint32_t>(subscribers_.size()); }
  IpAddress address(std::uint32_t subscriber, bool v4) const override;
  void send(std::uint32_t subscriber, std::uint16_t protocol, Octets information) override;

 private:
  enum class Cause : std::uint8_t { by_us, by_peer };
  class SessionLink;

  std::uint32_t find(const MacAddress& mac) const;
  Ethernet ethernet(std::uint32_t index) const;
  void end(std::uint32_t index, Cause cause, const std::string& why);

  // discovery.cpp
  void start(TimePoint now);
  void request(std::uint32_t index, TimePoint now);
  void receive_discovery(std::uint32_t index, const Frame& frame, TimePoint now);
  void take_offer(std::uint32_t index, const Frame& frame, const Tags& tags, TimePoint now);
  void take_session(std::uint32_t index, const Frame& frame, const Tags& tags, TimePoint now);
  void take_end(std::uint32_t index, const Frame& frame, const Tags& tags);
  void expire_request(std::uint32_t index, TimePoint now);
  void send_padt(std::uint32_t index);

  // session.cpp
  void receive_session(std::uint32_t index, const Frame& frame, TimePoint now);
  void open(std::uint32_t index, TimePoint now);
  void terminate(std::uint32_t index, TimePoint now);
  void take(std::uint32_t index, ppp::Event event, TimePoint now);
  void expire_session(std::uint32_t index, TimePoint now);
  template <class Function>
  auto with_context(std::uint32_t index, Function function);

  const Settings& settings_;
  Wire& wire_;
  Entropy& entropy_;
  Listener& listener_;
  Counters counters_;
  std::map<std::string, std::uint32_t> endings_;
  std::vector<Subscriber> subscribers_;
  std::uint32_t wanted_ = 0;     // that shall dial yet
  std::uint32_t next_dial_ = 0;  // where the next idle one is looked for
  std::uint32_t next_hang_up_ = 0;
  TimePoint last_came_up_{};
  dial::Deadlines deadlines_;
};

}  // namespace holdfast::pppoe
