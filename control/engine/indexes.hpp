// What is derived from the records and kept for speed: who has which tunnel, which ids and addresses are free. Rebuilt
// from the records after a restart. The engine changes it together with the step that causes the change, because a step
// is always committed: the alternative is the end of the process.
#pragma once

#include "checkpoint/records.hpp"
#include "config/model.hpp"
#include "subscriber/address_pool.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>
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
  Indexes(const config::Config& config, std::uint32_t tunnels, unsigned bank_bits);

  void add(const TunnelRecord& tunnel);
  void remove(const TunnelRecord& tunnel);
  std::optional<TunnelId> find(const PeerEnd& end) const;
  std::size_t tunnels() const { return peers_.size(); }

  void add_session(SessionIndex session) {
    ++bank_sessions_[session.raw >> 16];
    ++sessions_;
  }
  void remove_session(SessionIndex session) {
    --bank_sessions_[session.raw >> 16];
    --sessions_;
  }
  std::size_t sessions() const { return sessions_; }

  // A tunnel id not in use, the one that was longest not in use before others; nothing when all are.
  std::optional<TunnelId> free_tunnel(const Records& records);
  // A session id not in use in the tunnel's bank, likewise.
  std::optional<SessionId> free_session(const Records& records, TunnelId tunnel);

  // Leases. take: none when the pools are used up (or there are none).
  IpAddress take_ipv4();
  IpPrefix take_ipv6();
  void reserve(const SubscriberRecord& subscriber);
  void release(const SubscriberRecord& subscriber);

 private:
  std::unordered_map<PeerEnd, TunnelId, PeerEndHash> peers_;
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
