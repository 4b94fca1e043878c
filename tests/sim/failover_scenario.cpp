// Scenarios of the matrix of failures: some calls come up in fair weather; then it turns, and an end or both fail.
#include "scenario.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kBegin{std::chrono::hours(1)};
constexpr TimePoint kRough = kBegin + seconds(20);
constexpr TimePoint kCalm = kRough + seconds(100);
constexpr Duration kComeToRest = seconds(480);
constexpr unsigned kLoss = 5;

// Cell after cell, so that each comes in turn: method of the end that fails, announcement of its peer, who fails, how
// often. The other end's method is drawn.
Failover cell_of(std::uint64_t seed, Random& random) {
  const auto draw = [&] { return static_cast<ResyncMethod>(random.below(4)); };
  Failover f;
  const auto take = [&seed](std::uint64_t bound) {
    const auto value = seed % bound;
    seed /= bound;
    return value;
  };
  const auto method = static_cast<ResyncMethod>(take(4));
  const auto announced = static_cast<Announced>(take(4));
  const auto who = take(3);  // the LAC, the LNS, both
  f.twice = take(2) == 1;
  const std::size_t failed = who == 1 ? 1 : 0;
  f.method = {draw(), draw()};
  f.method[failed] = method;
  f.announced[1 - failed] = announced;
  f.fails[failed] = true;
  if (who == 2) {
    // Both can recover by the protocol, or none: what a peer does with the recovery of an end that did not announce it
    // is another question.
    f.fails = {true, true};
    f.announced[failed] = announced;
  }
  return f;
}

Action placed(std::size_t host, Random& random) {
  Action a;
  a.at = kBegin + random.between(Duration(milliseconds(1)), Duration(seconds(3)));
  a.host = host;
  a.peer = 1 - host;
  a.kind = Action::Kind::place_call;
  a.call = random.chance(60) ? l2tp::CallKind::incoming : l2tp::CallKind::outgoing;
  return a;
}

// A process is killed at once; the second time perhaps in the middle of the recovery from the first.
void add_failures(Scenario& s, std::size_t host, Random& random) {
  Action kill;
  kill.kind = Action::Kind::kill;
  kill.host = host;
  kill.at = kRough + random.between(Duration::zero(), Duration(seconds(30)));
  kill.down = random.between(Duration(milliseconds(1)), s.longest_down);
  s.actions.push_back(kill);
  if (!s.failover->twice) return;
  Action again = kill;
  again.at = kill.at + kill.down + random.between(Duration(milliseconds(1)), Duration(seconds(20)));
  if (random.chance(60)) {
    again.kind = Action::Kind::crash;
    again.at = kill.at + kill.down + Duration(milliseconds(random.below(500)));
    again.crash.after_events = static_cast<unsigned>(random.below(10));
    again.crash.before_commit = random.chance(40);
    again.crash.sends = static_cast<unsigned>(random.below(3));
  }
  s.actions.push_back(again);
}

}  // namespace

Scenario failover_scenario_of(std::uint64_t seed) {
  Random random(seed * 0x2545f4914f6cdd1d + 2);
  Scenario s;
  s.seed = seed;
  s.failover = cell_of(seed, random);
  const bool ipv6 = random.chance(30);
  s.hosts = {address_of(0, ipv6), address_of(1, ipv6)};
  if (random.chance(60)) s.secret = "a shared secret";
  s.subscribers_answer = true;
  s.restarts = true;
  s.longest_down = Duration(seconds(1));
  s.weather.loss = kLoss;
  s.weather.delay = random.between(Duration(milliseconds(0)), Duration(milliseconds(100)));
  s.rough_at = kRough;
  s.calm_at = kCalm;
  s.rest_at = kCalm + kComeToRest;
  const auto retries = static_cast<std::uint8_t>(random.between(5, 8));
  for (std::size_t i = 0; i < s.hosts.size(); ++i) {
    config::Config c = config_of("host" + std::to_string(i + 1), s);
    c.l2tp.receive_window = static_cast<std::uint8_t>(random.between(1, 16));
    c.l2tp.hello_interval = seconds(random.between(10, 60));
    c.l2tp.idle_timeout = seconds(0);
    c.l2tp.recovery_time = seconds(random.between(20, 60));
    c.l2tp.resync = configured(s.failover->method[i]);
    c.l2tp.retransmission.established = c.l2tp.retransmission.not_established = retries;
    s.configs.push_back(std::move(c));
  }
  s.tie_breaker = {false, false};
  const auto calls = random.between(1, 6);
  const std::size_t opener = random.below(2);
  for (std::uint64_t i = 0; i < calls; ++i) s.actions.push_back(placed(opener, random));
  for (std::size_t host = 0; host < 2; ++host)
    if (s.failover->fails[host]) add_failures(s, host, random);
  std::ranges::stable_sort(s.actions, {}, &Action::at);
  return s;
}

}  // namespace holdfast::sim
