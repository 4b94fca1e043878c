// The shared memory regions that this process makes (abi/region.hpp): under a temporary name, complete, `ready` stored
// last, then renamed. Control that still has an older one mapped notices by its socket (abi/attach.hpp).
#pragma once

#include "abi/counters.hpp"
#include "abi/hang_ups.hpp"
#include "abi/packets.hpp"
#include "abi/table_ops.hpp"
#include "dataplane/options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::dataplane {

// One region: a file that is there as long as this object.
class Region {
 public:
  // Makes the file of `size` octets, zeroed, with its header filled but for `ready`. Throws StartError.
  Region(std::string path, std::uint64_t size, abi::RegionKind kind, std::uint64_t layout, std::uint64_t incarnation);
  Region(const Region&) = delete;
  ~Region();

  void publish();
  std::uint8_t* data() const { return data_; }
  template <class T>
  T& at(std::uint64_t offset = 0) const {
    return *reinterpret_cast<T*>(data_ + offset);
  }

 private:
  std::string path_;
  std::uint64_t size_;
  std::uint8_t* data_ = nullptr;
  bool published_ = false;
};

// All of them. blocks: counter blocks, one a worker and one of the table agent.
struct Regions {
  Regions(const Options& options, std::uint32_t blocks, std::uint64_t incarnation);
  void publish();

  abi::PortInfo& port_info(std::size_t port) const;
  abi::DropCounters& drops(std::size_t block) const;
  abi::PortCounters* port_counters(std::size_t block) const;
  abi::SessionCounters* session_counters(std::size_t block) const;
  abi::SequenceCounters* sequence_counters(std::size_t block) const;

  std::uint64_t incarnation;
  std::uint64_t ports;
  Region punt, inject, tables, counters, hang_ups;
  abi::Ring punt_ring, inject_ring, tables_ring;
  abi::HangUps told_hang_ups;
};

}  // namespace holdfast::dataplane
