// From what the kernel knows to rows of the forwarding tables: local addresses lead to the kernel, routes to the
// neighbour of their gateway, neighbours to themselves. What has no usable neighbour leads to the kernel, which
// resolves it.
#pragma once

#include "abi/table_ops.hpp"
#include "kmod-glue/observer.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace holdfast::forwarding {

class RouteFeed final : public glue::Observer {
 public:
  using Put = std::function<void(const abi::TableOp&)>;

  // neighbour_ids: first and count of the ids to use. A restarted control process uses others than the one before it,
  // so that no id means two neighbours while rows of both are in the tables.
  RouteFeed(Put put, std::uint32_t first_id, std::uint32_t id_count);

  // The kernel interface of a dataplane port, by name; to be told before the first dump, or followed by resend().
  void add_port(std::string interface, PortId port);
  void clear_ports();
  // Every row again, e.g. between begin_sweep and end_sweep.
  void resend();
  // Called when a link appears or changes (its addresses may have to be set).
  void on_link(std::function<void(const glue::Link&)> callback) { on_link_ = std::move(callback); }
  // Every usable neighbour of a port: the kernel does not see them used, so it is to be asked to confirm them.
  template <class F>
  void for_each_neighbour(F f) const {
    for (const auto& [key, neighbour] : neighbours_)
      if (port(key.first) != nullptr) f(key.first, key.second);
  }
  bool synchronized() const { return synchronized_; }
  std::size_t routes() const { return routes_.size(); }
  std::size_t neighbours() const { return neighbours_.size(); }
  const glue::Link* find_link(std::string_view name) const;

  void link(const glue::Link& link, glue::Change change) override;
  void address(const glue::Address&, glue::Change) override {}
  void neighbour(const glue::Neighbour& neighbour, glue::Change change) override;
  void route(const glue::Route& route, glue::Change change) override;
  void resynchronizing() override {}
  void resynchronized() override { synchronized_ = true; }

 private:
  using NeighbourKey = std::pair<std::uint32_t, IpAddress>;  // link, address
  struct KnownNeighbour {
    NeighbourId id;
    glue::MacAddress mac{};
    std::set<IpPrefix> routes;  // that go through it
  };
  struct KnownRoute {
    std::vector<glue::Route> candidates;  // the best first
    NeighbourKey via{};                   // what the row in the tables depends on; link 0: nothing
    bool in_tables = false;
  };

  const PortId* port(std::uint32_t link) const;
  void put_neighbour(const NeighbourKey& key, const KnownNeighbour& neighbour);
  void put_host_route(const NeighbourKey& key);
  void put_route(const IpPrefix& prefix, KnownRoute& route);
  void depend(const IpPrefix& prefix, KnownRoute& route, const NeighbourKey& via);
  void remove_row(const IpPrefix& prefix);
  NeighbourId take_id();

  Put put_;
  std::function<void(const glue::Link&)> on_link_;
  std::map<std::string, PortId, std::less<>> ports_;
  std::map<std::uint32_t, glue::Link> links_;
  std::map<NeighbourKey, KnownNeighbour> neighbours_;   // usable ones only
  std::map<NeighbourKey, std::set<IpPrefix>> waiting_;  // routes whose gateway is not usable
  std::map<IpPrefix, KnownRoute> routes_;
  std::vector<std::uint32_t> free_ids_;
  bool synchronized_ = false;
};

}  // namespace holdfast::forwarding
