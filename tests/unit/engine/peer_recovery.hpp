// A LAC with two calls, in whose name a test speaks to its LNS: of recoveries (RFC 4951) and of the states of sessions.
#pragma once

#include "l2tp/authentication.hpp"
#include "l2tp/builder.hpp"
#include "pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace holdfast::engine::test {

using l2tp::AvpType;
using l2tp::ControlMessage;
using l2tp::FailoverSessionState;
using l2tp::MessageBuilder;
using l2tp::MessageType;
using l2tp::SessionState;
using l2tp::TunnelRecovery;
using l2tp::TunnelState;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Message = std::vector<std::uint8_t>;

inline const IpAddress kLns = address_of(false, 1);
inline const IpAddress kLac = address_of(false, 2);
inline const IpAddress kStranger = address_of(false, 66);
inline constexpr std::size_t kCalls = 2;
inline constexpr std::uint16_t kId = 5000;  // of a recovery tunnel, at the hand-made peer

struct PeerRecovery : ::testing::Test {
  Pair pair;
  Lns& lns = pair.lns;
  TunnelId ours;           // the tunnel, at the LNS
  std::uint16_t theirs{};  // at the LAC

  void SetUp() override {
    for (std::uint32_t circuit = 1; circuit <= kCalls; ++circuit) {
      pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(circuit), {}});
      pair.deliver();
    }
    pair.pass(seconds(1));
    ours = lns.tunnels().front().l2tp.id;
    theirs = pair.lac.tunnels().front().l2tp.id.value();
    ASSERT_EQ(established(lns), kCalls);
    lns.sent.clear();
  }

  static std::size_t established(const Lns& node) {
    const auto all = node.sessions();
    return static_cast<std::size_t>(std::ranges::count(all, SessionState::established, &l2tp::Session::state));
  }
  std::uint64_t count(Count what) const { return lns.engine->counters()[what]; }
  const TunnelRecord& old() const { return *lns.records->tunnel(ours); }
  ResyncPhase phase() const { return old().resync.phase; }
  FailoverOutcome outcome() const { return lns.engine->failovers().at(ours).outcome; }
  std::size_t recovery_tunnels() const { return lns.tunnels().size() - 1; }
  l2tp::Session session() const { return lns.sessions().front(); }
  const l2tp::Session& record(SessionId id) const { return lns.records->session(session_index(ours, id, 0))->l2tp; }
  // As the sender sees it.
  TunnelRecovery right() const { return {TunnelId(theirs), PeerTunnelId(ours.value())}; }
  static FailoverSessionState state(std::uint16_t senders, std::uint16_t receivers) {
    return {SessionId(senders), PeerSessionId(receivers)};
  }

  static Message finished(MessageBuilder& b, std::uint16_t ns, std::uint16_t nr) {
    const Octets o = b.finish();
    Message message(o.begin(), o.end());
    l2tp::set_sequence(message, ns, nr);
    return message;
  }
  static Message sccrq(const TunnelRecovery& of, std::uint16_t assigned = kId, std::uint16_t version = 0x0100) {
    std::array<std::uint8_t, 256> room{};
    MessageBuilder b(room, MessageType::sccrq, PeerTunnelId{}, PeerSessionId{});
    b.u16(AvpType::protocol_version, version).text(AvpType::host_name, "lac").u32(AvpType::framing_capabilities, 3);
    b.u16(AvpType::assigned_tunnel_id, assigned).add(of).u64(AvpType::tie_breaker, 1);
    return finished(b, 0, 0);
  }
  void from_peer(const Message& message, const IpAddress& address = kLac) {
    lns.handle(ControlDatagram{address, kLns, 1701, 1701, message});
  }
  // The last message of this type that the LNS sent to the tunnel with this id.
  std::optional<Message> answer(MessageType type, std::uint16_t to = kId) const {
    std::optional<Message> found;
    for (const Sent& s : lns.sent) {
      const auto message = l2tp::parse(s.payload, octets_of("secret"));
      if (message && message->type == type && message->header.tunnel.value() == to) found = s.payload;
    }
    return found;
  }
  static ControlMessage read(const Message& message) { return *l2tp::parse(message, octets_of("secret")); }
  // The LNS's id of the recovery tunnel.
  PeerTunnelId assigned(std::uint16_t to = kId) const {
    return PeerTunnelId(*read(*answer(MessageType::sccrp, to)).u16(AvpType::assigned_tunnel_id));
  }
  Message scccn(std::string_view secret, std::uint16_t to = kId) const {
    const Message sccrp = *answer(MessageType::sccrp, to);
    const ControlMessage reply = read(sccrp);
    std::array<std::uint8_t, 128> room{};
    MessageBuilder b(room, MessageType::scccn, assigned(to), PeerSessionId{});
    b.octets(AvpType::challenge_response,
             l2tp::challenge_response(MessageType::scccn, octets_of(secret), *reply.octets(AvpType::challenge)));
    return finished(b, 1, 1);
  }
  // The next message of the tunnel itself.
  template <class Add>
  void in_the_tunnel(MessageType type, Add add) {
    std::array<std::uint8_t, 1500> room{};
    MessageBuilder b(room, type, PeerTunnelId(ours.value()), PeerSessionId{});
    add(b);
    from_peer(finished(b, old().l2tp.channel.next_nr, old().l2tp.channel.unsent_ns));
  }
  void states(MessageType type, std::initializer_list<FailoverSessionState> all) {
    in_the_tunnel(type, [&](MessageBuilder& b) {
      for (const auto& s : all) b.add(s);
    });
  }
  void hello() {
    in_the_tunnel(MessageType::hello, [](MessageBuilder&) {});
  }
  void stop(PeerTunnelId recovery) {
    std::array<std::uint8_t, 64> room{};
    MessageBuilder b(room, MessageType::stopccn, recovery, PeerSessionId{});
    b.u16(AvpType::assigned_tunnel_id, kId).result(1);
    from_peer(finished(b, 1, 1));
  }
  void icrq(PeerTunnelId tunnel, std::uint16_t id, std::uint16_t ns, std::uint16_t nr) {
    std::array<std::uint8_t, 64> room{};
    MessageBuilder b(room, MessageType::icrq, tunnel, PeerSessionId{});
    b.u16(AvpType::assigned_session_id, id).u32(AvpType::call_serial_number, 1);
    from_peer(finished(b, ns, nr));
  }

  void expect_refused(std::uint16_t result, std::uint16_t error) const {
    const auto stopccn = answer(MessageType::stopccn);
    ASSERT_TRUE(stopccn);
    const auto said = read(*stopccn).result_code();
    ASSERT_TRUE(said);
    EXPECT_EQ(said->result, result);
    EXPECT_EQ(said->error.value_or(0), error);
    EXPECT_FALSE(answer(MessageType::sccrp));
    EXPECT_EQ(count(Count::peer_failovers), 0u);
    EXPECT_EQ(phase(), ResyncPhase::none) << "the tunnel listens all the time";
  }
  // The old tunnel goes on as if nothing had been, with the LAC that it has.
  void expect_no_harm() {
    lns.sent.clear();
    pair.pass(seconds(6));
    EXPECT_EQ(phase(), ResyncPhase::none);
    EXPECT_EQ(old().l2tp.state, TunnelState::established);
    EXPECT_EQ(established(lns), kCalls);
    pair.lac.handle(PlaceCall{pair.to_lns(), Pair::incoming(3), {}});
    pair.pass(seconds(1));
    EXPECT_EQ(established(lns), kCalls + 1);
    EXPECT_EQ(established(pair.lac), kCalls + 1);
    EXPECT_EQ(count(Count::bad_acknowledgement), 0u);
    EXPECT_EQ(count(Count::out_of_order), 0u);
  }
};

}  // namespace holdfast::engine::test
