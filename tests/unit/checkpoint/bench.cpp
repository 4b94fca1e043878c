// How long the store takes: a commit of a typical step, a scan over empty tables, verify and open of a full region.
// Prints one line a figure. Usage: bench_checkpoint [FOLDER], /dev/shm by default.
#include "checkpoint/crc32c.hpp"
#include "checkpoint/store.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <vector>

namespace holdfast::checkpoint {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<TableSpec, 3> kTables{
    {{"channel", 6000, 65'536}, {"session", 256, 1'048'576}, {"subscriber", 512, 1'048'576}}};
constexpr Layout kLayout{.tables = kTables, .hash = 1, .major = 1, .minor = 0};
constexpr int kCommits = 100'000;

double microseconds(Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

template <class F>
double timed(F f) {
  const auto start = Clock::now();
  f();
  return microseconds(Clock::now() - start);
}

// A channel's prefix, a session and a part of a subscriber: 900 octets in all.
class Step {
 public:
  explicit Step(unsigned seed) : random_(seed) {
    for (auto& octet : octets_) octet = static_cast<std::uint8_t>(random_());
  }
  std::array<Change, 3> next(std::uint32_t sessions) {
    ++octets_[random_() % octets_.size()];
    const auto session = static_cast<std::uint32_t>(random_() % sessions);
    const Octets all(octets_);
    return {Change{0, session % 65'536, all.first(324)}, Change{1, session, all.first(256)},
            Change{2, session, all.first(320)}};
  }

 private:
  std::minstd_rand random_;
  std::array<std::uint8_t, 512> octets_{};
};

enum class Reserve { no, yes };

void commits(Store& store, const char* what, std::uint32_t sessions, Reserve reserve = Reserve::no) {
  Step step(1);
  std::vector<double> times(kCommits);
  for (double& time : times) {
    const auto changes = step.next(sessions);
    if (reserve == Reserve::yes)
      for (const Change& change : changes)
        if (!store.reserve(change.table, change.index)) std::abort();
    time = timed([&] { (void)store.commit(changes); });
  }
  const double total = timed([&] {
    for (int i = 0; i < kCommits; ++i) (void)store.commit(step.next(sessions));
  });
  std::ranges::sort(times);
  std::printf(
      "commit, 3 changes of 900 octets, %-28s median %7.0f ns  p99 %7.0f ns  p99.9 %7.0f ns  max %8.0f ns  back to "
      "back %5.0f ns\n",
      what, 1e3 * times[kCommits / 2], 1e3 * times[kCommits * 99 / 100], 1e3 * times[kCommits * 999 / 1000],
      1e3 * times.back(), 1e3 * total / kCommits);
}

// The least of several runs: the rest is what else the machine does.
template <class F>
double least(F f) {
  double least = timed(f);
  for (int i = 0; i < 9; ++i) least = std::min(least, timed(f));
  return least;
}

void crc(std::size_t octets) {
  constexpr int kTimes = 5'000;
  const std::vector<std::uint8_t> data(octets, 0x5a);
  std::uint32_t sum = 0;
  const double instruction = least([&] {
    for (int i = 0; i < kTimes; ++i) sum = crc32c(data, sum);
  });
  const double table = least([&] {
    for (int i = 0; i < kTimes; ++i) sum = crc32c_by_table(data, sum);
  });
  std::printf("crc32c of %5zu octets: %7.1f ns, by table %8.1f ns (%08x)\n", octets, 1e3 * instruction / kTimes,
              1e3 * table / kTimes, sum);
}

// A new region in place of the last.
Store fresh(const std::filesystem::path& path, Pages pages = Pages::when_touched) {
  std::filesystem::remove(path);
  auto store = Store::create(path, kLayout, {}, {.pages = pages});
  if (store) return std::move(*store);
  std::fprintf(stderr, "%s\n", store.error().c_str());
  std::exit(1);
}

void fill(Store& store) {
  Step step(2);
  const auto values = step.next(1);
  const double time = timed([&] {
    for (std::uint32_t i = 0; i < 1'048'576; ++i)
      (void)store.commit(std::array{Change{1, i, values[1].bytes}, Change{2, i, values[2].bytes}});
  });
  std::printf("fill of 1,048,576 sessions and subscribers: %.0f ms, region of %zu octets\n", time / 1e3,
              store.octets());
}

void reopen(const std::filesystem::path& path) {
  Result<Store, Refusal> store = fail(Refusal::none);
  std::printf("open %.0f us", timed([&] { store = Store::open(path, kLayout, {}); }));
  if (!store) std::exit(1);
  std::uint64_t used = 0;
  const auto scan = [&] { store->for_each_used(1, [&](std::uint32_t) { ++used; }); };
  std::printf(", scan of 1,048,576 used records %.0f us", timed(scan));
  std::printf(", again %.0f us", least(scan));
  std::size_t damaged = 0;
  const auto verify = [&] { damaged += store->verify().size(); };
  std::printf(", verify %.0f ms", timed(verify) / 1e3);
  std::printf(", again %.0f ms (%zu damaged)\n", least(verify) / 1e3, damaged);
}

void run(const std::filesystem::path& path) {
  for (const std::size_t octets : {16u, 64u, 128u, 256u, 320u, 512u, 1500u, 4096u, 65536u}) crc(octets);
  {
    const Store store = fresh(path);
    std::uint64_t used = 0;
    const auto scan = [&] { store.for_each_used(1, [&](std::uint32_t) { ++used; }); };
    std::printf("scan of 1,048,576 free records, first touch %.0f us", timed(scan));
    std::printf(", again %.0f us\n", least(scan));
  }
  {
    Store store = fresh(path);
    commits(store, "1,024 sessions, first touch", 1024);
    commits(store, "1,024 sessions", 1024);
  }
  {
    Store store = fresh(path);
    commits(store, "65,536 sessions, first touch", 65'536);
    commits(store, "65,536 sessions", 65'536);
  }
  {
    Store store = fresh(path);
    commits(store, "65,536 sessions, reserved", 65'536, Reserve::yes);
  }
  {
    Store store = fresh(path, Pages::up_front);
    commits(store, "65,536 sessions, up front", 65'536);
  }
  {
    Store store = fresh(path);
    fill(store);
    commits(store, "1,048,576 sessions, first", 1'048'576);
    commits(store, "1,048,576 sessions", 1'048'576);
  }
  reopen(path);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace holdfast::checkpoint

int main(int argc, char** argv) {
  holdfast::checkpoint::run(std::filesystem::path(argc > 1 ? argv[1] : "/dev/shm") / "holdfast-bench-checkpoint");
}
