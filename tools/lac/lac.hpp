// Many LACs in one: tunnels to one LNS, calls in them, and the subscriber's PPP at the end of each call (RFC 2661 5.1,
// 5.2, 7.2.1, 7.4.1). Owns no socket and no clock.
#pragma once

#include "dial/deadlines.hpp"
#include "dial/pinger.hpp"
#include "l2tp/message.hpp"
#include "lac/counters.hpp"
#include "lac/data_message.hpp"
#include "lac/records.hpp"
#include "lac/settings.hpp"
#include "lac/wire.hpp"
#include "wire/env.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace holdfast::lac {

// What is of interest to those who send traffic through sessions. session: its number.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void came_up(std::uint32_t session, TimePoint now) = 0;
  virtual void echo_reply(std::uint32_t session, std::uint8_t id, TimePoint now) = 0;
  // An IP packet; protocol: kIpv4 or kIpv6 of PPP.
  virtual void packet(std::uint32_t session, std::uint16_t protocol, Octets packet, TimePoint now) = 0;
};

class Lac : public dial::Senders {
 public:
  // All references must outlive it.
  Lac(const Settings& settings, Wire& wire, Entropy& entropy, Listener& listener);

  // Begins settings.tunnels tunnels with settings.sessions calls in each.
  void start(TimePoint now);
  // A UDP payload from this port of the LNS.
  void receive(Octets datagram, std::uint16_t port, TimePoint now);
  // Does what is due; call it after each batch of receive() and when next_due() has come.
  void run(TimePoint now);
  TimePoint next_due() const;

  // Begins more calls, spread over the tunnels that are up; how many will be begun.
  std::uint32_t call(std::uint32_t count);
  // Ends calls that are up; how many. politely: LCP Terminate first; else the line just drops (CDN).
  std::uint32_t hang_up(std::uint32_t count, bool politely, TimePoint now);
  // StopCCN in every tunnel.
  void stop(TimePoint now);

  // HELLO in the next tunnel that is up and has nothing unacknowledged: the number of the tunnel, or -1; ns: of the
  // HELLO.
  std::int64_t send_hello(TimePoint now, std::uint16_t& ns);
  void send_again(std::uint32_t tunnel, std::uint16_t ns) { tunnels_[tunnel].delivery.send(ns, wire_); }
  bool is_acknowledged(std::uint32_t tunnel, std::uint16_t ns) const;

  // Of the recovery by RFC 4951 that an LNS does after its restart.
  bool all_recovered() const;
  void forget_recoveries();
  TimePoint first_recovery() const { return first_recovery_; }  // when its first SCCRQ came
  TimePoint last_recovery() const { return last_recovery_; }    // when the last thing of it came

  // A PPP packet out of a session that is up.
  void send(std::uint32_t session, std::uint16_t protocol, Octets information) override;
  // For traffic: sessions by number.
  std::uint32_t count() const override { return static_cast<std::uint32_t>(sessions_.size()); }
  IpAddress address(std::uint32_t session, bool v4) const override;
  void send_echo_request(std::uint32_t session, std::uint8_t id);

  const Counters& counters() const { return counters_; }
  // Why calls and tunnels ended that should not have, and how often.
  const std::map<std::string, std::uint32_t>& endings() const { return endings_; }
  // Calls that are not decided yet: wanted, being set up or being hung up.
  std::uint64_t pending() const { return calls_wanted_ + counters_.calls_open + counters_.calls_closing; }
  bool is_stopped() const;  // no tunnel waits for an answer to its StopCCN
  TimePoint last_came_up() const { return last_came_up_; }
  std::vector<Session>& sessions() { return sessions_; }  // by number; state none: unused
  const std::vector<Session>& sessions() const { return sessions_; }
  const std::vector<Tunnel>& tunnels() const { return tunnels_; }
  std::uint32_t tunnels_asked_for() const { return settings_.tunnels; }

 private:
  enum class Cause : std::uint8_t { by_us, by_peer };
  class SessionLink;

