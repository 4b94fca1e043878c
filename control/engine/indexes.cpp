#include "engine/indexes.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

PeerEnd end_of(const TunnelRecord& t) { return {t.l2tp.remote, t.l2tp.remote_port, t.l2tp.peer}; }

}  // namespace

Indexes::Indexes(const config::Config& config, const Capacity& capacity)
    : call_capacity_(capacity.calls),
      tunnel_capacity_(capacity.tunnels),
      bank_bits_(capacity.bank_bits),
      bank_sessions_(std::size_t{1} << capacity.bank_bits),
      bank_cursor_(std::size_t{1} << capacity.bank_bits) {
  circuit_cursor_.resize(bank_sessions_.size());
  rebuild_calls(std::vector<bool>(capacity.calls));
  for (const auto& pool : config.ipv4_pools) ipv4_.emplace_back(pool.first, pool.last);
  for (const auto& pool : config.ipv6_pools) ipv6_.emplace_back(pool.prefix, pool.delegated_length);
}

void Indexes::add(const TunnelRecord& tunnel) {
  ++tunnels_;
  if (tunnel.l2tp.peer) peers_[end_of(tunnel)] = tunnel.l2tp.id;
}

void Indexes::readd(const TunnelRecord& before, const TunnelRecord& now) {
  if (end_of(before) == end_of(now)) return;
  remove(before);
  add(now);
}

void Indexes::remove(const TunnelRecord& tunnel) {
  --tunnels_;
  const auto found = peers_.find(end_of(tunnel));
  if (found != peers_.end() && found->second == tunnel.l2tp.id) peers_.erase(found);
}

std::optional<TunnelId> Indexes::find(const PeerEnd& end) const {
  const auto found = peers_.find(end);
  if (found == peers_.end()) return std::nullopt;
  return found->second;
}

// Of what decides whether two calls may share a tunnel at all; the rest is compared.
std::uint64_t Indexes::hash(const TunnelSpec& spec) {
  const std::hash<std::string_view> text;
  return std::hash<IpAddress>{}(spec.peer) ^ (text(spec.assignment_id.text()) * 3 + text(spec.local_host.text()));
}

void Indexes::add_spec(const TunnelSpec& spec, TunnelId tunnel) { specs_.emplace(hash(spec), tunnel); }

void Indexes::remove_spec(const TunnelSpec& spec, TunnelId tunnel) {
  const auto [first, last] = specs_.equal_range(hash(spec));
  for (auto i = first; i != last; ++i) {
    if (i->second != tunnel) continue;
    specs_.erase(i);
    return;
  }
}

void Indexes::remove_opening(const IpAddress& peer, TunnelId tunnel) {
  const auto [first, last] = openings_.equal_range(peer);
  for (auto i = first; i != last; ++i) {
    if (i->second != tunnel) continue;
    openings_.erase(i);
    return;
  }
}

std::optional<SessionId> Indexes::take_first(Queues& queues, TunnelId tunnel) {
  const auto found = queues.find(tunnel);
  if (found == queues.end()) return std::nullopt;
  const SessionId first = found->second.front();
  found->second.pop_front();
  if (found->second.empty()) queues.erase(found);
  return first;
}

void Indexes::wait_to_end(TunnelId tunnel, SessionId session) {
  if (to_end_.insert(session_key(tunnel, session)).second) ending_[tunnel].push_back(session);
}

std::optional<SessionId> Indexes::next_to_end(TunnelId tunnel) {
  while (const auto id = take_first(ending_, tunnel))
    if (to_end_.erase(session_key(tunnel, *id)) != 0) return id;
  return std::nullopt;
}

SessionId Indexes::find_early(TunnelId tunnel, PeerSessionId peer) const {
  const auto found = early_.find(early_key(tunnel, peer));
  return found != early_.end() ? found->second : SessionId{};
}

std::optional<std::uint32_t> Indexes::take_call() {
  if (free_calls_.empty()) return std::nullopt;
  const std::uint32_t call = free_calls_.back();
  free_calls_.pop_back();
  return call;
}

void Indexes::rebuild_calls(const std::vector<bool>& used) {
  free_calls_.clear();
  for (std::uint32_t call = call_capacity_; call-- > 1;)  // 0 is no call
    if (!used[call]) free_calls_.push_back(call);
}

