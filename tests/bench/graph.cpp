// tools/bench fastpath --graph: cycles a packet that the graph takes, with its tables and without any I/O. Packets are
// written into their buffers before each burst, so they are in the first cache, where a port's driver has them, too;
// only the graph is timed, by the time stamp counter. What else the machine does in between hits a few bursts: each
// round gives the median of its bursts, and the rounds give minimum, median and maximum.
#include "nodes/graph.hpp"

#include "graph_router.hpp"
#include "nodes/handoff.hpp"
#include "quiet.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace holdfast::bench {
namespace {

constexpr unsigned kPause = 20'000;  // microseconds between rounds, for everybody else

struct Options {
  Case one;
  unsigned rounds = 15;
  unsigned bursts = 1024;
};

using Packets = std::array<rte_mbuf*, nodes::kBurst>;

rte_mempool* start_dpdk() {
  std::vector<std::string> arguments{"bench", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
                                     "-m",    "64",        "--lcores",    "0",        "--log-level=*:error"};
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0) return nullptr;
  return rte_pktmbuf_pool_create("bench", 1023, 256, sizeof(nodes::HandoffNote), RTE_MBUF_DEFAULT_BUF_SIZE,
                                 SOCKET_ID_ANY);
}

// What came out, which is freed.
unsigned clear(nodes::Context& context) {
  unsigned forwarded = 0;
  for (auto& out : context.tx) {
    for (unsigned i = 0; i < out.count; ++i) rte_pktmbuf_free(out.packets[i]);
    forwarded += out.count;
    out.count = 0;
  }
  for (unsigned i = 0; i < context.agent.count; ++i) rte_pktmbuf_free(context.agent.packets[i]);
  context.agent.count = 0;
  return forwarded;
}

class Meter {
 public:
  Meter(const Options& options, rte_mempool* pool)
      : options_(options), pool_(pool), router_(options.one), samples_(options.bursts) {
    overhead_ = time_of_nothing();
  }

  // Cycles a packet, the median of the bursts.
  double round() {
    for (auto& sample : samples_) sample = burst() - std::min(overhead_, last_);
    return median() / nodes::kBurst;
  }
  std::uint64_t forwarded() const { return forwarded_; }

 private:
  std::uint64_t burst() {
    Packets packets;
    rte_pktmbuf_alloc_bulk(pool_, packets.data(), nodes::kBurst);
    for (rte_mbuf* mbuf : packets) {
      const std::uint32_t n = draw() % options_.one.sessions;
      router_.make(mbuf, n, options_.one.garbage != 0 ? draw() : 0);
    }
    const PortId port(options_.one.way == Way::lns_encap || options_.one.way == Way::lac_down ? 1 : 0);
    const std::uint64_t began = rte_rdtsc_precise();
    nodes::run_frames(router_.context(), port, packets);
    last_ = rte_rdtsc_precise() - began;
    forwarded_ += clear(router_.context());
    return last_;
  }
  std::uint32_t draw() { return static_cast<std::uint32_t>(random_()); }
  double median() {
    const auto middle = samples_.begin() + static_cast<std::ptrdiff_t>(samples_.size() / 2);
    std::nth_element(samples_.begin(), middle, samples_.end());
    return static_cast<double>(*middle);
  }
  std::uint64_t time_of_nothing() {
    for (auto& sample : samples_) {
      const std::uint64_t began = rte_rdtsc_precise();
      sample = rte_rdtsc_precise() - began;
    }
    return static_cast<std::uint64_t>(median());
  }

  Options options_;
  rte_mempool* pool_;
  Router router_;
  std::vector<std::uint64_t> samples_;
  std::mt19937 random_{1701};
  std::uint64_t overhead_ = 0, last_ = 0, forwarded_ = 0;
};

Options read_options(int argc, char** argv) {
  Options options;
  CLI::App app{"Cycles a packet of the dataplane's graph, without I/O"};
  auto& c = options.one;
  c.name = "lns-decap";
  app.add_option("--case", c.name)->check(CLI::IsMember({"lns-decap", "lns-encap", "lac-up", "lac-down"}));
  app.add_option("--inner", c.inner, "IP version")->check(CLI::IsMember({4, 6}));
  app.add_option("--outer", c.outer, "IP version")->check(CLI::IsMember({4, 6}));
  app.add_option("--size", c.size, "octets of the inner packet")->check(CLI::Range(48, 1500));
  app.add_option("--sessions", c.sessions)->check(CLI::Range(1, 1048560));
  app.add_flag("--sequence", c.sequence, "data messages carry Ns and Nr");
  app.add_flag("--udp-checksum", c.udp_checksum, "of the outer header, over IPv4");
  app.add_option("--garbage", c.garbage, "packets of 100 that are broken")->check(CLI::Range(0, 100));
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000));
  app.add_option("--bursts", options.bursts, "of 32 packets, in a round")->check(CLI::Range(16, 1000000));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  c.way = c.name == "lns-decap"   ? Way::lns_decap
          : c.name == "lns-encap" ? Way::lns_encap
          : c.name == "lac-up"    ? Way::lac_up
                                  : Way::lac_down;
  return options;
}

int run(const Options& options) {
  rte_mempool* pool = start_dpdk();
  if (pool == nullptr) {
    std::fprintf(stderr, "DPDK did not start\n");
    return 1;
  }
  Meter meter(options, pool);
  Quiet quiet;
  meter.round();  // warms up
  const std::uint64_t before = meter.forwarded();
  std::vector<double> rounds;
  for (unsigned i = 0; i < options.rounds; ++i) {
    quiet.begin();
    rounds.push_back(meter.round());
    quiet.end();
    ::usleep(kPause);
  }
  const auto forwarded =
      static_cast<double>(meter.forwarded() - before) / options.rounds / options.bursts / nodes::kBurst;
  std::sort(rounds.begin(), rounds.end());
  const auto& c = options.one;
  std::cout << nlohmann::ordered_json{{"case", c.name},
                                      {"inner", c.inner},
                                      {"outer", c.outer},
                                      {"size", c.size},
                                      {"sessions", c.sessions},
                                      {"sequence", c.sequence},
                                      {"udp_checksum", c.udp_checksum},
                                      {"garbage", c.garbage},
                                      {"forwarded_share", forwarded},
                                      {"graph_cycles_min", rounds.front()},
                                      {"graph_cycles", rounds[rounds.size() / 2]},
                                      {"graph_cycles_max", rounds.back()}}
                   .dump()
            << std::endl;
  if (c.garbage == 0 && forwarded < 1) {
    std::fprintf(stderr, "the graph did not forward all\n");
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) { return holdfast::bench::run(holdfast::bench::read_options(argc, argv)); }
