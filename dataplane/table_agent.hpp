// The only writer of the forwarding tables: applies the operations that control puts into the ring `tables`
// (abi/table_ops.hpp), keeps what was put, and removes what a sweep did not put again.
#pragma once

#include "abi/ring.hpp"
#include "abi/table_ops.hpp"
#include "tables/tables.hpp"

#include <cstdint>
#include <unordered_map>

namespace holdfast::dataplane {

class TableAgent {
 public:
  // ports: how many there are; a neighbour or a circuit on another port is refused.
  TableAgent(tables::Tables& tables, std::uint16_t ports);

  // Applies what is in the ring now, in order, and gives the slots back. Gives how many.
  std::uint64_t drain(abi::Ring& ring);
  // One operation. False: it makes no sense (an id of 0 or out of range, a row in use, addresses of two families) and
  // changed nothing. drain() counts those in refused().
  [[nodiscard]] bool apply(const abi::TableOp& op);
  // After operations: looks up anew where the tunnels' peers are, if routes have changed. drain() does it.
  void settle();

  std::uint64_t refused() const { return refused_; }
  std::size_t tunnels() const { return tunnels_.size(); }
  std::size_t routes() const { return routes_.size(); }

 private:
  template <class Row>
  struct Put {
    Row row;
    std::uint32_t mark;  // the sweep that it was last put in
  };
  struct PrefixHash {
    std::size_t operator()(const IpPrefix& prefix) const noexcept {
      return std::hash<IpAddress>{}(prefix.address) * 31 + prefix.length;
    }
  };

  bool begin_sweep(std::uint64_t generation);
  bool end_sweep(std::uint64_t generation);
  bool put(const abi::TunnelRow& row);
  bool put(const abi::SessionRow& row);
  bool put(const abi::RouteRow& row);
  bool put(const abi::NeighbourRow& row);
  bool put(const abi::CircuitRow& row);
  bool makes_sense(const abi::SessionRow& row) const;
  bool makes_sense(const abi::CircuitRow& row) const;
  bool evict_stale(SessionIndex index);
  bool remove_tunnel(TunnelId tunnel);
  bool remove_session(TunnelId tunnel, SessionId session);
  bool remove_route(const IpPrefix& prefix);
  bool remove_neighbour(NeighbourId id);
  bool remove_circuit(CircuitId circuit);
  tables::NextHop next_hop(const abi::RouteRow& row) const;

  tables::Tables& tables_;
  std::uint16_t ports_;
  std::unordered_map<TunnelId, Put<abi::TunnelRow>> tunnels_;
  // By index, the sweep that a session or circuit was last put in; 0: there is none. There are too many of them for a
  // map: after a restart packets wait for all of them.
  tables::SparseArray<std::uint32_t> sessions_, circuits_;
  std::unordered_map<IpPrefix, Put<abi::RouteRow>, PrefixHash> routes_;
  std::unordered_map<std::uint32_t, Put<abi::NeighbourRow>> neighbours_;
  std::uint32_t mark_ = 1;
  bool sweeping_ = false;
  std::uint64_t generation_ = 0;
  bool outer_routes_changed_ = false;
  std::uint64_t refused_ = 0;
};

}  // namespace holdfast::dataplane
