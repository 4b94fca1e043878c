#include "dataplane/eal.hpp"

#include "dataplane/start_error.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pci.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <sys/resource.h>

namespace holdfast::dataplane {
namespace {

bool is_pci(const PortOption& port) {
  std::string device = port.devargs.substr(0, port.devargs.find(','));
  if (device.starts_with("pci:")) device.erase(0, 4);
  rte_pci_addr address;
  return rte_pci_addr_parse(device.c_str(), &address) == 0;
}

// Every core that this process may use, as EAL writes it: "(0,1,5)".
std::string allowed_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  sched_getaffinity(0, sizeof(cores), &cores);
  std::string list = "(";
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &cores)) continue;
    if (list.size() > 1) list += ',';
    list += std::to_string(core);
  }
  list += ')';
  return list;
}

std::uint64_t free_hugepage_octets() {
  std::uint64_t octets = 0;
  std::error_code error;
  for (const auto& size : std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", error)) {
    std::uint64_t pages = 0;
    std::ifstream(size.path() / "free_hugepages") >> pages;
    const auto name = size.path().filename().string();  // hugepages-2048kB
    octets += pages * std::stoull(name.substr(name.find('-') + 1)) * 1024;
  }
  return octets;
}

void need_hugepages(const Options& options) {
  const std::uint64_t wanted = std::uint64_t{options.memory_mib} << 20;
  if (const auto free = free_hugepage_octets(); free < wanted)
    throw StartError("needs " + std::to_string(options.memory_mib) + " MiB of hugepages and " +
                     std::to_string(free >> 20) +
                     " MiB are free: run 'sysctl vm.nr_hugepages=" + std::to_string((options.memory_mib + 64) / 2) +
                     "', or start with --no-huge or a smaller --memory.");
}

}  // namespace

std::vector<std::string> eal_arguments(const Options& options) {
  const std::string anywhere = allowed_cores();
  const std::string worker = options.worker_cores.empty() ? anywhere : std::to_string(options.worker_cores.front());
  std::vector<std::string> arguments{"holdfast-dataplane",
                                     "--lcores=0@" + anywhere + ",1@" + worker,
                                     "--main-lcore=0",
                                     "--no-telemetry",
                                     "-m",
                                     std::to_string(options.memory_mib),
                                     "--log-level=*:error"};
  if (options.no_huge) {
    arguments.insert(arguments.end(), {"--no-huge", "--no-shconf"});
  } else {
    arguments.insert(arguments.end(), {"--in-memory", "--file-prefix=holdfast-" + options.instance});
  }
  if (std::none_of(options.ports.begin(), options.ports.end(), is_pci)) {
    arguments.push_back("--no-pci");
  } else {
    for (const auto& port : options.ports)
      if (is_pci(port)) arguments.push_back("--allow=" + port.devargs);
  }
  return arguments;
}

void start_eal(const Options& options) {
  if (!options.no_huge) need_hugepages(options);
  std::vector<std::string> arguments = eal_arguments(options);
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0)
    throw StartError(std::string("DPDK did not start (") + rte_strerror(rte_errno) +
                     "): see its messages above, and run as root or with CAP_NET_ADMIN, CAP_NET_RAW and CAP_IPC_LOCK.");
}

}  // namespace holdfast::dataplane
