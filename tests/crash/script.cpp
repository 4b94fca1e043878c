#include "script.hpp"

#include <algorithm>
#include <array>

namespace holdfast::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = Action::Kind;

constexpr TimePoint kBegin{std::chrono::hours(1)};
constexpr std::size_t kLns = 0;
constexpr std::size_t kLac = 1;

config::Config scripted_config(std::string_view name, const Scenario& s) {
  config::Config c = config_of(name, s);
  c.ppp.keepalive = seconds(20);
  c.l2tp.hello_interval = seconds(30);
  c.l2tp.idle_timeout = seconds(5);
  return c;
}

// Two hosts in fair weather. come_to_rest: after the last action.
Scenario two_hosts(std::vector<Action> actions, bool ipv6, Duration come_to_rest) {
  Scenario s;
  s.seed = 1;
  s.hosts = {address_of(kLns, ipv6), address_of(kLac, ipv6)};
  s.secret = "a shared secret";
  s.hide = ipv6;
  s.configs = {scripted_config("lns", s), scripted_config("lac", s)};
  s.tie_breaker = {true, true};  // in SCCRQs of either
  s.weather.delay = milliseconds(5);
  s.subscribers_answer = true;
  s.restarts = true;
  s.longest_down = seconds(1);
  s.actions = std::move(actions);
  s.calm_at = s.actions.back().at + milliseconds(1);
  s.rest_at = s.calm_at + come_to_rest;
  return s;
}

Action place(Duration at, std::size_t host, l2tp::CallKind call, bool in_existing = false) {
  Action a;
  a.at = kBegin + at;
  a.kind = Kind::place_call;
  a.host = host;
  a.peer = 1 - host;
  a.call = call;
  a.in_existing = in_existing;
  return a;
}

Action clear(Duration at, std::size_t host, Kind what, std::uint64_t pick = 0) {
  Action a;
  a.at = kBegin + at;
  a.kind = what;
  a.host = host;
  a.pick = pick;
  return a;
}

constexpr auto kIn = l2tp::CallKind::incoming;
constexpr auto kOut = l2tp::CallKind::outgoing;
// StopCCN is held for 31 s, a call that does not get on is given up after 60 s.
constexpr Duration kRest = seconds(120);

// Calls of the LAC, cleared by either end; one stays.
Scenario incoming() {
  return two_hosts({place(seconds(0), kLac, kIn), place(seconds(0), kLac, kIn), place(milliseconds(500), kLac, kIn),
                    clear(seconds(3), kLns, Kind::clear_session), clear(seconds(4), kLac, Kind::clear_session),
                    place(seconds(5), kLac, kIn), clear(seconds(8), kLns, Kind::clear_session)},
                   false, kRest);
}

// A call of the LNS, into the LAC's tunnel and in one of its own; the LAC ends its tunnel, the other one idles out.
Scenario outgoing() {
  return two_hosts({place(seconds(0), kLac, kIn), place(seconds(2), kLns, kOut, true), place(seconds(2), kLns, kOut),
                    clear(seconds(8), kLac, Kind::clear_tunnel), clear(seconds(10), kLac, Kind::clear_session)},
                   true, kRest);
}

// Both open a tunnel at the same time, and the LNS ends one while calls are being set up in it.
Scenario crossing() {
  return two_hosts({place(seconds(0), kLac, kIn), place(seconds(0), kLns, kOut), place(milliseconds(40), kLac, kIn),
                    clear(milliseconds(52), kLns, Kind::clear_tunnel), place(seconds(4), kLac, kIn)},
                   false, kRest);
}

// The same calls as the first, over a network that loses and reorders.
Scenario lossy() {
  Scenario s = incoming();
  s.weather.loss = 10;
  s.weather.duplicate = 10;
  s.weather.jitter = milliseconds(100);
  s.rest_at = s.calm_at + seconds(480);
  return s;
}

constexpr std::array<Script, 4> kScripts{{{"incoming", incoming, true},
                                          {"outgoing", outgoing, true},
                                          {"crossing", crossing, false},
                                          {"lossy", lossy, false}}};

}  // namespace

std::span<const Script> scripts() { return kScripts; }

const Script* find_script(std::string_view name) {
  const auto found = std::ranges::find(kScripts, name, &Script::name);
  return found != kScripts.end() ? &*found : nullptr;
}

}  // namespace holdfast::sim
