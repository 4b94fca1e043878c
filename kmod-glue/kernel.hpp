// Changes what the kernel knows: links, addresses and our routes, over rtnetlink. Each function asks, waits for the
// answer (which the kernel gives before the request returns: no event loop is held up) and is idempotent: adding what
// is there and removing what is not is no error. A failure is a sentence that names the object and the kernel's reason.
#pragma once

#include "kmod-glue/objects.hpp"
#include "kmod-glue/result.hpp"
#include "kmod-glue/socket.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct nlmsghdr;

namespace holdfast::glue {

struct DumpQuery;

struct RefusedChange {
  std::size_t index{};  // into the changes given
  int error{};          // errno
};

// What became of a batch. The order of the changes was kept, and a refused one did not stop those after it.
struct BatchOutcome {
  std::size_t applied{};
  std::vector<RefusedChange> refused;
};

class Kernel {
 public:
  [[nodiscard]] static Result<Kernel> open();

  // name: 1..15 octets.
  [[nodiscard]] Result<Link> link_by_name(std::string_view name);
  [[nodiscard]] Result<void> set_up(std::uint32_t link, bool up);
  [[nodiscard]] Result<void> set_mtu(std::uint32_t link, std::uint32_t mtu);

  // prefix: our address with the length of its subnet; the kernel adds the connected route.
  [[nodiscard]] Result<void> add_address(std::uint32_t link, const IpPrefix& prefix);
  // IPv4: unless sysctl promote_secondaries is set, the kernel removes other addresses of the same subnet with their
  // first.
  [[nodiscard]] Result<void> remove_address(std::uint32_t link, const IpPrefix& prefix);
  [[nodiscard]] Result<std::vector<Address>> addresses(std::uint32_t link);

  // Has the kernel find the neighbour (ARP, ND) or confirm that it is there: a Monitor tells what comes of it. For
  // those who forward past the kernel, which would else forget a neighbour that it does not see being used.
  [[nodiscard]] Result<void> resolve(std::uint32_t link, const IpAddress& address);

  // Host bits of route.prefix must be zero.
  [[nodiscard]] Result<void> replace_route(const SubscriberRoute& route);
  [[nodiscard]] Result<void> remove_route(const SubscriberRoute& route);
  // Many in few system calls. Fails only when the socket does.
  [[nodiscard]] Result<BatchOutcome> apply(std::span<const RouteChange> changes);
  // The routes of the main table that this rtm_protocol (kRouteProtocol: ours) installed.
  [[nodiscard]] Result<std::vector<Route>> routes(std::uint8_t protocol);

 private:
  explicit Kernel(Socket socket);
  using Room = std::span<std::uint8_t>;
  using Write = std::function<std::size_t(Room room, std::uint32_t sequence)>;
  using Take = std::function<void(const nlmsghdr& answer)>;
  Result<void> request(const std::string& what, const Write& write, std::initializer_list<int> already_so = {});
  Result<void> dump(const std::string& what, const DumpQuery& query, bool& interrupted, const Take& take);
  Result<void> apply_some(std::span<const RouteChange> changes, std::size_t first, BatchOutcome& outcome);
  // Hands over every answer to the requests from first on; take says whether it was the last. Gives 0 or errno.
  int answers(std::uint32_t first, const std::function<bool(const nlmsghdr& answer)>& take);
  // The first of count sequence numbers in a row.
  std::uint32_t take_sequences(std::uint32_t count = 1);

  Socket socket_;
  std::vector<std::uint8_t> requests_;
  std::vector<std::uint8_t> buffer_;
  std::uint32_t sequence_{};  // of the latest request
};

// A sentence for a refused change: "route 10.1.2.3/32 on link 7: Network is down".
std::string describe(const RouteChange& change, int error);

}  // namespace holdfast::glue
