#include "dataplane/agent.hpp"

#include "dataplane/start_error.hpp"
#include "nodes/handoff.hpp"

#include <rte_ethdev.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <array>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <utility>

namespace holdfast::dataplane {
namespace {

constexpr std::int64_t kFirstPause = 50'000;  // nanoseconds between two looks at the workers' ring
constexpr std::int64_t kLongestPause = 1'000'000;
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr unsigned kFramesAtOnce = 32;
constexpr std::size_t kLargestFrame = RTE_MBUF_DEFAULT_DATAROOM;

std::uint64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

int make_timer() {
  const int fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  const itimerspec every_second{.it_interval = {1, 0}, .it_value = {1, 0}};
  ::timerfd_settime(fd, 0, &every_second, nullptr);
  return fd;
}

}  // namespace

Agent::Agent(tables::Tables& tables, Regions& regions, ControlLink& link, std::span<const Port> ports,
             std::span<const KernelInterface> taps, const KernelInterface& subscribers, Worker& worker,
             rte_mempool* pool, int signals, std::uint32_t control_alarm_s)
    : regions_(regions),
      link_(link),
      ports_(ports),
      taps_(taps),
      subscribers_(subscribers),
      worker_(worker),
      pool_(pool),
      signals_(signals),
      timer_(make_timer()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      drops_(regions.drops(1)),
      table_agent_(tables, static_cast<std::uint16_t>(ports.size())),
      injector_(regions.inject_ring, pool, worker.from_agent(), static_cast<std::uint16_t>(ports.size()), drops_),
      punter_(regions.punt_ring, drops_),
      control_watch_(regions.counters.at<abi::CountersHeader>().control, control_alarm_s * kSecond, now_ns()) {
  if (timer_ < 0 || epoll_ < 0) throw StartError("out of file descriptors: raise the limit (ulimit -n).");
  watch(signals_);
  watch(timer_);
  watch(link_.listener());
  watch(link_.work_bell());
  watch(subscribers_.fd());
  for (const auto& tap : taps_) watch(tap.fd());
}

Agent::~Agent() {
  ::close(timer_);
  ::close(epoll_);
}

void Agent::watch(int fd) {
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void Agent::run() {
  while (!ended_) {
    unsigned work = from_workers();
    work += from_control();
    if (punter_.wants_bell() || hang_ups_told()) link_.ring_punt_bell();
    pause_ns_ = work != 0 ? 0 : std::clamp(pause_ns_ * 2, kFirstPause, kLongestPause);
    if (wait() != 0) pause_ns_ = 0;
  }
}

// Once after subscribers have hung up.
bool Agent::hang_ups_told() {
  const std::uint64_t told = regions_.told_hang_ups.told();
  return std::exchange(hang_ups_seen_, told) != told;
}

unsigned Agent::from_workers() {
  std::array<rte_mbuf*, kFramesAtOnce> packets;
  const unsigned count =
      rte_ring_dequeue_burst(worker_.to_agent(), reinterpret_cast<void**>(packets.data()), kFramesAtOnce, nullptr);
  if (count == 0) return 0;
  const std::uint64_t now = now_ns();
  for (unsigned i = 0; i < count; ++i) {
    const auto& from = nodes::note(packets[i]);
    switch (from.kind) {
      case nodes::Handoff::punt_l2tp:
      case nodes::Handoff::punt_ppp:
      case nodes::Handoff::punt_pppoe: punter_.put(packets[i], now); break;
      case nodes::Handoff::to_tap: to_kernel(taps_[from.port.raw], packets[i]); break;
      case nodes::Handoff::to_tun: to_kernel(subscribers_, packets[i]); break;
      case nodes::Handoff::from_tap:
      case nodes::Handoff::from_tun:
      case nodes::Handoff::inject_ip:
      case nodes::Handoff::inject_ppp:
      case nodes::Handoff::inject_frame: break;
    }
  }
  rte_pktmbuf_free_bulk(packets.data(), count);
  return count;
}

void Agent::to_kernel(const KernelInterface& interface, rte_mbuf* mbuf) {
  if (!interface.write({nodes::octets(mbuf), mbuf->data_len}))
    nodes::add(drops_.drops[static_cast<std::size_t>(abi::Drop::kernel_queue_full)], 1);
}

// What is in `inject` now comes after the table operations that are in `tables` now (abi/table_ops.hpp).
unsigned Agent::from_control() {
  const std::uint64_t position = injector_.snapshot();
  std::uint64_t work = table_agent_.drain(regions_.tables_ring);
  work += injector_.take_until(position);
  return static_cast<unsigned>(std::min<std::uint64_t>(work, 1000));
}

unsigned Agent::from_kernel(const KernelInterface& interface, PortId port, bool tap) {
  unsigned count = 0;
  while (count < kFramesAtOnce) {
    rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
    if (mbuf == nullptr) {
      nodes::add(drops_.drops[static_cast<std::size_t>(abi::Drop::no_mbuf)], 1);
      break;
    }
    const std::size_t size = interface.read({nodes::octets(mbuf), kLargestFrame});
    if (size == 0) {
      rte_pktmbuf_free(mbuf);
      break;
    }
    rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(size));
    nodes::note(mbuf) = {.kind = tap ? nodes::Handoff::from_tap : nodes::Handoff::from_tun, .port = port};
    if (rte_ring_enqueue(worker_.from_agent(), mbuf) != 0) {
      nodes::add(drops_.drops[static_cast<std::size_t>(abi::Drop::kernel_queue_full)], 1);
      rte_pktmbuf_free(mbuf);
    }
    ++count;
  }
  return count;
}

// Sleeps until a descriptor has something or the pause is over: the workers' ring has no descriptor.
unsigned Agent::wait() {
  std::array<epoll_event, 16> events;
  const bool idle = regions_.tables_ring.prepare_to_wait() && regions_.inject_ring.prepare_to_wait();
  const timespec pause{.tv_sec = 0, .tv_nsec = idle ? pause_ns_ : 0};
  const int ready = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &pause, nullptr);
  unsigned work = 0;
  for (int i = 0; i < ready; ++i) work += handle(events[static_cast<std::size_t>(i)].data.fd);
  return work;
}

unsigned Agent::handle(int fd) {
  if (fd == link_.work_bell()) {
    link_.hush_work_bell();
  } else if (fd == subscribers_.fd()) {
    return from_kernel(subscribers_, PortId(0), false);
  } else if (fd == timer_) {
    each_second();
    return 0;
  } else if (fd == link_.listener()) {
    if (link_.accept()) {
      watch(link_.control());
      if (control_watch_.attached(now_ns()))
        spdlog::warn("control attached: the alarm is over");
      else
        spdlog::info("control attached");
    }
  } else if (fd == link_.control()) {
    if (link_.hung_up()) {
      control_watch_.detached(now_ns());
      spdlog::warn("control detached; forwarding goes on");
    }
  } else if (fd == signals_) {
    ended_ = true;
  } else {
    for (std::uint16_t port = 0; port < taps_.size(); ++port)
      if (taps_[port].fd() == fd) return from_kernel(taps_[port], PortId(port), true);
  }
  return 1;
}

void Agent::each_second() {
  std::uint64_t expirations;
  (void)!::read(timer_, &expirations, sizeof(expirations));
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    auto& info = regions_.port_info(i);
    rte_eth_link link{};
    rte_eth_link_get_nowait(ports_[i].dpdk_id(), &link);
    info.link_up.store(link.link_status, std::memory_order_relaxed);
    info.speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
    rte_eth_stats stats{};
    rte_eth_stats_get(ports_[i].dpdk_id(), &stats);
    info.rx_missed.store(stats.imissed, std::memory_order_relaxed);
    info.rx_errors.store(stats.ierrors + stats.rx_nombuf, std::memory_order_relaxed);
    info.tx_errors.store(stats.oerrors, std::memory_order_relaxed);
  }
  if (const auto refused = table_agent_.refused(); refused != refused_seen_) {
    spdlog::warn("{} table operations made no sense and were refused", refused - refused_seen_);
    refused_seen_ = refused;
  }
  if (control_watch_.check(now_ns()))
    spdlog::error("alarm: control has been away for {} s; forwarding goes on, but nobody answers peers",
                  (now_ns() - regions_.counters.at<abi::CountersHeader>().control.away_since_ns) / kSecond);
  // A worker that hangs must not look alive to the supervisor.
  if (const auto beat = worker_.heartbeat(); beat != last_heartbeat_) {
    last_heartbeat_ = beat;
    sd_notify(0, "WATCHDOG=1");
  }
}

}  // namespace holdfast::dataplane
