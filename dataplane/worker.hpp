// A worker: takes bursts from the ports and from the agent, runs the graph over them, sends what comes out. No system
// call but the sleep of an idle worker (and what a port's driver does).
#pragma once

#include "dataplane/port.hpp"
#include "dataplane/regions.hpp"
#include "nodes/context.hpp"
#include "tables/tables.hpp"

#include <rte_ring.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace holdfast::dataplane {

struct FreeRing {
  void operator()(rte_ring* ring) const { rte_ring_free(ring); }
};
using PacketRing = std::unique_ptr<rte_ring, FreeRing>;

class Worker {
 public:
  // number: from 0; its counters are that block, its queues are that queue of each port.
  Worker(std::uint32_t number, tables::Tables& tables, std::span<const Port> ports,
         std::span<const nodes::PortFacts> facts, const Regions& regions, std::uint32_t idle_sleep_max_us);

  // On the worker's own thread, until stop().
  void run();
  void stop() { stop_.store(true, std::memory_order_relaxed); }

  rte_ring* to_agent() const { return to_agent_.get(); }
  rte_ring* from_agent() const { return from_agent_.get(); }
  // Grows as long as the worker is alive.
  std::uint64_t heartbeat() const { return heartbeat_.load(std::memory_order_relaxed); }

 private:
  unsigned receive();
  void run_ready();
  void flush();
  void flush_port(std::size_t port);
  void idle();

  std::uint32_t number_;
  tables::Tables& tables_;
  std::span<const Port> ports_;
  nodes::Context context_;
  PacketRing to_agent_, from_agent_;
  std::uint32_t idle_sleep_max_us_;
  std::uint32_t idle_polls_ = 0;
  std::uint32_t idle_sleep_us_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> heartbeat_{0};
};

}  // namespace holdfast::dataplane
