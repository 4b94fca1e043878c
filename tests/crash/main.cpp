// holdfast-crash: kills the process of an LNS or a LAC at every point of a script, each in a run of its own: for every
// event before its commit, after every store of its commit to the checkpoint, and after it, with any number of its
// packets sent. A new process goes on from the checkpoint, and the checker of the wire judges.
//
// Usage: holdfast-crash [--share I/N] [--every M]
//        holdfast-crash --replay SCRIPT [POINT...]
//   --share I/N   every N-th event only, from the I-th on, 0 <= I < N
//   --every M     inside of commits every M-th store only
//   --replay      one run, with a trace of it; points as they are printed of runs that fail
// The last line says how many points there were. The exit status is 1 when a run failed.
#include "point.hpp"
#include "run.hpp"
#include "script.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace holdfast::sim {
namespace {

struct Options {
  unsigned share = 0;
  unsigned shares = 1;
  unsigned every = 1;
};

struct Counts {
  unsigned long before = 0, inside = 0, after = 0, both = 0, failed = 0;
};

constexpr unsigned long kShown = 10;

// Deaths that follow a first one: of the other host while the first is down or starts, or of the first as it starts.
constexpr unsigned kEventsAfter = 4;
constexpr std::array<Point, 4> kSecondDeaths{
    {{0, 0, Where::before, 0}, {0, 0, Where::inside, 5}, {0, 0, Where::inside, 30}, {0, 0, Where::after, 0}}};

void print(TimePoint at, std::string_view what) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count() % 3'600'000;
  std::printf("%8lld ms  %.*s\n", static_cast<long long>(ms), static_cast<int>(what.size()), what.data());
}

Outcome run(const Script& script, const std::vector<Point>& points, const Run::Say& say = {}) {
  Scenario scenario = script.make();
  for (const Point& point : points) scenario.deaths.push_back(death_at(point));
  return Run(std::move(scenario), say).go();
}

class Explorer {
 public:
  Explorer(const Script& script, const Options& options, Counts& counts)
      : script_(script), options_(options), counts_(counts), undisturbed_(run(script, {})) {
    judge(undisturbed_, {});
  }

  void explore() {
    for (std::size_t host = 0; host < 2; ++host)
      for (unsigned event = options_.share; explore(host, event); event += options_.shares) continue;
  }

 private:
  // False: the host has fewer events.
  bool explore(std::size_t host, unsigned event) {
    if (!dies({{host, event, Where::before, 0}}, counts_.before)) return false;
    for (unsigned stores = 0; dies({{host, event, Where::inside, stores}}, counts_.inside);) stores += options_.every;
    for (unsigned sends = 0; dies({{host, event, Where::after, sends}}, counts_.after);) ++sends;
    const Point first{host, event, Where::after, 0};
    for (Point second : kSecondDeaths)
      for (second.event = 0; second.event < kEventsAfter; ++second.event)
        for (second.host = 0; second.host < 2; ++second.host) dies({first, second}, counts_.both);
    return true;
  }

  // Whether the last death took something away; judges the run.
  bool dies(const std::vector<Point>& points, unsigned long& count) {
    const Outcome outcome = run(script_, points);
    if (outcome.deaths < points.size()) return false;
    ++count;
    judge(outcome, points);
    return !outcome.died_idle;
  }

  void judge(const Outcome& outcome, const std::vector<Point>& points) {
    std::vector<std::string> wrong = outcome.wrong;
    if (script_.certain && outcome.established != undisturbed_.established)
      wrong.push_back(std::to_string(outcome.established) + " ends of sessions are up at rest, not " +
                      std::to_string(undisturbed_.established));
    if (wrong.empty() || ++counts_.failed > kShown) return;
    std::printf("failed: %s\n", wrong.front().c_str());
    std::printf("  replay: holdfast-crash --replay %s", std::string(script_.name).c_str());
    for (const Point& point : points) std::printf(" %s", text(point).c_str());
    std::printf("\n");
  }

  const Script& script_;
  const Options& options_;
  Counts& counts_;
  Outcome undisturbed_;
};

int explore(const Options& options) {
  Counts n;
  for (const Script& script : scripts()) Explorer(script, options, n).explore();
  std::printf("%lu crash points, %lu before, %lu inside, %lu after a commit, %lu of two deaths, %lu failed\n",
              n.before + n.inside + n.after + n.both, n.before, n.inside, n.after, n.both, n.failed);
  return n.failed == 0 ? 0 : 1;
}

int replay(const Script& script, const std::vector<Point>& points) {
  const Outcome outcome = run(script, points, print);
  for (const std::string& wrong : outcome.wrong) std::printf("wrong: %s\n", wrong.c_str());
  std::printf("%llu deaths, %llu ends of sessions are up at rest\n", static_cast<unsigned long long>(outcome.deaths),
              static_cast<unsigned long long>(outcome.established));
  return outcome.wrong.empty() ? 0 : 1;
}

bool read(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (i + 1 == argc) return false;
    const char* value = argv[++i];
    if (word == "--every") {
      options.every = static_cast<unsigned>(std::strtoul(value, nullptr, 10));
    } else if (word != "--share" || std::sscanf(value, "%u/%u", &options.share, &options.shares) != 2) {
      return false;
    }
  }
  return options.every > 0 && options.share < options.shares;
}

int main(int argc, char** argv) {
  if (argc > 2 && std::string_view(argv[1]) == "--replay") {
    const Script* script = find_script(argv[2]);
    std::vector<Point> points;
    for (int i = 3; i < argc && script != nullptr; ++i) {
      const auto point = parse_point(argv[i]);
      if (!point) script = nullptr;
      if (point) points.push_back(*point);
    }
    if (script != nullptr) return replay(*script, points);
  } else {
    Options options;
    if (read(argc, argv, options)) return explore(options);
  }
  std::fputs("usage: holdfast-crash [--share I/N] [--every M]\n       holdfast-crash --replay SCRIPT [POINT...]\n",
             stderr);
  return 2;
}

}  // namespace
}  // namespace holdfast::sim

int main(int argc, char** argv) { return holdfast::sim::main(argc, argv); }
