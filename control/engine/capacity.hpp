// How much there may be of everything. The checkpoint's tables are as long.
#pragma once

#include <cstdint>

namespace holdfast::engine {

struct Capacity {
  std::uint32_t tunnels = 4096;  // ids 1..tunnels-1; kAccessTunnels at most
  unsigned bank_bits = 0;        // as the dataplane's session table: 65,535 sessions a bank
  std::uint32_t calls = 8192;    // that we may be placing at a time, plus one
};

}  // namespace holdfast::engine
