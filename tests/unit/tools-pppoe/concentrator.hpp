// An access concentrator for the tests of the generator: discovery by control/access, PPP by control/ppp, and between
// them no more than is needed to give every subscriber an address.
#pragma once

#include "access/cookie.hpp"
#include "access/reply.hpp"
#include "ppp/ppp.hpp"
#include "wire/counting_entropy.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace holdfast::pppoe::test {

using Bytes = std::vector<std::uint8_t>;

class Concentrator {
 public:
  struct Habits {
    bool answers_padi = true;
    bool answers_padr = true;
    bool full = false;  // PADS with AC-System-Error
    bool takes_passwords = true;
    std::vector<std::string> services;
  };
  using Send = std::function<void(Octets frame)>;

  explicit Concentrator(Send send) : send_(std::move(send)) {}

  void receive(Octets frame, TimePoint now);
  // PADT for every session.
  void end_all(std::string_view text);
  // LCP anew on every session.
  void renegotiate_all(TimePoint now);
  void echo_all();

  Habits habits;
  std::vector<std::string> requests;  // "PADI", and so on, in the order of their coming
  unsigned authenticated = 0;
  unsigned cookies_refused = 0;
  unsigned padts = 0;
  std::vector<Bytes> packets;  // IP, as it came out of the sessions

 private:
  struct Session {
    access::Line line;
    std::uint16_t id{};
    ppp::Link link;
  };

  void discover(const access::Discovery& d, TimePoint now);
  void take_session(Octets frame, TimePoint now);
  void carry_out(Session& session, ppp::Output& out, TimePoint now);
  void send_ppp(const Session& session, Octets frame);

  Send send_;
  ppp::Policy policy_{.name = "ac", .ipv6 = false};
  CountingEntropy entropy_;
  std::map<std::uint16_t, Session> sessions_;
  std::uint16_t last_session_ = 0;
};

}  // namespace holdfast::pppoe::test
