#include "checker/spec_checker.hpp"

#include "checker/failover.hpp"
#include "wire/reader.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

using l2tp::AvpType;
using l2tp::ControlMessage;
using l2tp::MessageType;

constexpr std::size_t kNrAt = 10;  // RFC 2661 3.1, in a control message

// Of all but Nr, which a retransmission may change.
std::uint64_t content_of(Octets message) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::size_t i = 0; i < message.size(); ++i)
    if (i != kNrAt && i != kNrAt + 1) hash = (hash ^ message[i]) * 0x100000001b3;
  return hash;
}

}  // namespace

void SpecChecker::begin(TimePoint now) {
  found_.now = now;
  ++found_.event;
  for (Connection& connection : connections_) connection.tick(found_, allowed_);
}

void SpecChecker::sent(TimePoint now, const Datagram& d) {
  begin(now);
  if (is_data(d)) return sent_data(d);
  const auto message = l2tp::parse(d.payload, octets_of(secret_));
  if (!message) return found_.add(Rule::malformed, std::string(l2tp::name(message.error())));
  if (message->fault || !message->known)
    found_.add(Rule::malformed, std::string(l2tp::name(message->type)) + ": AVP " +
                                    std::to_string(message->fault ? message->fault->attribute : 0));
  const std::uint64_t content = content_of(d.payload);
  const bool opens = message->type == MessageType::sccrq && !message->header.tunnel;
  const Place at = opens ? originate(d, *message, content) : place(d, *message);
  if (at.connection == nullptr)
    return found_.add(Rule::unknown_tunnel,
                      std::string(l2tp::name(message->type)) + " to " + std::to_string(message->header.tunnel.value()));
  note_id(at, *message);
  check_failover_avps(found_, *message, at.connection->is_recovery());
  if (message->type == MessageType::sccrp && !at.connection->answered())
    for_each_rival(*at.connection, [&](const Connection& rival) {
      if (!rival.gave_up() && rival.refuses(*at.connection))
        found_.add(Rule::tie_breaker, at.connection->name() + ": SCCRP");
    });
  if (message->type == MessageType::sccrp && at.connection->is_recovery()) accept_recovery(*at.connection);
  at.connection->sent(found_, allowed_, at.sender, *message, content, secret_);
}

template <class F>
void SpecChecker::for_each_rival(const Connection& of, F f) {
  for (Connection& c : connections_)
    if (c.end(kOriginator) == of.end(kAcceptor) && c.end(kAcceptor) == of.end(kOriginator) &&
        c.is_recovery() == of.is_recovery() && c.recovers() == of.recovers() && c.outstanding(found_.now, allowed_))
      f(c);
}

// An SCCRQ has arrived at an end that may have sent one itself.
void SpecChecker::met(Connection& connection) {
  for_each_rival(connection, [&](Connection& rival) {
    if (rival.refuses(connection)) connection.ignore_opening();
    if (rival.yields_to(connection)) rival.lose();
  });
}

// The connection of an SCCRQ that is sent: the one that it opened before, or a new one.
SpecChecker::Place SpecChecker::originate(const Datagram& d, const ControlMessage& m, std::uint64_t content) {
  const Place known = latest_opened(d, m.u16(AvpType::assigned_tunnel_id).value_or(0));
  if (known.connection != nullptr && known.connection->opened_by(content, found_.now, allowed_)) return known;
  connections_.emplace_back(d.from, d.to, "tunnel " + std::to_string(connections_.size() + 1));
  if (m.has(AvpType::tunnel_recovery)) begin_recovery(d, m, connections_.back());
  return {&connections_.back(), kOriginator};
}

// RFC 4951 3.2.1: an SCCRQ that asks for a tunnel only to recover another.
void SpecChecker::begin_recovery(const Datagram& d, const ControlMessage& m, Connection& recovery) {
  const auto wanted = m.tunnel_recovery();
  Connection* old = nullptr;
  Side sender{};
  for (Connection& c : connections_)
    for (const Side side : {kOriginator, kAcceptor})
      if (wanted && !c.is_recovery() && c.end(side) == d.from && c.end(other(side)) == d.to &&
          c.id(side) == wanted->theirs.value() && c.id(other(side)) == wanted->ours.value()) {
        old = &c;
        sender = side;
      }
  if (old == nullptr || !old->may_be_recovered_by(sender)) found_.add(Rule::recovery_unknown, recovery.name());
  if (old != nullptr) old->begin_recovery(sender, found_.now);
  recovery.set_recovers(old);
}

void SpecChecker::accept_recovery(Connection& recovery) {
  if (recovery.answered()) return;
  const Connection* old = recovery.recovers();
  if (old == nullptr || !old->both_capable()) found_.add(Rule::recovery_accepted, recovery.name());
  recovery.accept_recovery(found_.now);
}

