// An LNS without a process: the engine and the executor over a store in memory, with a wire, timers and a clock that
// the test holds. restart() is kill -9 and a new process: all but the store is made anew.
#pragma once

#include "checkpoint/old_copy.hpp"
#include "checkpoint/record_tables.hpp"
#include "engine/engine.hpp"
#include "engine/executor.hpp"
#include "engine/restart.hpp"
#include "wire/counting_entropy.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace holdfast::engine::test {

struct Sent {
  abi::PacketHeader header;
  std::vector<std::uint8_t> payload;
};

inline const IpAddress kLnsAddress = IpAddress::v4(192, 0, 2, 1);
inline const IpAddress kLacAddress = IpAddress::v4(192, 0, 2, 2);

inline config::Config configuration() {
  config::Config c;
  c.hostname = "lns";
  c.interfaces.push_back({"ge0", IpPrefix{kLnsAddress, 24}, {}, {}, {}});
  c.ipv4_pools.push_back({"pool", IpAddress::v4(10, 0, 0, 2), IpAddress::v4(10, 0, 3, 254)});
  c.ipv6_pools.push_back({"pool6", IpPrefix{{{0x20, 0x01, 0x0d, 0xb8}}, 48}, 64});
  c.aaa.users.push_back({"alice", "wonderland", {}});
  config::HostProfile host;
  host.remote_host = "lac1";
  host.tunnel_password = "secret";
  c.l2tp.destinations.push_back({"any", IpAddress::v4(0), {host}});
  return c;
}

// Of which the test may say that no more fit.
struct LnsRecords final : StoredRecords {
  using StoredRecords::StoredRecords;
  bool reserve(Table table, std::uint32_t index) const override {
    return memory && StoredRecords::reserve(table, index);
  }
  bool memory = true;
};

class Lns final : public Forwarder, public Wire, public Timers, public Reporter {
 public:
  explicit Lns(config::Config configured = configuration())
      : config(std::move(configured)), store(checkpoint::Store::in_memory(layout())) {
    start();
  }

  void start(std::vector<SessionIndex> lost_sessions = {}) {
    records = std::make_unique<LnsRecords>(store);
    engine = std::make_unique<Engine>(config, *records, Capacity{64, 0, 64});
    executor = std::make_unique<Executor>(store, *this, *this, *this, *this);
    engine->rebuild(0, std::move(lost_sessions));
  }
  // Everything in the process is lost, and so is what it had not sent yet.
  void restart(std::vector<SessionIndex> lost_sessions = {}) {
    due.clear();
    sent.clear();
    start(std::move(lost_sessions));
    engine->deadlines(static_cast<Timers*>(this),
                      [](void* t, const Timer& timer) { static_cast<Timers*>(t)->arm(timer); });
    Restart restart(*engine, *records);
    restart.begin();
    restart.tell(SIZE_MAX, [this](const Restored& event) { handle(event); });
  }

  // The records as they are now, as a copy on disk has them.
  checkpoint::Store copy() const {
    checkpoint::Store out = checkpoint::Store::in_memory(layout());
    (void)out.adopt(store);
    return out;
  }
  // The system was started again, and goes on from a copy. Its clock began anew meanwhile.
  void boot_from(const checkpoint::Store& old) {
    constexpr Duration kShift = -std::chrono::minutes(50);
    now += kShift;
    checkpoint::Store next = checkpoint::Store::in_memory(layout());
    const auto left_out =
        next.adopt(old, [&](std::string_view table, std::uint32_t&, std::vector<std::uint8_t>& value) {
          return take_from_old_copy(table, value, kShift);
        });
    if (!left_out || !left_out->empty()) std::abort();
    store = std::move(next);
    restart();
  }

  // A record is damaged while no process runs.
  void damage(Table table, std::uint32_t index) {
    store.drop(static_cast<std::uint16_t>(table), index);
    restart(table == Table::session ? std::vector{SessionIndex{index}} : std::vector<SessionIndex>{});
  }

