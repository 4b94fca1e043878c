// One run of the simulator: a scenario from its first action to rest, and what was wrong with it. Time is a number that
// jumps from one event to the next.
#pragma once

#include "scenario.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sim {

struct Outcome {
  std::vector<std::string> wrong;  // empty: nothing
  WireCounts wire;
  std::uint64_t restarts = 0;
  std::uint64_t calls = 0;        // that were placed
  std::uint64_t established = 0;  // sessions that came up, both ends counted
  std::uint64_t recoveries = 0;   // recovery tunnels that were asked for
  std::uint64_t deaths = 0;       // of those that were planned, so many happened
  bool died_idle = false;         // the last of them was where the process had nothing left to do
};

class Run {
 public:
  using Say = std::function<void(TimePoint at, std::string_view what)>;  // empty: no trace

  explicit Run(Scenario scenario, Say say = {});
  Outcome go();

 private:
  struct Circuit {
    TimePoint at;
    std::size_t host;
    WantedCircuit wanted;
  };

  TimePoint next_time() const;
  void at(TimePoint now);
  void act(const Action& action);
  void place(const Action& action, Host& host);
  void clear(const Action& action, Host& host);
  void deliver();
  void hand_over(std::size_t host, const Datagram& datagram);
  void plan_death();
  void connect(const Circuit& circuit);
  void restart(std::size_t host);
  // Puts on the wire what the host sent, and sees whether it died.
  void after(std::size_t host);
  void judge();
  void judge_failover();
  void note_before();
  std::size_t established(std::size_t host) const;
  std::size_t host_at(const UdpEnd& end) const;
  void say(std::string_view what) const {
    if (say_) say_(now_, what);
  }
  void say(std::string_view what, const Datagram& datagram) const;
  std::string name(std::size_t host) const { return scenario_.configs[host].hostname; }

  Scenario scenario_;
  Say say_;
  SpecChecker checker_;
  VirtualWire wire_;
  Random random_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<TimePoint> starts_;               // of the processes that are down
  std::vector<Duration> down_;                  // how long the next crash of each host lasts
  std::vector<std::vector<Datagram>> waiting_;  // for a process that is down, as in the dataplane's ring
  std::vector<Circuit> circuits_;
  std::size_t next_action_ = 0;
  std::size_t next_death_ = 0;
  std::vector<Action> postponed_;                   // of hosts that are down
  std::optional<std::vector<std::size_t>> before_;  // by host: sessions that were established at the first failure
  TimePoint now_{};
  Outcome outcome_;
};

}  // namespace holdfast::sim
