// The dataplane process, as control sees it: rings of table operations and packets in shared memory, two doorbells, and
// a socket that closes when it goes (abi/attach.hpp).
#pragma once

#include "abi/attach.hpp"
#include "abi/counters.hpp"
#include "abi/hang_ups.hpp"
#include "abi/packets.hpp"
#include "abi/table_ops.hpp"
#include "engine/executor.hpp"
#include "forwarding/mapped_region.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

namespace holdfast::forwarding {

// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// One attachment; a dataplane that went and came back is another.
class Dataplane {
 public:
  // Connects and maps. The error is a sentence. run_dir, shm_dir, instance: as both processes were started with.
  static Result<Dataplane, std::string> attach(const std::string& run_dir, const std::string& shm_dir,
                                               const std::string& instance);

  int socket() const { return socket_.get(); }                // readable: it has gone
  int punt_doorbell() const { return punt_doorbell_.get(); }  // readable: look into the punt ring
  unsigned bank_bits() const { return tables().bank_bits; }
  std::uint32_t neighbours() const { return tables().neighbours; }
  std::uint64_t incarnation() const { return hello_.incarnation; }
  std::uint32_t pid() const { return hello_.pid; }
  const abi::CountersHeader& counters() const { return *static_cast<const abi::CountersHeader*>(counters_.data()); }
  const abi::PortInfo& port(std::uint32_t index) const;

  // Puts an operation into the ring; waits for room while the dataplane takes operations out. False: it does not, and
  // is to be treated as gone.
  [[nodiscard]] bool put(const abi::TableOp& op);
  // Puts a packet into the inject ring; a discovery frame gets the port's MAC address as its source. False: full, or of
  // no port; the packet is lost, as packets may be.
  [[nodiscard]] bool inject(const engine::Send& send);
  // Rings the doorbell for what was put since.
  void ring();

  // How many packets inject() has room for.
  std::uint64_t room() const { return inject_ring_.slots() - std::min(inject_ring_.used(), inject_ring_.slots()); }

  abi::Ring& punt() { return punt_ring_; }
  abi::HangUps& hang_ups() { return told_hang_ups_; }
  void clear_doorbell();

  // Sums over the workers.
  std::uint64_t drops(abi::Drop reason) const;
  // Of one worker; the last is the table agent. worker < counters().workers, port < counters().ports.
  const abi::DropCounters& drop_counters(std::uint32_t worker) const;
  const abi::PortCounters& port_counters(std::uint32_t worker, std::uint32_t port) const;
  const abi::SessionCounters* session_counters(std::uint32_t worker,
                                               std::uint32_t session) const;  // null beyond the table
  const abi::SequenceCounters* sequence_counters(std::uint32_t worker, std::uint32_t session) const;  // likewise

 private:
  const abi::TablesRegion& tables() const { return *static_cast<const abi::TablesRegion*>(tables_.data()); }
  std::uint8_t* worker(std::uint32_t index) const;
  Result<void, std::string> map(const std::string& shm_dir, const std::string& instance);

  abi::Hello hello_{};
  Descriptor socket_, punt_doorbell_, work_doorbell_;
  MappedRegion punt_, inject_, tables_, counters_, hang_ups_;
  abi::HangUps told_hang_ups_;
  abi::Ring punt_ring_, inject_ring_, tables_ring_;
  bool rang_for_ = false;  // published with the dataplane asleep
};

}  // namespace holdfast::forwarding
