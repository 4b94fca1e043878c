// holdfast-sim: runs of the simulator, by their seeds.
//
// Usage: holdfast-sim [--resync] [--seed N] [--runs M] [--trace]
//   --resync    runs of the matrix of failures (failover.hpp) instead of what may happen otherwise
//   --seed N    the first seed (default 1)
//   --runs M    so many runs, of the seeds N, N+1, ... (default 1)
//   --trace     say what happens
// The last line says how many runs, messages and losses there were. The exit status is 1 when a run failed.
#include "run.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace holdfast::sim {
namespace {

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1;
  bool trace = false;
  bool resync = false;
};

constexpr std::uint64_t kShown = 10;  // failed runs whose violations are printed
constexpr std::size_t kShownOfEach = 6;

bool read(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--trace") {
      options.trace = true;
    } else if (word == "--resync") {
      options.resync = true;
    } else if ((word == "--seed" || word == "--runs") && i + 1 < argc) {
      char* end = nullptr;
      const auto number = std::strtoull(argv[++i], &end, 10);
      if (*end != '\0') return false;
      (word == "--seed" ? options.seed : options.runs) = number;
    } else {
      return false;
    }
  }
  return true;
}

void print(TimePoint at, std::string_view what) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count() % 3'600'000;
  std::printf("%8lld ms  %.*s\n", static_cast<long long>(ms), static_cast<int>(what.size()), what.data());
}

int run(const Options& options) {
  Outcome sum;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = options.seed; seed < options.seed + options.runs; ++seed) {
    const Outcome o = Run(options.resync ? failover_scenario_of(seed) : scenario_of(seed),
                          options.trace ? Run::Say(print) : Run::Say())
                          .go();
    sum.wire.messages += o.wire.messages;
    sum.wire.lost += o.wire.lost;
    sum.wire.duplicated += o.wire.duplicated;
    sum.restarts += o.restarts;
    sum.calls += o.calls;
    sum.established += o.established;
    sum.recoveries += o.recoveries;
    if (o.wrong.empty()) continue;
    if (++failed > kShown) continue;
    std::printf("seed %llu failed:\n", static_cast<unsigned long long>(seed));
    for (std::size_t i = 0; i < std::min(o.wrong.size(), kShownOfEach); ++i) std::printf("  %s\n", o.wrong[i].c_str());
    if (o.wrong.size() > kShownOfEach) std::printf("  and %zu more\n", o.wrong.size() - kShownOfEach);
    std::printf("  replay: holdfast-sim%s --seed %llu --trace\n", options.resync ? " --resync" : "",
                static_cast<unsigned long long>(seed));
  }
  const auto n = [](std::uint64_t v) { return static_cast<unsigned long long>(v); };
  std::printf(
      "%llu runs, %llu messages, %llu lost, %llu duplicated, %llu restarts, %llu recovery tunnels, %llu calls, %llu "
      "session ends up at rest, "
      "%llu failed\n",
      n(options.runs), n(sum.wire.messages), n(sum.wire.lost), n(sum.wire.duplicated), n(sum.restarts),
      n(sum.recoveries), n(sum.calls), n(sum.established), n(failed));
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace holdfast::sim

int main(int argc, char** argv) {
  holdfast::sim::Options options;
  if (!holdfast::sim::read(argc, argv, options)) {
    std::fputs("usage: holdfast-sim [--resync] [--seed N] [--runs M] [--trace]\n", stderr);
    return 2;
  }
  return holdfast::sim::run(options);
}
