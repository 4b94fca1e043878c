// A control connection and its calls as the wire shows them (RFC 2661 7.2 to 7.5): whether each message may be sent in
// the state in which its sender is. The state follows from what the sender sent and what it acknowledged.
#pragma once

#include "checker/call.hpp"
#include "checker/delivery.hpp"
#include "datagram.hpp"
#include "l2tp/avp_values.hpp"
#include "l2tp/message.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sim {

class Connection {
 public:
  Connection(UdpEnd originator, UdpEnd acceptor, std::string name);

  void sent(Findings& found, const Allowance& allowed, Side by, const l2tp::ControlMessage& message,
            std::uint64_t content, std::string_view secret);
  void arrived(Findings& found, const Allowance& allowed, Side at, const l2tp::ControlHeader& header, bool zlb);
  void sent_data(Findings& found, Side by, std::uint16_t session) const;
  void tick(Findings& found, const Allowance& allowed);
  void at_rest(Findings& found, const Allowance& allowed) const;

  const std::string& name() const { return name_; }
  const UdpEnd& end(Side side) const { return ends_[side]; }
  std::uint16_t id(Side side) const { return ids_[side]; }
  // The side still uses its tunnel id.
  bool in_use(Side side) const;
  // The side has an established tunnel, as far as the wire tells.
  bool alive(Side side) const;
  std::size_t alive_calls(Side side) const;
  void set_id(Side side, std::uint16_t id) { ids_[side] = id; }
  // Of two ends that ask each other for a tunnel (RFC 2661 4.4.3): whether the originator still waits for an answer.
  bool outstanding(TimePoint now, const Allowance& allowed) const;
  // Whether it keeps its own against the rival's SCCRQ; with equal values neither does, and neither may accept.
  bool yields_to(const Connection& rival) const;
  bool refuses(const Connection& rival) const;
  bool gave_up() const { return delivery_[kOriginator].gave_up(); }
  bool answered() const { return sccrp_ != kNone; }
  // The acceptor may leave the SCCRQ that has arrived without an answer.
  void ignore_opening() { delivery_[kAcceptor].forgive(); }
  void lose() { lost_ = true; }  // against an SCCRQ that has arrived at the originator
  // That one's tunnel is up: the originator forgets its own if that had lost.
  void give_way(TimePoint now) {
    if (lost_) delivery_[kOriginator].excuse_from(now);
    gave_way_ = lost_;
  }
  // The acceptor, whose answer never arrived, gave up and forgot the tunnel, and the SCCRQ that came once more opened
  // it another one, which this SCCRP names.
  bool accepted_anew(Side by, const l2tp::ControlMessage& message) const;
  void accept_anew();
  // This SCCRQ, sent by the originator, is the one that opened the connection, sent again.
  bool opened_by(std::uint64_t content, TimePoint now, const Allowance& allowed) const;

  // RFC 4951, connection_failover.cpp. The connection for which this one was opened, where it is a recovery tunnel.
  Connection* recovers() const { return recovers_; }
  bool is_recovery() const { return is_recovery_; }
  // Its SCCRQ asks for this to be recovered; null: for something that there is not.
  void set_recovers(Connection* old);
  // The side may ask for its recovery.
  bool may_be_recovered_by(Side side) const;
  bool both_capable() const;
  // A message of this recovery tunnel has arrived: each end resets what is recovered when its time has come.
  void recover();
  // Whether the side takes what has arrived: not while its recovery is under way.
  bool hears(Side at, TimePoint now, const l2tp::ControlHeader& header, bool zlb);
  // A side asks for its recovery anew: whatever recovery was under way before is none any more.
  void begin_recovery(Side side, TimePoint now);
  void accept_recovery(TimePoint now);  // its SCCRP was sent

