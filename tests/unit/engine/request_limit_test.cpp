#include "engine/request_limit.hpp"

#include "lac.hpp"

#include <gtest/gtest.h>

namespace holdfast::engine::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = RequestLimit::Verdict;

IpAddress v6(std::uint8_t network, std::uint8_t host) {
  IpAddress a{{0x20, 0x01, 0x0d, 0xb8}};
  a.octets[7] = network;
  a.octets[15] = host;
  return a;
}

struct Requests : ::testing::Test {
  RequestLimit limit;
  SteppingEntropy entropy;
  TimePoint now{std::chrono::hours(1)};

  Verdict ask(const IpAddress& source, const RequestRates& rates = {10, 1000}) {
    return limit.admit(source, rates, Env{now, entropy});
  }
  unsigned admitted(const IpAddress& source, unsigned asked, const RequestRates& rates = {10, 1000}) {
    unsigned n = 0;
    for (unsigned i = 0; i < asked; ++i) n += ask(source, rates) == Verdict::admitted ? 1 : 0;
    return n;
  }
};

TEST_F(Requests, OfOneSourceMayComeAtOnceUpToASecondsWorth) {
  EXPECT_EQ(admitted(kLacAddress, 50), 10u);
  EXPECT_EQ(ask(kLacAddress), Verdict::source_exceeded);
}

TEST_F(Requests, AreAdmittedAgainAtTheRate) {
  EXPECT_EQ(admitted(kLacAddress, 50), 10u);
  now += milliseconds(300);
  EXPECT_EQ(admitted(kLacAddress, 50), 3u);
  now += seconds(60);
  EXPECT_EQ(admitted(kLacAddress, 50), 10u) << "a quiet minute saves no more than a second's worth";
}

TEST_F(Requests, OfOneSourceTakeNothingFromAnother) {
  EXPECT_EQ(admitted(kLacAddress, 5000), 10u);
  EXPECT_EQ(admitted(kLnsAddress, 50), 10u);
}

TEST_F(Requests, OfAllSourcesAreBoundedToo) {
  unsigned n = 0;
  for (std::uint32_t i = 0; i < 3000; ++i) n += admitted(IpAddress::v4(i), 1);
  EXPECT_EQ(n, 1000u);
  EXPECT_EQ(ask(IpAddress::v4(9999)), Verdict::total_exceeded);
}

TEST_F(Requests, OfAnIpv6NetworkAreThoseOfOneSource) {
  unsigned n = 0;
  for (unsigned host = 0; host < 200; ++host) n += admitted(v6(1, static_cast<std::uint8_t>(host)), 1);
  EXPECT_EQ(n, 10u);
  EXPECT_EQ(admitted(v6(2, 1), 50), 10u);
}

// RFC 2661 says nothing of this: an SCCRQ costs us more than it costs the one who forges its source.
TEST_F(Requests, From100000ForgedSourcesHarmNoTunnelAndEndWithTheFlood) {
  Lns lns;
  Lac lac(lns);
  lac.dial();
  lac.take();
  ASSERT_TRUE(lac.up);
  std::array<std::uint8_t, 256> room{};
  MessageBuilder b(room, MessageType::sccrq, PeerTunnelId{}, PeerSessionId{});
  b.u16(AvpType::protocol_version, 0x0100).u32(AvpType::framing_capabilities, 3).text(AvpType::host_name, "lac1");
  b.u16(AvpType::assigned_tunnel_id, 4711);
  const Octets sccrq = b.finish();
  std::size_t most_tunnels = 0, answers = 0;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    lns.datagram(sccrq, IpAddress::v4(0x0a000000 + i * 7919));
    lns.pass(microseconds(100));
    most_tunnels = std::max(most_tunnels, lns.engine->indexes().tunnels());
    answers += lns.sent.size();
    lns.sent.clear();
    if (i % 10'000 == 0) {
      lac.hello();
      lns.pass(milliseconds(100));
      lac.take();
    }
  }
  const auto& counters = lns.engine->counters();
  const auto looked_at = 100'000 - counters[Count::source_limit] - counters[Count::total_limit];
  EXPECT_LE(most_tunnels, 17u) << "16 of strangers, and the one that is up";
  EXPECT_LE(looked_at, 5000u * 13) << "11 seconds, and a second's worth at once";
  EXPECT_GT(counters[Count::total_limit], 0u);
  EXPECT_LE(answers, 16u * 6 * 2) << "and what is sent to the forged sources is as little";
  EXPECT_EQ(lns.records->tunnel(lac.tunnel)->l2tp.state, l2tp::TunnelState::established);
  lns.pass(seconds(60));
  lac.take();  // a HELLO among it
  lns.pass(seconds(32));
  EXPECT_EQ(lns.engine->indexes().tunnels(), 1u);
  Lac late(lns);
  late.assigned = 78;
  late.dial();
  late.take();
  EXPECT_TRUE(late.up);
}

}  // namespace
}  // namespace holdfast::engine::test
