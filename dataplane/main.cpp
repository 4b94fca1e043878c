// holdfast-dataplane: forwards packets, whether or not the control process is there. This file puts it together.
#include "dataplane/agent.hpp"
#include "dataplane/control_link.hpp"
#include "dataplane/eal.hpp"
#include "dataplane/kernel_interface.hpp"
#include "dataplane/options.hpp"
#include "dataplane/port.hpp"
#include "dataplane/regions.hpp"
#include "dataplane/start_error.hpp"
#include "dataplane/tsc.hpp"
#include "dataplane/worker.hpp"
#include "nodes/handoff.hpp"

#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_mbuf.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <future>
#include <memory>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace holdfast::dataplane {
namespace {

constexpr std::uint32_t kWorkers = 1;
constexpr std::uint32_t kBlocks = kWorkers + 1;  // of counters: the agent drops packets, too
constexpr unsigned kWorkerLcore = 1;
constexpr unsigned kPacketCache = 256;

// A memory pool takes half of the memory; the rest is for queues, rings and the drivers.
rte_mempool* make_pool(const Options& options) {
  const unsigned count = options.memory_mib * 1024 * 1024 / 2 / (RTE_MBUF_DEFAULT_BUF_SIZE + 256) - 1;
  rte_mempool* pool = rte_pktmbuf_pool_create("packets", count, kPacketCache, sizeof(nodes::HandoffNote),
                                              RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  if (pool == nullptr) throw StartError("no memory for packets: give more --memory.");
  return pool;
}

int make_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);  // before EAL starts its threads
  return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

std::uint64_t make_incarnation() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

void log_all(const std::vector<std::string>& lines) {
  for (const auto& line : lines) spdlog::warn("{}", line);
}

void describe(const Port& port, abi::PortInfo& info) {
  port.name().copy(info.name.data(), info.name.size() - 1);
  port.driver().copy(info.driver.data(), info.driver.size() - 1);
  port.name().copy(info.interface.data(), info.interface.size() - 1);
  info.module = abi::LineModule::ethernet;
  info.mac = port.facts().mac;
  info.mtu = port.facts().mtu;
  spdlog::info("port {}: {}, MTU {}", port.name(), port.driver(), port.facts().mtu);
}

std::vector<KernelInterface> make_taps(const std::vector<Port>& ports) {
  std::vector<KernelInterface> taps;
  for (const auto& port : ports) {
    if (!port.shared_interface().empty()) log_all(silence(port.shared_interface()));
    taps.push_back(KernelInterface::tap(port.name(), port.facts().mac, port.facts().mtu));
    log_all(set_up_forwarding(port.name(), false));
  }
  return taps;
}

// What the workers use is made first and goes last.
void forward(const Options& options, int signals) {
  const InstanceLock lock(options);
  start_eal(options);
  rte_mempool* pool = make_pool(options);
  // Memory for the regions is found while the ports' drivers wait for the kernel.
  auto made =
      std::async(std::launch::async, [&] { return std::make_unique<Regions>(options, kBlocks, make_incarnation()); });
  tables::Tables tables(kWorkers, options.bank_bits());
  std::vector<Port> ports;
  std::vector<nodes::PortFacts> facts;
  for (const auto& option : options.ports) {
    ports.emplace_back(option, pool, static_cast<std::uint16_t>(kWorkers));
    facts.push_back(ports.back().facts());
  }
  const std::unique_ptr<Regions> owned = made.get();
  Regions& regions = *owned;
  for (std::size_t i = 0; i < ports.size(); ++i) describe(ports[i], regions.port_info(i));
  const std::vector<KernelInterface> taps = make_taps(ports);
  const KernelInterface subscribers = KernelInterface::tun(options.subscriber_interface);
  log_all(set_up_forwarding(options.subscriber_interface, true));

  Worker worker(0, tables, ports, facts, regions, options.idle_sleep_max_us);
  ControlLink link(options, regions.incarnation);
  Agent agent(tables, regions, link, ports, taps, subscribers, worker, pool, signals, options.control_alarm_s);
  regions.publish();
  rte_eal_remote_launch(
      [](void* self) {
        static_cast<Worker*>(self)->run();
        return 0;
      },
      &worker, kWorkerLcore);
  sd_notify(0, "READY=1");
  spdlog::info("instance {} forwards on {} ports, room for {} sessions", options.instance, ports.size(),
               kBankSessions << options.bank_bits());
  agent.run();
  sd_notify(0, "STOPPING=1");
  worker.stop();
  rte_eal_wait_lcore(kWorkerLcore);
  spdlog::info("instance {} ends", options.instance);
}

}  // namespace
}  // namespace holdfast::dataplane

int main(int argc, char** argv) {
  using namespace holdfast::dataplane;
  begin_tsc_measurement();
  const Options options = read_options(argc, argv);
  spdlog::set_default_logger(spdlog::stderr_logger_st("dataplane"));
  spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %l: %v");
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  const int signals = make_signals();
  try {
    forward(options, signals);
  } catch (const StartError& error) {
    std::fprintf(stderr, "holdfast-dataplane: %s\n", error.what());
    return 2;
  }
  rte_eal_cleanup();
  return 0;
}
