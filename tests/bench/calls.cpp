// How fast calls are set up between two engines, one the LAC and one the LNS, in one thread and without sockets, and
// what an established session costs in memory. Prints one JSON object.
// Usage: holdfast-bench-calls [--calls N] [--tunnels N] [--plain] [--commits] [--folder FOLDER]
//   --plain     records in plain memory instead of a checkpoint
//   --commits   time each commit of the LNS instead of the whole, and measure the memory of its region
//   --folder    where the regions are made (default /dev/shm)
#include "end.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <malloc.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace holdfast::bench {
namespace {

using std::chrono::milliseconds;

struct Options {
  std::uint32_t calls = 60'000;
  std::uint32_t tunnels = 64;
  Keep keep = Keep::checkpoint;
  bool commits = false;
  std::string folder = "/dev/shm";
};

constexpr std::uint32_t kCallsAtOnce = 8;  // in each tunnel
constexpr std::uint32_t kCalls = 8192;     // that may be under way
const IpAddress kLac = IpAddress::v4(192, 0, 2, 1);
const IpAddress kLns = IpAddress::v4(192, 0, 2, 2);

// Of this process alone: what else the machine does is not ours to measure.
double cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

std::size_t resident() {
  ::malloc_trim(0);
  unsigned long pages = 0, resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%lu %lu", &pages, &resident) != 2) std::exit(1);
  std::fclose(file);
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

config::Config configuration() {
  config::Config c;
  c.ipv4_pools.push_back({"pool", IpAddress::v4(10, 0, 0, 2), IpAddress::v4(10, 31, 255, 254)});
  config::HostProfile any;
  any.tunnel_password = "secret";
  c.l2tp.destinations.push_back({"any", IpAddress::v4(0), {any}});
  return c;
}

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {
    const engine::Capacity capacity{options.tunnels + 2, bank_bits_for(options.calls), kCalls};
    lac_ = std::make_unique<End>(configuration(), place_of("lac"), capacity);
    lns_ = std::make_unique<End>(configuration(), place_of("lns"), capacity);
    call_.tunnel.peer = kLns;
    call_.tunnel.local = kLac;
    (void)call_.tunnel.secret.assign("secret");
    (void)call_.tunnel.local_host.assign("lac");
    (void)call_.call.calling.assign("5551234");
    call_.call.tx_speed = 100'000'000;
  }

  void run() {
    for (std::uint32_t i = 0; i < options_.tunnels; ++i) place(i);
    settle(options_.tunnels);
    if (options_.commits) lns_->time_commits();
    const std::uint64_t messages = lac_->messages() + lns_->messages();
    const double start = cpu_seconds();
    std::uint32_t placed = options_.tunnels;
    while (placed < options_.calls) {
      const std::uint32_t most =
          std::min(options_.calls, placed + std::min(kCallsAtOnce * options_.tunnels, kCalls / 2));
      while (placed < most) place(placed++);
      settle(placed);
    }
    const double seconds = cpu_seconds() - start;
    if (options_.commits) return print_commits();
    print(options_.calls - options_.tunnels, lac_->messages() + lns_->messages() - messages, seconds);
  }

 private:
  Place place_of(std::string_view end) const {
    const auto name = "holdfast-bench-" + std::to_string(::getpid()) + "." + std::string(end);
    // What is touched is what a session takes; what is there already costs a commit nothing.
    const auto pages = options_.commits ? checkpoint::Pages::when_touched : checkpoint::Pages::up_front;
    return {options_.keep, std::filesystem::path(options_.folder) / name, pages};
  }

  void place(std::uint32_t number) {
    const std::uint32_t tunnel = number % options_.tunnels;
    const std::array id{static_cast<std::uint8_t>(tunnel), static_cast<std::uint8_t>(tunnel >> 8)};
    (void)call_.tunnel.assignment_id.assign(id);
    call_.call.circuit = number;
    lac_->handle(now_, call_);
  }

  // Until so many calls are up at both ends.
  void settle(std::uint32_t calls) {
    while (lac_->sessions_up() < calls || lns_->sessions_up() < calls) {
      if (!lac_->silent() || !lns_->silent()) {
        carry(*lac_, *lns_, kLac, kLns);
        carry(*lns_, *lac_, kLns, kLac);
        continue;
      }
      now_ = std::max(now_, std::min(lac_->next_due(), lns_->next_due()));
      if (now_ > kPatience) {
        std::fprintf(stderr, "only %llu of %u calls came up\n", static_cast<unsigned long long>(lns_->sessions_up()),
                     calls);
        std::exit(1);
      }
      lac_->expire(now_);
      lns_->expire(now_);
    }
  }

  void carry(End& from, End& to, const IpAddress& source, const IpAddress& destination) {
    under_way_.clear();
    for (std::size_t i = 0; i < from.sent(); ++i) under_way_.emplace_back(from.sent(i).begin(), from.sent(i).end());
    from.clear_sent();
    for (const auto& message : under_way_)
      to.handle(now_, engine::ControlDatagram{source, destination, 1701, 1701, message});
  }

  // Of a session at each end: what the system gets back when the end is taken away.
  struct Memory {
    double lns, lac;
  };
  Memory take_away() {
    const std::size_t both = resident();
    lns_.reset();
    const std::size_t lac_alone = resident();
    lac_.reset();
    return {static_cast<double>(both - lac_alone) / options_.calls,
            static_cast<double>(lac_alone - resident()) / options_.calls};
  }

  void print_commits() {
    std::vector<std::uint32_t> times = lns_->commit_times();
    std::ranges::sort(times);
    const std::uint64_t region = lns_->region_memory();
    const Memory memory = take_away();
    std::printf(
        "{\"calls\": %u, \"tunnels\": %u, \"commits\": %zu, \"commit_ns_median\": %u, \"commit_ns_p99\": %u, "
        "\"commit_ns_p999\": %u, \"region_bytes\": %llu, \"lns_bytes_per_session\": %.0f, "
        "\"lac_bytes_per_session\": %.0f}\n",
        options_.calls, options_.tunnels, times.size(), times[times.size() / 2], times[times.size() * 99 / 100],
        times[times.size() * 999 / 1000], static_cast<unsigned long long>(region), memory.lns, memory.lac);
  }

  void print(std::uint32_t calls, std::uint64_t messages, double seconds) {
    const Memory memory = take_away();
    std::printf(
        "{\"calls\": %u, \"tunnels\": %u, \"messages\": %llu, \"seconds\": %.6f, \"calls_per_s\": %.0f, "
        "\"ns_per_message\": %.1f, \"lns_bytes_per_session\": %.0f, \"lac_bytes_per_session\": %.0f}\n",
        calls, options_.tunnels, static_cast<unsigned long long>(messages), seconds, calls / seconds,
        1e9 * seconds / static_cast<double>(messages), memory.lns, memory.lac);
  }

  static constexpr TimePoint kPatience{std::chrono::hours(2)};

  Options options_;
  std::unique_ptr<End> lac_;
  std::unique_ptr<End> lns_;
  engine::PlaceCall call_;
  TimePoint now_{std::chrono::hours(1)};
  std::vector<std::vector<std::uint8_t>> under_way_;
};

bool read(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--plain") {
      options.keep = Keep::plain;
    } else if (word == "--commits") {
      options.commits = true;
    } else if (word == "--folder" && i + 1 < argc) {
      options.folder = argv[++i];
    } else if ((word == "--calls" || word == "--tunnels") && i + 1 < argc) {
      const auto number = static_cast<std::uint32_t>(std::strtoul(argv[++i], nullptr, 10));
      (word == "--calls" ? options.calls : options.tunnels) = number;
    } else {
      return false;
    }
  }
  return options.tunnels > 0 && options.tunnels <= 65'000 && options.calls > options.tunnels &&
         options.calls <= 1'100'000;
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) {
  holdfast::bench::Options options;
  if (!holdfast::bench::read(argc, argv, options)) {
    std::fputs("usage: holdfast-bench-calls [--calls N] [--tunnels N] [--plain] [--commits] [--folder FOLDER]\n",
               stderr);
    return 2;
  }
  holdfast::bench::Bench(options).run();
}
