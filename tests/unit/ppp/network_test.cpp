// IPCP (RFC 1332, RFC 1877), IPV6CP (RFC 5072), and the network phase around them. We are 10.0.0.1 and ::1, the peer is
// 10.0.0.2 and ::2, the name servers are 10.0.0.53 and 10.0.0.54.
#include "support.hpp"

namespace holdfast::ppp {
namespace {

using namespace std::chrono_literals;

class Network : public LinkTest {
 protected:
  Network() { open_network(); }
  void open_ipcp() {
    receive("8021 02 01 000a 0306 0a000001");
    receive("8021 01 01 000a 0306 0a000002");
    ASSERT_EQ(link.ipcp.state, State::opened);
  }
  void open_ipv6cp() {
    receive("8057 02 01 000e 010a 0000000000000001");
    receive("8057 01 01 000e 010a 0000000000000002");
    ASSERT_EQ(link.ipv6cp.state, State::opened);
  }
};

using Ipcp = Network;

TEST_F(Ipcp, RejectsCompressionFirstAndThenGivesAddressAndServers) {
  EXPECT_EQ(receive("8021 01 01 001c 0206 002d0f01 0306 00000000 8106 00000000 8306 00000000"),
            Seen({"8021 04 01 000a 0206 002d0f01"}));
  EXPECT_EQ(receive("8021 01 02 0016 0306 00000000 8106 00000000 8306 00000000"),
            Seen({"8021 03 02 0016 0306 0a000002 8106 0a000035 8306 0a000036"}));
  EXPECT_EQ(receive("8021 01 03 0016 0306 0a000002 8106 0a000035 8306 0a000036"),
            Seen({"8021 02 03 0016 0306 0a000002 8106 0a000035 8306 0a000036"}));
  EXPECT_EQ(receive("8021 02 01 000a 0306 0a000001"), Seen({}, {Notice::ipv4_up}));
}

TEST_F(Ipcp, NaksAnotherAddressThanTheAssignedOne) {
  EXPECT_EQ(receive("8021 01 01 000a 0306 c0a80101"), Seen({"8021 03 01 000a 0306 0a000002"}));
}

TEST_F(Ipcp, RejectsAnAddressThatThePeerInsistsOn) {
  for (int i = 0; i < 5; ++i) receive("8021 01 01 000a 0306 c0a80101");
  EXPECT_EQ(receive("8021 01 01 000a 0306 c0a80101"), Seen({"8021 04 01 000a 0306 c0a80101"}));
}

TEST_F(Ipcp, RejectsTheOldAddressesOptionAndNetbiosServers) {
  EXPECT_EQ(receive("8021 01 01 001a 010a 0a000002 0a000001 8206 00000000 8406 00000000"),
            Seen({"8021 04 01 001a 010a 0a000002 0a000001 8206 00000000 8406 00000000"}));
}

TEST_F(Ipcp, RejectsServersThatThereAreNone) {
  link.dns2 = 0;
  EXPECT_EQ(receive("8021 01 01 0016 0306 0a000002 8106 00000000 8306 00000000"),
            Seen({"8021 04 01 000a 8306 00000000"}));
}

TEST_F(Ipcp, AsksOnceForAnAddressThatThePeerDidNotAskFor) {
  EXPECT_EQ(receive("8021 01 01 0004"), Seen({"8021 03 01 000a 0306 0a000002"}));
  EXPECT_EQ(receive("8021 01 02 0004"), Seen({"8021 02 02 0004"}));
}

TEST_F(Ipcp, AsksOnceInEachNegotiation) {
  receive("8021 01 01 0004");
  receive("8021 01 02 0004");
  receive("8021 02 01 000a 0306 0a000001");
  ASSERT_EQ(link.ipcp.state, State::opened);
  EXPECT_EQ(receive("8021 01 03 0004"),
            Seen({"8021 01 02 000a 0306 0a000001", "8021 03 03 000a 0306 0a000002"}, {Notice::ipv4_down}));
  EXPECT_EQ(receive("8021 01 04 0004"), Seen({"8021 02 04 0004"}));
}

TEST_F(Ipcp, KeepsItsOwnAddressUntilThePeerHasNakkedItOftenEnough) {
  EXPECT_EQ(receive("8021 03 01 000a 0306 0a0000fe"), Seen({"8021 01 02 000a 0306 0a000001"}));
  receive("8021 03 02 000a 0306 0a0000fe");
  receive("8021 03 03 000a 0306 0a0000fe");
  receive("8021 03 04 000a 0306 0a0000fe");
  EXPECT_EQ(receive("8021 03 05 000a 0306 0a0000fe"), Seen({"8021 01 06 0004"}));
  EXPECT_EQ(link.our_ipv4, 0x0a000001u);
}

TEST_F(Ipcp, DoesWithoutItsOwnAddressWhenThePeerRejectsTheOption) {
  EXPECT_EQ(receive("8021 04 01 000a 0306 0a000001"), Seen({"8021 01 02 0004"}));
}

TEST_F(Ipcp, ComesBackAfterARenegotiationOfItsOwn) {
  open_ipcp();
  EXPECT_EQ(receive("8021 01 02 000a 0306 00000000"),
            Seen({"8021 01 02 000a 0306 0a000001", "8021 03 02 000a 0306 0a000002"}, {Notice::ipv4_down}));
  receive("8021 01 03 000a 0306 0a000002");
  EXPECT_EQ(receive("8021 02 02 000a 0306 0a000001"), Seen({}, {Notice::ipv4_up}));
}

TEST_F(Ipcp, IsTakenUpAgainByAPeerThatHadEndedIt) {
  open_ipcp();
  EXPECT_EQ(receive("8021 05 09 0004"), Seen({"8021 06 09 0004"}, {Notice::ipv4_down}));
  after(3s);
  ASSERT_EQ(link.ipcp.state, State::stopped);
  EXPECT_EQ(receive("8021 01 0a 000a 0306 0a000002"),
            Seen({"8021 01 02 000a 0306 0a000001", "8021 02 0a 000a 0306 0a000002"}));
  EXPECT_EQ(receive("8021 02 02 000a 0306 0a000001"), Seen({}, {Notice::ipv4_up}));
}

TEST_F(Ipcp, RejectsCodesThatOnlyLcpHas) {
  EXPECT_EQ(receive("8021 09 01 0008 00000000"), Seen({"8021 07 01 000c 09010008 00000000"}));
}

TEST_F(Ipcp, HurtsNothingElseWhenItIsTerminated) {
  open_ipv6cp();
  EXPECT_EQ(receive("8021 06 01 0004"), kNothing);
  EXPECT_EQ(receive("8021 05 01 0004"), Seen({"8021 06 01 0004"}));
  EXPECT_EQ(link.ipv6cp.state, State::opened);
  EXPECT_EQ(link.lcp.state, State::opened);
  EXPECT_EQ(receive("8021 01 01 000a 0306 0a000002"), Seen({"8021 02 01 000a 0306 0a000002"}));
}

using Ipv6cp = Network;

TEST_F(Ipv6cp, SuggestsAnIdentifierInsteadOfZero) {
  EXPECT_EQ(receive("8057 01 01 000e 010a 0000000000000000"), Seen({"8057 03 01 000e 010a 0000000000000002"}));
}

TEST_F(Ipv6cp, SuggestsAnIdentifierInsteadOfItsOwn) {
  EXPECT_EQ(receive("8057 01 01 000e 010a 0000000000000001"), Seen({"8057 03 01 000e 010a 0000000000000002"}));
}

TEST_F(Ipv6cp, AcknowledgesAnyOtherIdentifier) {
  EXPECT_EQ(receive("8057 01 01 000e 010a 020c29fffe112233"), Seen({"8057 02 01 000e 010a 020c29fffe112233"}));
  EXPECT_EQ(link.peer_interface_id, 0x020c29fffe112233u);
  EXPECT_EQ(receive("8057 02 01 000e 010a 0000000000000001"), Seen({}, {Notice::ipv6_up}));
}

TEST_F(Ipv6cp, RejectsCompression) {
  EXPECT_EQ(receive("8057 01 01 0012 010a 0000000000000002 0204 004f"), Seen({"8057 04 01 0008 0204 004f"}));
}

TEST_F(Ipv6cp, TakesTheIdentifierThatThePeerSuggests) {
  EXPECT_EQ(receive("8057 03 01 000e 010a 0000000000000077"), Seen({"8057 01 02 000e 010a 0000000000000077"}));
  EXPECT_EQ(link.our_interface_id, 0x77u);
}

TEST_F(Ipv6cp, ChoosesAnewWhenThePeerSuggestsWhatIsItsOwn) {
  EXPECT_EQ(receive("8057 03 01 000e 010a 0000000000000002"), Seen({"8057 01 02 000e 010a 05060708090a0b0d"}));
}

TEST_F(Ipv6cp, AsksOnceForAnIdentifierThatThePeerDidNotAskFor) {
  EXPECT_EQ(receive("8057 01 01 0004"), Seen({"8057 03 01 000e 010a 0000000000000002"}));
  EXPECT_EQ(receive("8057 01 02 0004"), Seen({"8057 02 02 0004"}));
}

using NetworkPhase = Network;

TEST_F(NetworkPhase, GoesOnWithIpv4WhenThePeerRejectsIpv6) {
  open_ipcp();
  EXPECT_EQ(receive("c021 08 01 0014 8057 01 01 000e 010a 0000000000000001"), kNothing);
  EXPECT_EQ(link.ipv6cp.state, State::starting);
  EXPECT_EQ(due_in(), Duration::max());
}

TEST_F(NetworkPhase, EndsWhenThePeerRejectsBoth) {
  EXPECT_EQ(receive("c021 08 01 0006 8057"), kNothing);
  EXPECT_EQ(receive("c021 08 02 0006 8021"), Seen({"c021 05 01 0004"}));
  EXPECT_EQ(link.end_reason, EndReason::no_network_protocol);
}

TEST_F(NetworkPhase, EndsWhenNoProtocolComesUpInTime) {
  const TimePoint begin = now;
  while (link.phase == Phase::network) after(due_in());
  EXPECT_EQ(now - begin, 60s);
  EXPECT_EQ(link.end_reason, EndReason::network_timeout);
}

TEST_F(NetworkPhase, EndsWhenTheLastProtocolStaysDown) {
  open_ipcp();
  receive("c021 08 01 0006 8057");
  const TimePoint begin = now;
  receive("8021 05 09 0004");
  while (link.phase == Phase::network) after(due_in());
  EXPECT_EQ(now - begin, 60s);
  EXPECT_EQ(link.end_reason, EndReason::network_timeout);
}

TEST_F(NetworkPhase, SaysThatBothAreDownWhenTheLinkEnds) {
  open_ipcp();
  open_ipv6cp();
  EXPECT_EQ(close(EndReason::admin), Seen({"c021 05 01 0004"}, {Notice::ipv4_down, Notice::ipv6_down}));
}

}  // namespace
}  // namespace holdfast::ppp
