// An engine and what is around it, for the fuzz target: records of which each is an allocation of its own, so that a
// read beyond one is found; timers; and two peers that share the codec with the engine and answer when they are told.
#pragma once

#include "checkpoint/record_tables.hpp"
#include "engine/engine.hpp"
#include "engine/restart.hpp"
#include "l2tp/authentication.hpp"
#include "l2tp/builder.hpp"
#include "wire/counting_entropy.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace holdfast::engine::fuzz {

inline void require(bool condition) {
  if (!condition) std::abort();
}

// As the checkpoint, without its guarantees.
class Memory final : public Records {
 public:
  Octets record(Table table, std::uint32_t index) const override {
    const auto found = tables_[static_cast<std::size_t>(table)].find(index);
    return found != tables_[static_cast<std::size_t>(table)].end() ? Octets(*found->second) : Octets{};
  }
  void for_each(Table table, void* context, void (*call)(void* context, std::uint32_t index)) const override {
    for (const auto& [index, bytes] : tables_[static_cast<std::size_t>(table)]) call(context, index);
  }
  std::size_t used(Table table) const { return tables_[static_cast<std::size_t>(table)].size(); }
  template <class F>
  void each(Table table, F f) const {
    for (const auto& [index, bytes] : tables_[static_cast<std::size_t>(table)]) f(index);
  }
  void commit(const Step& step) {
    for (const RecordChange& change : step.changes) {
      auto& table = tables_[static_cast<std::size_t>(change.table)];
      if (change.bytes.empty()) {
        table.erase(change.index);
        continue;
      }
      // A message is stored without the octets that it does not have.
      const bool message = change.table == Table::message;
      auto bytes = std::make_unique<std::vector<std::uint8_t>>(message ? sizeof(MessageRecord) : change.bytes.size());
      std::copy(change.bytes.begin(), change.bytes.end(), bytes->begin());
      table[change.index] = std::move(bytes);
    }
  }

 private:
  std::array<std::map<std::uint32_t, std::unique_ptr<std::vector<std::uint8_t>>>,
             std::tuple_size_v<decltype(record_tables({}))>>
      tables_;
};

inline constexpr std::string_view kSecret = "secret";
inline const IpAddress kOurAddress = IpAddress::v4(192, 0, 2, 1);

inline config::Config configuration(std::uint8_t bits) {
  config::Config c;
  c.hostname = "node";
  c.interfaces.push_back({"ge0", IpPrefix{kOurAddress, 24}, {}, {}, {}});
  c.ipv4_pools.push_back({"pool", IpAddress::v4(10, 0, 0, 2), IpAddress::v4(10, 0, 0, 9)});
  c.ipv6_pools.push_back({"pool6", IpPrefix{{{0x20, 0x01, 0x0d, 0xb8}}, 60}, 64});
  c.aaa.users.push_back({"alice", "wonderland", {}});
  config::HostProfile host;
  host.remote_host = "peer";
  if ((bits & 1) != 0) host.tunnel_password = kSecret;
  host.hidden_avps = (bits & 2) != 0;
  host.dial_out = true;
  if ((bits & 4) != 0) host.max_sessions = 2;
  if ((bits & 8) != 0) host.ppp_authentication = config::PppAuthenticationOrder{};
  c.l2tp.destinations.push_back({"any", IpAddress::v4(0), {host}});
  c.l2tp.peer_address_change = static_cast<config::PeerAddressChange>((bits >> 4) % 3);
  c.ppp.keepalive = std::chrono::seconds((bits & 0x40) != 0 ? 10 : 0);
  if ((bits & 0x80) != 0) c.l2tp.resync = config::ResyncMethod::disable;
  return c;
}

// A peer's end of a tunnel, and what it heard last.
struct PeerTunnel {
  std::uint16_t ours{};  // the id that the peer assigned; that of the engine is 0 until it is told
  TunnelId engines;
  std::uint16_t ns{}, nr{};
  SessionId session;  // of the engine, in the last call
  std::uint16_t our_session{};
  l2tp::MessageType heard = l2tp::MessageType::zlb;
  std::vector<std::uint8_t> challenge;
};

using PeersId = std::pair<std::uint16_t, std::uint16_t>;  // a tunnel of ours, and the peer's id of a call in it

class World {
 public:
  static constexpr std::size_t kTunnels = 8;  // of the peers
  static constexpr std::uint32_t kCapacity = 24;

  explicit World(std::uint8_t bits)
      : config(configuration(bits)), secret((bits & 1) != 0 ? kSecret : std::string_view{}), bits_(bits) {
    for (std::size_t i = 0; i < kTunnels; ++i) tunnels[i].ours = static_cast<std::uint16_t>(i + 1);
    start();
  }

  // A new process with the old records.
  void start() {
    engine = std::make_unique<Engine>(config, memory, Capacity{kCapacity, 0, 8});
    engine->rebuild();
    due.clear();
    engine->deadlines(this, [](void* self, const Timer& timer) { static_cast<World*>(self)->arm(timer); });
  }
  void restart() {
    start();
    engine->rows(nullptr, [](void*, const abi::TableOp&) {});
    Restart restart(*engine, memory);
    restart.begin();
    restart.tell(SIZE_MAX, [this](const Restored& event) { handle(event); });
  }

