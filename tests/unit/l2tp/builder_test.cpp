#include "l2tp/builder.hpp"

#include "l2tp/message.hpp"
#include "wire_format.hpp"

#include <gtest/gtest.h>

namespace holdfast::l2tp {
namespace {

using testing::avp;
using testing::Bytes;
using testing::bytes;
using testing::hex;
using testing::kM;

const Octets kSecret = octets_of("secret");

class Builder : public ::testing::Test {
 protected:
  MessageBuilder begin(MessageType type, PeerSessionId session = {}) {
    return MessageBuilder(buffer_, type, PeerTunnelId(7), session);
  }
  std::array<std::uint8_t, 1500> buffer_{};
};

TEST_F(Builder, WritesAHello) {
  EXPECT_EQ(bytes(begin(MessageType::hello).finish()), hex("c802 0014 0007 0000 0000 0000 8008 0000 0000 0006"));
}

TEST_F(Builder, WritesAnSccrqInTheOrderOfTheCalls) {
  auto sccrq = begin(MessageType::sccrq);
  sccrq.u16(AvpType::protocol_version, kProtocolVersion)
      .u32(AvpType::framing_capabilities, 3)
      .text(AvpType::host_name, "lac")
      .u16(AvpType::assigned_tunnel_id, 0x1234)
      .u64(AvpType::tie_breaker, 0x0102030405060708)
      .add(FailoverCapability{true, false, std::chrono::milliseconds(30000)});
  EXPECT_EQ(bytes(sccrq.finish()), hex("c802 0051 0007 0000 0000 0000"
                                       "8008 0000 0000 0001"
                                       "8008 0000 0002 0100"
                                       "800a 0000 0003 00000003"
                                       "8009 0000 0007 6c6163"
                                       "8008 0000 0009 1234"
                                       "000e 0000 0005 0102030405060708"
                                       "000c 0000 004c 0001 00007530"));
}

TEST_F(Builder, WritesACdnToTheSessionOfThePeer) {
  auto cdn = begin(MessageType::cdn, PeerSessionId(0x99));
  cdn.result(2, 6, "no").u16(AvpType::assigned_session_id, 0x42).add(PppDisconnectCause{16, 0xc023, 1, {}});
  EXPECT_EQ(bytes(cdn.finish()), hex("c802 0033 0007 0099 0000 0000"
                                     "8008 0000 0000 000e"
                                     "800c 0000 0001 0002 0006 6e6f"
                                     "8008 0000 000e 0042"
                                     "000b 0000 002e 0010 c023 01"));
}

// RFC 4951 4.1: the M bit of Message Type is 0, that of the AVP 1.
TEST_F(Builder, ClearsTheMBitOfAFailoverSessionQuery) {
  auto fsq = begin(MessageType::fsq);
  fsq.add(FailoverSessionState{SessionId(0x11), PeerSessionId(0x22)});
  EXPECT_EQ(bytes(fsq.finish()), hex("c802 0024 0007 0000 0000 0000"
                                     "0008 0000 0000 0015"
                                     "8010 0000 004f 0000 0000 0011 0000 0022"));
}

TEST_F(Builder, WritesVendorAvpsAndAvpsWithoutValue) {
  auto iccn = begin(MessageType::icrq);
  iccn.text(AvpType::agent_circuit_id, "eth 1/1").flag(AvpType::connect_speed_update_enable);
  EXPECT_EQ(bytes(iccn.finish()), hex("c802 0027 0007 0000 0000 0000"
                                      "8008 0000 0000 000a"
                                      "000d 0de9 0001 65746820312f31"
                                      "0006 0000 0062"));
}

TEST_F(Builder, GivesNothingWhenTheBufferIsTooSmall) {
  std::array<std::uint8_t, 27> small{};
  MessageBuilder b(small, MessageType::stopccn, PeerTunnelId(7), {});
  EXPECT_EQ(b.room(), 7u);
  EXPECT_TRUE(b.u16(AvpType::assigned_tunnel_id, 1).finish().empty());
}

TEST_F(Builder, GivesNothingWhenAValueIsTooLongForItsAvp) {
  EXPECT_TRUE(begin(MessageType::icrq).text(AvpType::agent_circuit_id, std::string(64, 'x')).finish().empty());
  EXPECT_TRUE(begin(MessageType::sccrq).text(AvpType::host_name, "").finish().empty());
  EXPECT_TRUE(begin(MessageType::cdn).result(2, 6, std::string(1014, 'x')).finish().empty());
  EXPECT_FALSE(begin(MessageType::cdn).result(2, 6, std::string(1013, 'x')).finish().empty());
}

// With the random vector 00..0f and the secret "secret" the value is be6a0ff3.
TEST_F(Builder, HidesWhatMayBeHiddenBehindARandomVector) {
  CountingEntropy entropy(0);
  auto sccrq = begin(MessageType::sccrq);
  sccrq.hide(kSecret, entropy).text(AvpType::host_name, "lac").u16(AvpType::assigned_tunnel_id, 0x1234).reveal();
  sccrq.u16(AvpType::firmware_revision, 1);
  EXPECT_EQ(bytes(sccrq.finish()), hex("c802 0045 0007 0000 0000 0000"
                                       "8008 0000 0000 0001"
                                       "8009 0000 0007 6c6163"
                                       "8016 0000 0024 000102030405060708090a0b0c0d0e0f"
                                       "c00a 0000 0009 be6a0ff3"
                                       "0008 0000 0006 0001"));
}

TEST_F(Builder, HidesTheLengthOfTextToo) {
  CountingEntropy entropy(0);
  const auto length_of_hidden = [&](std::string_view password) {
    return begin(MessageType::iccn).hide(kSecret, entropy).text(AvpType::proxy_authen_name, password).finish().size();
  };
  EXPECT_EQ(length_of_hidden("a"), length_of_hidden("fourteen octet"));
  EXPECT_EQ(length_of_hidden("a") + 16, length_of_hidden("fifteen octets."));
}

TEST_F(Builder, HidesNothingWithoutASecret) {
  CountingEntropy entropy(0);
  EXPECT_EQ(bytes(begin(MessageType::icrp).hide({}, entropy).u16(AvpType::assigned_session_id, 5).finish()),
            hex("c802 001c 0007 0000 0000 0000 8008 0000 0000 000b 8008 0000 000e 0005"));
}

TEST_F(Builder, RefusesToHideWhatGetsTooLongByIt) {
  CountingEntropy entropy(0);
  const std::string longest(1015, 'x');
  EXPECT_FALSE(
      begin(MessageType::iccn).hide(kSecret, entropy).text(AvpType::proxy_authen_name, longest).finish().empty());
  EXPECT_TRUE(
      begin(MessageType::iccn).hide(kSecret, entropy).text(AvpType::proxy_authen_name, longest + "x").finish().empty());
}

void add_at(MessageBuilder& b, const AvpSpec& row, const Bytes& value) {
  switch (row.kind) {
    case Kind::empty: b.flag(row.type); return;
    case Kind::u16:
    case Kind::id: b.u16(row.type, 0x0101); return;
    case Kind::u32: b.u32(row.type, 0x01010101); return;
    case Kind::u64: b.u64(row.type, 0x0101010101010101); return;
    case Kind::octets:
    case Kind::text: b.octets(row.type, value); return;
    case Kind::structure: return;  // their values have tests of their own
  }
}

TEST_F(Builder, IsReadBackByTheParserForEveryAvpInTheClearAndHidden) {
  for (const auto& row : kAvps) {
    if (row.kind == Kind::structure || row.type == AvpType::message_type) continue;
    for (const std::size_t length : {row.min_length, row.max_length}) {
      for (const bool hide : {false, true}) {
        if (hide && (row.hideable == Hideable::no || length > 1015)) continue;
        CountingEntropy entropy(0);
        const Bytes value(length, 0x01);
        auto b = begin(MessageType::hello);
        if (hide) b.hide(kSecret, entropy);
        add_at(b, row, value);
        const Bytes datagram = bytes(b.finish());
        const auto parsed = parse(datagram, kSecret);
        ASSERT_TRUE(parsed.has_value()) << row.name;
        EXPECT_EQ(parsed->fault, std::nullopt) << row.name;
        ASSERT_TRUE(parsed->has(row.type)) << row.name;
        EXPECT_EQ(bytes(*parsed->octets(row.type)), value) << row.name;
        const std::size_t at = datagram.size() - 6 - length;
        EXPECT_TRUE(hide || ((datagram[at] & 0x80) != 0) == (row.mandatory == Mandatory::yes)) << row.name;
      }
    }
  }
}

TEST(Sequence, IsWrittenIntoABuiltMessageInPlace) {
  Bytes hello = hex("c802 0014 0007 0000 0000 0000 8008 0000 0000 0006");
  set_sequence(hello, 0xabcd, 0x1234);
  EXPECT_EQ(hello, hex("c802 0014 0007 0000 abcd 1234 8008 0000 0000 0006"));
}

TEST(Zlb, IsAHeaderAlone) {
  std::array<std::uint8_t, 16> buffer{};
  EXPECT_EQ(bytes(build_zlb(buffer, PeerTunnelId(7), 2, 3)), hex("c802 000c 0007 0000 0002 0003"));
  EXPECT_TRUE(build_zlb(MutableOctets(buffer).first(11), PeerTunnelId(7), 2, 3).empty());
}

}  // namespace
}  // namespace holdfast::l2tp
