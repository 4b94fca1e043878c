// On which line module each interface is, as the dataplane says. An interface that it has not told of is Ethernet.
#pragma once

#include "abi/line_module.hpp"
#include "config/model.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::engine {

class LineModules {
 public:
  void set(std::string_view interface, abi::LineModule module);
  abi::LineModule of(std::string_view interface) const;

  // The module through which the peer of a tunnel is reached: that of the interface whose address is our end, else of
  // the one in whose network the peer is. Where neither says (our end is loopback 0, and the peer behind a router),
  // any interface may carry the tunnel, and a module without silent failover counts.
  abi::LineModule facing(const config::Config& config, const IpAddress& ours, const IpAddress& peer) const;

 private:
  std::vector<std::pair<std::string, abi::LineModule>> modules_;
};

}  // namespace holdfast::engine
