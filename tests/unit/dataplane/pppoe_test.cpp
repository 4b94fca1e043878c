// PPPoE from and to subscribers (RFC 2516): what is taken, what is refused, and PPP that ends here.
#include "access.hpp"
#include "nodes/graph.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

using abi::Drop;
using nodes::Handoff;

const Bytes kEcho = be16(0xc021) + Bytes{9, 7, 0, 8, 1, 2, 3, 4};
const Bytes kConfigureRequest = be16(0xc021) + Bytes{1, 1, 0, 4};

TEST(PppoeDiscovery, GoesToControlAsWholeFrames) {
  Lns lns;
  for (const auto& to : {kEveryone, kPort1})
    for (const Vlans vlans : {Vlans{}, Vlans{.outer = 5}, Vlans{.outer = 5, .inner = 6, .outer_type = 0x88a8}}) {
      const Bytes frame = tagged(to, kUserMac, 0x8863, vlans) + pppoe(Bytes(4, 1), 0, 0x09) + Bytes(20, 0);
      EXPECT_EQ(lns.receive(frame, 1), handed(Handoff::punt_pppoe, frame));
    }
  EXPECT_EQ(lns.port_counters[1].punted.load(), 6u);
}

TEST(PppoeDiscovery, IsNotTakenFromOthersOrCutShort) {
  Lns lns;
  const Bytes body = pppoe(Bytes(4, 1), 0, 0x09) + Bytes(30, 0);
  EXPECT_EQ(lns.receive(tagged(kCoreMac, kUserMac, 0x8863) + body, 1), dropped(Drop::eth_not_for_us));
  const Bytes multicast = tagged({1, 0, 0x5e, 0, 0, 1}, kUserMac, 0x8863) + body;
  EXPECT_EQ(lns.receive(multicast, 1), handed(Handoff::to_tap, multicast));
  for (const Bytes& cut : {Bytes{0x81, 0x00}, Bytes{0x81, 0x00, 0, 5, 0x88}, Bytes{0x88, 0xa8, 0, 5, 0x81, 0x00, 0}}) {
    const Bytes frame = Bytes(kEveryone.begin(), kEveryone.end()) + Bytes(kUserMac.begin(), kUserMac.end()) + cut;
    EXPECT_EQ(lns.receive(frame, 1), handed(Handoff::to_tap, frame));
  }
}

// A flood of it must not take the way to control from the rest.
TEST(PppoeDiscovery, IsWhatABusyWorkerDrops) {
  Lns lns;
  const Bytes padi = tagged(kEveryone, kUserMac, 0x8863) + pppoe(Bytes(4, 1), 0, 0x09);
  const Bytes arp = tagged(kEveryone, kUserMac, 0x0806) + Bytes(28, 1);
  std::vector<rte_mbuf*> mbufs;
  for (const Bytes& frame : {padi, arp, padi, padi, arp}) mbufs.push_back(make_mbuf(frame));
  nodes::run_frames(lns.context, PortId(1), mbufs);
  nodes::drop_discovery(lns.context);
  Outcome expected = handed(Handoff::to_tap, arp);
  expected.to_agent.emplace_back(Handoff::to_tap, arp);
  expected.drops["punt_pppoe_overload"] = 3;
  EXPECT_EQ(lns.wait(0), expected);
}

TEST(PppoeDiscovery, LeavesOutOfThePortThatControlNames) {
  Lns lns;
  const Bytes frame = tagged(kUserMac, kPort1, 0x8863, {.outer = 5}) + pppoe(Bytes(4, 1), 0, 0x07);
  EXPECT_EQ(lns.hand({.kind = Handoff::inject_frame, .port = PortId(1)}, frame), sent(1, frame));
}

