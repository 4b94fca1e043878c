// What holdfastd is started with.
#pragma once

#include "abi/attach.hpp"
#include "abi/ids.hpp"

#include <cstdint>
#include <string>

namespace holdfast::io {

struct Options {
  std::string instance{abi::kDefaultInstance};
  std::string run_dir{abi::kDefaultRunDir};
  std::string shm_dir{abi::kDefaultShmDir};
  std::string state_dir{"/var/lib/holdfast"};
  std::string config;  // empty: that of the instance
  std::string copy;    // of the checkpoint, on disk; empty: none is kept
  std::uint32_t max_sessions = kBankSessions;
  std::uint32_t max_tunnels = 4096;
  bool check_checkpoint = false;  // say whether a daemon could go on from the checkpoint that is there, and leave
  bool check_config = false;      // parse the configuration, say what is wrong, and leave

  // Banks of the session table for max_sessions (abi/ids.hpp).
  unsigned bank_bits() const { return bank_bits_for(max_sessions); }
};

}  // namespace holdfast::io
