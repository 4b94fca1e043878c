// What a SYN announces as its largest segment, lowered to what the subscriber's link carries.
#include "access.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

constexpr unsigned kSyn = 0x02, kAck = 0x10;
constexpr unsigned kMost4 = 1400, kMost6 = 1380;

Bytes mss(unsigned value) { return Bytes{2, 4} + be16(value); }
const Bytes kNop{1}, kEnd{0}, kWindowScale{3, 3, 7}, kSackPermitted{4, 2};

struct TcpForm {
  unsigned flags = kSyn;
  unsigned offset = 0;  // as the header says, in words; 0: what is true
  unsigned flags_fragment = 0;
};

// An IP packet with a TCP segment of these options, whose checksum is right.
Bytes segment(const IpAddress& from, const IpAddress& to, Bytes options, TcpForm form = {}, unsigned ttl = 64) {
  while (options.size() % 4 != 0) options.push_back(0);
  const unsigned offset = form.offset != 0 ? form.offset : 5 + size(options) / 4;
  Bytes tcp = be16(40000) + be16(80) + be32(0x12345678) + be32(0) +
              Bytes{static_cast<std::uint8_t>(offset << 4), static_cast<std::uint8_t>(form.flags)} + be16(0xfaf0) +
              be16(0) + be16(0) + options;
  const Bytes pseudo_header = octets_of(from) + octets_of(to) + be16(6) + be16(size(tcp));
  const Bytes checksum = be16(internet_checksum(pseudo_header + tcp));
  tcp[16] = checksum[0];
  tcp[17] = checksum[1];
  return ip(from, to, tcp, {.ttl = ttl, .protocol = 6, .flags_fragment = form.flags_fragment});
}

class Mss : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    auto row = lns.session_row();
    row.mss = kMost4;
    lns.put(row);
  }
  Bytes up(const Bytes& options, TcpForm form = {}, unsigned ttl = 64) const {
    return v4 ? segment(kUser4, kCore4, options, form, ttl) : segment(kUser6, kCore6, options, form, ttl);
  }
  Bytes down(const Bytes& options, TcpForm form = {}, unsigned ttl = 64) const {
    return v4 ? segment(kCore4, kUser4, options, form, ttl) : segment(kCore6, kUser6, options, form, ttl);
  }
  // That the packet with the first options leaves as one with the second.
  void expect_becomes(const Bytes& before, const Bytes& after, TcpForm form = {}) {
    const Bytes ppp = Bytes{0xff, 3} + be16(v4 ? 0x21 : 0x57);
    const unsigned type = v4 ? 0x0800 : 0x86dd;
    EXPECT_EQ(lns.receive(lns.from_user(ppp + up(before, form))),
              sent(1, ethernet(kCoreMac, kPort1, type) + up(after, form, 63)));
    EXPECT_EQ(lns.receive(ethernet(kPort1, kCoreMac, type) + down(before, form), 1),
              sent(0, lns.to_user(ppp + down(after, form, 63), id++)));
  }

  const bool v4 = GetParam() == 4;
  const unsigned most = v4 ? kMost4 : kMost6;
  unsigned id = 0;
  Lns lns;
};
INSTANTIATE_TEST_SUITE_P(Inner, Mss, testing::Values(4, 6),
                         [](const auto& test) { return "Ipv" + std::to_string(test.param); });

TEST_P(Mss, IsLoweredInSynBothWays) {
  for (const unsigned announced : {1460u, 1401u, 8960u, 65535u}) expect_becomes(mss(announced), mss(most));
  expect_becomes(mss(1460), mss(most), {.flags = kSyn | kAck});
}

TEST_P(Mss, IsFoundBehindOtherOptionsAtAnyOffset) {
  for (const Bytes& before : {kNop, kNop + kNop, kWindowScale, kWindowScale + kSackPermitted, kSackPermitted})
    expect_becomes(before + mss(1460) + kWindowScale, before + mss(most) + kWindowScale);
  expect_becomes(mss(1460) + mss(1450), mss(most) + mss(most));
}

TEST_P(Mss, IsNeverRaised) {
  for (const unsigned announced : {0u, 536u, most - 1, most}) expect_becomes(mss(announced), mss(announced));
}

TEST_P(Mss, IsLeftInWhatIsNoSyn) {
  for (const unsigned flags : {0u, kAck, 0x11u, 0x04u}) expect_becomes(mss(1460), mss(1460), {.flags = flags});
}

