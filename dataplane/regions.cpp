#include "dataplane/regions.hpp"

#include "abi/attach.hpp"
#include "dataplane/start_error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace holdfast::dataplane {
namespace {

constexpr std::uint64_t round_up(std::uint64_t n, std::uint64_t to) { return (n + to - 1) / to * to; }
constexpr std::uint64_t kSlots = round_up(std::max(sizeof(abi::PacketRegion), sizeof(abi::TablesRegion)), 4096);
constexpr std::uint64_t kPortInfo = round_up(sizeof(abi::CountersHeader), 64);

std::string temporary(const std::string& path) { return path + ".new"; }

std::array<std::uint8_t, 16> boot_id() {
  std::array<std::uint8_t, 16> id{};
  std::string text;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
  std::erase(text, '-');
  for (std::size_t i = 0; i < id.size() && 2 * i + 2 <= text.size(); ++i)
    id[i] = static_cast<std::uint8_t>(std::stoul(text.substr(2 * i, 2), nullptr, 16));
  return id;
}

std::uint64_t sessions(const Options& options) { return std::uint64_t{65536} << options.bank_bits(); }
std::uint64_t worker_blocks(std::uint64_t ports) { return round_up(kPortInfo + ports * sizeof(abi::PortInfo), 64); }

abi::Ring make_ring(const Region& region, abi::RingHeader& header, std::uint32_t slots, std::uint32_t slot_size) {
  header.slots = slots;
  header.slot_size = slot_size;
  header.slots_offset = kSlots;
  return {region.data(), &header};
}

}  // namespace

Region::Region(std::string path, std::uint64_t size, abi::RegionKind kind, std::uint64_t layout,
               std::uint64_t incarnation)
    : path_(std::move(path)), size_(size) {
  const auto name = temporary(path_);
  ::unlink(name.c_str());
  const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
  if (fd < 0)
    throw StartError("can't make " + name + " (" + std::strerror(errno) + "): check --shm-dir and its permissions.");
  // All of it now: a write to a hole of a full tmpfs would be a SIGBUS later.
  const int error = ::posix_fallocate(fd, 0, static_cast<off_t>(size));
  void* memory = error == 0 ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
  ::close(fd);
  if (memory == MAP_FAILED) {
    ::unlink(name.c_str());
    throw StartError("can't get " + std::to_string(size >> 10) + " KiB for " + name + " (" +
                     std::strerror(error != 0 ? error : errno) + "): make room in --shm-dir.");
  }
  data_ = static_cast<std::uint8_t*>(memory);
  auto& header = at<abi::RegionHeader>();
  header.magic = abi::kRegionMagic;
  header.version = abi::kAbiVersion;
  header.kind = kind;
  header.layout_hash = layout;
  header.total_size = size;
  header.boot_id = boot_id();
  header.incarnation = incarnation;
}

Region::~Region() {
  ::munmap(data_, size_);
  ::unlink(published_ ? path_.c_str() : temporary(path_).c_str());
}

void Region::publish() {
  at<abi::RegionHeader>().ready.store(1, std::memory_order_release);
  if (::rename(temporary(path_).c_str(), path_.c_str()) != 0)
    throw StartError("can't rename " + temporary(path_) + " (" + std::strerror(errno) + ").");
  published_ = true;
}

Regions::Regions(const Options& options, std::uint32_t blocks, std::uint64_t this_incarnation)
    : incarnation(this_incarnation),
      ports(options.ports.size()),
      punt(abi::region_path(options.shm_dir, options.instance, "punt"),
           kSlots + std::uint64_t{abi::kPacketSlots} * abi::kPacketSlot, abi::RegionKind::punt, abi::kPacketLayout,
           incarnation),
      inject(abi::region_path(options.shm_dir, options.instance, "inject"),
             kSlots + std::uint64_t{abi::kPacketSlots} * abi::kPacketSlot, abi::RegionKind::inject, abi::kPacketLayout,
             incarnation),
      tables(abi::region_path(options.shm_dir, options.instance, "tables"),
             kSlots + std::uint64_t{abi::kTableOps} * sizeof(abi::TableOp), abi::RegionKind::tables, abi::kTablesLayout,
             incarnation),
      counters(abi::region_path(options.shm_dir, options.instance, "counters"),
               worker_blocks(ports) + blocks * round_up(abi::worker_block_size(ports, sessions(options)), 64),
               abi::RegionKind::counters, abi::kCountersLayout, incarnation),
      hang_ups(abi::region_path(options.shm_dir, options.instance, "hang_ups"), abi::hang_ups_size(sessions(options)),
               abi::RegionKind::hang_ups, abi::kHangUpsLayout, incarnation),
      punt_ring(make_ring(punt, punt.at<abi::PacketRegion>().ring, abi::kPacketSlots, abi::kPacketSlot)),
      inject_ring(make_ring(inject, inject.at<abi::PacketRegion>().ring, abi::kPacketSlots, abi::kPacketSlot)),
      tables_ring(make_ring(tables, tables.at<abi::TablesRegion>().ring, abi::kTableOps, sizeof(abi::TableOp))),
      told_hang_ups(&hang_ups.at<abi::HangUpsRegion>()) {
  hang_ups.at<abi::HangUpsRegion>().circuits = static_cast<std::uint32_t>(sessions(options));
  auto& table_header = tables.at<abi::TablesRegion>();
  table_header.bank_bits = options.bank_bits();
  table_header.neighbours = 65536;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  auto& header = counters.at<abi::CountersHeader>();
  header.ports = static_cast<std::uint32_t>(ports);
  header.workers = blocks;
  header.sessions = static_cast<std::uint32_t>(sessions(options));
  header.pid = static_cast<std::uint32_t>(::getpid());
  header.started_ns = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
  header.port_info_offset = kPortInfo;
  header.worker_offset = worker_blocks(ports);
  header.worker_stride = round_up(abi::worker_block_size(ports, sessions(options)), 64);
  options.subscriber_interface.copy(header.subscriber_interface.data(), header.subscriber_interface.size() - 1);
}

void Regions::publish() {
  for (Region* region : {&punt, &inject, &tables, &counters, &hang_ups}) region->publish();
}

abi::PortInfo& Regions::port_info(std::size_t port) const {
  return counters.at<abi::PortInfo>(kPortInfo + port * sizeof(abi::PortInfo));
}
abi::DropCounters& Regions::drops(std::size_t block) const {
  const auto& header = counters.at<abi::CountersHeader>();
  return counters.at<abi::DropCounters>(header.worker_offset + block * header.worker_stride +
                                        abi::drop_counters_offset());
}
abi::PortCounters* Regions::port_counters(std::size_t block) const {
  const auto& header = counters.at<abi::CountersHeader>();
  return &counters.at<abi::PortCounters>(header.worker_offset + block * header.worker_stride +
                                         abi::port_counters_offset());
}
abi::SessionCounters* Regions::session_counters(std::size_t block) const {
  const auto& header = counters.at<abi::CountersHeader>();
  return &counters.at<abi::SessionCounters>(header.worker_offset + block * header.worker_stride +
                                            abi::session_counters_offset(ports));
}
abi::SequenceCounters* Regions::sequence_counters(std::size_t block) const {
  const auto& header = counters.at<abi::CountersHeader>();
  return &counters.at<abi::SequenceCounters>(header.worker_offset + block * header.worker_stride +
                                             abi::sequence_counters_offset(ports, header.sessions));
}

}  // namespace holdfast::dataplane
