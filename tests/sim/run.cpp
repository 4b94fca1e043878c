#include "run.hpp"

#include "dissect.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

using std::chrono::milliseconds;

// Of events: more than any run needs, so a run that reaches it does not come to rest.
constexpr std::uint64_t kMostEvents = 200'000;

}  // namespace

Run::Run(Scenario scenario, Say say)
    : scenario_(std::move(scenario)),
      say_(std::move(say)),
      checker_(scenario_.secret, allowance_of(scenario_)),
      wire_(scenario_.seed ^ 0x77697265, checker_),
      random_(scenario_.seed ^ 0x72756e),
      starts_(scenario_.hosts.size(), kNever),
      down_(scenario_.hosts.size()),
      waiting_(scenario_.hosts.size()) {
  wire_.set_weather(scenario_.rough_at > TimePoint{} ? Weather{0, 0, scenario_.weather.delay, Duration::zero()}
                                                     : scenario_.weather);
  for (std::size_t i = 0; i < scenario_.hosts.size(); ++i) {
    hosts_.push_back(std::make_unique<Host>(scenario_.hosts[i], scenario_.configs[i], scenario_.seed * 16 + i,
                                            scenario_.subscribers_answer));
    hosts_.back()->start(TimePoint{});
  }
  plan_death();
}

void Run::plan_death() {
  if (next_death_ == scenario_.deaths.size()) return;
  const Death& death = scenario_.deaths[next_death_++];
  hosts_[death.host]->plan(death.crash);
  down_[death.host] = death.down;
}

Outcome Run::go() {
  say(describe(scenario_));
  bool calm = false;
  bool rough = scenario_.rough_at == TimePoint{};
  for (std::uint64_t events = 0;; ++events) {
    const TimePoint next = next_time();
    if (!calm && next >= scenario_.calm_at) {
      calm = true;
      now_ = scenario_.calm_at;
      wire_.set_weather({0, 0, scenario_.weather.delay, Duration::zero()});
      say("the weather is calm");
    }
    if (!rough && next >= scenario_.rough_at) {
      rough = true;
      wire_.set_weather(scenario_.weather);
    }
    if (next > scenario_.rest_at) break;
    if (events > kMostEvents) {
      outcome_.wrong.push_back("more events than any run needs: it does not come to rest");
      break;
    }
    at(next);
  }
  now_ = scenario_.rest_at;
  judge();
  outcome_.wire = wire_.counts();
  return outcome_;
}

TimePoint Run::next_time() const {
  TimePoint next = wire_.next();
  if (next_action_ < scenario_.actions.size()) next = std::min(next, scenario_.actions[next_action_].at);
  for (const auto& host : hosts_) next = std::min(next, host->next_due());
  for (const TimePoint start : starts_) next = std::min(next, start);
  for (const Circuit& circuit : circuits_) next = std::min(next, circuit.at);
  return std::max(next, now_);
}

// One thing of those that are due.
void Run::at(TimePoint now) {
  now_ = now;
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    if (starts_[i] <= now) return restart(i);
  if (next_action_ < scenario_.actions.size() && scenario_.actions[next_action_].at <= now)
    return act(scenario_.actions[next_action_++]);
  const auto circuit = std::ranges::find_if(circuits_, [&](const Circuit& c) { return c.at <= now; });
  if (circuit != circuits_.end()) {
    const Circuit due = *circuit;
    circuits_.erase(circuit);
    return connect(due);
  }
  if (wire_.next() <= now) return deliver();
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    if (hosts_[i]->next_due() <= now) {
      hosts_[i]->expire(now);
      return after(i);
    }
}

void Run::act(const Action& action) {
  Host& host = *hosts_[action.host];
  const bool repeated = !scenario_.deaths.empty();
  if (!host.up()) {
    if (repeated) postponed_.push_back(action);
    return;
  }
  switch (action.kind) {
    case Action::Kind::place_call: place(action, host); break;
    case Action::Kind::clear_session:
    case Action::Kind::clear_tunnel: clear(action, host); break;
    case Action::Kind::kill:
      note_before();
      down_[action.host] = action.down;
      host.kill();
      break;
    case Action::Kind::crash:
      host.plan(action.crash);
      down_[action.host] = action.down;
      break;
  }
  if (repeated && !host.up() && !host.committed()) postponed_.push_back(action);
  after(action.host);
}

