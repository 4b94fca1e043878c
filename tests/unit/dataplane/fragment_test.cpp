// L2TP in datagrams that were fragmented on the way to us.
#include "lns.hpp"
#include "nodes/graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace holdfast::test {
namespace {

using abi::Drop;
using nodes::Handoff;

struct Range {
  unsigned begin, end;  // octets of the datagram
};

class Fragments : public testing::TestWithParam<int> {
 protected:
  // A piece of a datagram from the peer to us. more: whether others follow; by default, whether some are left.
  Bytes piece(const Bytes& datagram, Range range, unsigned id = 1, const IpAddress& to = {}, int more = -1) const {
    const Bytes part(datagram.begin() + range.begin, datagram.begin() + range.end);
    const bool last = more < 0 ? range.end == datagram.size() : more == 0;
    const IpAddress target = to.is_none() ? lns.local() : to;
    if (v4) {
      const unsigned flags = range.begin / 8 | (last ? 0u : 0x2000u);
      return ethernet(kPort0, kPeerMac, 0x0800) + ip(lns.peer(), target, part, {.id = id, .flags_fragment = flags});
    }
    const Bytes header = Bytes{17, 0} + be16(range.begin | (last ? 0u : 1u)) + be32(id);
    return ethernet(kPort0, kPeerMac, 0x86dd) + ip(lns.peer(), target, header + part, {.protocol = 44});
  }
  std::vector<Bytes> pieces(const Bytes& datagram, const std::vector<unsigned>& borders, unsigned id = 1) const {
    std::vector<Bytes> all;
    for (std::size_t i = 0; i + 1 < borders.size(); ++i)
      all.push_back(piece(datagram, {borders[i], borders[i + 1]}, id));
    return all;
  }
  Bytes packet(unsigned ttl = 64) const { return ip(kUser4, kCore4, udp(1, 2, Bytes(200, 7)), {.ttl = ttl}); }
  Bytes datagram() const {  // 246 octets
    const Bytes message = l2tp(kTunnel.raw, kSession.raw, Bytes{0xff, 3} + be16(0x21) + packet());
    return udp(1701, 1701, message, lns.peer(), lns.local());
  }
  Outcome forwarded() const { return sent(1, ethernet(kCoreMac, kPort1, 0x0800) + packet(63)); }
  static Outcome dropped_many(Drop reason, std::uint64_t count) {
    Outcome outcome = dropped(reason);
    outcome.drops.begin()->second = count;
    return outcome;
  }
  Outcome to_kernel(const std::vector<Bytes>& frames) const {
    Outcome outcome;
    for (const Bytes& frame : frames) outcome.to_agent.emplace_back(Handoff::to_tap, frame);
    return outcome;
  }

