// What a seed stands for: hosts and their settings, the weather, and what is done when.
#pragma once

#include "config/model.hpp"
#include "failover.hpp"
#include "host.hpp"
#include "virtual_wire.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sim {

struct Action {
  enum class Kind : std::uint8_t { place_call, clear_session, clear_tunnel, crash, kill };
  TimePoint at;
  Kind kind{};
  std::size_t host{};
  std::size_t peer{};     // place_call
  l2tp::CallKind call{};  // place_call
  bool in_existing{};     // place_call: into a tunnel that is there, whoever opened it
  std::uint64_t pick{};   // clear: which of those there are; place_call: which of the tunnels
  Crash crash{};
  Duration down{};  // crash, kill: until the process is started again
};

// A process dies at one point of its work. The operator of its machine repeats what was not committed.
struct Death {
  std::size_t host{};
  Crash crash{};
  Duration down{};
};

struct Scenario {
  std::uint64_t seed{};
  std::vector<IpAddress> hosts;
  std::vector<config::Config> configs;
  Weather weather;       // until calm_at; then nothing is lost
  TimePoint rough_at{};  // until then nothing is lost either
  TimePoint calm_at;
  TimePoint rest_at;   // by when all must have come to rest
  std::string secret;  // of all tunnels; empty: no authentication
  bool hide{};
  std::vector<bool> tie_breaker;  // by host: its SCCRQs ask for a single tunnel
  bool subscribers_answer{};      // PPP comes up; else the LNS gives the call up
  bool circuits_fail{};           // some outgoing calls get no circuit
  bool restarts{};
  Duration longest_down{};
  std::vector<Action> actions;       // in the order of time
  std::optional<Failover> failover;  // what the failures are to come to
  std::vector<Death> deaths;         // the events of each count from the one before it; of a dead host, from its start
};

// What any scenario gives a host: its address; the other hosts as peers in either role, with the scenario's secret, and
// subscribers who need not log in.
IpAddress address_of(std::size_t host, bool ipv6);
config::Config config_of(std::string_view name, const Scenario& scenario);

Scenario scenario_of(std::uint64_t seed);
// Of the matrix of failures.
Scenario failover_scenario_of(std::uint64_t seed);
// A method of records as the configuration has it.
config::ResyncMethod configured(ResyncMethod method);
// What the RFC leaves open and this scenario decides.
Allowance allowance_of(const Scenario& scenario);
std::string describe(const Scenario& scenario);

}  // namespace holdfast::sim
