// One machine: the engine and the executor over a checkpoint in memory, the rows of a dataplane, and subscribers behind
// the calls of which it is the LAC. Its process can be killed at any event; the checkpoint, the rows and the
// subscribers stay, as they do on a real machine.
#pragma once

#include "datagram.hpp"
#include "engine/engine.hpp"
#include "engine/executor.hpp"
#include "random.hpp"
#include "subscriber.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::sim {

// A kill -9 in the middle of an event.
struct Crash {
  unsigned after_events = 0;   // that go well
  bool before_commit = false;  // the event never happened; else it is committed, and
  unsigned sends = 0;          // so many packets leave
  // Or else in the middle of the commit, after so many stores to the checkpoint.
  std::optional<unsigned> stores{};
  friend bool operator==(const Crash&, const Crash&) = default;
};

struct Outgoing {
  Datagram datagram;
  bool cut;  // the process died before it was sent
};

// A circuit that the peer wants (OCRQ).
struct WantedCircuit {
  TunnelId tunnel;
  SessionId session;
};

class Host final : public engine::Forwarder, public engine::Wire, public engine::Timers, public engine::Reporter {
 public:
  static constexpr std::uint32_t kTunnels = 1024;
  static constexpr std::uint32_t kSessions = 512;
  static constexpr std::uint32_t kCalls = 64;

  Host(const IpAddress& address, config::Config config, std::uint64_t seed, bool subscribers_answer);

  UdpEnd at() const { return {address_, kPort}; }

  // The process.
  bool up() const { return engine_ != nullptr; }
  void start(TimePoint now);
  void kill();
  void plan(const Crash& crash) { crash_ = crash; }
  // Of the event that it died in: whether it is in the checkpoint; and whether the process had nothing left to do at
  // the point where it died.
  bool committed() const { return committed_; }
  bool died_idle() const { return died_idle_; }
  // What the checkpoint did wrong when a commit was torn; empty: nothing.
  const std::string& torn_wrong() const { return torn_wrong_; }
  bool dies_before_next() const { return crash_ && crash_->after_events == 0 && crash_->before_commit; }

  // What happens to it. It must be up, except for data messages to subscribers.
  void datagram(TimePoint now, const Datagram& datagram);
  void event(TimePoint now, const engine::Event& event) { handle(now, event); }
  TimePoint next_due() const;
  void expire(TimePoint now);

  // What came of it, given once.
  std::vector<Outgoing> take_outgoing() { return std::exchange(outgoing_, {}); }
  std::vector<WantedCircuit> take_wanted() { return std::exchange(wanted_, {}); }

  // What there is.
  const Records& records() const { return records_; }
  std::vector<TunnelId> tunnels(l2tp::TunnelState state) const;
  std::vector<l2tp::Session> sessions() const;
  // Rows of sessions in the dataplane that should not be there, or are missing; the process must be up.
  std::size_t wrong_rows() const;

  void apply(std::span<const abi::TableOp> ops, const checkpoint::Committed&) override;
  void send(const engine::Send& send, const checkpoint::Committed&) override;
  void arm(const engine::Timer& timer) override;
  void report(const engine::Notice& notice) override;

 private:
  static constexpr std::uint16_t kPort = 1701;
  using SessionKey = std::pair<std::uint16_t, std::uint16_t>;
  using TimerIndex = std::pair<std::uint8_t, std::uint32_t>;

  void handle(TimePoint now, const engine::Event& event);
  void die_in_commit(const engine::Step& step);
  void put_out(const engine::Send& send, bool cut);
  void put_row(const abi::TableOp& op);
  void send_data(TunnelId tunnel, PeerSessionId session, Octets frame);
  void data(TimePoint now, const Datagram& datagram);

  IpAddress address_;
  config::Config config_;
  Random entropy_;
  bool subscribers_answer_;
  checkpoint::Store store_;
  engine::StoredRecords records_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Executor> executor_;
  std::optional<Crash> crash_;
  std::map<TimerIndex, TimePoint> due_;
  std::map<std::uint16_t, abi::TunnelRow> tunnel_rows_;
  std::map<SessionKey, abi::SessionRow> session_rows_;
  std::map<SessionKey, Subscriber> subscribers_;
  std::vector<Outgoing> outgoing_;
  std::vector<WantedCircuit> wanted_;
  std::optional<unsigned> sends_left_;  // of a process that dies in this event
  bool committed_ = true;
  bool died_idle_ = false;
  std::string torn_wrong_;
};

}  // namespace holdfast::sim