std::optional<TunnelId> Indexes::free_tunnel(const Records& records) {
  for (std::uint32_t tries = 1; tries < tunnel_capacity_; ++tries) {
    tunnel_cursor_ = tunnel_cursor_ + 1 < tunnel_capacity_ ? tunnel_cursor_ + 1 : 1;  // 0 is no id
    const TunnelId id(static_cast<std::uint16_t>(tunnel_cursor_));
    if (records.tunnel(id) == nullptr) return id;
  }
  return std::nullopt;
}

std::optional<SessionId> Indexes::free_session(const Records& records, TunnelId tunnel) {
  const auto bank = session_index(tunnel, SessionId{}, bank_bits_).raw >> 16;
  if (bank_sessions_[bank] >= 65535) return std::nullopt;
  std::uint16_t& cursor = bank_cursor_[bank];
  for (std::uint32_t tries = 0; tries < 65536; ++tries) {
    if (++cursor == 0) continue;
    const SessionId id(cursor);
    if (records.session(session_index(tunnel, id, bank_bits_)) == nullptr) return id;
  }
  return std::nullopt;
}

void Indexes::assign_behind(TunnelId tunnel, SessionId session) {
  std::uint16_t& cursor = bank_cursor_[session_index(tunnel, SessionId{}, bank_bits_).raw >> 16];
  cursor = std::max(cursor, session.value());
}

void Indexes::add_circuit(const CircuitRecord& circuit) {
  circuits_.emplace(mac_key(circuit.mac), circuit.id);
  ++port_circuits_[circuit.port];
  std::uint16_t& cursor = circuit_cursor_[circuit.id.raw >> 16];
  cursor = std::max(cursor, pppoe_session(circuit.id));
}

void Indexes::remove_circuit(const CircuitRecord& circuit) {
  --port_circuits_[circuit.port];
  const auto [first, last] = circuits_.equal_range(mac_key(circuit.mac));
  for (auto i = first; i != last; ++i) {
    if (i->second != circuit.id) continue;
    circuits_.erase(i);
    return;
  }
}

std::uint32_t Indexes::circuits_of(PortId port) const {
  const auto found = port_circuits_.find(port);
  return found != port_circuits_.end() ? found->second : 0;
}

std::optional<CircuitId> Indexes::free_circuit(const Records& records, const std::array<std::uint8_t, 6>& mac) {
  constexpr std::uint16_t kReserved = 0xffff;  // RFC 2516 4; and 0 is no session
  std::uint16_t& cursor = circuit_cursor_[circuit_id(mac[5], 0, bank_bits_).raw >> 16];
  for (std::uint32_t tries = 0; tries < kBankRows; ++tries) {
    if (++cursor == 0 || cursor == kReserved) continue;
    const CircuitId id = circuit_id(mac[5], cursor, bank_bits_);
    if (records.circuit(id) == nullptr) return id;
  }
  return std::nullopt;
}

unsigned Indexes::emptiest_bank() const {
  return static_cast<unsigned>(std::ranges::min_element(bank_sessions_) - bank_sessions_.begin());
}

IpAddress Indexes::take_ipv4() {
  for (auto& pool : ipv4_)
    if (const auto address = pool.take()) return *address;
  return {};
}

IpPrefix Indexes::take_ipv6() {
  for (auto& pool : ipv6_)
    if (const auto prefix = pool.take()) return *prefix;
  return {};
}

void Indexes::reserve(const SubscriberRecord& subscriber) {
  for (auto& pool : ipv4_)
    if (pool.contains(subscriber.ipv4)) pool.reserve(subscriber.ipv4);
  for (auto& pool : ipv6_)
    if (pool.contains(subscriber.ipv6)) pool.reserve(subscriber.ipv6);
}

void Indexes::release(const SubscriberRecord& subscriber) {
  for (auto& pool : ipv4_)
    if (subscriber.fixed_ipv4 == 0 && pool.contains(subscriber.ipv4)) pool.release(subscriber.ipv4);
  for (auto& pool : ipv6_)
    if (pool.contains(subscriber.ipv6)) pool.release(subscriber.ipv6);
}

}  // namespace holdfast::engine