void Run::place(const Action& action, Host& host) {
  engine::PlaceCall call;
  call.tunnel.peer = scenario_.hosts[action.peer];
  call.tunnel.local = scenario_.hosts[action.host];
  call.tunnel.hide = scenario_.hide ? 1 : 0;
  call.tunnel.tie_breaker = scenario_.tie_breaker[action.host] ? 1 : 0;
  call.tunnel.resync = scenario_.failover ? scenario_.failover->method[action.host] : ResyncMethod::silent_failover;
  (void)call.tunnel.secret.assign(scenario_.secret);
  (void)call.tunnel.local_host.assign(scenario_.configs[action.host].hostname);
  call.call.kind = action.call;
  call.call.circuit = static_cast<std::uint32_t>(action.pick);
  call.call.tx_speed = 100'000'000;
  call.call.minimum_bps = 64'000;
  call.call.maximum_bps = 128'000;
  call.call.bearer = 1;
  (void)call.call.called.assign("5551234");
  if (action.in_existing) {
    const auto there = host.tunnels(l2tp::TunnelState::established);
    if (!there.empty()) call.in = there[action.pick % there.size()];
  }
  say(name(action.host) + " places an " + std::string(l2tp::name(action.call)) + " call to " + name(action.peer));
  ++outcome_.calls;
  host.event(now_, call);
}

void Run::clear(const Action& action, Host& host) {
  if (action.kind == Action::Kind::clear_session) {
    const auto there = host.sessions();
    if (there.empty()) return;
    const auto& session = there[action.pick % there.size()];
    say(name(action.host) + " clears session " + std::to_string(session.id.value()) + " of tunnel " +
        std::to_string(session.tunnel.value()));
    return host.event(now_, engine::ClearSession{session.tunnel, session.id});
  }
  const auto there = host.tunnels(l2tp::TunnelState::established);
  if (there.empty()) return;
  const TunnelId tunnel = there[action.pick % there.size()];
  say(name(action.host) + " clears tunnel " + std::to_string(tunnel.value()));
  host.event(now_, engine::ClearTunnel{tunnel});
}

void Run::deliver() {
  const Datagram d = wire_.take();
  const std::size_t i = host_at(d.to);
  Host& host = *hosts_[i];
  if (!host.up()) {
    waiting_[i].push_back(d);
    return;
  }
  if (scenario_.deaths.empty() && host.dies_before_next()) {
    // What a process was about to take when it died is lost, or is found again by the next one.
    say("killed before the commit of", d);
    if (random_.chance(50))
      waiting_[i].push_back(d);
    else
      wire_.lost();
    host.kill();
    return after(i);
  }
  say("arrives", d);
  hand_over(i, d);
}

// A message that the process died of before it was committed has not arrived yet: it is lost or found again.
void Run::hand_over(std::size_t i, const Datagram& d) {
  Host& host = *hosts_[i];
  host.datagram(now_, d);
  if (host.up() || host.committed()) {
    wire_.arrived(now_, d);
  } else if (random_.chance(50)) {
    waiting_[i].push_back(d);
  } else {
    wire_.lost();
  }
  after(i);
}

