// How control finds the dataplane: it connects to RUN_DIR/INSTANCE/dataplane.sock (SOCK_SEQPACKET) and receives one
// Hello with two eventfds (SCM_RIGHTS, in this order: punt doorbell, rung by the dataplane; work doorbell, rung by
// control for `tables` and `inject`). The regions themselves are mapped by name. The socket carries nothing else: its
// closing tells either side at once that the other has gone. A second control process that connects replaces the first.
#pragma once

#include "abi/region.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::abi {

inline constexpr std::string_view kDefaultRunDir = "/run/holdfast";
inline constexpr std::string_view kDefaultShmDir = "/dev/shm";
inline constexpr std::string_view kDefaultInstance = "default";
inline constexpr std::string_view kDataplaneSocket = "dataplane.sock";

struct Hello {
  std::uint64_t magic = kRegionMagic;
  std::uint32_t version = kAbiVersion;
  std::uint32_t pid;
  std::uint64_t incarnation;  // as in the headers of the regions
};
static_assert(sizeof(Hello) == 24);

// Path of a region, e.g. region_path("/dev/shm", "default", "punt"); names: punt, inject, tables, counters, hang_ups,
// checkpoint.
inline std::string region_path(std::string_view shm_dir, std::string_view instance, std::string_view region) {
  return std::string(shm_dir) + "/holdfast." + std::string(instance) + "." + std::string(region);
}
inline std::string run_path(std::string_view run_dir, std::string_view instance, std::string_view file) {
  return std::string(run_dir) + "/" + std::string(instance) + "/" + std::string(file);
}

}  // namespace holdfast::abi
