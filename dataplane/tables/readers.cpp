#include "tables/readers.hpp"

#include <cstdlib>
#include <new>

namespace holdfast::tables {

Readers::Readers(std::uint32_t workers) {
  const auto size = (rte_rcu_qsbr_get_memsize(workers) + 63) / 64 * 64;
  state_.reset(static_cast<rte_rcu_qsbr*>(std::aligned_alloc(64, size)));
  if (!state_ || rte_rcu_qsbr_init(state_.get(), workers) != 0) throw std::bad_alloc();
  for (std::uint32_t worker = 0; worker < workers; ++worker) rte_rcu_qsbr_thread_register(state_.get(), worker);
}

void Readers::Free::operator()(rte_rcu_qsbr* state) const { std::free(state); }

}  // namespace holdfast::tables
