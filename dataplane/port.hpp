// A port: probed by name, one queue each way for each worker, started.
#pragma once

#include "dataplane/options.hpp"
#include "nodes/context.hpp"

#include <rte_mempool.h>

#include <cstdint>
#include <string>

namespace holdfast::dataplane {

class Port {
 public:
  // Probes, configures and starts. Throws StartError.
  Port(const PortOption& option, rte_mempool* pool, std::uint16_t workers);
  Port(const Port&) = delete;
  Port(Port&& other) noexcept;
  ~Port();

  const std::string& name() const { return name_; }
  std::uint16_t dpdk_id() const { return id_; }
  const nodes::PortFacts& facts() const { return facts_; }
  const std::string& driver() const { return driver_; }
  // The kernel's interface below a net_af_packet port, which sees every frame, too; else empty.
  const std::string& shared_interface() const { return shared_interface_; }

 private:
  static constexpr std::uint16_t kNone = 0xffff;

  void configure(rte_mempool* pool, std::uint16_t workers);

  std::string name_;
  std::string driver_;
  std::string shared_interface_;
  std::uint16_t id_ = kNone;
  nodes::PortFacts facts_;
};

}  // namespace holdfast::dataplane
