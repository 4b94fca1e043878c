// A datagram of routing netlink, from its messages down to what an observer is told, by a decoder and by a mirror. What
// a mirror says is there must be what its differences add up to.
#include "kmod-glue/attributes.hpp"
#include "kmod-glue/decode.hpp"
#include "kmod-glue/mirror.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::glue;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_possible(const IpPrefix& prefix) { return prefix.length <= (prefix.address.is_v4() ? 32 : 128); }

class Judge : public Observer {
 public:
  void link(const Link& link, Change) override {
    require(link.index != 0 && !link.name.empty() && link.name.size() < 16);
  }
  void address(const Address& address, Change) override { require(address.link != 0 && is_possible(address.prefix)); }
  void neighbour(const Neighbour& neighbour, Change) override { require(neighbour.link != 0); }
  void route(const Route& route, Change) override {
    require(is_possible(route.prefix));
    for (const auto& next_hop : route.next_hops) require(next_hop.weight >= 1 && next_hop.weight <= 256);
  }
  void resynchronizing() override { require(dumps++ == 0); }
  void resynchronized() override { require(dumps == 1); }

  int dumps{};
};

class Counter final : public Judge {
 public:
  void route(const Route& route, Change change) override {
    Judge::route(route, change);
    require(change != Change::replaced);
    routes += change == Change::added ? 1 : -1;
  }

  long routes{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> datagram(data, data + size);  // aligned, and its end is where memory ends
  Judge judge;
  Counter counter;
  Mirror mirror(counter);
  Route scratch;
  Messages messages(datagram);
  while (const auto* message = messages.next()) {
    (void)deliver(*message, scratch, judge);
    if (message->nlmsg_type == NLMSG_NOOP) mirror.resynchronizing();
    (void)deliver(*message, scratch, mirror);
    if (message->nlmsg_type == NLMSG_DONE && counter.dumps != 0) mirror.resynchronized();
    require(counter.routes == static_cast<long>(mirror.route_count()));
    if (const auto error = decode_error(*message)) require(*error >= 0 && *error <= 4095);
    (void)decode_error_words(*message);
  }
  return 0;
}
