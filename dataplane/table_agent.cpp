#include "dataplane/table_agent.hpp"

#include "abi/wire.hpp"

#include <cstring>
#include <vector>

namespace holdfast::dataplane {
namespace {

using abi::TableOp;
using abi::TableOpKind;
using tables::HopKind;
using tables::NextHop;

constexpr std::uint16_t kLastVlan = 4094;

template <class Row>
bool same(const Row& a, const Row& b) {
  return std::memcmp(&a, &b, sizeof(Row)) == 0;
}

// The keys of what was not put since the sweep began.
template <class Map>
std::vector<typename Map::key_type> left_over(const Map& map, std::uint32_t mark) {
  std::vector<typename Map::key_type> keys;
  for (const auto& [key, put] : map)
    if (put.mark != mark) keys.push_back(key);
  return keys;
}

// Likewise, in an array of marks.
template <class F>
void for_each_left_over(const tables::SparseArray<std::uint32_t>& marks, std::uint32_t mark, F f) {
  for (std::uint32_t i = 0; i < marks.size(); ++i)
    if (marks[i] != 0 && marks[i] != mark) f(i);
}

}  // namespace

TableAgent::TableAgent(tables::Tables& tables, std::uint16_t ports)
    : tables_(tables), ports_(ports), sessions_(tables.circuits.rows()), circuits_(tables.circuits.rows()) {
  routes_.reserve(kBankSessions);
}

std::uint64_t TableAgent::drain(abi::Ring& ring) {
  const std::uint64_t count = ring.readable();
  for (std::uint64_t i = 0; i < count; ++i) {
    TableOp op;  // a copy: what was checked is what is used
    std::memcpy(&op, ring.front(i), sizeof(op));
    if (!apply(op)) ++refused_;
  }
  if (count != 0) ring.release(count);
  settle();
  return count;
}

bool TableAgent::apply(const TableOp& op) {
  switch (op.kind) {
    case TableOpKind::begin_sweep: return begin_sweep(op.generation);
    case TableOpKind::end_sweep: return end_sweep(op.generation);
    case TableOpKind::put_tunnel: return put(op.tunnel);
    case TableOpKind::remove_tunnel: return remove_tunnel(op.tunnel.tunnel);
    case TableOpKind::put_session: return put(op.session);
    case TableOpKind::remove_session: return remove_session(op.session.tunnel, op.session.session);
    case TableOpKind::put_route: return put(op.route);
    case TableOpKind::remove_route: return remove_route(op.route.prefix);
    case TableOpKind::put_neighbour: return put(op.neighbour);
    case TableOpKind::remove_neighbour: return remove_neighbour(op.neighbour.id);
    case TableOpKind::put_circuit: return put(op.circuit);
    case TableOpKind::remove_circuit: return remove_circuit(op.circuit.circuit);
  }
  return false;
}

void TableAgent::settle() {
  if (!outer_routes_changed_) return;
  outer_routes_changed_ = false;
  for (const auto& [id, put] : tunnels_) tables_.tunnels.set_out(id, tables_.route(put.row.peer));
}

bool TableAgent::begin_sweep(std::uint64_t generation) {
  ++mark_;
  sweeping_ = true;
  generation_ = generation;
  return true;
}

// Routes go first, then what they lead to.
bool TableAgent::end_sweep(std::uint64_t generation) {
  if (!sweeping_ || generation != generation_) return false;
  sweeping_ = false;
  for (const auto& prefix : left_over(routes_, mark_)) remove_route(prefix);
  for (const auto id : left_over(neighbours_, mark_)) remove_neighbour(NeighbourId(id));
  for_each_left_over(circuits_, mark_, [this](std::uint32_t id) { remove_circuit(CircuitId(id)); });
  for_each_left_over(sessions_, mark_, [this](std::uint32_t index) {
    const auto stale = tables_.sessions.at(SessionIndex{index}).identity();
    remove_session(stale.tunnel, stale.session);
  });
  for (const auto id : left_over(tunnels_, mark_)) remove_tunnel(id);
  return true;
}

// A row that is as it was stays untouched: the packets in flight must not notice that control came back.
bool TableAgent::put(const abi::TunnelRow& row) {
  if (!row.tunnel || is_access(row.tunnel)) return false;
  if (row.local.is_none() || row.peer.is_none() || row.local.is_v4() != row.peer.is_v4()) return false;
  const auto [at, is_new] = tunnels_.try_emplace(row.tunnel, Put<abi::TunnelRow>{row, mark_});
  at->second.mark = mark_;
  if (!is_new && same(at->second.row, row)) return true;
  at->second.row = row;
  tables_.tunnels.put(row);
  tables_.tunnels.set_out(row.tunnel, tables_.route(row.peer));
  return true;
}

bool TableAgent::put(const abi::SessionRow& row) {
  if (!makes_sense(row)) return false;
  if (!tables_.sessions.put(row)) {
    if (!evict_stale(tables_.sessions.index(row.tunnel, row.session)) || !tables_.sessions.put(row)) return false;
  }
  sessions_[tables_.sessions.index(row.tunnel, row.session).raw] = mark_;
  return true;
}

// Workers follow `onward` as it is.
bool TableAgent::makes_sense(const abi::SessionRow& row) const {
  if (!row.tunnel || !row.session || row.ipv6.length > 128) return false;
  const bool to_circuit = (row.flags & abi::kSessionToCircuit) != 0;
  const bool to_session = (row.flags & abi::kSessionToSession) != 0;
  if (is_access(row.tunnel) && !to_circuit) return false;
  if (to_circuit && to_session) return false;
  return row.onward < tables_.circuits.rows();  // which are as many as the sessions'
}

// In a sweep, a session that has not been put again gives way: control no longer knows it.
bool TableAgent::evict_stale(SessionIndex index) {
  const auto now = tables_.sessions.at(index).identity();
  const std::uint32_t mark = sessions_[index.raw];
  if (!sweeping_ || mark == 0 || mark == mark_) return false;
  return remove_session(now.tunnel, now.session);
}

bool TableAgent::put(const abi::RouteRow& row) {
  const NextHop hop = next_hop(row);
  if (!hop) return false;
  const auto& address = row.prefix.address;
  const auto before = routes_.find(row.prefix);
  if (before != routes_.end() && same(before->second.row, row)) {
    before->second.mark = mark_;
    return true;
  }
  if (!address.is_v4())
    tables_.route6.put(address, row.prefix.length, hop);
  else if (!tables_.route4.put(address.v4_value(), row.prefix.length, hop))
    return false;
  // A subscriber's own address is never where a tunnel's peer is, and there are many of them.
  if (row.kind != abi::NextHopKind::session || before != routes_.end()) outer_routes_changed_ = true;
  routes_.insert_or_assign(row.prefix, Put<abi::RouteRow>{row, mark_});
  return true;
}

bool TableAgent::put(const abi::NeighbourRow& row) {
  if (row.id.raw >= tables_.neighbours.size() || row.port.raw >= ports_) return false;
  tables_.neighbours.put(row);
  neighbours_.insert_or_assign(row.id.raw, Put<abi::NeighbourRow>{row, mark_});
  return true;
}

bool TableAgent::put(const abi::CircuitRow& row) {
  if (!makes_sense(row)) return false;
  tables_.circuits.put(row);
  circuits_[row.circuit.raw] = mark_;
  return true;
}

// A circuit lies where its frames will look for it.
bool TableAgent::makes_sense(const abi::CircuitRow& row) const {
  const std::uint16_t session = pppoe_session(row.circuit);
  if (session == 0 || session == 0xffff || row.circuit != tables_.circuits.id(row.mac[5], session)) return false;
  if (row.port.raw >= ports_ || (row.mac[0] & 1) != 0 || !row.tunnel || !row.session) return false;
  if (row.outer_vlan > kLastVlan || row.inner_vlan > kLastVlan) return false;
  if (row.outer_vlan == 0) return row.inner_vlan == 0;
  return row.outer_type == wire_format::kEtherVlan || row.outer_type == wire_format::kEtherQinq;
}

bool TableAgent::remove_tunnel(TunnelId tunnel) {
  if (tunnels_.erase(tunnel) != 0) tables_.tunnels.remove(tunnel);
  return true;
}

bool TableAgent::remove_session(TunnelId tunnel, SessionId session) {
  if (!tunnel || !session) return true;
  if (tables_.sessions.remove(tunnel, session)) sessions_[tables_.sessions.index(tunnel, session).raw] = 0;
  return true;
}

bool TableAgent::remove_route(const IpPrefix& prefix) {
  const auto found = routes_.find(prefix);
  if (found == routes_.end()) return true;
  if (found->second.row.kind != abi::NextHopKind::session) outer_routes_changed_ = true;
  if (prefix.address.is_v4())
    tables_.route4.remove(prefix.address.v4_value(), prefix.length);
  else
    tables_.route6.remove(prefix.address, prefix.length);
  routes_.erase(found);
  return true;
}

bool TableAgent::remove_neighbour(NeighbourId id) {
  if (neighbours_.erase(id.raw) != 0) tables_.neighbours.remove(id);
  return true;
}

bool TableAgent::remove_circuit(CircuitId circuit) {
  if (circuit.raw >= circuits_.size() || circuits_[circuit.raw] == 0) return true;
  tables_.circuits.remove(circuit);
  circuits_[circuit.raw] = 0;
  return true;
}

// Empty: the row makes no sense.
NextHop TableAgent::next_hop(const abi::RouteRow& row) const {
  const unsigned longest = row.prefix.address.is_v4() ? 32 : 128;
  if (row.prefix.length > longest) return {};
  switch (row.kind) {
    case abi::NextHopKind::kernel: return {row.prefix.length == longest ? HopKind::local : HopKind::kernel, 0};
    case abi::NextHopKind::neighbour:
      return row.neighbour.raw < tables_.neighbours.size() ? tables::to_neighbour(row.neighbour) : NextHop{};
    case abi::NextHopKind::session:
      return row.tunnel && row.session ? tables::to_session(tables_.sessions.index(row.tunnel, row.session))
                                       : NextHop{};
    case abi::NextHopKind::blackhole: return {HopKind::blackhole, 0};
  }
  return {};
}

}  // namespace holdfast::dataplane
