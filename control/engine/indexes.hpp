// What is derived from the records and kept for speed: who has which tunnel, which ids and addresses are free. Rebuilt
// from the records after a restart. The engine changes it together with the step that causes the change, because a step
// is always committed: the alternative is the end of the process.
#pragma once

#include "checkpoint/records.hpp"
#include "config/model.hpp"
#include "engine/capacity.hpp"
#include "subscriber/address_pool.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace holdfast::engine {

// A peer's end of a tunnel: by this a repeated SCCRQ is known.
struct PeerEnd {
  IpAddress address;
  std::uint16_t port;
  PeerTunnelId tunnel;
  friend bool operator==(const PeerEnd&, const PeerEnd&) = default;
};
struct PeerEndHash {
  std::size_t operator()(const PeerEnd& end) const noexcept {
    return std::hash<IpAddress>{}(end.address) ^ (std::size_t{end.port} << 16 | end.tunnel.raw) * 0x9e3779b97f4a7c15;
  }
};

class Indexes {
 public:
  Indexes(const config::Config& config, const Capacity& capacity);

  void add(const TunnelRecord& tunnel);
  void remove(const TunnelRecord& tunnel);
  std::optional<TunnelId> find(const PeerEnd& end) const;
  std::size_t tunnels() const { return tunnels_; }
  // The peer has named its end, or it turned out to be elsewhere. before: as the tunnel was added.
  void readd(const TunnelRecord& before, const TunnelRecord& now);

  // Tunnels that we opened, by what for. Those of another spec with the same hash are among them.
  void add_spec(const TunnelSpec& spec, TunnelId tunnel);
  void remove_spec(const TunnelSpec& spec, TunnelId tunnel);
  template <class F>
  void for_each_of(const TunnelSpec& spec, F f) const {
    const auto [first, last] = specs_.equal_range(hash(spec));
    for (auto i = first; i != last; ++i) f(i->second);
  }

  // Tunnels that we open and that are not up yet, by the address that they were asked of; those given up are among
  // them.
  void add_opening(const IpAddress& peer, TunnelId tunnel) { openings_.emplace(peer, tunnel); }
  void remove_opening(const IpAddress& peer, TunnelId tunnel);
  template <class F>
  void for_each_opening(const IpAddress& peer, F f) const {
    const auto [first, last] = openings_.equal_range(peer);
    for (auto i = first; i != last; ++i) f(i->second);
  }

  // Calls that wait for room in their tunnel, in the order in which they were placed.
  void wait(TunnelId tunnel, SessionId session) { waiting_[tunnel].push_back(session); }
  std::optional<SessionId> next_waiting(TunnelId tunnel) { return take_first(waiting_, tunnel); }

  // Sessions that wait for room to say that they end, in the order in which they did.
  void wait_to_end(TunnelId tunnel, SessionId session);
  std::optional<SessionId> next_to_end(TunnelId tunnel);
  // It has ended otherwise.
  void no_longer_ending(TunnelId tunnel, SessionId session) { to_end_.erase(session_key(tunnel, session)); }

  // Sessions whose peer may not know our id for them yet, by the peer's own (RFC 2661 4.4.4: a CDN with session id 0).
  void add_early(TunnelId tunnel, PeerSessionId peer, SessionId ours) { early_[early_key(tunnel, peer)] = ours; }
  void remove_early(TunnelId tunnel, PeerSessionId peer) { early_.erase(early_key(tunnel, peer)); }
  SessionId find_early(TunnelId tunnel, PeerSessionId peer) const;

  // Places for CallRecords, the last one given back first.
  std::optional<std::uint32_t> take_call();
  void release_call(std::uint32_t call) { free_calls_.push_back(call); }
  void rebuild_calls(const std::vector<bool>& used);

  void add_session(SessionIndex session) {
    ++bank_sessions_[session.raw >> 16];
    ++sessions_;
  }
  void remove_session(SessionIndex session) {
    --bank_sessions_[session.raw >> 16];
    --sessions_;
  }
  std::size_t sessions() const { return sessions_; }

