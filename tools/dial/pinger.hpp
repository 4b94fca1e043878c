// Packets through all sessions in turn, at a rate, to an address behind the other end; counts what comes back, and how
// long nothing came back.
#pragma once

#include "dial/ip_packet.hpp"
#include "dial/settings.hpp"
#include "wire/octets.hpp"
#include "wire/time.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

namespace holdfast::dial {

// Where the packets come from: sessions by number.
class Senders {
 public:
  virtual ~Senders() = default;
  virtual std::uint32_t count() const = 0;
  // Of a session that is up, in this family; none: it has none, or is not up.
  virtual IpAddress address(std::uint32_t session, bool v4) const = 0;
  // protocol: of PPP.
  virtual void send(std::uint32_t session, std::uint16_t protocol, Octets packet) = 0;
};

struct PingFigures {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t duplicates = 0;  // answers received before
  Duration longest_gap{};        // between two answers, or from the last answer to the last packet sent
  Duration shortest_trip{}, longest_trip{}, all_trips{};
};

class Pinger {
 public:
  Pinger(const PingSettings& plan, Senders& senders) : senders_(senders), plan_(plan) {}

  // Begins, with all figures at zero. False when there is no target.
  bool start(TimePoint now);
  bool start(const IpAddress& target, double rate, TimePoint now);
  void stop() { running_ = false; }
  bool is_running() const { return running_; }
  // Sends what is due.
  void run(TimePoint now);
  TimePoint next_due() const { return running_ ? next_at_ : kNever; }
  // A packet from behind the other end; true when it was an answer to one of ours.
  bool receive(const IpPacket& packet, TimePoint now);

  // With the gap that is still open.
  PingFigures figures() const;
  bool all_answered() const { return figures_.sent == figures_.received; }
  TimePoint last_sent() const { return last_sent_; }

 private:
  bool send(TimePoint now);

  Senders& senders_;
  PingSettings plan_;
  bool running_ = false;
  TimePoint next_at_{};
  Duration interval_{};
  std::uint32_t next_session_ = 0;
  std::uint32_t run_ = 0;  // tells the answers to earlier runs apart
  TimePoint last_sent_{};
  TimePoint last_received_{};
  std::vector<bool> received_;  // by number of the packet
  PingFigures figures_;
};

nlohmann::json figures_of(const PingFigures& figures);

}  // namespace holdfast::dial