  void handle(const Event& event) {
    const std::uint64_t before = counted();
    const Step& step = engine->step(event, Env{now, entropy});
    if (std::holds_alternative<ControlDatagram>(event) || std::holds_alternative<PppFrame>(event))
      require(counted() > before || !step.empty() || !step.changes.empty());
    if (std::holds_alternative<ControlDatagram>(event)) require(counted() > before);
    memory.commit(step);
    for (const Timer& timer : step.timers) arm(timer);
    for (const Send& send : step.sends) hear(send);
    for (const Notice& n : step.notices)
      if (n.kind == NoticeKind::circuit_wanted) wanted = {n.tunnel, n.session};
  }
  void datagram(std::size_t tunnel, Octets payload, std::uint16_t port = 1701) {
    // A copy of just that length: a read beyond it is found.
    const std::vector<std::uint8_t> copy(payload.begin(), payload.end());
    handle(ControlDatagram{address(tunnel), kOurAddress, port, 1701, copy});
  }
  static IpAddress address(std::size_t tunnel) { return IpAddress::v4(192, 0, 2, tunnel % 2 == 0 ? 2 : 3); }

  TunnelSpec spec(std::size_t peer) const {
    TunnelSpec s;
    s.local = kOurAddress;
    s.peer = address(peer);
    (void)s.secret.assign(secret);
    s.hide = (bits_ & 2) != 0 ? 1 : 0;
    s.tie_breaker = 1;
    s.max_sessions = (bits_ & 4) != 0 ? 2 : 0;
    return s;
  }

  // Expires the deadline that is next. One that was armed anew for the past must make progress.
  void expire_next() {
    auto first = due.end();
    for (auto i = due.begin(); i != due.end(); ++i)
      if (first == due.end() || i->second < first->second) first = i;
    if (first == due.end()) return;
    now = std::max(now, first->second);
    const TimerKey key{static_cast<TimerKey::Kind>(first->first.first), first->first.second};
    for (unsigned again = 0; due.count({static_cast<std::uint8_t>(key.kind), key.index}) != 0 &&
                             due.at({static_cast<std::uint8_t>(key.kind), key.index}) <= now;
         ++again) {
      require(again < 16);
      due.erase({static_cast<std::uint8_t>(key.kind), key.index});
      handle(TimerExpired{key});
    }
  }

  config::Config config;
  std::string_view secret;
  Memory memory;
  std::unique_ptr<Engine> engine;
  SteppingEntropy entropy;
  TimePoint now{std::chrono::hours(1)};
  std::map<std::pair<std::uint8_t, std::uint32_t>, TimePoint> due;
  std::array<PeerTunnel, kTunnels> tunnels;
  std::deque<std::vector<std::uint8_t>> frames;  // of PPP, from the engine, the latest first
  static constexpr std::size_t kFrames = 8;
  std::pair<TunnelId, SessionId> frames_of{}, wanted{};
  std::set<PeersId> used_twice;  // ids that the peer had given to two calls at a time

 private:
  std::uint64_t counted() const {
    std::uint64_t sum = 0;
    for (const auto n : engine->counters().counts) sum += n;
    for (const auto n : engine->counters().malformed) sum += n;
    return sum;
  }
  void arm(const Timer& timer) {
    const auto key = std::pair(static_cast<std::uint8_t>(timer.key.kind), timer.key.index);
    due.erase(key);
    if (timer.due != kNever) due[key] = timer.due;
  }
  void hear(const Send& send) {
    if (send.header.kind != static_cast<std::uint16_t>(abi::InjectKind::l2tp_control)) {
      frames.emplace_front(send.payload.begin(), send.payload.end());
      if (frames.size() > kFrames) frames.pop_back();
      frames_of = {send.header.tunnel, send.header.session};
      return;
    }
    const auto message = l2tp::parse(send.payload, octets_of(secret));
    require(message.has_value() && message->known);
    // What the engine does not know yet it can't say: it gives up before the peer has named its end.
    const bool ends = message->type == l2tp::MessageType::stopccn || message->type == l2tp::MessageType::cdn;
    require(!message->fault.has_value() || ends);
    PeerTunnel* t = tunnel_of(*message, send.header.destination);
    if (t != nullptr) learn(*t, *message);
  }
  PeerTunnel* tunnel_of(const l2tp::ControlMessage& message, const IpAddress& to) {
    const auto id = message.header.tunnel.value();
    if (id != 0) return id <= kTunnels ? &tunnels[id - 1u] : nullptr;
    for (std::size_t i = 0; i < kTunnels; ++i)
      if (!tunnels[i].engines && address(i) == to) return &tunnels[i];
    return nullptr;
  }
  static void learn(PeerTunnel& t, const l2tp::ControlMessage& message) {
    using l2tp::AvpType;
    if (message.type == l2tp::MessageType::zlb || message.header.ns != t.nr) return;
    ++t.nr;
    t.heard = message.type;
    if (const auto id = message.u16(AvpType::assigned_tunnel_id)) t.engines = TunnelId(*id);
    if (const auto id = message.u16(AvpType::assigned_session_id)) t.session = SessionId(*id);
    if (const auto challenge = message.octets(AvpType::challenge))
      t.challenge.assign(challenge->begin(), challenge->end());
  }

  std::uint8_t bits_;
};

}  // namespace holdfast::engine::fuzz
