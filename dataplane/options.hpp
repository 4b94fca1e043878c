// The command line of holdfast-dataplane, which a configuration file (--config) may hold under the same names.
#pragma once

#include "abi/ids.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::dataplane {

struct PortOption {
  std::string name;     // of the port and of its TAP in the kernel, e.g. ge0
  std::string devargs;  // what DPDK calls it, e.g. net_af_packet0,iface=lac0 or 0000:03:00.0
};

struct Options {
  std::string instance;
  std::string run_dir;
  std::string shm_dir;
  std::vector<PortOption> ports;
  std::uint32_t max_sessions = kBankSessions;
  std::uint32_t memory_mib = 128;
  bool no_huge = false;
  std::vector<int> worker_cores;          // empty: anywhere
  std::uint32_t idle_sleep_max_us = 500;  // a core pays for each time it wakes: 16 % at 100 us, 5 % at 500
  std::string subscriber_interface = "subs0";
  std::uint32_t control_alarm_s = 10;  // how long control may be away before that is an alarm; 0: for ever
  std::string log_level = "info";

  unsigned bank_bits() const;  // of the session table (abi/ids.hpp)
};

// Reads the command line. Ends the program itself for --help and --version (status 0) and for a mistake (status 2).
Options read_options(int argc, char** argv);

}  // namespace holdfast::dataplane