 private:
  bool open(Side side) const;  // may send what belongs into an established tunnel
  void learn_window(Side from, const l2tp::ControlMessage& message);
  void tunnel_message(Findings& found, Side by, const l2tp::ControlMessage& m, Sequence sequence,
                      std::string_view secret);
  void check_response(Findings& found, Side by, const l2tp::ControlMessage& m, std::string_view secret);
  void call_message(Findings& found, Side by, const l2tp::ControlMessage& m, Sequence sequence);
  void request(Findings& found, Side by, const l2tp::ControlMessage& m, Sequence sequence);
  void reply(Findings& found, Side by, const l2tp::ControlMessage& m, Sequence sequence);
  void disconnect(Findings& found, Side by, const l2tp::ControlMessage& m, Sequence sequence);
  void assign(Findings& found, Side by, Call& call, const l2tp::ControlMessage& m);
  Call* find(Side owner, std::uint16_t id);
  // RFC 4951, connection_failover.cpp
  void learn_capability(Side from, const l2tp::ControlMessage& message);
  void reset(Side side, Sequence own, Sequence peers);
  void ask(Side by, const l2tp::ControlMessage& fsq, Sequence sequence);
  void answer(Findings& found, Side by, const l2tp::ControlMessage& fsr, Sequence sequence);
  void take_answers(Side at);
  bool deaf(Side side, TimePoint now) const;
  void take_what_may_be_taken(Findings& found, const Allowance& allowed, Side by, const l2tp::ControlHeader& header);
  void abandon(TimePoint now);
  bool connected(Side side, const Call& call) const;
  bool ended(Side side, const Call& call) const;  // the side has cleared the call
  bool alive(Side side, const Call& call) const;
  std::string says(Side by, const l2tp::ControlMessage& m) const;
  std::string says(const Call& call) const;

  std::array<UdpEnd, 2> ends_;
  std::array<std::uint16_t, 2> ids_{};
  std::string name_;
  std::array<Delivery, 2> delivery_;
  std::uint64_t first_content_ = 0;
  std::optional<std::uint64_t> tie_;  // of the SCCRQ
  bool lost_ = false;
  bool gave_way_ = false;

  Sequence sccrp_ = kNone;
  Sequence scccn_ = kNone;
  std::array<Sequence, 2> stop_{kNone, kNone};
  std::array<TimePoint, 2> stopped_at_{kNever, kNever};
  std::array<std::vector<std::uint8_t>, 2> challenge_;  // of each side
  std::vector<Call> calls_;

  // RFC 4951. Of a session whose state was asked for, or told.
  struct Asked {
    std::uint16_t own;    // of the side that asks
    std::uint16_t peers;  // in an answer 0: there is none
    Sequence sequence;    // of the message that says so
  };
  std::array<std::optional<l2tp::FailoverCapability>, 2> announced_;
  std::array<std::vector<Asked>, 2> asked_;  // by each side, and not answered
  std::array<std::vector<Asked>, 2> told_;   // by each side, and not arrived
  // Of a recovery tunnel.
  bool is_recovery_ = false;
  Connection* recovers_ = nullptr;
  Side of_originator_{};  // the originator's side in what it recovers
  std::optional<l2tp::SuggestedControlSequence> suggested_;
  std::optional<std::array<Sequence, 2>> fresh_;  // by side of what is recovered: its first sequence after the reset
  struct Unheard {
    l2tp::ControlHeader header;
    bool zlb;
  };
  bool abandoned_ = false;
  std::array<bool, 2> has_reset_{};  // by side of the recovery tunnel
  // Of what is recovered.
  std::array<Connection*, 2> asked_for_{};  // by side: the recovery tunnel that it asked for last
  std::array<Connection*, 2> accepted_{};   // by side: and that it accepted last
  std::array<TimePoint, 2> accepted_at_{};
  // By side: its recovery was refused, so it has cleared all without a word, unless it speaks again: it fell back.
  std::array<bool, 2> gone_{};
  std::array<std::vector<Unheard>, 2> unheard_;  // by side: what arrived while it was deaf for the peer's recovery
};

}  // namespace holdfast::sim
