// The same as crash_test, for the code as it was compiled: a child commits under ptrace, and after every instruction of
// it the region is looked at as if the child had been killed there.
#include "checkpoint/begin.hpp"
#include "checkpoint/redo.hpp"
#include "checkpoint/stores.hpp"
#include "fixture.hpp"
#include "image.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace holdfast::checkpoint::test {
namespace {

class InstructionTest : public RegionTest {
 protected:
  // Runs body in a child, one instruction at a time; at(stepped) after each. Nothing when the system forbids tracing.
  // Returns how many instructions there were.
  template <class Body, class At>
  static std::optional<std::size_t> step_through(Body body, At at) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(77);
      ::raise(SIGSTOP);
      body();
      ::_exit(0);
    }
    int status = 0;
    std::size_t instructions = 0;
    while (::waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
      at(instructions++);
      if (::testing::Test::HasFatalFailure()) ::kill(child, SIGKILL);
      ::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) return std::nullopt;
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    return instructions;
  }

  static Image recovered(Image image) {
    EXPECT_EQ(check_redo(image.region()), Refusal::none);
    DirectStores stores;
    if (check_redo(image.region()) == Refusal::none) take_over(image.region(), {}, stores);
    return image;
  }
};

TEST_F(InstructionTest, OfACommitMayBeTheLastOne) {
  Store store = create();
  store.commit(std::array{Change{kTunnels, 3, bytes(40, 1)}, Change{kSessions, 7, bytes(264, 2)},
                          Change{kSessions, 8, bytes(264, 3)}, Change{kChannels, 1, bytes(300, 4)}});
  const auto commit = [&] {
    store.commit(std::array{Change{kTunnels, 3, bytes(40, 9)}, Change{kSessions, 7, {}},
                            Change{kSessions, 8, bytes(20, 5)}, Change{kChannels, 1, bytes(500, 6)},
                            Change{kChannels, 2, bytes(9, 7)}});
  };
  const auto watched = Store::inspect(path_);
  ASSERT_TRUE(watched) << name(watched.error());
  const Octets region{reinterpret_cast<const std::uint8_t*>(&watched->header()), watched->octets()};
  const Image before(region);
  std::vector<std::uint64_t> sequences;
  std::vector<Image> ends[2];
  Image last(region);

  const auto instructions = step_through(commit, [&](std::size_t instruction) {
    const Image now(region);
    if (instruction != 0 && now.octets().size() == last.octets().size() &&
        std::memcmp(now.data(), last.data(), now.octets().size()) == 0)
      return;  // no store
    last = now;
    sequences.push_back(now.progress().committed);
    const bool happened = now.progress().committed == before.progress().committed + 1;
    std::vector<Image>& seen = ends[happened];
    const Image alive = recovered(now);
    if (seen.empty()) seen.push_back(alive);
    ASSERT_TRUE(alive.same_tables(seen.front())) << "after instruction " << instruction;
  });
  if (!instructions) GTEST_SKIP() << "ptrace is forbidden here";

  ASSERT_EQ(ends[0].size(), 1u);
  ASSERT_EQ(ends[1].size(), 1u);
  EXPECT_TRUE(ends[0].front().same_tables(before));
  EXPECT_TRUE(ends[1].front().same_tables(last)) << "what the finished commit left";
  EXPECT_TRUE(std::ranges::is_sorted(sequences));
  EXPECT_GT(sequences.size(), 50u) << "stores seen one by one";
  EXPECT_EQ(watched->verify(), std::vector<Store::Damage>{});
  EXPECT_FALSE(watched->used(kSessions, 7));
}

// Kills a child that commits as fast as it can, at whatever instruction it is, and goes on where it was.
TEST_F(InstructionTest, IsWhereverAKillFindsIt) {
  constexpr int kKills = 200;
  // Transaction n makes every one of these records n, n + 1, ... of a length that depends on n.
  constexpr std::array<std::pair<std::uint16_t, std::uint32_t>, 4> kWhere{
      {{kTunnels, 1}, {kSessions, 2}, {kSessions, 3}, {kChannels, 4}}};
  const auto value_of = [](std::uint64_t n) { return bytes(1 + n % 40, static_cast<std::uint8_t>(n)); };
  (void)create();
  const auto watched = Store::inspect(path_);
  ASSERT_TRUE(watched);
  std::uint64_t sequence = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = open();
      if (!store) ::_exit(1);
      for (std::uint64_t n = store->sequence() + 1;; ++n) {
        const auto value = value_of(n);
        std::array<Change, kWhere.size()> changes;
        for (std::size_t i = 0; i < changes.size(); ++i) changes[i] = {kWhere[i].first, kWhere[i].second, value};
        store->commit(changes);
      }
    }
    int status = 0;
    while (watched->sequence() < sequence + 1 + static_cast<std::uint64_t>(kill) * 7) {
      ASSERT_EQ(::waitpid(child, &status, WNOHANG), 0) << "the child gave up: " << status;
      ::sched_yield();
    }
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;

    const auto store = open();
    ASSERT_TRUE(store) << name(store.error());
    ASSERT_EQ(store->verify(), std::vector<Store::Damage>{});
    sequence = store->sequence();
    for (const auto& [table, index] : kWhere) {
      std::vector<std::uint8_t> expected = value_of(sequence);
      expected.resize(store->record(table, index).size());
      ASSERT_EQ(to_vector(store->record(table, index)), expected) << "transaction " << sequence;
    }
  }
}

}  // namespace
}  // namespace holdfast::checkpoint::test
