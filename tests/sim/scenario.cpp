#include "scenario.hpp"

#include <algorithm>
#include <sstream>

namespace holdfast::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kBegin{std::chrono::hours(1)};
// After the last trouble: a HELLO is due, is not answered for a full cycle, a stopped tunnel is kept for another, and a
// call that did not get on is given up after a minute; then the same again for what that causes.
constexpr Duration kComeToRest = seconds(480);

config::Config drawn_config(std::size_t host, const Scenario& s, Random& random) {
  config::Config c = config_of("host" + std::to_string(host + 1), s);
  c.l2tp.receive_window = static_cast<std::uint8_t>(random.between(1, 16));
  c.l2tp.hello_interval = seconds(random.between(10, 60));
  c.l2tp.idle_timeout = seconds(random.chance(50) ? 0 : random.between(1, 60));
  return c;
}

Weather weather_of(Random& random) {
  Weather w;
  const auto kind = random.below(4);  // fair, lossy, shuffled, all at once
  w.delay = random.between(Duration(milliseconds(0)), Duration(milliseconds(100)));
  if (kind == 1 || kind == 3) w.loss = static_cast<unsigned>(random.between(1, 35));
  if (kind == 2 || kind == 3) {
    w.duplicate = static_cast<unsigned>(random.below(30));
    w.jitter = random.between(Duration(milliseconds(1)), Duration(milliseconds(400)));
  }
  return w;
}

Action action_of(const Scenario& s, Random& random, TimePoint latest) {
  Action a;
  a.at = kBegin + random.between(Duration::zero(), latest - kBegin);
  a.host = random.below(s.hosts.size());
  a.peer = (a.host + 1 + random.below(s.hosts.size() - 1)) % s.hosts.size();
  a.pick = random.next();
  const auto kind = random.below(100);
  if (kind < 60) {
    a.kind = Action::Kind::place_call;
    a.call = random.chance(60) ? l2tp::CallKind::incoming : l2tp::CallKind::outgoing;
    a.in_existing = random.chance(25);
  } else if (kind < 78) {
    a.kind = Action::Kind::clear_session;
  } else if (kind < 85 || !s.restarts) {
    a.kind = Action::Kind::clear_tunnel;
  } else {
    a.kind = Action::Kind::crash;
    a.crash.after_events = static_cast<unsigned>(random.below(6));
    a.crash.before_commit = random.chance(40);
    a.crash.sends = static_cast<unsigned>(random.below(3));
    a.down = random.between(Duration(milliseconds(1)), s.longest_down);
  }
  return a;
}

}  // namespace

IpAddress address_of(std::size_t host, bool ipv6) {
  const auto last = static_cast<std::uint8_t>(host + 1);
  if (!ipv6) return IpAddress::v4(192, 0, 2, last);
  return {{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last}};
}

config::Config config_of(std::string_view name, const Scenario& s) {
  config::Config c;
  c.hostname = name;
  c.ipv4_pools.push_back({"pool", IpAddress::v4(10, 0, 0, 2), IpAddress::v4(10, 0, 3, 254)});
  c.interfaces.push_back({"ge0", IpPrefix{IpAddress::v4(10, 9, 0, 1), 24}, {}, {}, {}});
  c.ppp.authentication.clear();
  config::HostProfile any;
  any.tunnel_password = s.secret;
  any.hidden_avps = s.hide;
  any.dial_out = true;
  c.l2tp.destinations.push_back({"v4", IpAddress::v4(0), {any}});
  c.l2tp.destinations.push_back({"v6", IpAddress{}, {any}});
  c.l2tp.resync = config::ResyncMethod::silent_failover;
  return c;
}

Scenario scenario_of(std::uint64_t seed) {
  Random random(seed * 0x2545f4914f6cdd1d + 1);
  Scenario s;
  s.seed = seed;
  const bool ipv6 = random.chance(30);
  const std::size_t hosts = random.chance(75) ? 2 : 3;
  for (std::size_t i = 0; i < hosts; ++i) s.hosts.push_back(address_of(i, ipv6));
  if (random.chance(60)) s.secret = "a shared secret";
  s.hide = !s.secret.empty() && random.chance(50);
  s.subscribers_answer = random.chance(60);
  s.circuits_fail = random.chance(30);
  s.restarts = random.chance(60);
  s.longest_down = random.chance(80) ? Duration(seconds(1)) : Duration(seconds(10));
  s.weather = weather_of(random);
  const auto retries = static_cast<std::uint8_t>(random.between(3, 8));
  for (std::size_t i = 0; i < hosts; ++i) {
    s.configs.push_back(drawn_config(i, s, random));
    s.configs.back().l2tp.retransmission.established = retries;
    s.configs.back().l2tp.retransmission.not_established = retries;
  }
  s.calm_at = kBegin + random.between(Duration(seconds(5)), Duration(seconds(120)));
  s.rest_at = s.calm_at + kComeToRest;
  const auto actions = random.between(1, 24);
  for (std::uint64_t i = 0; i < actions; ++i) s.actions.push_back(action_of(s, random, s.calm_at));
  s.actions.front().kind = Action::Kind::place_call;
  // Two ends that ask each other for a tunnel at the same moment, or nearly so.
  const bool ties = random.chance(30);
  for (std::size_t i = 0; i < hosts; ++i) s.tie_breaker.push_back(ties && random.chance(70));
  if (ties || random.chance(20)) {
    Action back = s.actions.front();
    std::swap(back.host, back.peer);
    back.at += random.between(Duration::zero(), s.weather.delay + Duration(milliseconds(1)));
    s.actions.push_back(back);
  }
  std::ranges::stable_sort(s.actions, {}, &Action::at);
  return s;
}

config::ResyncMethod configured(ResyncMethod method) {
  switch (method) {
    case ResyncMethod::disable: return config::ResyncMethod::disable;
    case ResyncMethod::failover_protocol: return config::ResyncMethod::failover_protocol;
    case ResyncMethod::silent_failover: return config::ResyncMethod::silent_failover;
    case ResyncMethod::failover_protocol_fallback_to_silent_failover: break;
  }
  return config::ResyncMethod::failover_protocol_fallback_to_silent_failover;
}

Allowance allowance_of(const Scenario& s) {
  Allowance a;
  a.retries = s.configs.front().l2tp.retransmission.established;
  a.restarts = s.restarts;
  if (s.restarts) a.acknowledge_within += s.longest_down;
  return a;
}

std::string describe(const Scenario& s) {
  const auto ms = [](Duration d) { return std::chrono::duration_cast<milliseconds>(d).count(); };
  std::ostringstream out;
  out << s.hosts.size() << " hosts, IPv" << (s.hosts.front().is_v4() ? 4 : 6)
      << (s.secret.empty() ? "" : ", authentication") << (s.hide ? ", hidden AVPs" : "")
      << (std::ranges::count(s.tie_breaker, true) != 0 ? ", tie breakers" : "") << (s.subscribers_answer ? ", PPP" : "")
      << (s.restarts ? ", restarts" : "") << ", loss " << s.weather.loss << " %, duplicates " << s.weather.duplicate
      << " %, delay " << ms(s.weather.delay) << " to " << ms(s.weather.delay + s.weather.jitter) << " ms, windows";
  for (const auto& config : s.configs) out << ' ' << unsigned{config.l2tp.receive_window};
  if (s.failover) out << "; " << describe(*s.failover);
  return out.str();
}

}  // namespace holdfast::sim
