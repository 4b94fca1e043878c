#include "kmod-glue/kernel.hpp"

#include "kmod-glue/attributes.hpp"
#include "kmod-glue/decode.hpp"
#include "kmod-glue/encode.hpp"
#include "kmod-glue/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <utility>

namespace holdfast::glue {
namespace {

// Room for the answers to one batch even if each of its requests is refused.
constexpr std::uint32_t kReceiveBuffer = 4u << 20;
// One system call takes some 900 route changes; the kernel's limit is the send buffer (about 200 KiB).
constexpr std::size_t kBatch = 64 * 1024;
// A dump that was interrupted by changes is repeated; who changes all the time is not waited for for ever.
constexpr int kDumpAttempts = 8;

std::string on_link(const std::string& what, std::uint32_t link) { return what + " on link " + std::to_string(link); }

std::string sentence(const std::string& what, int error, std::string_view words = {}) {
  std::string text = what + ": " + std::strerror(error);
  if (!words.empty()) text += " (" + std::string(words) + ')';
  return text;
}

}  // namespace

std::string describe(const RouteChange& change, int error) {
  return sentence(on_link("route " + to_text(change.route.prefix), change.route.link), error);
}

Kernel::Kernel(Socket socket) : socket_(std::move(socket)), requests_(kBatch), buffer_(kDatagramCapacity) {}

Result<Kernel> Kernel::open() {
  auto socket = Socket::open(kReceiveBuffer);
  if (!socket) return fail(std::move(socket.error()));
  return Kernel(std::move(*socket));
}

std::uint32_t Kernel::take_sequences(std::uint32_t count) {
  if (sequence_ > std::numeric_limits<std::uint32_t>::max() - count) sequence_ = 0;
  sequence_ += count;
  return sequence_ - count + 1;
}

int Kernel::answers(std::uint32_t first, const std::function<bool(const nlmsghdr&)>& take) {
  for (;;) {
    const auto received = socket_.receive(buffer_, Socket::Wait::bounded);
    if (received.error != 0) return received.error == EAGAIN ? ETIMEDOUT : received.error;
    Messages messages(received.datagram);
    bool last = false;
    while (const auto* message = messages.next()) {
      const bool ours = message->nlmsg_pid == socket_.port() && message->nlmsg_seq - first <= sequence_ - first;
      if (ours && take(*message)) last = true;
    }
    if (last) return 0;
  }
}

Result<void> Kernel::request(const std::string& what, const Write& write, std::initializer_list<int> already_so) {
  const auto sequence = take_sequences();
  const auto length = write(requests_, sequence);
  if (const int error = socket_.send({requests_.data(), length}); error != 0) return fail(sentence(what, error));
  Result<void> result;
  const int error = answers(sequence, [&](const nlmsghdr& answer) {
    if (answer.nlmsg_type != NLMSG_ERROR) return false;
    const int refusal = decode_error(answer).value_or(EBADMSG);
    if (refusal != 0 && std::ranges::find(already_so, refusal) == already_so.end())
      result = fail(sentence(what, refusal, decode_error_words(answer)));
    return true;
  });
  if (error != 0) return fail(sentence(what, error));
  return result;
}

Result<void> Kernel::dump(const std::string& what, const DumpQuery& query, bool& interrupted, const Take& take) {
  const auto sequence = take_sequences();
  const auto length = encode_dump(requests_, sequence, query);
  if (const int error = socket_.send({requests_.data(), length}); error != 0) return fail(sentence(what, error));
  Result<void> result;
  const int error = answers(sequence, [&](const nlmsghdr& answer) {
    if ((answer.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
    if (answer.nlmsg_type != NLMSG_DONE && answer.nlmsg_type != NLMSG_ERROR) {
      take(answer);
      return false;
    }
    const int refusal = decode_error(answer).value_or(EBADMSG);
    // ENOENT: a table that nothing was ever put into does not exist.
    if (refusal != 0 && refusal != ENOENT) result = fail(sentence(what, refusal));
    return true;
  });
  if (error != 0) return fail(sentence(what, error));
  return result;
}

Result<Link> Kernel::link_by_name(std::string_view name) {
  const std::string what = "link " + std::string(name);
  if (name.empty() || name.size() >= IFNAMSIZ) return fail(sentence(what, ENODEV));
  const auto sequence = take_sequences();
  const auto length = encode_link_query(requests_, sequence, name);
  if (const int error = socket_.send({requests_.data(), length}); error != 0) return fail(sentence(what, error));
  Result<Link> result = fail(sentence(what, EBADMSG));
  const int error = answers(sequence, [&](const nlmsghdr& answer) {
    Link link;
    if (answer.nlmsg_type == NLMSG_ERROR)
      result = fail(sentence(what, decode_error(answer).value_or(EBADMSG), decode_error_words(answer)));
    else if (answer.nlmsg_type == RTM_NEWLINK && decode_link(answer, link) == Decoded::value)
      result = std::move(link);
    return true;
  });
  if (error != 0) return fail(sentence(what, error));
  return result;
}

Result<void> Kernel::set_up(std::uint32_t link, bool up) {
  return request("link " + std::to_string(link) + (up ? " up" : " down"),
                 [=](Room room, std::uint32_t sequence) { return encode_link_up(room, sequence, link, up); });
}

Result<void> Kernel::set_mtu(std::uint32_t link, std::uint32_t mtu) {
  return request("MTU " + std::to_string(mtu) + " of link " + std::to_string(link),
                 [=](Room room, std::uint32_t sequence) { return encode_link_mtu(room, sequence, link, mtu); });
}

Result<void> Kernel::add_address(std::uint32_t link, const IpPrefix& prefix) {
  return request(on_link("address " + to_text(prefix), link), [&](Room room, std::uint32_t sequence) {
    return encode_address(room, sequence, AddressRequest::add, link, prefix);
  });
}

Result<void> Kernel::remove_address(std::uint32_t link, const IpPrefix& prefix) {
  return request("removal of " + on_link("address " + to_text(prefix), link),
                 [&](Room room, std::uint32_t sequence) {
                   return encode_address(room, sequence, AddressRequest::remove, link, prefix);
                 },
                 {EADDRNOTAVAIL, ENODEV});
}

Result<std::vector<Address>> Kernel::addresses(std::uint32_t link) {
  std::vector<Address> found;
  for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
    bool interrupted = false;
    found.clear();
    const auto dumped = dump("addresses of link " + std::to_string(link), {.type = RTM_GETADDR, .link = link},
                             interrupted, [&](const nlmsghdr& answer) {
                               Address address;
                               if (decode_address(answer, address) == Decoded::value && address.link == link)
                                 found.push_back(address);
                             });
    if (!dumped) return fail(dumped.error());
    if (!interrupted) break;
  }
  return found;
}

Result<void> Kernel::resolve(std::uint32_t link, const IpAddress& address) {
  return request(on_link("neighbour " + to_text(address), link),
                 [&](Room room, std::uint32_t sequence) { return encode_resolve(room, sequence, link, address); });
}

Result<void> Kernel::replace_route(const SubscriberRoute& route) {
  const RouteChange change{.kind = RouteChange::Kind::replace, .route = route};
  return request(on_link("route " + to_text(route.prefix), route.link), [&](Room room, std::uint32_t sequence) {
    return encode_route(room, sequence, change, Acknowledge::yes);
  });
}

Result<void> Kernel::remove_route(const SubscriberRoute& route) {
  const RouteChange change{.kind = RouteChange::Kind::remove, .route = route};
  return request(
      "removal of " + on_link("route " + to_text(route.prefix), route.link),
      [&](Room room, std::uint32_t sequence) { return encode_route(room, sequence, change, Acknowledge::yes); },
      {ESRCH});
}

Result<BatchOutcome> Kernel::apply(std::span<const RouteChange> changes) {
  BatchOutcome outcome;
  constexpr std::size_t kAtOnce = kBatch / kRequestCapacity;
  for (std::size_t first = 0; first < changes.size(); first += kAtOnce) {
    const auto some = changes.subspan(first, std::min(kAtOnce, changes.size() - first));
    if (auto applied = apply_some(some, first, outcome); !applied) return fail(std::move(applied.error()));
  }
  return outcome;
}

// Only the last request asks for an acknowledgement; it says that all before it were seen. Refusals are answered
// unasked.
Result<void> Kernel::apply_some(std::span<const RouteChange> changes, std::size_t first, BatchOutcome& outcome) {
  const auto first_sequence = take_sequences(static_cast<std::uint32_t>(changes.size()));
  std::size_t length = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const bool last = i + 1 == changes.size();
    length += encode_route(Room(requests_).subspan(length), first_sequence + static_cast<std::uint32_t>(i), changes[i],
                           last ? Acknowledge::yes : Acknowledge::no);
  }
  if (const int error = socket_.send({requests_.data(), length}); error != 0)
    return fail(sentence("route changes", error));
  std::size_t refused = 0;
  const int error = answers(first_sequence, [&](const nlmsghdr& answer) {
    if (answer.nlmsg_type != NLMSG_ERROR) return false;
    const std::size_t i = answer.nlmsg_seq - first_sequence;
    const int refusal = decode_error(answer).value_or(EBADMSG);
    const bool already_so = refusal == ESRCH && changes[i].kind == RouteChange::Kind::remove;
    if (refusal != 0 && !already_so) {
      outcome.refused.push_back({.index = first + i, .error = refusal});
      ++refused;
    }
    return answer.nlmsg_seq == sequence_;
  });
  if (error != 0) return fail(sentence("answers to route changes", error));
  outcome.applied += changes.size() - refused;
  return {};
}

Result<std::vector<Route>> Kernel::routes(std::uint8_t protocol) {
  std::vector<Route> found;
  for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
    bool interrupted = false;
    found.clear();
    for (const auto family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
      const DumpQuery query{.type = RTM_GETROUTE, .family = family, .table = RT_TABLE_MAIN, .protocol = protocol};
      const auto dumped =
          dump("routes of protocol " + std::to_string(protocol), query, interrupted, [&](const nlmsghdr& answer) {
            Route route;
            if (decode_route(answer, route) == Decoded::value && route.protocol == protocol)
              found.push_back(std::move(route));
          });
      if (!dumped) return fail(dumped.error());
    }
    if (!interrupted) break;
  }
  return found;
}

}  // namespace holdfast::glue
