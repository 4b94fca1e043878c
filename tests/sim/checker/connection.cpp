#include "checker/connection.hpp"

#include "checker/failover.hpp"
#include "l2tp/authentication.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

using l2tp::AvpType;
using l2tp::ControlMessage;
using l2tp::MessageType;

bool of_a_call(MessageType type) {
  const auto* row = l2tp::find_message(type);
  return row != nullptr && row->scope == l2tp::Scope::session;
}

}  // namespace

Connection::Connection(UdpEnd originator, UdpEnd acceptor, std::string name)
    : ends_{originator, acceptor},
      name_(std::move(name)),
      delivery_{Delivery(name_ + " originator"), Delivery(name_ + " acceptor")} {}

std::string Connection::says(Side by, const ControlMessage& m) const {
  return name_ + (by == kOriginator ? " originator: " : " acceptor: ") + std::string(l2tp::name(m.type)) + " Ns " +
         std::to_string(m.header.ns) + " session " + std::to_string(m.header.session.value());
}
std::string Connection::says(const Call& call) const {
  return name_ + (call.incoming ? " incoming call " : " outgoing call ") + std::to_string(call.id[kOriginator]) + "/" +
         std::to_string(call.id[kAcceptor]);
}

void Connection::sent(Findings& found, const Allowance& allowed, Side by, const ControlMessage& m,
                      std::uint64_t content, std::string_view secret) {
  const bool zlb = m.type == MessageType::zlb;
  take_what_may_be_taken(found, allowed, by, m.header);
  const Sequence sequence = delivery_[by].sent(found, allowed, m.header, zlb, content);
  gone_[by] = false;
  if (sequence == kNone) return;
  if (by == kOriginator && sequence == 0) first_content_ = content;
  learn_window(by, m);
  learn_capability(by, m);
  const Side peer = other(by);
  if (stop_[by] != kNone || (stop_[peer] != kNone && delivery_[by].made_after(stop_[peer])))
    return found.add(Rule::after_stop, says(by, m));
  if (is_recovery_ && !belongs_in_recovery_tunnel(m.type)) return found.add(Rule::recovery_message, says(by, m));
  if (of_a_call(m.type))
    call_message(found, by, m, sequence);
  else
    tunnel_message(found, by, m, sequence, secret);
  if (m.type == MessageType::stopccn) delivery_[by].excuse_from(found.now + allowed.hold);
}

void Connection::learn_window(Side from, const ControlMessage& m) {
  if (m.type != MessageType::sccrq && m.type != MessageType::sccrp) return;
  if (const auto window = m.u16(AvpType::receive_window_size)) delivery_[other(from)].set_peer_window(*window);
}

void Connection::tunnel_message(Findings& found, Side by, const ControlMessage& m, Sequence sequence,
                                std::string_view secret) {
  bool allowed = true;
  if (const auto challenge = m.octets(AvpType::challenge)) challenge_[by].assign(challenge->begin(), challenge->end());
  if (m.header.session) found.add(Rule::unknown_session, says(by, m));
  switch (m.type) {
    case MessageType::sccrq:
      allowed = by == kOriginator && sequence == 0;
      tie_ = m.u64(AvpType::tie_breaker);
      break;
    case MessageType::sccrp:
      allowed = by == kAcceptor && sequence == 0 && delivery_[by].took(0);
      sccrp_ = sequence;
      if (is_recovery_) suggested_ = m.suggested_control_sequence().value_or(l2tp::SuggestedControlSequence{});
      check_response(found, by, m, secret);
      break;
    case MessageType::scccn:
      allowed = by == kOriginator && scccn_ == kNone && delivery_[by].took(sccrp_);
      scccn_ = sequence;
      check_response(found, by, m, secret);
      break;
    case MessageType::stopccn:
      allowed = by == kOriginator ? sequence > 0 : delivery_[by].took(0);
      stop_[by] = sequence;
      stopped_at_[by] = found.now;
      break;
    case MessageType::fsq:
      allowed = open(by);
      ask(by, m, sequence);
      break;
    case MessageType::fsr:
      allowed = open(by);
      answer(found, by, m, sequence);
      break;
    default: allowed = open(by); break;
  }
  if (!allowed) found.add(Rule::tunnel_state, says(by, m));
}

// RFC 2661 5.1.1: a challenge must be answered by the next message of the set-up, and rightly.
void Connection::check_response(Findings& found, Side by, const ControlMessage& m, std::string_view secret) {
  const auto& asked = challenge_[other(by)];
  const auto response = m.octets(AvpType::challenge_response);
  if (!asked.empty()) {
    const Md5 right = l2tp::challenge_response(m.type, octets_of(secret), asked);
    if (!response || !std::ranges::equal(*response, right)) found.add(Rule::response_wrong, says(by, m));
  } else if (response) {
    found.add(Rule::response_wrong, says(by, m) + ": without a challenge");
  }
}

