// A trace made by hand: two ends whose messages are built, numbered and put before the checker one by one. What a test
// does not say goes as it should.
#pragma once

#include "checker/spec_checker.hpp"
#include "l2tp/authentication.hpp"
#include "l2tp/builder.hpp"

#include <array>
#include <functional>

namespace holdfast::sim::test {

using l2tp::AvpType;
using l2tp::MessageBuilder;
using l2tp::MessageType;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr std::string_view kSecret = "secret";

struct Peer {
  UdpEnd at;
  std::uint16_t tunnel;
  std::uint16_t ns = 0;
  std::uint16_t nr = 0;
  std::uint16_t window = 4;
};

class Trace {
 public:
  using Fill = std::function<void(MessageBuilder&)>;

  Peer a{{IpAddress::v4(192, 0, 2, 1), 1701}, 11};  // opens the tunnel and is the LAC of incoming calls
  Peer b{{IpAddress::v4(192, 0, 2, 2), 1701}, 22};
  SpecChecker checker;
  TimePoint now{seconds(100)};

  explicit Trace(Allowance allowance = {}) : checker(std::string(kSecret), allowance) {}

  // The next message of the peer, not sent yet.
  Datagram next(Peer& from, const Peer& to, MessageType type, std::uint16_t session = 0, const Fill& fill = {}) {
    std::array<std::uint8_t, 512> room;
    MessageBuilder m(room, type, PeerTunnelId(type == MessageType::sccrq ? std::uint16_t{0} : to.tunnel),
                     PeerSessionId(session));
    if (fill) fill(m);
    const Octets o = m.finish();
    Datagram d{from.at, to.at, {o.begin(), o.end()}};
    number(d, from.ns++, from.nr);
    return d;
  }
  static void number(Datagram& d, std::uint16_t ns, std::uint16_t nr) { l2tp::set_sequence(d.payload, ns, nr); }
  Datagram zlb(const Peer& from, const Peer& to) {
    std::array<std::uint8_t, 12> room;
    const Octets o = l2tp::build_zlb(room, PeerTunnelId(to.tunnel), from.ns, from.nr);
    return {from.at, to.at, {o.begin(), o.end()}};
  }
  void send(const Datagram& d) { checker.sent(now, d); }
  void arrive(const Datagram& d) { checker.arrived(now, d); }
  void pass(Duration d) { now += d; }

  // Sends a message, which arrives and is taken.
  void exchange(Peer& from, Peer& to, MessageType type, std::uint16_t session = 0, const Fill& fill = {}) {
    const Datagram d = next(from, to, type, session, fill);
    send(d);
    arrive(d);
    ++to.nr;
  }
  void acknowledge(const Peer& from, const Peer& to) {
    const Datagram d = zlb(from, to);
    send(d);
    arrive(d);
    pass(milliseconds(1));  // long enough for what waited in a queue to follow
  }

  static Fill opening(const Peer& p, std::string_view challenge = {}, MessageType carrier = MessageType::zlb,
                      std::string_view asked = {}) {
    return [=](MessageBuilder& m) {
      m.u16(AvpType::protocol_version, 0x0100).u32(AvpType::framing_capabilities, 3).text(AvpType::host_name, "host");
      m.u16(AvpType::assigned_tunnel_id, p.tunnel).u16(AvpType::receive_window_size, p.window);
      if (!challenge.empty()) m.octets(AvpType::challenge, octets_of(challenge));
      if (!asked.empty()) respond(m, carrier, asked);
    };
  }
  static void respond(MessageBuilder& m, MessageType carrier, std::string_view asked) {
    m.octets(AvpType::challenge_response, l2tp::challenge_response(carrier, octets_of(kSecret), octets_of(asked)));
  }
  static Fill call(std::uint16_t id) {
    return [=](MessageBuilder& m) { m.u16(AvpType::assigned_session_id, id).u32(AvpType::call_serial_number, id); };
  }
  static Fill outgoing(std::uint16_t id) {
    return [=](MessageBuilder& m) {
      call(id)(m);
      m.u32(AvpType::minimum_bps, 1).u32(AvpType::maximum_bps, 2).u32(AvpType::bearer_type, 1);
      m.u32(AvpType::framing_type, 1).text(AvpType::called_number, "5");
    };
  }
  static Fill answer(std::uint16_t id) {
    return [=](MessageBuilder& m) { m.u16(AvpType::assigned_session_id, id); };
  }
  static Fill connected() {
    return [](MessageBuilder& m) { m.u32(AvpType::tx_connect_speed, 64000).u32(AvpType::framing_type, 1); };
  }
  static Fill cleared(std::uint16_t id) {
    return [=](MessageBuilder& m) { m.result(3).u16(AvpType::assigned_session_id, id); };
  }
  static Fill stopped(const Peer& p) {
    return [=](MessageBuilder& m) { m.u16(AvpType::assigned_tunnel_id, p.tunnel).result(1); };
  }

  void open() {
    exchange(a, b, MessageType::sccrq, 0, opening(a));
    exchange(b, a, MessageType::sccrp, 0, opening(b));
    exchange(a, b, MessageType::scccn);
    acknowledge(b, a);
  }
  // An incoming call: session id of a, session id of b.
  void connect(std::uint16_t ours, std::uint16_t theirs) {
    exchange(a, b, MessageType::icrq, 0, call(ours));
    exchange(b, a, MessageType::icrp, ours, answer(theirs));
    exchange(a, b, MessageType::iccn, theirs, connected());
    acknowledge(b, a);
  }
  void data(const Peer& from, const Peer& to, std::uint16_t session) {
    const auto high = [](unsigned v) { return static_cast<std::uint8_t>(v >> 8); };
    const auto low = [](unsigned v) { return static_cast<std::uint8_t>(v); };
    send({from.at, to.at, {0x00, 0x02, high(to.tunnel), low(to.tunnel), high(session), low(session), 0xff, 0x03}});
  }
  std::vector<Rule> broken() {
    std::vector<Rule> rules;
    for (const auto& violation : checker.violations()) rules.push_back(violation.rule);
    return rules;
  }
};

}  // namespace holdfast::sim::test
