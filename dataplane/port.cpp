#include "dataplane/port.hpp"

#include "dataplane/start_error.hpp"

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <cstring>
#include <utility>

namespace holdfast::dataplane {
namespace {

constexpr std::uint16_t kDescriptors = 1024;

[[noreturn]] void fail(const std::string& port, const std::string& what, int error) {
  throw StartError("port " + port + ": " + what + " (" + rte_strerror(error < 0 ? -error : error) + ").");
}

std::string interface_of(const std::string& devargs) {
  if (!devargs.starts_with("net_af_packet")) return {};
  const auto at = devargs.find("iface=");
  if (at == std::string::npos) return {};
  const auto begin = at + std::strlen("iface=");
  return devargs.substr(begin, devargs.find(',', begin) - begin);
}

}  // namespace

Port::Port(const PortOption& option, rte_mempool* pool, std::uint16_t workers)
    : name_(option.name), shared_interface_(interface_of(option.devargs)) {
  if (const int error = rte_dev_probe(option.devargs.c_str()); error < 0)
    fail(name_,
         "DPDK can't open '" + option.devargs +
             "': check its spelling, that the device exists (for PCI: bound to vfio-pci), that its driver "
             "(librte_net_*) is installed, and that this is root or has CAP_NET_RAW",
         error);
  const auto device = option.devargs.substr(0, option.devargs.find(','));
  if (const int error = rte_eth_dev_get_port_by_name(device.c_str(), &id_); error < 0)
    fail(name_, "'" + option.devargs + "' is not an Ethernet port", error);
  configure(pool, workers);
}

void Port::configure(rte_mempool* pool, std::uint16_t workers) {
  rte_eth_dev_info info{};
  if (const int error = rte_eth_dev_info_get(id_, &info); error < 0) fail(name_, "does not describe itself", error);
  driver_ = info.driver_name;
  if (info.max_rx_queues < workers || info.max_tx_queues < workers)
    throw StartError("port " + name_ + ": it has fewer queues than there are workers: give fewer --worker-cores.");

  rte_eth_conf conf{};
  conf.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
  conf.txmode.offloads = info.tx_offload_capa & (RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
  if (const int error = rte_eth_dev_configure(id_, workers, workers, &conf); error < 0)
    fail(name_, "takes no configuration", error);

  std::uint16_t rx = kDescriptors, tx = kDescriptors;
  rte_eth_dev_adjust_nb_rx_tx_desc(id_, &rx, &tx);
  const auto socket = static_cast<unsigned>(rte_eth_dev_socket_id(id_));
  for (std::uint16_t queue = 0; queue < workers; ++queue) {
    int error = rte_eth_rx_queue_setup(id_, queue, rx, socket, nullptr, pool);
    if (error == 0) error = rte_eth_tx_queue_setup(id_, queue, tx, socket, nullptr);
    if (error < 0) fail(name_, "has no queue for a worker", error);
  }
  if (const int error = rte_eth_dev_start(id_); error < 0) fail(name_, "does not start", error);
  rte_eth_allmulticast_enable(id_);  // neighbour discovery; ports that can't say so receive it anyway

  rte_ether_addr mac{};
  rte_eth_macaddr_get(id_, &mac);
  std::memcpy(facts_.mac.data(), mac.addr_bytes, facts_.mac.size());
  rte_eth_dev_get_mtu(id_, &facts_.mtu);
  facts_.udp_checksum_offload = (conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) != 0;
}

Port::Port(Port&& other) noexcept
    : name_(std::move(other.name_)),
      driver_(std::move(other.driver_)),
      shared_interface_(std::move(other.shared_interface_)),
      id_(std::exchange(other.id_, kNone)),
      facts_(other.facts_) {}

Port::~Port() {
  if (id_ == kNone) return;
  rte_eth_dev_stop(id_);
  rte_eth_dev_close(id_);
}

}  // namespace holdfast::dataplane