TEST_P(Mss, IsLeftInOptionsThatMakeNoSense) {
  for (const Bytes& options :
       {kEnd + mss(1460), Bytes{3, 0} + mss(1460), Bytes{3, 1} + mss(1460), Bytes{3, 40} + mss(1460),
        Bytes{2, 3, 0xff} + kNop, Bytes{1, 1, 1, 2}, Bytes{2, 6, 0xff, 0xff, 0xff, 0xff}, Bytes{1, 2, 4, 0xff}})
    expect_becomes(options, options);
  expect_becomes(mss(1460), mss(1460), {.offset = 4});
  expect_becomes(mss(1460), mss(1460), {.offset = 15});
  expect_becomes(mss(1460), mss(1460), {.offset = 5});
}

TEST_P(Mss, IsLeftWhereTheRowSaysNothing) {
  lns.put(lns.session_row());
  expect_becomes(mss(1460), mss(1460));
}

TEST(MssOfFragments, IsLoweredInTheFirstAndLeftInTheRest) {
  Lns lns;
  auto row = lns.session_row();
  row.mss = kMost4;
  lns.put(row);
  for (const auto& [fragment, expected] : {std::pair{0x2000u, kMost4}, std::pair{0x2001u, 1460u}, {1u, 1460u}}) {
    const TcpForm form{.flags_fragment = fragment};
    const Bytes frame = be16(0x21) + segment(kUser4, kCore4, mss(1460), form);
    EXPECT_EQ(lns.receive(lns.from_user(frame)),
              sent(1, ethernet(kCoreMac, kPort1, 0x0800) + segment(kUser4, kCore4, mss(expected), form, 63)));
  }
}

TEST(MssOfLac, IsLoweredInFramesThatPassBothWays) {
  Access lac(kTunnel);
  auto row = lac.access_row();
  row.mss = kMost4;
  lac.put(row);
  unsigned id = 0;
  for (const bool v4 : {true, false})
    for (const Bytes& protocol : {be16(v4 ? 0x21 : 0x57), Bytes{static_cast<std::uint8_t>(v4 ? 0x21 : 0x57)}}) {
      const auto frame = [&](unsigned value) {
        const Bytes options = kNop + mss(value);
        return protocol + (v4 ? segment(kUser4, kCore4, options) : segment(kUser6, kCore6, options));
      };
      const Bytes lowered = frame(v4 ? kMost4 : kMost6);
      EXPECT_EQ(lac.receive(lac.from_circuit(frame(1460)), 1), sent(0, lac.to_user(Bytes{0xff, 3} + lowered, id++)));
      EXPECT_EQ(lac.receive(lac.from_user(frame(1460))), sent(1, lac.to_circuit(lowered)));
    }
  // Not IP, and IP that is cut short or none at all.
  const Bytes whole = segment(kUser4, kCore4, mss(1460));
  for (std::ptrdiff_t length : {0, 1, 19, 20, 39, 43}) {
    const Bytes frame = be16(0x21) + Bytes(whole.begin(), whole.begin() + length);
    EXPECT_EQ(lac.receive(lac.from_user(frame)), sent(1, lac.to_circuit(frame)));
  }
  for (const Bytes& frame : {be16(0x8021) + whole, be16(0x57) + Bytes{0x60} + Bytes(19, 0), Bytes{0}, Bytes{0x21}})
    EXPECT_EQ(lac.receive(lac.from_circuit(frame), 1), sent(0, lac.to_user(Bytes{0xff, 3} + frame, id++)));
}

TEST(MssOfLac, IsTheSmallerOfTwoSwitchedSessions) {
  Lns lns;
  auto row = lns.session_row();
  row.flags = abi::kSessionToSession;
  row.onward = 10;
  row.mss = 1300;
  lns.put(row);
  row.session = SessionId(10);
  row.peer_session = PeerSessionId(100);
  row.onward = 9;
  row.mss = 1200;
  lns.put(row);
  const auto frame = [&](unsigned value) { return Bytes{0xff, 3} + be16(0x21) + segment(kUser4, kCore4, mss(value)); };
  EXPECT_EQ(lns.receive(lns.from_user(frame(1460))), sent(0, lns.to_peer(l2tp(77, 100, frame(1200)))));
  EXPECT_EQ(lns.receive(lns.from_peer(l2tp(7, 10, frame(1460)))), sent(0, lns.to_user(frame(1200), 1)));
}

}  // namespace
}  // namespace holdfast::test
