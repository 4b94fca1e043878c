// A peer that speaks from another address or port than its tunnel has (RFC 2661 8.1).
#include "l2tp/builder.hpp"
#include "pair.hpp"

#include <gtest/gtest.h>

namespace holdfast::engine::test {
namespace {

using config::PeerAddressChange;
using l2tp::TunnelState;
using std::chrono::seconds;

const IpAddress kElsewhere = IpAddress::v4(192, 0, 2, 77);
constexpr std::uint16_t kOtherPort = 40001;

// A LAC that has asked for a tunnel, and what the LNS answers, which the test delivers from where it likes.
struct PeerAddress : ::testing::Test {
  Pair p;

  void ask(PeerAddressChange change) {
    p.lac.config.l2tp.peer_address_change = change;
    p.lac.handle(PlaceCall{p.to_lns(), Pair::incoming()});
    p.deliver_one();  // SCCRQ
  }
  Sent take_sccrp() {
    const Sent sccrp = p.lns.sent.front();
    p.lns.sent.pop_front();
    return sccrp;
  }
  void from_elsewhere(Octets message) {
    p.lac.handle(ControlDatagram{kElsewhere, p.lac.tunnels().front().l2tp.local, kOtherPort, 1701, message});
  }
  // The next message of the LNS in the LAC's tunnel, as anybody could write it.
  std::vector<std::uint8_t> forged(l2tp::MessageType type) {
    const auto tunnel = p.lac.tunnels().front().l2tp;
    l2tp::MessageBuilder b(room_, type, PeerTunnelId(tunnel.id.value()), PeerSessionId{});
    if (type == l2tp::MessageType::sccrp)
      b.u16(l2tp::AvpType::protocol_version, 0x0100)
          .u32(l2tp::AvpType::framing_capabilities, 3)
          .text(l2tp::AvpType::host_name, "lns")
          .u16(l2tp::AvpType::assigned_tunnel_id, 666)
          .octets(l2tp::AvpType::challenge_response, std::array<std::uint8_t, 16>{});
    const Octets o = b.finish();
    std::vector<std::uint8_t> message(o.begin(), o.end());
    l2tp::set_sequence(message, l2tp::next_nr(tunnel.channel), l2tp::next_ns(tunnel.channel));
    return message;
  }
  l2tp::Tunnel tunnel() const { return p.lac.tunnels().front().l2tp; }
  std::uint64_t count(Count what) const { return p.lac.engine->counters()[what]; }

 private:
  std::array<std::uint8_t, 512> room_{};
};

TEST_F(PeerAddress, OfTheAnswerToAnSccrqIsTakenForTheTunnel) {
  ask(PeerAddressChange::accept);
  from_elsewhere(take_sccrp().payload);
  EXPECT_EQ(tunnel().state, TunnelState::established);
  EXPECT_EQ(tunnel().remote, kElsewhere);
  EXPECT_EQ(tunnel().remote_port, kOtherPort);
  ASSERT_FALSE(p.lac.sent.empty());
  EXPECT_EQ(p.lac.sent.back().header.destination, kElsewhere) << "SCCCN goes there already";
  EXPECT_EQ(p.lac.table_ops.back().tunnel.peer, kElsewhere);
  EXPECT_EQ(count(Count::address_taken), 1u);
}

TEST_F(PeerAddress, IsNotTakenFromWhoDoesNotKnowTheSecret) {
  ask(PeerAddressChange::accept);
  const Sent sccrp = take_sccrp();
  from_elsewhere(forged(l2tp::MessageType::sccrp));
  EXPECT_EQ(tunnel().state, TunnelState::wait_ctl_reply) << "neither taken nor ended";
  EXPECT_EQ(tunnel().remote, address_of(false, 1));
  EXPECT_EQ(count(Count::wrong_peer), 1u);
  p.lac.handle(ControlDatagram{sccrp.header.source, sccrp.header.destination, 1701, 1701, sccrp.payload});
  EXPECT_EQ(tunnel().state, TunnelState::established);
}

TEST_F(PeerAddress, OfATunnelThatIsUpStaysAsItIs) {
  ask(PeerAddressChange::accept);
  p.deliver();
  from_elsewhere(forged(l2tp::MessageType::hello));
  EXPECT_EQ(count(Count::wrong_peer), 1u);
  EXPECT_EQ(tunnel().remote, address_of(false, 1));
}

TEST_F(PeerAddress, MayBeIgnoredAndAnsweredToTheOldOne) {
  ask(PeerAddressChange::ignore);
  from_elsewhere(take_sccrp().payload);
  EXPECT_EQ(tunnel().state, TunnelState::established);
  EXPECT_EQ(tunnel().remote, address_of(false, 1));
  p.deliver();
  const auto heard = tunnel().channel.next_nr;
  from_elsewhere(forged(l2tp::MessageType::hello));
  p.lac.pass(seconds(1));
  EXPECT_EQ(tunnel().channel.next_nr, heard + 1);
  ASSERT_FALSE(p.lac.sent.empty());
  EXPECT_EQ(p.lac.sent.back().header.destination, address_of(false, 1));
  EXPECT_EQ(p.lac.sent.back().header.destination_port, 1701);
  EXPECT_EQ(count(Count::address_ignored), 2u);
}

TEST_F(PeerAddress, MayBeRejected) {
  ask(PeerAddressChange::reject);
  const Sent sccrp = take_sccrp();
  from_elsewhere(sccrp.payload);
  EXPECT_EQ(tunnel().state, TunnelState::wait_ctl_reply);
  EXPECT_EQ(count(Count::address_rejected), 1u);
  p.lac.handle(ControlDatagram{sccrp.header.source, sccrp.header.destination, 1701, 1701, sccrp.payload});
  EXPECT_EQ(tunnel().state, TunnelState::established);
  p.deliver();
  from_elsewhere(forged(l2tp::MessageType::hello));
  EXPECT_EQ(count(Count::wrong_peer), 1u);
}

}  // namespace
}  // namespace holdfast::engine::test
