// What holdfastd is started with.
#pragma once

#include "abi/attach.hpp"

#include <cstdint>
#include <string>

namespace holdfast::io {

struct Options {
  std::string instance{abi::kDefaultInstance};
  std::string run_dir{abi::kDefaultRunDir};
  std::string shm_dir{abi::kDefaultShmDir};
  std::string config = "/etc/holdfast/holdfast.conf";
  std::uint32_t max_sessions = 65536;
  std::uint32_t max_tunnels = 4096;
  bool check_config = false;  // parse the configuration, say what is wrong, and leave

  // Banks of the session table for max_sessions (abi/ids.hpp).
  unsigned bank_bits() const {
    unsigned bits = 0;
    while (bits < 8 && (std::uint64_t{65536} << bits) < max_sessions) ++bits;
    return bits;
  }
};

}  // namespace holdfast::io
