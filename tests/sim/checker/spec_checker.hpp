// Watches a wire between L2TP ends and says where they break RFC 2661. It sees what enters the wire and what leaves it,
// and knows nothing else of the ends but the secret they share.
#pragma once

#include "checker/connection.hpp"
#include "checker/rule.hpp"
#include "datagram.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace holdfast::sim {

class SpecChecker {
 public:
  explicit SpecChecker(std::string secret, Allowance allowance = {})
      : secret_(std::move(secret)), allowed_(allowance) {}

  void sent(TimePoint now, const Datagram& datagram);
  void arrived(TimePoint now, const Datagram& datagram);
  // Nothing is under way any more, and will be but HELLOs.
  void at_rest(TimePoint now);

  const std::vector<Violation>& violations() const { return found_.violations; }

  struct Alive {
    std::size_t tunnels = 0;
    std::size_t sessions = 0;
    friend bool operator==(const Alive&, const Alive&) = default;
  };
  Alive alive(const UdpEnd& at) const;
  // How many recovery tunnels the end asked for.
  std::size_t recoveries(const UdpEnd& by) const;

 private:
  struct Place {
    Connection* connection = nullptr;
    Side sender{};
  };
  void begin(TimePoint now);
  Place place(const Datagram& d, const l2tp::ControlMessage& m);
  Place place(const Datagram& d, std::uint16_t tunnel);
  Place latest_opened(const Datagram& d, std::uint16_t id);
  Place originate(const Datagram& d, const l2tp::ControlMessage& m, std::uint64_t content);
  // Calls for each tunnel that the acceptor of this one asks of its originator at the same time.
  template <class F>
  void for_each_rival(const Connection& of, F f);
  void met(Connection& connection);
  void begin_recovery(const Datagram& d, const l2tp::ControlMessage& m, Connection& recovery);
  void accept_recovery(Connection& recovery);
  void note_id(Place place, const l2tp::ControlMessage& m);
  void sent_data(const Datagram& d);

  std::string secret_;
  Allowance allowed_;
  Findings found_;
  std::deque<Connection> connections_;
};

}  // namespace holdfast::sim
