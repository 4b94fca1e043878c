// Subscriber routes in the kernel: so that it, and whoever reads its tables (BGP), knows them. Follows the rows of the
// forwarding tables; changes are gathered and written together.
#pragma once

#include "abi/table_ops.hpp"
#include "kmod-glue/kernel.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace holdfast::forwarding {

class KernelRoutes {
 public:
  explicit KernelRoutes(glue::Kernel kernel) : kernel_(std::move(kernel)) {}

  glue::Kernel& kernel() { return kernel_; }
  // The TUN that subscriber routes point to; 0 while there is none.
  void set_link(std::uint32_t link) { link_ = link; }
  std::uint32_t link() const { return link_; }
  void apply(const abi::TableOp& op);
  // Writes what was gathered. Sentences for what the kernel refused.
  std::vector<std::string> flush();
  // Makes the kernel's routes of ours equal to the wanted ones, after a restart of either process.
  std::vector<std::string> sweep(const std::vector<glue::SubscriberRoute>& wanted);

 private:
  glue::Kernel kernel_;
  std::uint32_t link_ = 0;
  std::map<IpPrefix, glue::RouteChange> pending_;  // the last change of a prefix counts
};

}  // namespace holdfast::forwarding
