// A whole tunnel and call between two xl2tpd 1.3.18 (secret "secret", challenges both ways), as captured on the wire.
#include "l2tp/authentication.hpp"
#include "l2tp/channel.hpp"
#include "l2tp/message.hpp"
#include "wire_format.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace holdfast::l2tp {
namespace {

using testing::Bytes;
using testing::hex;

struct Captured {
  bool from_lac;
  MessageType type;
  const char* octets;
};

constexpr auto kTrace = std::to_array<Captured>({
    {true, MessageType::sccrq,
     "c802007b000000000000000080080000000000018008000000020100800a0000000300000003800a000000040000000000080000000606"
     "90800a000000076c61636100130000000878656c6572616e63652e636f6d800800000009cf4180080000000a000480160000000b851915"
     "69606de1005903f675b38648f5"},
    {false, MessageType::sccrp,
     "c8020091cf4100000000000180080000000000028008000000020100800a0000000300000003800a000000040000000000080000000606"
     "90800a000000076c6e736200130000000878656c6572616e63652e636f6d800800000009369680080000000a000480160000000da9c7d7"
     "49bf67a81ccd2af752ed198f6280160000000b733b9b95b619f5832daf2b6bff34fce8"},
    {true, MessageType::scccn, "c802002a3696000000010001800800000000000380160000000d985d8bd94ad3bf098ed89ec2891f6e81"},
    {true, MessageType::icrq,
     "c80200303696000000020001800800000000000a80080000000e3700800a0000000f00000001800a0000001200000000"},
    {false, MessageType::zlb, "c802000ccf41000000010002"},
    {false, MessageType::icrp, "c802001ccf41370000010003800800000000000b80080000000e916f"},
    {false, MessageType::zlb, "c802000ccf41000000020003"},
    {true, MessageType::iccn,
     "c80200323696916f00030002800800000000000c800a0000001800000000800a0000001300000001000a0000002600000000"},
    {false, MessageType::zlb, "c802000ccf41370000020004"},
    {false, MessageType::cdn, "c8020026cf41370000020004800800000000000e800a000000010001000080080000000e916f"},
    {true, MessageType::zlb, "c802000c3696916f00040003"},
    {true, MessageType::stopccn,
     "c802002e36960000000400038008000000000004800800000009cf4180120000000100010000476f6f6462796521"},
    {false, MessageType::zlb, "c802000ccf41000000030005"},
});

TEST(Trace, IsParsedWithoutAFault) {
  for (const auto& captured : kTrace) {
    const Bytes datagram = hex(captured.octets);
    const auto message = parse(datagram, octets_of("secret"));
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->type, captured.type);
    EXPECT_EQ(message->fault, std::nullopt) << name(captured.type);
    EXPECT_EQ(message->ignored, 0) << name(captured.type);
  }
}

TEST(Trace, BearsTheChallengeResponsesThatWeWouldGive) {
  const std::array datagrams{hex(kTrace[0].octets), hex(kTrace[1].octets), hex(kTrace[2].octets)};
  const auto sccrq = parse(datagrams[0], {}).value();
  const auto sccrp = parse(datagrams[1], {}).value();
  const auto scccn = parse(datagrams[2], {}).value();
  const Octets secret = octets_of("secret");
  EXPECT_TRUE(
      equal_in_constant_time(*sccrp.octets(AvpType::challenge_response),
                             challenge_response(MessageType::sccrp, secret, *sccrq.octets(AvpType::challenge))));
  EXPECT_TRUE(
      equal_in_constant_time(*scccn.octets(AvpType::challenge_response),
                             challenge_response(MessageType::scccn, secret, *sccrp.octets(AvpType::challenge))));
}

TEST(Trace, IsInOrderForAChannelAtEitherEnd) {
  using namespace std::chrono_literals;
  for (const bool at_lac : {false, true}) {
    const ChannelPolicy policy;
    const TimePoint now{};
    Channel channel = open_channel(kDefaultWindow, policy, now);
    for (const auto& captured : kTrace) {
      const Bytes datagram = hex(captured.octets);
      const auto header = parse_header(datagram).value();
      const bool zlb = captured.type == MessageType::zlb;
      if (captured.from_lac != at_lac) {
        const auto arrival = receive(channel, header.ns, header.nr, zlb, policy, now).arrival;
        EXPECT_EQ(arrival, zlb ? Arrival::zlb : Arrival::in_order) << name(captured.type);
      } else {
        EXPECT_EQ(header.ns, next_ns(channel)) << name(captured.type);
        EXPECT_LE(next_nr(channel) - header.nr, 1) << "SCCCN and ICRQ came together";
        if (zlb) continue;
        (void)enqueue(channel);
        EXPECT_EQ(take_sendable(channel, policy, now), (SendRange{header.ns, 1})) << name(captured.type);
      }
    }
    EXPECT_TRUE(idle(channel));
  }
}

}  // namespace
}  // namespace holdfast::l2tp
