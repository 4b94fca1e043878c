// The agent's thread, which is the main one: table operations and packets from control, packets between the workers
// and the kernel, punts, counters that come from drivers, and life and death of the process.
#pragma once

#include "dataplane/control_link.hpp"
#include "dataplane/control_watch.hpp"
#include "dataplane/injector.hpp"
#include "dataplane/kernel_interface.hpp"
#include "dataplane/port.hpp"
#include "dataplane/punter.hpp"
#include "dataplane/regions.hpp"
#include "dataplane/table_agent.hpp"
#include "dataplane/worker.hpp"

#include <csignal>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace holdfast::dataplane {

class Agent {
 public:
  // signals: a signalfd for those that end the program. taps: one a port, in their order. control_alarm_s: how long
  // control may be away.
  Agent(tables::Tables& tables, Regions& regions, ControlLink& link, std::span<const Port> ports,
        std::span<const KernelInterface> taps, const KernelInterface& subscribers, Worker& worker, rte_mempool* pool,
        int signals, std::uint32_t control_alarm_s);
  ~Agent();
  Agent(const Agent&) = delete;

  // Until a signal ends it.
  void run();

 private:
  unsigned from_workers();
  bool hang_ups_told();
  unsigned from_control();
  void to_kernel(const KernelInterface& interface, rte_mbuf* mbuf);
  unsigned from_kernel(const KernelInterface& interface, PortId port, bool tap);
  unsigned wait();
  unsigned handle(int fd);
  void each_second();
  void watch(int fd);

  Regions& regions_;
  ControlLink& link_;
  std::span<const Port> ports_;
  std::span<const KernelInterface> taps_;
  const KernelInterface& subscribers_;
  Worker& worker_;
  rte_mempool* pool_;
  int signals_, timer_, epoll_;
  abi::DropCounters& drops_;
  TableAgent table_agent_;
  Injector injector_;
  Punter punter_;
  ControlWatch control_watch_;
  std::uint64_t last_heartbeat_ = 0;
  std::uint64_t refused_seen_ = 0;
  std::uint64_t hang_ups_seen_ = 0;
  std::int64_t pause_ns_ = 0;
  bool ended_ = false;
};

}  // namespace holdfast::dataplane
