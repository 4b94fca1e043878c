// A control connection and its calls as the wire shows them (RFC 2661 7.2 to 7.5): whether each message may be sent in
// the state in which its sender is. The state follows from what the sender sent and what it acknowledged.
#pragma once

#include "checker/call.hpp"
#include "checker/delivery.hpp"
#include "datagram.hpp"
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
};

}  // namespace holdfast::sim
