// When the workers have let go of what was unlinked (DPDK's quiescent-state RCU). A worker says quiescent() between two
// bursts and is offline while it sleeps; the one writer, the table agent, takes a token after it unlinked something and
// may use the memory again when the token has passed.
#pragma once

#include <rte_rcu_qsbr.h>

#include <cstdint>
#include <memory>

namespace holdfast::tables {

class Readers {
 public:
  using Token = std::uint64_t;

  // workers: how many threads will read, numbered from 0.
  explicit Readers(std::uint32_t workers);

  // A worker, by its number. online() before the first read, offline() before it sleeps or ends.
  void online(std::uint32_t worker) { rte_rcu_qsbr_thread_online(state_.get(), worker); }
  void offline(std::uint32_t worker) { rte_rcu_qsbr_thread_offline(state_.get(), worker); }
  void quiescent(std::uint32_t worker) { rte_rcu_qsbr_quiescent(state_.get(), worker); }

  // The writer: take a token after unlinking; passed() is true once no worker can still see what was unlinked.
  Token retire() { return rte_rcu_qsbr_start(state_.get()); }
  bool passed(Token token) { return rte_rcu_qsbr_check(state_.get(), token, false) == 1; }
  void wait(Token token) { rte_rcu_qsbr_check(state_.get(), token, true); }

 private:
  struct Free {
    void operator()(rte_rcu_qsbr* state) const;
  };
  std::unique_ptr<rte_rcu_qsbr, Free> state_;
};

}  // namespace holdfast::tables