void Run::connect(const Circuit& circuit) {
  Host& host = *hosts_[circuit.host];
  const auto& [tunnel, session] = circuit.wanted;
  if (scenario_.circuits_fail && random_.chance(40))
    host.event(now_, engine::CircuitFailed{tunnel, session, l2tp::CallResult::busy});
  else
    host.event(now_, engine::CircuitConnected{tunnel, session, {64'000, 0, 1, false}});
  after(circuit.host);
}

void Run::restart(std::size_t i) {
  starts_[i] = kNever;
  ++outcome_.restarts;
  say(name(i) + " starts again");
  hosts_[i]->start(now_);
  after(i);
  for (const Datagram& d : std::exchange(waiting_[i], {})) {
    if (!hosts_[i]->up()) {
      waiting_[i].push_back(d);
      continue;
    }
    say("is found", d);
    hand_over(i, d);
  }
  for (const Action& action : std::exchange(postponed_, {})) act(action);
}

void Run::after(std::size_t i) {
  Host& host = *hosts_[i];
  for (Outgoing& out : host.take_outgoing()) {
    if (scenario_.failover) announce(out.datagram, scenario_.failover->announced[i]);
    const auto fate = wire_.send(now_, out.datagram, out.cut);
    say(out.cut ? "is cut off by the kill" : fate == VirtualWire::Fate::lost ? "is lost" : "is sent", out.datagram);
  }
  for (const WantedCircuit& wanted : host.take_wanted())
    circuits_.push_back({now_ + random_.between(Duration(milliseconds(1)), Duration(milliseconds(3000))), i, wanted});
  if (!host.up() && starts_[i] == kNever) {
    say(name(i) + " is dead");
    starts_[i] = now_ + down_[i];
    if (scenario_.deaths.empty()) return;
    ++outcome_.deaths;
    outcome_.died_idle = host.died_idle();
    plan_death();
  }
}

std::size_t Run::host_at(const UdpEnd& end) const {
  const auto found = std::ranges::find(scenario_.hosts, end.address);
  return static_cast<std::size_t>(found - scenario_.hosts.begin());
}

std::size_t Run::established(std::size_t host) const {
  const auto sessions = hosts_[host]->sessions();
  return static_cast<std::size_t>(std::ranges::count(sessions, l2tp::SessionState::established, &l2tp::Session::state));
}

void Run::note_before() {
  if (before_) return;
  before_.emplace();
  for (std::size_t i = 0; i < hosts_.size(); ++i) before_->push_back(established(i));
}

// Whether it came as the table of methods says.
void Run::judge_failover() {
  const Failover& failover = *scenario_.failover;
  bool kept = true;
  for (std::size_t i = 0; i < 2; ++i) {
    if (before_.value_or(std::vector<std::size_t>(2))[i] != outcome_.calls)
      outcome_.wrong.push_back(name(i) + " had not all calls up when the first end failed");
    const Fate of_this = failover.fails[i] ? fate(failover, i) : Fate::kept_silently;
    kept = kept && of_this != Fate::disconnected;
    const auto asked = checker_.recoveries(hosts_[i]->at());
    outcome_.recoveries += asked;
    if (failover.fails[i] && (asked != 0) != (of_this == Fate::recovered) &&
        (asked != 0 || fate(failover, 1 - i) != Fate::disconnected || !failover.fails[1 - i]))
      outcome_.wrong.push_back(name(i) + " asked for " + std::to_string(asked) + " recovery tunnels");
  }
  for (std::size_t i = 0; i < 2; ++i)
    if (const auto now = established(i); now != (kept ? outcome_.calls : 0))
      outcome_.wrong.push_back(name(i) + " has " + std::to_string(now) + " of " + std::to_string(outcome_.calls) +
                               " sessions where " + (kept ? "all" : "none") + " should be there");
}

void Run::judge() {
  checker_.at_rest(now_);
  if (scenario_.failover) judge_failover();
  for (const Violation& v : checker_.violations()) {
    const auto ms = std::chrono::duration_cast<milliseconds>(v.at.time_since_epoch()).count() % 3'600'000;
    outcome_.wrong.push_back("at " + std::to_string(ms) + " ms: " + std::string(spec(v.rule).name) + " (" +
                             where(v.rule) + "): " + v.what);
  }
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const Host& host = *hosts_[i];
    if (!host.up()) {
      outcome_.wrong.push_back(name(i) + " is down at rest");
      continue;
    }
    const auto established = static_cast<std::size_t>(
        std::ranges::count(host.sessions(), l2tp::SessionState::established, &l2tp::Session::state));
    const SpecChecker::Alive seen = checker_.alive(host.at());
    const SpecChecker::Alive kept{host.tunnels(l2tp::TunnelState::established).size(), host.sessions().size()};
    if (!(seen == kept) || established != kept.sessions)
      outcome_.wrong.push_back(name(i) + " keeps " + std::to_string(kept.tunnels) + " tunnels and " +
                               std::to_string(kept.sessions) + " sessions, " + std::to_string(established) +
                               " of them established; the wire knows " + std::to_string(seen.tunnels) + " and " +
                               std::to_string(seen.sessions));
    if (!host.torn_wrong().empty()) outcome_.wrong.push_back(name(i) + ": " + host.torn_wrong());
    if (host.wrong_rows() != 0)
      outcome_.wrong.push_back(name(i) + " has " + std::to_string(host.wrong_rows()) + " wrong rows");
    outcome_.established += established;
  }
}

void Run::say(std::string_view what, const Datagram& datagram) const {
  if (!say_) return;
  say_(now_, name(host_at(datagram.from)) + " > " + name(host_at(datagram.to)) + " " +
                 dissect(datagram, scenario_.secret) + " " + std::string(what));
}

}  // namespace holdfast::sim