  // lac.cpp
  void receive_control(Octets datagram, std::uint16_t port, TimePoint now);
  void expire(std::uint32_t tunnel, TimePoint now);
  void touch(std::uint32_t tunnel);
  void flush(std::uint32_t tunnel, TimePoint now);
  void note(const char* what, const std::string& why) { ++endings_[std::string(what).append(why)]; }
  bool rate_allows(TimePoint now);
  std::uint32_t number(const Tunnel& tunnel) const { return static_cast<std::uint32_t>(&tunnel - tunnels_.data()); }

  // tunnels.cpp
  void start_tunnels(TimePoint now);
  void process(Tunnel& tunnel, const l2tp::ControlMessage& message, TimePoint now);
  void connect(Tunnel& tunnel, const l2tp::ControlMessage& sccrp);
  void refuse(Tunnel& tunnel, std::uint16_t result, const std::string& why);
  void end(Tunnel& tunnel, TunnelState next, const std::string& why);
  void want(Tunnel& tunnel, const Wanted& wanted);

  // calls.cpp
  void start_calls(TimePoint now);
  void begin_call(Tunnel& tunnel, TimePoint now);
  void process_call(Tunnel& tunnel, const l2tp::ControlMessage& message, TimePoint now);
  void hang_up(std::uint32_t session, std::uint16_t result, Cause cause, const std::string& why);
  void end_call(std::uint32_t session, Cause cause, const std::string& why);
  std::uint32_t find(const Tunnel& tunnel, SessionId id) const;

  // failover.cpp
  Tunnel* recovery_of(std::uint32_t tunnel);
  void receive_recovery(Octets datagram, const l2tp::ControlMessage& sccrq, std::uint16_t port, TimePoint now);
  void begin_recovery(Tunnel& recovery, Tunnel& old, const l2tp::ControlMessage& sccrq, TimePoint now);
  void process_recovery(Tunnel& recovery, const l2tp::ControlMessage& message, TimePoint now);
  void query_sessions(Tunnel& tunnel);
  void build_states(Tunnel& tunnel, l2tp::MessageType type, std::span<const l2tp::FailoverSessionState> states);
  void answer_query(Tunnel& tunnel, const l2tp::ControlMessage& fsq, TimePoint now);
  void take_answer(Tunnel& tunnel, const l2tp::ControlMessage& fsr, TimePoint now);

  // link.cpp
  void receive_data(Octets datagram, TimePoint now);
  void take(std::uint32_t session, ppp::Event event, TimePoint now);
  void expire_session(std::uint32_t session, TimePoint now);
  void terminate(std::uint32_t session, TimePoint now);
  template <class Function>
  auto with_context(std::uint32_t session, Function function);

  const Settings& settings_;
  Wire& wire_;
  Entropy& entropy_;
  Listener& listener_;
  l2tp::ChannelPolicy policy_;
  Counters counters_;
  std::map<std::string, std::uint32_t> endings_;

  std::vector<Tunnel> tunnels_;
  std::uint32_t tunnels_begun_ = 0;
  std::uint32_t tunnels_waiting_ = 0;
  std::uint32_t next_hello_ = 0;
  std::vector<Session> sessions_;
  std::deque<std::uint32_t> free_sessions_;
  std::deque<std::uint32_t> callers_;  // tunnels that are up and have calls to begin
  std::uint64_t calls_wanted_ = 0;
  std::uint32_t next_call_in_ = 0;  // tunnel of the next call() and hang_up()
  std::uint32_t next_hang_up_ = 0;
  TimePoint next_call_at_{};
  TimePoint last_came_up_{};
  TimePoint first_recovery_ = kNever;
  TimePoint last_recovery_ = kNever;

  std::vector<std::uint32_t> touched_;  // tunnels with something to send
  dial::Deadlines tunnel_deadlines_;
  dial::Deadlines session_deadlines_;
};

}  // namespace holdfast::lac