  void handle(const Event& event) {
    if (instead) return instead(event);
    executor->apply(engine->step(event, Env{now, entropy}));
  }
  void datagram(Octets payload, const IpAddress& from = kLacAddress, std::uint16_t port = 1701) {
    handle(ControlDatagram{from, kLnsAddress, port, 1701, payload});
  }
  // Lets time pass, deadline by deadline.
  void pass(Duration d) {
    const TimePoint until = now + d;
    for (;;) {
      auto first = due.end();
      for (auto i = due.begin(); i != due.end(); ++i)
        if (i->second <= until && (first == due.end() || i->second < first->second)) first = i;
      if (first == due.end()) break;
      now = std::max(now, first->second);
      const TimerKey key{static_cast<TimerKey::Kind>(first->first.first), first->first.second};
      due.erase(first);
      handle(TimerExpired{key});
    }
    now = until;
  }

  // The next deadline; kNever: none.
  TimePoint next() const {
    TimePoint first = kNever;
    for (const auto& [key, at] : due) first = std::min(first, at);
    return first;
  }
  unsigned used(Table table) const {
    unsigned n = 0;
    records->for_each(table, &n, [](void* count, std::uint32_t) { ++*static_cast<unsigned*>(count); });
    return n;
  }
  std::vector<l2tp::Session> sessions() const {
    struct Each {
      const Records& records;
      std::vector<l2tp::Session> all;
    } each{*records, {}};
    records->for_each(Table::session, &each, [](void* p, std::uint32_t i) {
      auto& e = *static_cast<Each*>(p);
      e.all.push_back(e.records.session(SessionIndex{i})->l2tp);
    });
    return each.all;
  }
  std::vector<TunnelRecord> tunnels() const {
    struct Each {
      const Records& records;
      std::vector<TunnelRecord> all;
    } each{*records, {}};
    records->for_each(Table::tunnel, &each, [](void* p, std::uint32_t i) {
      auto& e = *static_cast<Each*>(p);
      e.all.push_back(*e.records.tunnel(TunnelId(static_cast<std::uint16_t>(i))));
    });
    return each.all;
  }
  const Notice* last(NoticeKind kind) const {
    for (auto i = notices.rbegin(); i != notices.rend(); ++i)
      if (i->kind == kind) return &*i;
    return nullptr;
  }

  void apply(std::span<const abi::TableOp> ops, const checkpoint::Committed&) override {
    for (const auto& op : ops) table_ops.push_back(op);
  }
  void send(const Send& s, const checkpoint::Committed&) override {
    if (leaves && !leaves(s)) return;
    sent.push_back({s.header, {s.payload.begin(), s.payload.end()}});
  }
  void arm(const Timer& timer) override {
    const auto key = std::pair(static_cast<std::uint8_t>(timer.key.kind), timer.key.index);
    due.erase(key);
    if (timer.due != kNever) due[key] = timer.due;
  }
  void report(const Notice& notice) override { notices.push_back(notice); }

  static checkpoint::Layout layout() {
    static constexpr auto kTables = record_tables({64, 65536, 64});
    return {.tables = kTables, .hash = kRecordsLayout, .major = 1, .minor = 0};
  }

  config::Config config;
  checkpoint::Store store;
  std::unique_ptr<LnsRecords> records;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Executor> executor;
  SteppingEntropy entropy;
  TimePoint now{std::chrono::hours(1)};
  std::map<std::pair<std::uint8_t, std::uint32_t>, TimePoint> due;
  std::deque<Sent> sent;
  std::function<void(const Event&)> instead;  // of handling it: for processes that die
  std::function<bool(const Send&)> leaves;    // whether a packet does
  std::vector<abi::TableOp> table_ops;
  std::vector<Notice> notices;
};

}  // namespace holdfast::engine::test