bool Connection::open(Side side) const { return side == kOriginator ? scccn_ != kNone : delivery_[side].took(scccn_); }

void Connection::call_message(Findings& found, Side by, const ControlMessage& m, Sequence sequence) {
  if (!open(by)) return found.add(Rule::tunnel_state, says(by, m));
  switch (m.type) {
    case MessageType::icrq:
    case MessageType::ocrq: return request(found, by, m, sequence);
    case MessageType::cdn: return disconnect(found, by, m, sequence);
    default: return reply(found, by, m, sequence);
  }
}

void Connection::request(Findings& found, Side by, const ControlMessage& m, Sequence sequence) {
  if (m.header.session) found.add(Rule::unknown_session, says(by, m));
  Call call;
  call.incoming = m.type == MessageType::icrq;
  call.requester = by;
  call.request = sequence;
  assign(found, by, call, m);
  calls_.push_back(call);
}

// What follows the request: from the other side of it, or from its own once that has answered.
void Connection::reply(Findings& found, Side by, const ControlMessage& m, Sequence sequence) {
  Call* call = find(other(by), m.header.session.value());
  if (call == nullptr) return found.add(Rule::unknown_session, says(by, m));
  const Delivery& delivery = delivery_[by];
  bool allowed = false;
  switch (m.type) {
    case MessageType::icrp:
    case MessageType::ocrp:
      allowed = call->incoming == (m.type == MessageType::icrp) && by == call->replier() && call->reply == kNone &&
                delivery.took(call->request);
      call->reply = sequence;
      assign(found, by, *call, m);
      break;
    case MessageType::iccn:
    case MessageType::occn:
      allowed = call->incoming == (m.type == MessageType::iccn) && by == call->connecter() && call->connect == kNone &&
                (call->incoming ? delivery.took(call->reply) : call->reply != kNone);
      call->connect = sequence;
      break;
    case MessageType::wen: allowed = by == call->lac() && call->connect != kNone; break;
    case MessageType::sli: allowed = by != call->lac() && delivery.took(call->connect); break;
    default: break;
  }
  const Sequence hung_up = call->disconnect[other(by)];
  if (call->disconnect[by] != kNone || (hung_up != kNone && delivery.made_after(hung_up)))
    found.add(Rule::after_disconnect, says(by, m));
  else if (!allowed)
    found.add(Rule::session_state, says(by, m));
}

// RFC 2661 4.4.4: before the peer's session id is known the header has 0, and the Assigned Session ID says which call.
void Connection::disconnect(Findings& found, Side by, const ControlMessage& m, Sequence sequence) {
  const std::uint16_t own = m.u16(AvpType::assigned_session_id).value_or(0);
  Call* call = m.header.session ? find(other(by), m.header.session.value()) : find(by, own);
  if (call == nullptr) return found.add(Rule::unknown_session, says(by, m));
  if (own != 0 && call->id[by] != 0 && own != call->id[by]) found.add(Rule::unknown_session, says(by, m));
  if (call->id[by] == 0) call->id[by] = own;
  if (call->cleared[by]) return found.add(Rule::cleared_aloud, says(by, m));
  const Sequence hung_up = call->disconnect[other(by)];
  if (call->disconnect[by] != kNone || (hung_up != kNone && delivery_[by].made_after(hung_up)))
    found.add(Rule::after_disconnect, says(by, m));
  else if (by == call->replier() && !delivery_[by].took(call->request))
    found.add(Rule::session_state, says(by, m));
  call->disconnect[by] = sequence;
}

void Connection::assign(Findings& found, Side by, Call& call, const ControlMessage& m) {
  const std::uint16_t id = m.u16(AvpType::assigned_session_id).value_or(0);
  const Call* holder = find(by, id);
  if (holder != nullptr && holder != &call && !ended(by, *holder)) found.add(Rule::session_id_in_use, says(by, m));
  call.id[by] = id;
}

// The latest call to which the side gave this id.
Call* Connection::find(Side owner, std::uint16_t id) {
  if (id == 0) return nullptr;
  const auto found = std::find_if(calls_.rbegin(), calls_.rend(), [&](const Call& c) { return c.id[owner] == id; });
  return found == calls_.rend() ? nullptr : &*found;
}

bool Connection::ended(Side side, const Call& call) const {
  return call.cleared[side] || call.disconnect[side] != kNone || delivery_[side].has(call.disconnect[other(side)]);
}

void Connection::arrived(Findings& found, const Allowance& allowed, Side at, const l2tp::ControlHeader& header,
                         bool zlb) {
  const bool had_stop = delivery_[at].has(stop_[other(at)]);
  delivery_[at].arrived(found, allowed, header, zlb);
  if (gone_[at]) delivery_[at].forgive();
  take_answers(at);
  if (!had_stop && delivery_[at].has(stop_[other(at)])) delivery_[at].excuse_from(found.now + allowed.hold);
}

