#include "kmod-glue/monitor.hpp"

#include "kmod-glue/attributes.hpp"
#include "kmod-glue/decode.hpp"
#include "kmod-glue/encode.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <linux/rtnetlink.h>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace holdfast::glue {
namespace {

constexpr std::uint32_t kGroups[] = {RTNLGRP_LINK,  RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                                     RTNLGRP_NEIGH, RTNLGRP_IPV4_ROUTE,  RTNLGRP_IPV6_ROUTE};

struct Part {
  const char* name;
  DumpQuery query;
};
// In this order what is referred to is known before what refers to it.
constexpr Part kDump[] = {
    {"links", {.type = RTM_GETLINK}},
    {"addresses", {.type = RTM_GETADDR}},
    {"neighbours", {.type = RTM_GETNEIGH}},
    {"IPv4 local routes", {.type = RTM_GETROUTE, .family = AF_INET, .table = RT_TABLE_LOCAL}},
    {"IPv4 routes", {.type = RTM_GETROUTE, .family = AF_INET, .table = RT_TABLE_MAIN}},
    {"IPv6 local routes", {.type = RTM_GETROUTE, .family = AF_INET6, .table = RT_TABLE_LOCAL}},
    {"IPv6 routes", {.type = RTM_GETROUTE, .family = AF_INET6, .table = RT_TABLE_MAIN}},
};

// Pieces of a dump are of 32 KiB: half a megabyte, some thousand routes, is taken in a few milliseconds.
constexpr int kDatagramsAtOnce = 16;

}  // namespace

Monitor::Monitor(Socket socket) : socket_(std::move(socket)), buffer_(kDatagramCapacity) {}

Result<Monitor> Monitor::open(std::uint32_t receive_buffer) {
  auto socket = Socket::open(receive_buffer);
  if (!socket) return fail(std::move(socket.error()));
  for (const auto group : kGroups)
    if (const int error = socket->join(group); error != 0)
      return fail(std::string("routing netlink group ") + std::to_string(group) + ": " + std::strerror(error));
  return Monitor(std::move(*socket));
}

Result<void> Monitor::start(Observer& observer) {
  again_ = true;
  return dumping_ || congested_ ? Result<void>() : begin(observer);
}

Result<void> Monitor::begin(Observer& observer) {
  again_ = false;
  part_ = 0;
  observer.resynchronizing();
  return ask();
}

Result<void> Monitor::ask() {
  alignas(nlmsghdr) std::array<std::uint8_t, kRequestCapacity> request{};
  if (++sequence_ == 0) ++sequence_;
  const auto length = encode_dump(request, sequence_, kDump[part_].query);
  const int error = socket_.send({request.data(), length});
  dumping_ = error == 0;
  if (dumping_) return {};
  again_ = true;
  return fail(std::string("dump of the kernel's ") + kDump[part_].name + ": " + std::strerror(error));
}

Result<void> Monitor::receive(Observer& observer) {
  for (int i = 0; i < kDatagramsAtOnce; ++i) {
    const auto received = socket_.receive(buffer_, Socket::Wait::no);
    if (received.error == ENOBUFS) {
      ++overruns_;
      again_ = congested_ = true;
      continue;
    }
    if (received.error == EAGAIN) {
      congested_ = false;
      if (dumping_ || !(again_ || observer.in_doubt())) return {};
      if (auto begun = begin(observer); !begun) return begun;
      continue;
    }
    if (received.error != 0) return fail(std::string("routing netlink socket: ") + std::strerror(received.error));
    Messages messages(received.datagram);
    while (const auto* message = messages.next())
      if (auto taken = take(*message, observer); !taken) return taken;
    if (messages.malformed()) ++malformed_;
  }
  return {};
}

Result<void> Monitor::take(const nlmsghdr& message, Observer& observer) {
  const bool ours = dumping_ && message.nlmsg_pid == socket_.port() && message.nlmsg_seq == sequence_;
  if (ours && (message.nlmsg_flags & NLM_F_DUMP_INTR) != 0) again_ = true;  // it changed while it was dumped
  if (message.nlmsg_type >= NLMSG_MIN_TYPE) {
    if (deliver(message, route_, observer) == Decoded::malformed) ++malformed_;
    return {};
  }
  if (!ours || (message.nlmsg_type != NLMSG_DONE && message.nlmsg_type != NLMSG_ERROR)) return {};
  const auto error = decode_error(message);
  if (error == ENOBUFS) return {};  // no room for the first piece: it comes nevertheless, when there is
  // ENOENT: a table that nothing was ever put into does not exist.
  if (error == 0 || error == ENOENT) return advance(observer);
  dumping_ = false;
  again_ = true;
  return fail(std::string("dump of the kernel's ") + kDump[part_].name + ": " + std::strerror(error.value_or(EBADMSG)));
}

Result<void> Monitor::advance(Observer& observer) {
  dumping_ = false;
  if (again_) return congested_ ? Result<void>() : begin(observer);
  if (++part_ < std::size(kDump)) return ask();
  observer.resynchronized();
  return {};
}

}  // namespace holdfast::glue