class Pppoe : public testing::TestWithParam<Vlans> {
 protected:
  Bytes ethernet_header(const wire_format::Mac& from = kUserMac) const {
    return tagged(kPort1, from, 0x8864, GetParam());
  }
  Access access{kAccess, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Tags, Pppoe,
                         testing::Values(Vlans{}, Vlans{.outer = 100}, Vlans{.outer = 100, .inner = 200},
                                         Vlans{.outer = 9, .inner = 10, .outer_type = 0x88a8}),
                         [](const auto& test) {
                           return "Vlan" + std::to_string(test.param.outer) + "x" + std::to_string(test.param.inner) +
                                  (test.param.outer_type == 0x88a8 ? "Service" : "");
                         });

TEST_P(Pppoe, HeadersThatMakeNoSenseAreRefused) {
  const auto with = [&](std::size_t at, std::uint8_t value) {
    Bytes packet = pppoe(kEcho);
    packet[at] = value;
    return access.receive(ethernet_header() + packet, 1);
  };
  EXPECT_EQ(with(0, 0x12), dropped(Drop::pppoe_bad_header));
  EXPECT_EQ(with(0, 0x21), dropped(Drop::pppoe_bad_header));
  EXPECT_EQ(with(1, 0x09), dropped(Drop::pppoe_bad_header));
  EXPECT_EQ(with(5, 0), dropped(Drop::pppoe_bad_length));
  EXPECT_EQ(with(5, static_cast<std::uint8_t>(kEcho.size() + 1)), dropped(Drop::pppoe_bad_length));
  EXPECT_EQ(with(4, 0xff), dropped(Drop::pppoe_bad_length));
  const Bytes packet = pppoe({});
  for (std::ptrdiff_t size = 0; size < 6; ++size)
    EXPECT_EQ(access.receive(ethernet_header() + Bytes(packet.begin(), packet.begin() + size), 1),
              dropped(Drop::pppoe_bad_length));
}

TEST_P(Pppoe, SessionsThatAreNotThereAreRefused) {
  for (const unsigned session : {0u, 1u, kPppoeSession + 1u, 0xffffu})
    EXPECT_EQ(access.receive(ethernet_header() + pppoe(kEcho, session), 1), dropped(Drop::pppoe_no_session));
}

// RFC 2516 9: whoever knows a session's id is not yet its subscriber.
TEST_P(Pppoe, FramesFromElsewhereAreRefused) {
  wire_format::Mac other = kUserMac;
  for (std::size_t octet = 0; octet < 5; ++octet) {
    other = kUserMac;
    other[octet] = static_cast<std::uint8_t>(other[octet] ^ 0x04);
    EXPECT_EQ(access.receive(ethernet_header(other) + pppoe(kEcho), 1), dropped(Drop::pppoe_wrong_source));
  }
  other = kUserMac;
  other[5] ^= 1;  // another circuit in a table of more banks
  EXPECT_EQ(access.receive(ethernet_header(other) + pppoe(kEcho), 1), dropped(Drop::pppoe_wrong_source));
  EXPECT_EQ(access.receive(tagged(kPort0, kUserMac, 0x8864, GetParam()) + pppoe(kEcho), 0),
            dropped(Drop::pppoe_wrong_source));
  const Vlans right = GetParam();
  for (const Vlans wrong : {Vlans{}, Vlans{.outer = 100}, Vlans{.outer = 101}, Vlans{.outer = 100, .inner = 200},
                            Vlans{.outer = 200, .inner = 100}, Vlans{.outer = 9}, Vlans{.outer = 9, .inner = 11}}) {
    if (wrong.outer == right.outer && wrong.inner == right.inner) continue;
    EXPECT_EQ(access.receive(tagged(kPort1, kUserMac, 0x8864, wrong) + pppoe(kEcho), 1),
              dropped(Drop::pppoe_wrong_source));
  }
}

TEST_P(Pppoe, PrioritiesInTagsMakeNoDifference) {
  Vlans vlans = GetParam();
  if (vlans.outer != 0) vlans.outer |= 0xe000;
  if (vlans.inner != 0) vlans.inner |= 0x3000;
  if (vlans.outer == 0) vlans.outer = 0xa000;  // a priority alone
  const Bytes reply = be16(0xc021) + Bytes{10, 7, 0, 8} + be32(kMagic);
  EXPECT_EQ(access.receive(tagged(kPort1, kUserMac, 0x8864, vlans) + pppoe(kEcho), 1),
            sent(1, access.to_circuit(reply)));
}

TEST_P(Pppoe, ASubscriberWhosePppEndsHereIsServedLikeOneOfATunnel) {
  for (const int family : {4, 6}) {
    const auto up = [&](unsigned ttl) {
      return family == 4 ? ip(kUser4, kPeer4, udp(1, 2, Bytes(40, 1)), {.ttl = ttl})
                         : ip(kUser6, kPeer6, udp(1, 2, Bytes(40, 1)), {.ttl = ttl});
    };
    const auto down = [&](unsigned ttl) {
      return family == 4 ? ip(kPeer4, kUser4, udp(2, 1, Bytes(40, 2)), {.ttl = ttl})
                         : ip(kPeer6, kUser6, udp(2, 1, Bytes(40, 2)), {.ttl = ttl});
    };
    const unsigned type = family == 4 ? 0x0800 : 0x86dd, protocol = family == 4 ? 0x21 : 0x57;
    EXPECT_EQ(access.receive(access.from_circuit(be16(protocol) + up(64)), 1),
              sent(0, ethernet(kPeerMac, kPort0, type) + up(63)));
    EXPECT_EQ(access.receive(ethernet(kPort0, kPeerMac, type) + down(64), 0),
              sent(1, access.to_circuit(be16(protocol) + down(63))));
  }
  EXPECT_EQ(access.session_counters(), (std::vector<std::uint64_t>{2, 68 + 88, 2, 68 + 88}));
}

TEST_P(Pppoe, ASubscriberWhosePppEndsHereMayNotSpoof) {
  const Bytes packet = ip(IpAddress::v4(10, 0, 0, 10), kCore4, udp(1, 2, Bytes(8)));
  EXPECT_EQ(access.receive(access.from_circuit(be16(0x21) + packet), 1), dropped(Drop::ppp_source_spoofed));
}

TEST_P(Pppoe, ControlProtocolsGoToControlWithTheSessionsIds) {
  rte_mbuf* mbuf = make_mbuf(access.from_circuit(kConfigureRequest));
  nodes::run_frames(access.context, PortId(1), {&mbuf, 1});
  ASSERT_EQ(access.context.agent.count, 1u);
  const auto& note = nodes::note(mbuf);
  EXPECT_EQ(note.kind, Handoff::punt_ppp);
  EXPECT_EQ(note.tunnel, kAccess);
  EXPECT_EQ(note.session, kSession);
  EXPECT_EQ(note.protocol, 0xc021u);
  EXPECT_EQ(note.port, PortId(1));
  access.context.agent.count = 0;
  rte_pktmbuf_free(mbuf);
}

// RFC 2516 7, RFC 1661 6.5: neither field is compressed, whatever the row says.
TEST_P(Pppoe, PppFramesOfControlLeaveInTheCircuit) {
  auto row = access.access_row();
  row.flags |= abi::kSessionCompressProtocol;
  access.put(row);
  const nodes::HandoffNote lcp{.kind = Handoff::inject_ppp, .tunnel = kAccess, .session = kSession, .protocol = 0xc021};
  EXPECT_EQ(access.hand(lcp, Bytes{1, 1, 0, 4}), sent(1, access.to_circuit(kConfigureRequest)));
  auto ipv6 = lcp;
  ipv6.protocol = 0x57;
  EXPECT_EQ(access.hand(ipv6, Bytes(48, 7)), sent(1, access.to_circuit(be16(0x57) + Bytes(48, 7))));
  access.remove_circuit();
  EXPECT_EQ(access.hand(lcp, Bytes{1, 1, 0, 4}), dropped(Drop::pppoe_no_session));
}

TEST_P(Pppoe, WhatIsTooBigForTheLinkIsTheKernelsToAnswer) {
  const Bytes big = ethernet(kPort0, kPeerMac, 0x0800) + ip(kPeer4, kUser4, udp(1, 2, Bytes(1460 - 27, 1)));
  EXPECT_EQ(access.receive(big), handed(Handoff::to_tap, big));
}

// Access tunnels have no peer: whoever sends data messages for one is none.
TEST_P(Pppoe, L2tpDoesNotReachASessionOfTheAccessTunnel) {
  EXPECT_EQ(access.receive(access.from_peer(l2tp(kAccess.raw, kSession.raw, kEcho))), dropped(Drop::l2tp_wrong_peer));
  EXPECT_EQ(access.receive(access.from_peer(l2tp(kAccess.raw, 10, kEcho))), dropped(Drop::l2tp_no_session));
}

TEST_P(Pppoe, ABurstOfManyCircuitsFindsEachItsOwn) {
  std::vector<Bytes> frames;
  Outcome expected;
  for (unsigned i = 0; i < 32; ++i) {
    auto circuit = access.circuit_row();
    circuit.circuit = CircuitId(kCircuit.raw + i);
    circuit.session = SessionId(static_cast<std::uint16_t>(kSession.raw + i));
    access.put_circuit(circuit);
    auto session = access.access_row();
    session.session = circuit.session;
    session.onward = circuit.circuit.raw;
    session.magic = 0x01000000 + i;
    access.put(session);
    frames.push_back(ethernet_header() + pppoe(kEcho, kPppoeSession + i));
    const Bytes reply = be16(0xc021) + Bytes{10, 7, 0, 8} + be32(session.magic);
    expected.sent.emplace_back(1, tagged(kUserMac, kPort1, 0x8864, GetParam()) + pppoe(reply, kPppoeSession + i));
  }
  EXPECT_EQ(access.receive(frames, 1), expected);
}

}  // namespace
}  // namespace holdfast::test