void Connection::sent_data(Findings& found, Side by, std::uint16_t session) const {
  const auto of = [&](const Call& c) { return c.id[other(by)] == session; };
  const auto call = std::find_if(calls_.rbegin(), calls_.rend(), of);
  const bool connected =
      call != calls_.rend() && call->connect != kNone && (by == call->connecter() || delivery_[by].has(call->connect));
  if (!connected || call->cleared[by] || call->disconnect[by] != kNone || stop_[by] != kNone)
    found.add(Rule::data_without_session, name_ + " session " + std::to_string(session));
}

void Connection::tick(Findings& found, const Allowance& allowed) {
  for (Delivery& delivery : delivery_) delivery.tick(found, allowed);
}

bool Connection::opened_by(std::uint64_t content, TimePoint now, const Allowance& allowed) const {
  const Delivery& originator = delivery_[kOriginator];
  return in_use(kOriginator) ||
         (first_content_ == content && !originator.acknowledged(0) && !originator.is_gone(now, allowed));
}

bool Connection::outstanding(TimePoint now, const Allowance& allowed) const {
  const Delivery& originator = delivery_[kOriginator];
  return !gave_way_ && !abandoned_ && stop_[kOriginator] == kNone && !originator.has(0) &&
         !originator.is_gone(now, allowed);
}

bool Connection::yields_to(const Connection& rival) const {
  if (delivery_[kOriginator].acknowledged(0)) return false;  // the rival's originator has taken it
  return rival.tie_ && (!tie_ || *rival.tie_ < *tie_);
}

bool Connection::refuses(const Connection& rival) const { return (tie_ || rival.tie_) && !yields_to(rival); }

bool Connection::accepted_anew(Side by, const ControlMessage& m) const {
  if (by != kAcceptor || m.u16(AvpType::assigned_tunnel_id).value_or(ids_[kAcceptor]) == ids_[kAcceptor]) return false;
  if (delivery_[kOriginator].has(0)) return false;  // anything of the acceptor
  // A recovery tunnel is forgotten when the acceptor's own restart goes before it.
  if (is_recovery_) return m.type == MessageType::sccrp || m.type == MessageType::stopccn;
  return m.type == MessageType::sccrp && delivery_[kAcceptor].gave_up();
}

void Connection::accept_anew() {
  delivery_[kAcceptor].begin_again();
  ids_[kAcceptor] = 0;
  sccrp_ = kNone;
  challenge_[kAcceptor].clear();
  abandoned_ = false;
  stop_[kAcceptor] = kNone;
}

bool Connection::in_use(Side side) const {
  if ((side == kOriginator && gave_way_) || gone_[side]) return false;
  return stop_[side] == kNone && !delivery_[side].has(stop_[other(side)]) && !delivery_[side].gave_up();
}

bool Connection::alive(Side side) const {
  const bool connected = side == kOriginator ? scccn_ != kNone : delivery_[side].has(scccn_);
  return connected && in_use(side);
}

bool Connection::connected(Side side, const Call& call) const {
  return call.connect != kNone && (side == call.connecter() || delivery_[side].has(call.connect));
}

bool Connection::alive(Side side, const Call& call) const {
  return alive(side) && connected(side, call) && !ended(side, call);
}

std::size_t Connection::alive_calls(Side side) const {
  return static_cast<std::size_t>(std::ranges::count_if(calls_, [&](const Call& c) { return alive(side, c); }));
}

void Connection::at_rest(Findings& found, const Allowance& allowed) const {
  if (is_recovery_) return;  // either end may drop it at any time
  if (alive(kOriginator) != alive(kAcceptor))
    return found.add(Rule::half_open_tunnel,
                     name_ + ": alive at the " + (alive(kOriginator) ? "originator" : "acceptor") + " only");
  const bool both = alive(kOriginator);
  for (const Side side : {kOriginator, kAcceptor})
    if (const auto waits = delivery_[side].waits(found.now, allowed); both && !waits.empty())
      found.add(Rule::not_at_rest, waits);
  if (!both && sccrp_ != kNone && in_use(kOriginator) && in_use(kAcceptor))
    found.add(Rule::not_at_rest, name_ + ": neither established nor stopped");
  for (const Side side : {kOriginator, kAcceptor})
    if (both && !asked_[side].empty())
      found.add(Rule::query_unanswered, name_ + ": session " + std::to_string(asked_[side].front().own));
  for (const Call& call : calls_) {
    if (alive(kOriginator, call) != alive(kAcceptor, call))
      found.add(Rule::half_open_session,
                says(call) + ": alive at the " + (alive(kOriginator, call) ? "originator" : "acceptor") + " only");
    if (both && call.connect == kNone && !ended(kOriginator, call) && !ended(kAcceptor, call))
      found.add(Rule::not_at_rest, says(call) + ": neither connected nor cleared");
  }
}

}  // namespace holdfast::sim
