#include "dataplane/worker.hpp"

#include "dataplane/start_error.hpp"
#include "nodes/graph.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <array>
#include <string>
#include <sys/prctl.h>
#include <time.h>

namespace holdfast::dataplane {
namespace {

constexpr std::uint32_t kHandoffs = 4096;        // each way between worker and agent
constexpr std::uint32_t kPollsBeforeSleep = 16;  // empty ones
constexpr std::uint32_t kFirstSleep = 10;        // microseconds
constexpr unsigned long kTimerSlack = 1000;      // nanoseconds; the default of 50 us is longer than most sleeps here

PacketRing make_ring(const std::string& name) {
  PacketRing ring(rte_ring_create(name.c_str(), kHandoffs, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ));
  if (!ring) throw StartError("no memory for rings: give more --memory.");
  return ring;
}

}  // namespace

Worker::Worker(std::uint32_t number, tables::Tables& tables, std::span<const Port> ports,
               std::span<const nodes::PortFacts> facts, const Regions& regions, std::uint32_t idle_sleep_max_us)
    : number_(number),
      tables_(tables),
      ports_(ports),
      context_{.tables = tables,
               .ports = facts,
               .drops = &regions.drops(number),
               .port_counters = regions.port_counters(number),
               .session_counters = regions.session_counters(number),
               .sequence_counters = regions.sequence_counters(number),
               .hang_ups = regions.told_hang_ups,
               .tx = std::vector<nodes::Outbox>(ports.size()),
               .agent = {},
               .ticks_per_millisecond = rte_get_tsc_hz() / 1000},
      to_agent_(make_ring("to_agent_" + std::to_string(number))),
      from_agent_(make_ring("from_agent_" + std::to_string(number))),
      idle_sleep_max_us_(idle_sleep_max_us) {}

void Worker::run() {
  ::prctl(PR_SET_TIMERSLACK, kTimerSlack);
  tables_.readers.online(number_);
  while (!stop_.load(std::memory_order_relaxed)) {
    heartbeat_.store(heartbeat_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (receive() == 0) {
      idle();
    } else {
      idle_polls_ = 0;
      idle_sleep_us_ = 0;
    }
    tables_.readers.quiescent(number_);
  }
  tables_.readers.offline(number_);
}

unsigned Worker::receive() {
  std::array<rte_mbuf*, nodes::kBurst> packets;
  unsigned total = 0;
  context_.now = rte_rdtsc();
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    const auto queue = static_cast<std::uint16_t>(number_);
    const unsigned count = rte_eth_rx_burst(ports_[port].dpdk_id(), queue, packets.data(), nodes::kBurst);
    if (count == 0) continue;
    std::uint64_t octets = 0;
    for (unsigned i = 0; i < count; ++i) octets += packets[i]->pkt_len;
    nodes::add(context_.port_counters[port].rx_packets, count);
    nodes::add(context_.port_counters[port].rx_octets, octets);
    nodes::run_frames(context_, PortId(static_cast<std::uint16_t>(port)), {packets.data(), count});
    flush();
    run_ready();
    total += count;
  }
  run_ready();
  const unsigned count =
      rte_ring_dequeue_burst(from_agent_.get(), reinterpret_cast<void**>(packets.data()), nodes::kBurst, nullptr);
  if (count != 0) {
    nodes::run_handoffs(context_, {packets.data(), count});
    flush();
  }
  return total + count;
}

void Worker::run_ready() {
  nodes::expire_fragments(context_);
  while (context_.reorder.has_work(context_.now)) {
    nodes::run_ready(context_);
    flush();
  }
}

void Worker::flush() {
  for (std::size_t port = 0; port < ports_.size(); ++port)
    if (context_.tx[port].count != 0) flush_port(port);
  auto& agent = context_.agent;
  if (agent.count == 0) return;
  // The ring to the agent is everybody's: a flood of discovery leaves half of it to what else there is.
  if (rte_ring_count(to_agent_.get()) > kHandoffs / 2) nodes::drop_discovery(context_);
  const unsigned taken =
      rte_ring_enqueue_burst(to_agent_.get(), reinterpret_cast<void**>(agent.packets.data()), agent.count, nullptr);
  for (unsigned i = taken; i < agent.count; ++i) {
    nodes::count_drop(context_, abi::Drop::kernel_queue_full);
    rte_pktmbuf_free(agent.packets[i]);
  }
  agent.count = 0;
}

void Worker::flush_port(std::size_t port) {
  auto& out = context_.tx[port];
  std::uint64_t octets = 0;
  for (unsigned i = 0; i < out.count; ++i) octets += out.packets[i]->pkt_len;
  const auto queue = static_cast<std::uint16_t>(number_);
  const unsigned sent =
      rte_eth_tx_burst(ports_[port].dpdk_id(), queue, out.packets.data(), static_cast<std::uint16_t>(out.count));
  for (unsigned i = sent; i < out.count; ++i) {
    octets -= out.packets[i]->pkt_len;
    nodes::count_drop(context_, abi::Drop::tx_queue_full);
    rte_pktmbuf_free(out.packets[i]);
  }
  nodes::add(context_.port_counters[port].tx_packets, sent);
  nodes::add(context_.port_counters[port].tx_octets, octets);
  out.count = 0;
}

// Sleeps a little longer each time, so that the first packet after a pause waits in proportion to the pause.
void Worker::idle() {
  if (idle_sleep_max_us_ == 0 || ++idle_polls_ < kPollsBeforeSleep) return;
  idle_sleep_us_ = std::min(std::max(kFirstSleep, idle_sleep_us_ * 2), idle_sleep_max_us_);
  const timespec pause{.tv_sec = 0, .tv_nsec = static_cast<long>(idle_sleep_us_) * 1000};
  tables_.readers.offline(number_);
  ::clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
  tables_.readers.online(number_);
}

}  // namespace holdfast::dataplane