  const bool v4 = GetParam() == 4;
  Lns lns{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Outer, Fragments, testing::Values(4, 6),
                         [](const auto& test) { return "Ipv" + std::to_string(test.param); });

TEST_P(Fragments, OfADataMessageBecomeOneInWhateverOrderTheyCome) {
  auto frames = pieces(datagram(), {0, 8, 64, 160, 246});
  std::sort(frames.begin(), frames.end());
  do {
    EXPECT_EQ(lns.receive(frames, 0), forwarded());
  } while (std::next_permutation(frames.begin(), frames.end()));
}

TEST_P(Fragments, WaitForEachOtherBeyondABurst) {
  const auto frames = pieces(datagram(), {0, 120, 246});
  EXPECT_EQ(lns.receive(frames[1]), Outcome{});
  EXPECT_EQ(lns.wait(200), Outcome{});
  EXPECT_EQ(lns.receive(frames[0]), forwarded());
  EXPECT_EQ(lns.wait(1000), Outcome{});
}

TEST_P(Fragments, OfAControlMessageBecomeOne) {
  const Bytes hello = be16(0xc802) + be16(44) + be32(0x00070000) + be32(0) + Bytes(32, 1);
  const Bytes whole = udp(40000, 1701, hello, lns.peer(), lns.local());
  EXPECT_EQ(lns.receive(pieces(whole, {0, 16, 52}, 0), 0),
            handed(Handoff::punt_l2tp, ip(lns.peer(), lns.local(), whole)));
}

TEST_P(Fragments, OfManyDatagramsAreNotMixed) {
  std::vector<Bytes> frames;
  Outcome expected;
  for (unsigned id = 1; id <= 8; ++id) frames.push_back(piece(datagram(), {0, 120}, id));
  for (unsigned id = 8; id >= 1; --id) frames.push_back(piece(datagram(), {120, 246}, id));
  for (unsigned id = 1; id <= 8; ++id) expected.sent.push_back(forwarded().sent[0]);
  EXPECT_EQ(lns.receive(frames, 0), expected);
}

TEST_P(Fragments, ThatStayAloneAreDroppedInTime) {
  const auto frames = pieces(datagram(), {0, 64, 120, 246});
  EXPECT_EQ(lns.receive({frames[0], frames[2]}, 0), Outcome{});
  EXPECT_EQ(lns.wait(249), Outcome{});
  EXPECT_EQ(lns.wait(1), dropped_many(Drop::ip_fragment_timeout, 2));
  EXPECT_EQ(lns.receive(frames[1]), Outcome{});
  EXPECT_EQ(lns.wait(250), dropped_many(Drop::ip_fragment_timeout, 1));
}

TEST_P(Fragments, ThatComeTwiceAreTakenOnce) {
  const auto frames = pieces(datagram(), {0, 64, 120, 246});
  Outcome expected = forwarded();
  expected.drops["ip_fragment"] = 2;
  EXPECT_EQ(lns.receive({frames[0], frames[0], frames[2], frames[2], frames[1]}, 0), expected);
}

// RFC 8200 4.5, RFC 5722: nothing of a datagram whose fragments overlap is believed.
TEST_P(Fragments, ThatOverlapEndTheirDatagram) {
  const Bytes d = datagram();
  const std::vector<std::vector<Bytes>> attempts{
      {piece(d, {0, 64}), piece(d, {56, 120})},
      {piece(d, {56, 120}), piece(d, {0, 64})},
      {piece(d, {0, 64}), piece(d, {0, 56})},
      {piece(d, {0, 120}), piece(d, {64, 80})},
      {piece(d, {64, 80}), piece(d, {0, 120})},
      {piece(d, {64, 120}, 1, {}, 0), piece(d, {120, 246})},  // beyond the last
      {piece(d, {120, 246}), piece(d, {64, 120}, 1, {}, 0)},
  };
  for (const auto& frames : attempts) {
    EXPECT_EQ(lns.receive(frames, 0), dropped_many(Drop::ip_fragment, 2));
    EXPECT_EQ(lns.wait(250), Outcome{});
  }
}

TEST_P(Fragments, ThatMakeNoSenseAreDropped) {
  const Bytes d = datagram();
  EXPECT_EQ(lns.receive(piece(d, {0, 63}, 1, {}, 1)), dropped(Drop::ip_fragment));
  EXPECT_EQ(lns.receive(piece(d, {64, 64}, 1, {}, 1)), dropped(Drop::ip_fragment));
  EXPECT_EQ(lns.receive(piece(Bytes(65536, 0), {65528, 65536}, 1, {}, 0)), dropped(Drop::ip_fragment));
}

TEST_P(Fragments, ThatAreTooManyEndTheirDatagram) {
  const Bytes d = datagram();
  std::vector<Bytes> frames;
  for (unsigned at = 0; at < 72; at += 8) frames.push_back(piece(d, {at, at + 8}));
  EXPECT_EQ(lns.receive(frames, 0), dropped_many(Drop::ip_fragment, 9));
  EXPECT_EQ(mbufs_in_use(), 0u);
}

TEST_P(Fragments, OfWhatFitsInNoBufferEndTheirDatagram) {
  const Bytes d = udp(1701, 1701, l2tp(kTunnel.raw, kSession.raw, Bytes(2400, 1)));
  EXPECT_EQ(lns.receive(pieces(d, {0, 1400, size(d)}), 0), dropped_many(Drop::ip_fragment, 2));
}

// A source that floods is in its own way only: its newest datagrams push out its oldest.
TEST_P(Fragments, OfOneSourceHoldSoManyPlaces) {
  for (unsigned id = 1; id <= 8; ++id) EXPECT_EQ(lns.receive(piece(datagram(), {0, 120}, id)), Outcome{});
  EXPECT_EQ(lns.wait(1), Outcome{});
  EXPECT_EQ(lns.receive(piece(datagram(), {0, 120}, 9)), dropped(Drop::ip_fragment_overload));
  EXPECT_EQ(mbufs_in_use(), 8u);
  EXPECT_EQ(lns.receive(piece(datagram(), {120, 246}, 9)), forwarded());
  EXPECT_EQ(lns.receive(piece(datagram(), {120, 246}, 8)), forwarded());
  EXPECT_EQ(lns.wait(250), dropped_many(Drop::ip_fragment_timeout, 6));
}

TEST_P(Fragments, OfOtherDatagramsAreTheKernelsAsTheyCame) {
  const Bytes dns = udp(53, 40000, Bytes(2400, 1), lns.peer(), lns.local());
  const auto frames = pieces(dns, {0, 1000, 2000, 2408});
  EXPECT_EQ(lns.receive(frames, 0), to_kernel(frames));
  EXPECT_EQ(lns.wait(250), Outcome{});
  const std::vector<Bytes> backwards(frames.rbegin(), frames.rend());
  EXPECT_EQ(lns.receive(backwards, 0), to_kernel({frames[1], frames[2], frames[0]}));
  EXPECT_EQ(lns.port_counters[0].to_kernel.load(), 6u);
  // The same id, soon after, with L2TP in it.
  EXPECT_EQ(lns.receive(pieces(datagram(), {0, 120, 246}), 0), forwarded());
  EXPECT_EQ(lns.wait(250), Outcome{});
}

TEST_P(Fragments, ForOthersPassAsTheyAre) {
  const IpAddress far = v4 ? kCore4 : kCore6;
  for (const Range range : {Range{0, 120}, Range{120, 246}}) {
    const Outcome outcome = lns.receive(piece(datagram(), range, 1, far));
    ASSERT_EQ(outcome.sent.size(), 1u);
    EXPECT_EQ(outcome.sent[0].first, 1u);
  }
}

TEST(FragmentsOfIpv6, ThatAreAloneAreWhole) {
  Lns lns(6);
  const Bytes packet = ip(kUser4, kCore4, udp(1, 2, Bytes(20, 7)));
  const Bytes message = l2tp(kTunnel.raw, kSession.raw, Bytes{0xff, 3} + be16(0x21) + packet);
  const auto atomic = [&](const Bytes& datagram) {
    const Bytes header = Bytes{17, 0} + be16(0) + be32(5);
    return ethernet(kPort0, kPeerMac, 0x86dd) + ip(lns.peer(), lns.local(), header + datagram, {.protocol = 44});
  };
  EXPECT_EQ(lns.receive(atomic(udp(1701, 1701, message, lns.peer(), lns.local()))).sent.size(), 1u);
  const Bytes dns = udp(53, 40000, Bytes(24, 1), lns.peer(), lns.local());
  EXPECT_EQ(lns.receive(atomic(dns)),
            handed(Handoff::to_tap, ethernet(kPort0, kPeerMac, 0x86dd) + ip(lns.peer(), lns.local(), dns)));
}

// What waits and would have to be released at once is more than one burst hands over.
TEST(FragmentsOfIpv4, ReleasedToTheKernelAreBounded) {
  Lns lns;
  const Bytes dns = udp(53, 40000, Bytes(64, 1));
  std::vector<Bytes> rest, first;
  for (unsigned source = 0; source < 8; ++source)
    for (unsigned at = 0; at < 64; at += 8) {
      const Bytes part(dns.begin() + at, dns.begin() + at + 8);
      const Bytes frame = ethernet(kPort0, kPeerMac, 0x0800) + ip(IpAddress::v4(203, 0, 113, 1), kLocal4, part,
                                                                  {.id = source, .flags_fragment = 0x2000 | at / 8});
      (at == 0 ? first : rest).push_back(frame);
    }
  for (const Bytes& frame : rest) EXPECT_EQ(lns.receive(frame), Outcome{});
  const Outcome outcome = lns.receive(first, 0);
  EXPECT_EQ(outcome.to_agent.size(), 32u + 8u);
  EXPECT_EQ(outcome.drops.at("kernel_queue_full"), 56u - 32u);
}

}  // namespace
}  // namespace holdfast::test
