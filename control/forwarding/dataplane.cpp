#include "forwarding/dataplane.hpp"

#include "abi/wire.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace holdfast::forwarding {
namespace {

constexpr int kHelloWait = 1000;       // milliseconds for the Hello after connecting
constexpr unsigned kPutTries = 20000;  // of 100 us: two seconds without room mean that nobody takes anything out

Result<Descriptor, std::string> connect_to(const std::string& path) {
  Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!socket || path.size() >= sizeof address.sun_path) return fail(path + ": not a usable socket path");
  std::memcpy(address.sun_path, path.c_str(), path.size());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return fail(path + ": " + std::strerror(errno));
  return socket;
}

// The Hello and the two doorbells that come with it.
bool receive_hello(int socket, abi::Hello& hello, std::array<int, 2>& doorbells) {
  pollfd ready{socket, POLLIN, 0};
  if (::poll(&ready, 1, kHelloWait) != 1) return false;
  iovec data{&hello, sizeof hello};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof doorbells)> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != static_cast<ssize_t>(sizeof hello)) return false;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof doorbells))
    return false;
  std::memcpy(doorbells.data(), CMSG_DATA(header), sizeof doorbells);
  return hello.magic == abi::kRegionMagic;
}

template <class Region>
Result<abi::Ring, std::string> ring_of(const MappedRegion& region, const char* name) {
  if (region.size() < sizeof(Region)) return fail(std::string(name) + ": region too short for its ring");
  auto& header = static_cast<Region*>(region.data())->ring;
  if (!abi::ring_fits(header, region.size())) return fail(std::string(name) + ": ring does not fit into its region");
  return abi::Ring(region.data(), &header);
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Dataplane, std::string> Dataplane::attach(const std::string& run_dir, const std::string& shm_dir,
                                                 const std::string& instance) {
  const std::string path = abi::run_path(run_dir, instance, abi::kDataplaneSocket);
  auto socket = connect_to(path);
  if (!socket) return fail(socket.error());
  Dataplane dataplane;
  dataplane.socket_ = std::move(*socket);
  std::array<int, 2> doorbells{-1, -1};
  if (!receive_hello(dataplane.socket_.get(), dataplane.hello_, doorbells))
    return fail(path + ": no greeting from the dataplane");
  dataplane.punt_doorbell_ = Descriptor(doorbells[0]);
  dataplane.work_doorbell_ = Descriptor(doorbells[1]);
  if (dataplane.hello_.version != abi::kAbiVersion)
    return fail("the dataplane speaks interface version " + std::to_string(dataplane.hello_.version) +
                ", this is version " + std::to_string(abi::kAbiVersion) + ": run both from the same release");
  if (auto mapped = dataplane.map(shm_dir, instance); !mapped) return fail(mapped.error());
  return dataplane;
}

Result<void, std::string> Dataplane::map(const std::string& shm_dir, const std::string& instance) {
  struct Wanted {
    const char* name;
    abi::RegionKind kind;
    std::uint64_t layout;
    MappedRegion& into;
  };
  for (const Wanted& wanted : {Wanted{"punt", abi::RegionKind::punt, abi::kPacketLayout, punt_},
                               Wanted{"inject", abi::RegionKind::inject, abi::kPacketLayout, inject_},
                               Wanted{"tables", abi::RegionKind::tables, abi::kTablesLayout, tables_},
                               Wanted{"counters", abi::RegionKind::counters, abi::kCountersLayout, counters_},
                               Wanted{"hang_ups", abi::RegionKind::hang_ups, abi::kHangUpsLayout, hang_ups_}}) {
    auto region = MappedRegion::map(abi::region_path(shm_dir, instance, wanted.name), wanted.kind, wanted.layout);
    if (!region) return fail(region.error());
    if (region->header().incarnation != hello_.incarnation)
      return fail(std::string(wanted.name) + ": a region of another dataplane process");
    wanted.into = std::move(*region);
  }
  const auto punt = ring_of<abi::PacketRegion>(punt_, "punt");
  const auto inject = ring_of<abi::PacketRegion>(inject_, "inject");
  const auto tables = ring_of<abi::TablesRegion>(tables_, "tables");
  for (const auto* ring : {&punt, &inject, &tables})
    if (!*ring) return fail(ring->error());
  punt_ring_ = *punt;
  inject_ring_ = *inject;
  tables_ring_ = *tables;
  if (punt_ring_.slot_size() != abi::kPacketSlot || inject_ring_.slot_size() != abi::kPacketSlot ||
      tables_ring_.slot_size() != sizeof(abi::TableOp))
    return fail(std::string("a ring of the dataplane has slots of another size"));
  auto& told = *static_cast<abi::HangUpsRegion*>(hang_ups_.data());
  if (hang_ups_.size() < sizeof(abi::HangUpsRegion) || !abi::hang_ups_fit(told, hang_ups_.size()))
    return fail(std::string("the hang-ups of the dataplane do not fit into their region"));
  told_hang_ups_ = abi::HangUps(&told);
  const auto& c = counters();
  const auto block = abi::worker_block_size(c.ports, c.sessions);
  if (counters_.size() < sizeof(abi::CountersHeader) || c.worker_stride < block || c.workers == 0 ||
      c.worker_offset + c.workers * c.worker_stride > counters_.size() ||
      c.port_info_offset + c.ports * sizeof(abi::PortInfo) > counters_.size())
    return fail(std::string("the counters of the dataplane do not fit into their region"));
  return {};
}

const abi::PortInfo& Dataplane::port(std::uint32_t index) const {
  const auto* base = static_cast<const std::uint8_t*>(counters_.data()) + counters().port_info_offset;
  return reinterpret_cast<const abi::PortInfo*>(base)[index];
}

bool Dataplane::put(const abi::TableOp& op) {
  void* slot = tables_ring_.reserve();
  for (unsigned tries = 0; slot == nullptr && tries < kPutTries; ++tries) {
    rang_for_ = true;
    ring();
    const timespec pause{0, 100'000};
    ::nanosleep(&pause, nullptr);
    slot = tables_ring_.reserve();
  }
  if (slot == nullptr) return false;
  std::memcpy(slot, &op, sizeof op);
  if (tables_ring_.publish()) rang_for_ = true;
  return true;
}

bool Dataplane::inject(const engine::Send& send) {
  auto* slot = static_cast<std::uint8_t*>(inject_ring_.reserve());
  if (slot == nullptr || send.payload.size() > abi::kMaxPacket) return false;
  std::memcpy(slot, &send.header, sizeof send.header);
  std::memcpy(slot + sizeof send.header, send.payload.data(), send.payload.size());
  if (send.header.kind == static_cast<std::uint16_t>(abi::InjectKind::pppoe_discovery)) {
    if (send.header.port.raw >= counters().ports || send.payload.size() < sizeof(wire_format::Ethernet)) return false;
    const auto& mac = port(send.header.port.raw).mac;
    std::memcpy(slot + sizeof send.header + offsetof(wire_format::Ethernet, source), mac.data(), mac.size());
  }
  if (inject_ring_.publish()) rang_for_ = true;
  return true;
}

void Dataplane::ring() {
  if (!std::exchange(rang_for_, false)) return;
  const std::uint64_t one = 1;
  // A full counter is a doorbell that rings already; nothing else can go wrong with an eventfd of ours.
  if (::write(work_doorbell_.get(), &one, sizeof one) < 0) return;
}

void Dataplane::clear_doorbell() {
  std::uint64_t count = 0;
  if (::read(punt_doorbell_.get(), &count, sizeof count) < 0) return;  // it did not ring
}

std::uint8_t* Dataplane::worker(std::uint32_t index) const {
  return static_cast<std::uint8_t*>(counters_.data()) + counters().worker_offset + index * counters().worker_stride;
}

const abi::DropCounters& Dataplane::drop_counters(std::uint32_t index) const {
  return *reinterpret_cast<const abi::DropCounters*>(worker(index) + abi::drop_counters_offset());
}

const abi::PortCounters& Dataplane::port_counters(std::uint32_t index, std::uint32_t port) const {
  return reinterpret_cast<const abi::PortCounters*>(worker(index) + abi::port_counters_offset())[port];
}

const abi::SessionCounters* Dataplane::session_counters(std::uint32_t index, std::uint32_t session) const {
  if (session >= counters().sessions) return nullptr;
  const auto* base = worker(index) + abi::session_counters_offset(counters().ports);
  return reinterpret_cast<const abi::SessionCounters*>(base) + session;
}

const abi::SequenceCounters* Dataplane::sequence_counters(std::uint32_t index, std::uint32_t session) const {
  if (session >= counters().sessions) return nullptr;
  const auto* base = worker(index) + abi::sequence_counters_offset(counters().ports, counters().sessions);
  return reinterpret_cast<const abi::SequenceCounters*>(base) + session;
}

std::uint64_t Dataplane::drops(abi::Drop reason) const {
  std::uint64_t sum = 0;
  for (std::uint32_t w = 0; w < counters().workers; ++w)
    sum += drop_counters(w).drops[static_cast<std::size_t>(reason)].load(std::memory_order_relaxed);
  return sum;
}

}  // namespace holdfast::forwarding
