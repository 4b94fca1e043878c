// Between a Monitor and who wants to know: keeps what the kernel knows, and passes on differences only. It also knows
// what the kernel does without telling: IPv4 routes go with the link that goes down, with the last address of their
// link and with the address that they prefer as source, and next hops of multipath routes die and come back with their
// link.
//
// Not seen: next hops that leave a next hop object (ip nexthop) while routes go on using it. Assumed are the kernel's
// defaults of sysctls net.ipv4.nexthop_compat_mode (1) and net.ipv6.route.skip_notify_on_dev_down (0).
#pragma once

#include "kmod-glue/observer.hpp"
#include "kmod-glue/route_table.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>

namespace holdfast::glue {

class Mirror final : public Observer {
 public:
  // observer: told of each difference after the mirror shows it, and must not call the functions below "Observer" then.
  // A changed route is told as the removal of what it was and the addition of what it is. resynchronizing() and
  // resynchronized() are passed on once, around the first dump: until the second the picture is not complete.
  explicit Mirror(Observer& observer) : observer_(&observer), routes_(observer) {}

  // Null when there is none. Valid until the mirror is told something.
  const Link* find_link(std::uint32_t index) const;
  const Neighbour* find_neighbour(std::uint32_t link, const IpAddress& address) const;
  const Route* best_route(const IpPrefix& prefix, Table table) const { return routes_.best(prefix, table); }
  std::size_t route_count() const { return routes_.size(); }

  // Observer
  void link(const Link& link, Change change) override;
  void address(const Address& address, Change change) override;
  void neighbour(const Neighbour& neighbour, Change change) override;
  void route(const Route& route, Change change) override;
  void resynchronizing() override;
  void resynchronized() override;
  bool in_doubt() const override { return in_doubt_; }

 private:
  template <class Value>
  struct Entry {
    Value value{};
    std::uint32_t dump{};
  };
  struct AddressKey {
    std::uint32_t link{};
    IpPrefix prefix{};
    friend auto operator<=>(const AddressKey&, const AddressKey&) = default;
  };
  struct NeighbourKey {
    std::uint32_t link{};
    IpAddress address{};
    friend auto operator<=>(const NeighbourKey&, const NeighbourKey&) = default;
  };
  void forget_link(std::uint32_t index);
  void forget_address(const Address& address);
  bool has_ipv4(std::uint32_t link) const;
  bool has_anywhere(const IpAddress& address) const;

  Observer* observer_;
  std::map<std::uint32_t, Entry<Link>> links_;
  std::map<AddressKey, Entry<Address>> addresses_;
  std::map<NeighbourKey, Entry<Neighbour>> neighbours_;
  RouteTable routes_;
  std::uint32_t dump_{};
  bool complete_{};
  bool in_doubt_{};
};

}  // namespace holdfast::glue
