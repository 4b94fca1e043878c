// The engine: an event and the records in, a step out. It knows no clock, no socket, no log and no forwarder; all that
// it remembers besides the records (indexes, counters, how often it was asked, PADOs that wait) is derived from them,
// statistics, or may be lost as a packet may.
//
//   bytes -> parse -> message -> Engine::step -> Step -> Executor: commit -> program -> send -> arm -> report
#pragma once

#include "aaa/local_users.hpp"
#include "access/cookie.hpp"
#include "access/frame.hpp"
#include "access/reply.hpp"
#include "access/tags.hpp"
#include "config/model.hpp"
#include "engine/capacity.hpp"
#include "engine/counters.hpp"
#include "engine/event.hpp"
#include "engine/failover.hpp"
#include "engine/indexes.hpp"
#include "engine/line_modules.hpp"
#include "engine/offers.hpp"
#include "engine/request_limit.hpp"
#include "engine/rows.hpp"
#include "engine/step.hpp"
#include "engine/transaction.hpp"
#include "engine/tunnel_selection.hpp"
#include "l2tp/tie_breaker.hpp"
#include "ppp/output.hpp"
#include "ppp/policy.hpp"
#include "ppp/proxy.hpp"

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace holdfast::engine {

class Engine {
 public:
  // config and records must outlive the engine.
  Engine(const config::Config& config, const Records& records, Capacity capacity);

  // Fills the indexes from the records, once, before the first step. first_tunnel: any number, another in each process,
  // from which on tunnel ids are assigned: a peer may not know yet that a tunnel of the last process is gone.
  // lost_sessions: those whose damaged records were dropped before.
  void rebuild(std::uint32_t first_tunnel = 0, std::vector<SessionIndex> lost_sessions = {});

  // What the event leads to. The answer lies in the engine until the next call. The caller must commit it, or end.
  const Step& step(const Event& event, const Env& env);

  // Every row that the forwarding tables shall have, of tunnels, sessions and subscriber routes.
  void rows(void* context, void (*put)(void* context, const abi::TableOp& op)) const;
  // Those of one tunnel, or of one session with its subscriber; none when it has none or is gone.
  void rows_of(const TimerKey& key, void* context, void (*put)(void* context, const abi::TableOp& op)) const;
  // Every deadline there is.
  void deadlines(void* context, void (*arm)(void* context, const Timer& timer)) const;

  const Counters& counters() const { return counters_; }
  Counters& counters() { return counters_; }
  const Indexes& indexes() const { return indexes_; }
  const Capacity& capacity() const { return capacity_; }
  const config::Config& config() const { return config_; }
  const TunnelSelection& selection() const { return selection_; }
  // The last failover of each tunnel since this process began, ours or the peer's.
  const std::map<TunnelId, Failover>& failovers() const { return failovers_; }
  LineModules& line_modules() { return line_modules_; }

 private:
  // RFC 2516 7: the largest PPP packet that fits where nothing else was agreed, octets.
  static constexpr std::uint16_t kPlainPayload = 1492;
  // Messages that a state machine may want to send because of one that came in.
  static constexpr unsigned kRoomToAnswer = 2;
  // What we say unasked leaves so much room in a tunnel's queue for answers; new calls, the least urgent, more.
  static constexpr unsigned kRoomForAnswers = 4, kRoomForAll = 6;
  // RFC 4951: Failover Session State AVPs in one FSQ or FSR of ours (l2tp::kMaxMessage).
  static constexpr unsigned kStatesInAMessage = 30;
  // How long a tunnel stands still for a recovery that the peer has begun and does not end.
  static constexpr Duration kHalfOpen = std::chrono::seconds(5);

  // What the handling of one event passes around.
  struct Context {
    Transaction& tx;
    const Env& env;
  };
  // A PADI or PADR.
  struct Request {
    PortId port;
    const config::Interface& interface;  // serves PPPoE
    const access::Discovery& frame;
    const access::Tags& tags;
  };

  // control_messages.cpp, peer_address.cpp
  void on(Context& c, const ControlDatagram& event);
  void begin_tunnel(Context& c, const ControlDatagram& event);
  void accept_sccrq(Context& c, const ControlDatagram& event, const l2tp::ControlMessage& sccrq,
                    const config::HostProfile* profile);
  void refuse_for_room(Context& c, const ControlDatagram& event, const l2tp::ControlMessage& sccrq);
  bool admit_tunnel(const Context& c, const ControlDatagram& event);
  void receive(Context& c, TunnelRecord& tunnel, const ControlDatagram& event);
  static bool from_elsewhere(const TunnelRecord& tunnel, const ControlDatagram& event);
  bool may_come_from_elsewhere(const TunnelRecord& tunnel) const;
  bool take_from_elsewhere(const Context& c, const TunnelRecord& tunnel, const l2tp::ControlMessage& message);
  void follow(TunnelRecord& tunnel, const ControlDatagram& event);
  static unsigned room_to_answer(const TunnelRecord& tunnel, const l2tp::ControlMessage& message);
  bool in_order(TunnelRecord& tunnel, const l2tp::ControlMessage& message, const Env& env);
  void dispatch(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& message);

  // tunnels.cpp
  const config::HostProfile* profile(const TunnelRecord& tunnel) const;
  l2tp::ChannelPolicy channel_policy(const TunnelRecord& tunnel) const;
  l2tp::TunnelPolicy policy(const config::HostProfile* profile, const TunnelRecord& tunnel) const;
  l2tp::TunnelPolicy policy(const Context& c, const TunnelRecord& tunnel) const;
  void announce(l2tp::TunnelPolicy& policy, const TunnelRecord& tunnel, ResyncMethod configured) const;
  ResyncMethod configured_method(const config::HostProfile* profile) const;
  RowSettings row_settings(const TunnelRecord& tunnel, const CircuitRecord* circuit) const;
  abi::TableOp session_row(const Context& c, const TunnelRecord& tunnel, SessionIndex index) const;
  std::uint32_t session_limit(const Context& c, const TunnelRecord& tunnel) const;
  void tunnel_event(Context& c, TunnelRecord& tunnel, l2tp::TunnelEvent event);
  void tunnel_up(Context& c, TunnelRecord& tunnel);
  void fix_method(TunnelRecord& tunnel, ResyncMethod configured) const;
  void close_tunnel(Context& c, TunnelRecord& tunnel, const l2tp::Ending& why);
  void give_up(Context& c, TunnelRecord& tunnel, const l2tp::Ending& why, NoticeKind kind);
  void tunnel_down(Context& c, TunnelRecord& tunnel, NoticeKind kind);
  void forget_tunnel(Context& c, const TunnelRecord& tunnel);
  void sweep_sessions(Context& c, TunnelRecord& tunnel);
  void expire_tunnel(Context& c, TunnelId id);
  void expire_channel(Context& c, TunnelRecord& tunnel);
  void restore_tunnel(Context& c, TunnelId id);

  // delivery.cpp
  void enqueue(Context& c, TunnelRecord& tunnel, const l2tp::Outbox& out);
  void flush(Context& c, TunnelRecord& tunnel);
  void send_message(Context& c, const TunnelRecord& tunnel, std::uint16_t ns);
  void send_zlb(Context& c, const TunnelRecord& tunnel);
  void send_control(Context& c, const TunnelRecord& tunnel, Octets message);

  // recovery.cpp: a failover of ours
  void recover(Context& c, TunnelRecord& tunnel);
  void begin_recovery(Context& c, TunnelRecord& tunnel);
  void open_recovery(Context& c, TunnelRecord& tunnel);
  void recovery_replied(Context& c, TunnelRecord& recovery, const l2tp::ControlMessage& sccrp);
  void next_recovery(Context& c);
  void recovery_failed(Context& c, TunnelRecord& tunnel, bool refused);
  l2tp::TunnelPolicy recovery_policy(const Context& c, const TunnelRecord& recovery) const;

  // peer_recovery.cpp: a failover of the peer's
  void answer_recovery(Context& c, const ControlDatagram& event, const l2tp::ControlMessage& sccrq,
                       const config::HostProfile* profile);
  std::optional<l2tp::Ending> reason_not_to_recover(const ControlDatagram& event, const l2tp::ControlMessage& sccrq,
                                                    const TunnelRecord* tunnel);
  bool yields(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& sccrq);
  bool too_often(const Context& c, const TunnelRecord& tunnel) const;
  void recovery_connected(Context& c, TunnelRecord& recovery);
  void take_up_again(Context& c, TunnelRecord& tunnel);
  bool await_peer(Context& c, TunnelRecord& tunnel);

  // resync.cpp: what both have in common
  void enter(TunnelRecord& tunnel, ResyncPhase phase, TimePoint deadline = kNever);
  static bool is_frozen(const TunnelRecord& tunnel);
  static bool may_place(const TunnelRecord& tunnel);
  static unsigned room(const TunnelRecord& tunnel);
  TunnelRecord* recovered_by(Context& c, const TunnelRecord& recovery);
  void drop_partner(Context& c, TunnelRecord& tunnel);
  void leave_resync(Context& c, TunnelRecord& tunnel);
  void recovery_ended(Context& c, TunnelRecord& recovery);
  void restart_numbers(Context& c, TunnelRecord& tunnel, std::uint16_t ns, std::uint16_t nr);
  bool expire_resync(Context& c, TunnelRecord& tunnel);
  Failover& story(const TunnelRecord& tunnel);
  void begin_story(const Context& c, const TunnelRecord& tunnel, bool ours);
  void end_story(Context& c, const TunnelRecord& tunnel, FailoverOutcome outcome);
  void count_message(const TunnelRecord& tunnel);

  // session_states.cpp: which sessions go on (RFC 4951 3.3, 4)
  void clear_not_established(Context& c, TunnelRecord& tunnel);
  void compare_sessions(Context& c, TunnelRecord& tunnel);
  bool query(Context& c, TunnelRecord& tunnel);
  void compared(Context& c, TunnelRecord& tunnel);
  void answer_query(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& fsq);
  void take_states(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& fsr);
  void clear_unknown_to_peer(Context& c, TunnelRecord& tunnel, SessionIndex index);
  static bool is_unknown_to_peer(const l2tp::Session& session);
  bool supersede(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& request);

  // openings.cpp
  TunnelRecord* tunnel_for(Context& c, const TunnelSpec& spec);
  std::optional<TunnelId> free_tunnel();
  TunnelRecord* open_tunnel(Context& c, const TunnelSpec& spec);
  void arm_idle(Context& c, TunnelRecord& tunnel) const;

  // ties.cpp
  bool settle_ties(Context& c, const IpAddress& peer, const l2tp::ControlMessage& sccrq);
  l2tp::Tie settle_tie(Context& c, TunnelId ours, const l2tp::ControlMessage& sccrq) const;
  void give_up_losers(Context& c, const IpAddress& peer);
  void give_up_for_tie(Context& c, TunnelRecord& tunnel);

  // calls.cpp
  void on(Context& c, const PlaceCall& event);
  void on(Context& c, const CircuitConnected& event);
  void on(Context& c, const CircuitFailed& event);
  void on(Context& c, const LineErrors& event);
  void on(Context& c, const LinkInfo& event);
  TunnelRecord* tunnel_of_call(Context& c, SessionIndex index, TunnelId id, l2tp::Role role);
  SessionIndex begin_call(Context& c, TunnelRecord& tunnel, SessionId id, std::uint32_t slot);
  void call_failed(Context& c, const PlaceCall& event, const TunnelRecord* tunnel, const l2tp::Ending& why);
  void place_waiting(Context& c, TunnelRecord& tunnel);
  void place(Context& c, TunnelRecord& tunnel, SessionIndex index);
  void free_call(Context& c, SessionRecord& session);

  // sessions.cpp
  void begin_session(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& message);
  std::optional<l2tp::Ending> reason_to_refuse(const TunnelRecord& tunnel, const l2tp::ControlMessage& message);
  void want_circuit(Context& c, const l2tp::Session& session);
  std::optional<SessionId> free_session(const TunnelRecord& tunnel);
  SessionId named_by_peer(TunnelId tunnel, PeerSessionId peer) const;
  void session_message(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& message);
  void session_up(Context& c, TunnelRecord& tunnel, SessionIndex index, const l2tp::ControlMessage* iccn = nullptr);
  void told_of_the_line(Context& c, const TunnelRecord& tunnel, SessionId session, NoticeKind kind,
                        const l2tp::ControlMessage& message);
  void disconnect(Context& c, TunnelRecord& tunnel, SessionIndex index, const l2tp::Ending& why,
                  const l2tp::CallCause& cause = {});
  void remove_session(Context& c, TunnelRecord& tunnel, SessionIndex index, const l2tp::Ending& why, bool by_peer,
                      const l2tp::CallCause& cause = {});
  void expire_session(Context& c, SessionIndex index);
  void restore_session(Context& c, SessionIndex index);
  TunnelRecord* living_tunnel(Context& c, SessionIndex index, TunnelId id);
  TunnelRecord* tunnel_with_room(Context& c, SessionIndex index, TunnelId id, unsigned room = 1);
  void end_overdue(Context& c, TunnelRecord& tunnel, SessionIndex index);
  void end_waiting(Context& c, TunnelRecord& tunnel);

  // proxy.cpp
  std::optional<ppp::ProxyResult> start_ppp(const TunnelRecord& tunnel, ppp::Link& link, const ppp::Policy& policy,
                                            const Env& env, const l2tp::ControlMessage* iccn);
  static void overhear_lac(Context& c, std::uint32_t slot, const l2tp::ControlMessage& iccn,
                           std::optional<ppp::ProxyResult> taken);

  // mending.cpp
  void mend_tunnel(Context& c, TunnelRecord& tunnel);
  bool mend_session(Context& c, SessionIndex index);
  bool mend_access(Context& c, SessionIndex index);
  void tell_lost(Context& c, TunnelRecord& tunnel);
  bool mend_messages(Context& c, TunnelRecord& tunnel);
  void drop_subscriber(Context& c, SessionIndex index, const SubscriberRecord& subscriber);

  // probe.cpp
  void begin_probe(Context& c, TunnelRecord& tunnel);
  l2tp::Expiry expire_probe(Context& c, TunnelRecord& tunnel);
  void send_probe(Context& c, const TunnelRecord& tunnel);
  bool learn_numbers(Context& c, TunnelRecord& tunnel, const l2tp::ControlMessage& message);
  void settle(Context& c, TunnelRecord& tunnel);
  void go_on_from(Context& c, TunnelRecord& tunnel, std::uint16_t nr);
  void numbers_known(Context& c, TunnelRecord& tunnel);
  bool begin_confirming(Context& c, SessionIndex index);
  void pace_confirming(Context& c, SessionIndex index);
  void confirm(Context& c, SessionIndex index, unsigned before, const ppp::Policy& policy);

  // subscribers.cpp
  ppp::Policy ppp_policy(const Context& c, const TunnelRecord& tunnel, SessionIndex index) const;
  void on(Context& c, const PppFrame& event);
  void ppp_is_down(Context& c, TunnelRecord& tunnel, SessionIndex index);
  CallRecord* overhearing(Context& c, SessionIndex index);
  void overhear(Context& c, SessionIndex index, Octets frame);
  void apply_ppp(Context& c, TunnelRecord& tunnel, SessionIndex index, const ppp::Policy& policy);
  void authenticate(Context& c, const TunnelRecord& tunnel, SessionIndex index, const ppp::Policy& policy);
  ppp::AuthAnswer grant(Context& c, SubscriberRecord& subscriber, const aaa::LocalUser* user);
  void network_changed(Context& c, const TunnelRecord& tunnel, SessionIndex index, ppp::Notice notice);
  void advertise(Context& c, SessionIndex index, SubscriberRecord& subscriber);
  void send_ppp(Context& c, const SessionRecord& session, Octets frame);
  void release(Context& c, const TunnelRecord& tunnel, const SessionRecord& session, const SubscriberRecord& subscriber,
               const l2tp::Ending& why);

  // discovery.cpp
  void on(Context& c, const DiscoveryFrame& event);
  void take_padi(Context& c, const Request& request);
  void take_padr(Context& c, const Request& request);
  void take_padt(Context& c, PortId port, const access::Discovery& frame);
  void hung_up(Context& c, CircuitId id);
  static Octets service(const Request& request);
  bool is_full(const Request& request) const;
  const access::CookieKey& cookie_key(Context& c);
  const CircuitRecord* asked_before(const Context& c, const Request& request, std::uint32_t asked) const;
  void replace_oldest(Context& c, const Request& request);
  void grant(Context& c, const Request& request, const CircuitRecord& circuit);
  void refuse(Context& c, const Request& request, access::TagType why, std::string_view text);
  void send_offer(Context& c, PortId port, Octets pado);
  void expire_offers(Context& c);
  void send_discovery(Context& c, PortId port, Octets frame);

  // circuits.cpp
  TunnelRecord& access(TunnelId id);
  std::uint16_t access_mru(const CircuitRecord* circuit) const;
  const CircuitRecord* begin_circuit(Context& c, const Request& request, std::uint32_t asked);
  void start_line(Context& c, const CircuitRecord& circuit);
  static void tell_line(const Context& c, const SessionRecord& session, Notice& n);
  void hang_up(Context& c, CircuitId id, const l2tp::Ending& why, bool by_subscriber);
  void forget_circuit(Context& c, CircuitId id, const l2tp::Ending& why, bool by_subscriber);
  void send_padt(Context& c, const CircuitRecord& circuit, const l2tp::Ending& why);
  void restore_circuit(Context& c, CircuitId id);

  // tunnelling.cpp
  const config::DomainMap* domain_of(std::string_view user) const;
  void begin_tunnelling(Context& c, SessionIndex local);
  static bool wants_tunnel(const SessionRecord& session);
  static bool is_tunnelling(const Context& c, const SessionRecord& session);
  void try_next_tunnel(Context& c, SessionIndex local);
  TunnelRecord* choose_tunnel(Context& c, const config::DomainMap& domain, std::uint32_t slot, const IpAddress& from);
  std::uint32_t sessions_for(const Context& c, const TunnelSpec& spec) const;
  void lock_out(Context& c, const IpAddress& destination);
  void unlock(Context& c, const IpAddress& destination);
  void no_tunnel_left(Context& c, SessionIndex local);
  void switch_to_call(Context& c, const TunnelRecord& tunnel, SessionIndex index);
  void drop_local(Context& c, SessionIndex local);
  void call_of_circuit_failed(Context& c, CircuitId id, std::uint32_t slot, bool final);
  void cancel_call(Context& c, CircuitId id);

  // switching.cpp
  bool may_be_switched(const TunnelRecord& tunnel, const l2tp::ControlMessage& request) const;
  std::optional<l2tp::Ending> loop(const l2tp::ControlMessage& icrq);
  std::uint32_t switchable(Context& c, SessionIndex index, const l2tp::ControlMessage& request);
  void switch_on(Context& c, const TunnelRecord& tunnel, SessionIndex out);
  void switched_call_failed(Context& c, SessionIndex in, SessionIndex out, std::uint32_t slot, std::uint16_t refused,
                            bool final);
  void refuse_switching(Context& c, SessionIndex in);
  void cancel_switching(Context& c, SessionIndex in);
  void end_other(Context& c, SessionIndex ended, SessionIndex other, const l2tp::Ending& why,
                 const l2tp::CallCause& cause, bool with_tunnel);
  void pass_on(Context& c, SessionIndex other, const l2tp::ControlMessage& message);
  static bool switching_lost(const Context& c, SessionIndex index);

  // engine.cpp
  void on(Context& c, const TimerExpired& event);
  void on(Context& c, const Restored& event);
  void on(Context& c, const ClearTunnel& event);
  void on(Context& c, const ClearSession& event);
  void on(Context& c, const ClearCircuit& event);
  void on(Context& c, const TestFailover& event);
  void on(Context& c, const CircuitHungUp& event);
  void rebuild_session(SessionIndex index, const l2tp::Session& session);
  void count_set_ups(const Transaction& tx);
  void arm_edited(const Transaction& tx);
  Timer tunnel_timer(const TunnelRecord& tunnel) const;
  Timer session_timer(SessionIndex index, const SessionRecord* session, const SubscriberRecord* subscriber) const;
  Notice notice(NoticeKind kind, const TunnelRecord& tunnel) const;

  const config::Config& config_;
  const Records& records_;
  Capacity capacity_;
  Indexes indexes_;
  Counters counters_;
  std::vector<aaa::LocalUser> users_;
  IpAddress our_ipv4_;  // towards subscribers
  std::size_t unestablished_ = 0;
  TunnelSelection selection_{kLockout};
  LineModules line_modules_;
  TunnelRecord access_;  // see access()
  enum class Turn : std::uint8_t { none, awaited, taken };
  std::vector<Turn>
      turns_;  // by TunnelId, after a restart: whether its Restored is still to come, or its peer was faster
  std::vector<SessionIndex> lost_sessions_;
  std::unordered_map<TunnelId, std::uint32_t> miscounted_;  // tunnels whose sessions are other than their record says
  std::map<TunnelId, Failover> failovers_;
  std::deque<TunnelId> waiting_;    // tunnels in ResyncPhase::waiting, in the order of their turn
  unsigned recovering_ = 0;         // tunnels in ResyncPhase::recovering
  std::vector<TunnelId> orphaned_;  // tunnels that had sessions and no record when the engine was rebuilt, by rising id
  RequestLimit requests_;
  Offers offers_;
  Step step_;
  ppp::Output ppp_;
  l2tp::Outbox outbox_;
};

}  // namespace holdfast::engine