  // Circuits, by their subscribers' MAC address and by port.
  void add_circuit(const CircuitRecord& circuit);
  void remove_circuit(const CircuitRecord& circuit);
  template <class F>
  void for_each_circuit_of(const std::array<std::uint8_t, 6>& mac, F f) const {
    const auto [first, last] = circuits_.equal_range(mac_key(mac));
    for (auto i = first; i != last; ++i) f(i->second);
  }
  std::size_t circuits() const { return circuits_.size(); }
  std::uint32_t circuits_of(PortId port) const;
  // An id not in use for this subscriber, the one that was longest not in use before others; nothing when all are.
  std::optional<CircuitId> free_circuit(const Records& records, const std::array<std::uint8_t, 6>& mac);
  // The bank with fewest sessions: where PPP that is in no tunnel has its row.
  unsigned emptiest_bank() const;
  // How many calls, or circuits whose user is not known yet, there may be besides those that there are.
  std::size_t free_calls() const { return free_calls_.size(); }

  // A tunnel id not in use, the one that was longest not in use before others; nothing when all are.
  std::optional<TunnelId> free_tunnel(const Records& records);
  // A session id not in use in the tunnel's bank, likewise.
  std::optional<SessionId> free_session(const Records& records, TunnelId tunnel);
  void assign_from(std::uint32_t tunnel) { tunnel_cursor_ = tunnel % tunnel_capacity_; }
  // After a restart: ids up to these were assigned not long ago, so the peer may still mean them.
  void assign_behind(TunnelId tunnel, SessionId session);

  // Leases. take: none when the pools are used up (or there are none).
  IpAddress take_ipv4();
  IpPrefix take_ipv6();
  void reserve(const SubscriberRecord& subscriber);
  void release(const SubscriberRecord& subscriber);

 private:
  static std::uint64_t hash(const TunnelSpec& spec);
  static std::uint32_t early_key(TunnelId tunnel, PeerSessionId peer) {
    return std::uint32_t{tunnel.raw} << 16 | peer.raw;
  }

  std::unordered_map<PeerEnd, TunnelId, PeerEndHash> peers_;
  std::unordered_multimap<std::uint64_t, TunnelId> specs_;
  std::unordered_multimap<IpAddress, TunnelId> openings_;
  using Queues = std::unordered_map<TunnelId, std::deque<SessionId>>;
  static std::optional<SessionId> take_first(Queues& queues, TunnelId tunnel);

  static std::uint32_t session_key(TunnelId tunnel, SessionId session) {
    return std::uint32_t{tunnel.raw} << 16 | session.raw;
  }

  Queues waiting_;
  Queues ending_;
  std::unordered_set<std::uint32_t> to_end_;  // what in ending_ is still to end
  std::unordered_map<std::uint32_t, SessionId> early_;
  static std::uint64_t mac_key(const std::array<std::uint8_t, 6>& mac) {
    std::uint64_t key = 0;
    for (const auto octet : mac) key = key << 8 | octet;
    return key;
  }

  std::unordered_multimap<std::uint64_t, CircuitId> circuits_;
  std::unordered_map<PortId, std::uint32_t> port_circuits_;
  std::vector<std::uint16_t> circuit_cursor_;  // by bank
  std::vector<std::uint32_t> free_calls_;
  std::uint32_t call_capacity_;
  std::size_t tunnels_ = 0;
  std::uint32_t tunnel_capacity_;
  unsigned bank_bits_;
  std::uint32_t tunnel_cursor_ = 0;
  std::size_t sessions_ = 0;
  std::vector<std::uint32_t> bank_sessions_;
  std::vector<std::uint16_t> bank_cursor_;
  std::vector<subscriber::Ipv4Pool> ipv4_;
  std::vector<subscriber::Ipv6Pool> ipv6_;
};

}  // namespace holdfast::engine