// The latest connection that the sender opened under its id.
SpecChecker::Place SpecChecker::latest_opened(const Datagram& d, std::uint16_t id) {
  for (auto c = connections_.rbegin(); c != connections_.rend(); ++c)
    if (c->end(kOriginator) == d.from && c->end(kAcceptor) == d.to && c->id(kOriginator) == id)
      return {&*c, kOriginator};
  return {};
}

// Where the header has no tunnel id yet (RFC 2661 6.1, 6.4), the Assigned Tunnel ID says whose a message is.
SpecChecker::Place SpecChecker::place(const Datagram& d, const ControlMessage& m) {
  if (m.header.tunnel) return place(d, m.header.tunnel.value());
  if (m.type != MessageType::sccrq && m.type != MessageType::stopccn) return {};
  return latest_opened(d, m.u16(AvpType::assigned_tunnel_id).value_or(0));
}

// The latest connection between the two in which the receiver has this id.
SpecChecker::Place SpecChecker::place(const Datagram& d, std::uint16_t tunnel) {
  for (auto c = connections_.rbegin(); c != connections_.rend(); ++c)
    for (const Side sender : {kOriginator, kAcceptor})
      if (c->end(sender) == d.from && c->end(other(sender)) == d.to && c->id(other(sender)) == tunnel)
        return {&*c, sender};
  return {};
}

void SpecChecker::note_id(Place at, const ControlMessage& m) {
  if (at.connection->accepted_anew(at.sender, m)) at.connection->accept_anew();
  if (at.connection->id(at.sender) != 0) return;
  const std::uint16_t id = m.u16(AvpType::assigned_tunnel_id).value_or(0);
  if (id == 0) return;
  const UdpEnd& owner = at.connection->end(at.sender);
  for (const Connection& c : connections_)
    for (const Side side : {kOriginator, kAcceptor})
      if (&c != at.connection && !c.is_recovery() && c.end(side) == owner && c.id(side) == id && c.in_use(side))
        found_.add(Rule::tunnel_id_in_use, std::to_string(id));
  at.connection->set_id(at.sender, id);
}

void SpecChecker::sent_data(const Datagram& d) {
  // RFC 2661 3.1: the ends send no optional field but Length.
  Reader in(d.payload);
  if ((in.u16() & 0x4000) != 0) in.skip(2);
  const std::uint16_t tunnel = in.u16();
  const std::uint16_t session = in.u16();
  const Place at = place(d, tunnel);
  if (!in.ok() || at.connection == nullptr)
    return found_.add(Rule::unknown_tunnel, "data to " + std::to_string(tunnel));
  at.connection->sent_data(found_, at.sender, session);
}

void SpecChecker::arrived(TimePoint now, const Datagram& d) {
  begin(now);
  const auto header = l2tp::parse_header(d.payload);
  if (!header) return;  // what is wrong with it was said when it was sent
  const bool zlb = d.payload.size() == l2tp::kControlHeaderLength;
  Place at;
  if (header->tunnel) {
    at = place(d, header->tunnel.value());
  } else if (const auto message = l2tp::parse(d.payload, octets_of(secret_))) {
    at = place(d, *message);
  }
  if (at.connection == nullptr) return;
  Connection& connection = *at.connection;
  if (!connection.hears(other(at.sender), now, *header, zlb)) return;
  const bool was_up = connection.alive(kAcceptor);
  connection.arrived(found_, allowed_, other(at.sender), *header, zlb);
  connection.recover();
  if (!header->tunnel && !connection.answered()) met(connection);
  if (!was_up && connection.alive(kAcceptor))
    for_each_rival(connection, [&](Connection& rival) { rival.give_way(now); });
}

void SpecChecker::at_rest(TimePoint now) {
  begin(now);
  for (const Connection& connection : connections_) connection.at_rest(found_, allowed_);
}

std::size_t SpecChecker::recoveries(const UdpEnd& by) const {
  const auto asked = [&](const Connection& c) { return c.is_recovery() && c.end(kOriginator) == by; };
  return static_cast<std::size_t>(std::ranges::count_if(connections_, asked));
}

SpecChecker::Alive SpecChecker::alive(const UdpEnd& at) const {
  Alive alive;
  for (const Connection& connection : connections_)
    for (const Side side : {kOriginator, kAcceptor})
      if (connection.end(side) == at && !connection.is_recovery() && connection.alive(side)) {
        ++alive.tunnels;
        alive.sessions += connection.alive_calls(side);
      }
  return alive;
}

}  // namespace holdfast::sim
