#include "l2tp/message.hpp"

#include "l2tp/authentication.hpp"
#include "wire_format.hpp"

#include <gtest/gtest.h>

#include <list>
#include <utility>

namespace holdfast::l2tp {
namespace {

using testing::avp;
using testing::Bytes;
using testing::hex;
using testing::kH;
using testing::kM;
using testing::message;
using testing::type;

constexpr unsigned kReserved = 0x0400;
const Octets kSecret = octets_of("secret");
const Bytes kVector = hex("000102030405060708090a0b0c0d0e0f");

ControlMessage accepted(Bytes datagram, Octets secret = {}) {
  static std::list<Bytes> datagrams;  // a message points into its datagram
  datagrams.push_back(std::move(datagram));
  const auto parsed = parse(datagrams.back(), secret);
  EXPECT_TRUE(parsed.has_value()) << name(parsed.error());
  return parsed.value_or(ControlMessage{});
}

ParseError refused(const Bytes& datagram) {
  const auto parsed = parse(datagram, {});
  EXPECT_FALSE(parsed.has_value());
  return parsed.has_value() ? ParseError{} : parsed.error();
}

Bytes hidden(unsigned bits, unsigned attribute, const Bytes& value, const Bytes& vector = kVector) {
  Bytes subformat = testing::subformat(value);
  hide(static_cast<std::uint16_t>(attribute), kSecret, vector, subformat);
  return avp(bits | kH, attribute, subformat);
}

// What a message of this type must have, with plausible values.
Bytes sccrq(std::initializer_list<Bytes> more = {}) {
  Bytes out = message({type(1), avp(kM, 2, hex("0100")), avp(kM, 3, hex("00000003")), avp(kM, 7, hex("6c6163")),
                       avp(kM, 9, hex("1234"))});
  for (const auto& a : more) out.insert(out.end(), a.begin(), a.end());
  out[2] = static_cast<std::uint8_t>(out.size() >> 8);
  out[3] = static_cast<std::uint8_t>(out.size());
  return out;
}

TEST(ControlHeader, IsReadFromAZeroLengthBody) {
  const Bytes zlb = hex("c802 000c 1234 5678 0102 0304");
  const ControlHeader expected{TunnelId(0x1234), SessionId(0x5678), 0x0102, 0x0304};
  EXPECT_EQ(parse_header(zlb).value(), expected);
  const auto m = accepted(zlb);
  EXPECT_EQ(m.header, expected);
  EXPECT_EQ(m.type, MessageType::zlb);
  EXPECT_TRUE(m.known);
  EXPECT_EQ(m.fault, std::nullopt);
}

TEST(ControlHeader, IgnoresReservedAndPriorityBitsAndWhatLiesBehindTheLength) {
  EXPECT_EQ(accepted(hex("fdf2 000c 0001 0000 0000 0000 ffff")).header.tunnel, TunnelId(1));
}

TEST(ControlHeader, IsRefusedByItsOwnName) {
  EXPECT_EQ(refused({}), ParseError::header_too_short);
  EXPECT_EQ(refused(hex("c8")), ParseError::header_too_short);
  EXPECT_EQ(refused(hex("c802 000c 0001 0000 0000 00")), ParseError::header_too_short);
  EXPECT_EQ(refused(hex("4802 000c 0001 0000 0000 0000")), ParseError::not_control);
  EXPECT_EQ(refused(hex("c801 000c 0001 0000 0000 0000")), ParseError::wrong_version) << "L2F";
  EXPECT_EQ(refused(hex("c803 000c 0001 0000 0000 0000")), ParseError::wrong_version) << "L2TPv3";
  EXPECT_EQ(refused(hex("8802 000c 0001 0000 0000 0000")), ParseError::header_flags) << "L clear";
  EXPECT_EQ(refused(hex("c002 000c 0001 0000 0000 0000")), ParseError::header_flags) << "S clear";
  EXPECT_EQ(refused(hex("ca02 000c 0001 0000 0000 0000")), ParseError::header_flags) << "O set";
  EXPECT_EQ(refused(hex("c802 000b 0001 0000 0000 0000")), ParseError::length_below_header);
  EXPECT_EQ(refused(hex("c802 000d 0001 0000 0000 0000")), ParseError::length_beyond_datagram);
}

TEST(ParseErrors, HaveDistinctNames) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kParseErrors; ++i) names.push_back(name(static_cast<ParseError>(i)));
  EXPECT_EQ(names[static_cast<std::size_t>(ParseError::avp_too_short)], "avp_too_short");
  EXPECT_EQ(std::ranges::count(names, "unknown"), 0);
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(Framing, RefusesAvpsThatDoNotFitTheirMessage) {
  EXPECT_EQ(refused(message({hex("80")})), ParseError::avp_truncated);
  EXPECT_EQ(refused(message({type(6), hex("8006 0000 00")})), ParseError::avp_truncated);
  EXPECT_EQ(refused(message({type(6), hex("8005 0000 0001")})), ParseError::avp_too_short);
  EXPECT_EQ(refused(message({type(6), hex("8000 0000 0001 0000")})), ParseError::avp_too_short);
  EXPECT_EQ(refused(message({type(6), hex("8009 0000 0001 0001")})), ParseError::avp_overruns_message);
  EXPECT_EQ(refused(message({hex("83ff 0000 0000 0006")})), ParseError::avp_overruns_message);
}

TEST(MessageTypeAvp, MustComeFirst) {
  EXPECT_EQ(refused(message({avp(kM, 9, hex("0001")), type(6)})), ParseError::message_type_missing);
  EXPECT_EQ(refused(message({avp(kM, 0, hex("0006"), 9)})), ParseError::message_type_missing) << "of another vendor";
  EXPECT_EQ(refused(message({avp(kM | kReserved, 0, hex("0006"))})), ParseError::message_type_missing);
  EXPECT_EQ(refused(message({avp(kM | kH, 0, hex("0006"))})), ParseError::message_type_malformed);
  EXPECT_EQ(refused(message({avp(kM, 0, hex("06"))})), ParseError::message_type_malformed);
  EXPECT_EQ(refused(message({avp(kM, 0, hex("000600"))})), ParseError::message_type_malformed);
  EXPECT_EQ(refused(message({type(0)})), ParseError::message_type_malformed) << "0 is reserved";
}

TEST(MessageTypeAvp, DecidesWhetherAnUnknownMessageMayBeIgnored) {
  const auto ignorable = accepted(message({avp(0, 0, hex("001c")), avp(kM, 4711, {})}));
  EXPECT_FALSE(ignorable.known);
  EXPECT_FALSE(ignorable.mandatory);
  EXPECT_EQ(ignorable.fault, std::nullopt) << "the AVPs of an unknown message mean nothing";
  const auto fatal = accepted(message({type(99)}));
  EXPECT_FALSE(fatal.known);
  EXPECT_TRUE(fatal.mandatory);
  EXPECT_EQ(fatal.fault, (Fault{2, 8, 0, 0}));
  EXPECT_EQ(describe(*fatal.fault).text(), "unknown mandatory message type");
}

TEST(Message, GivesTheAvpsOfAnSccrq) {
  const auto m = accepted(sccrq({avp(0, 5, hex("0102030405060708")), avp(kM, 10, hex("0008")),
                                 avp(kM, 11, hex("c0ffee")), avp(0, 76, hex("0001 000dbba0"))}));
  EXPECT_EQ(m.type, MessageType::sccrq);
  EXPECT_TRUE(m.mandatory);
  EXPECT_EQ(m.fault, std::nullopt);
  EXPECT_EQ(m.u16(AvpType::protocol_version), 0x0100);
  EXPECT_EQ(m.u32(AvpType::framing_capabilities), 3u);
  EXPECT_EQ(m.text(AvpType::host_name), "lac");
  EXPECT_EQ(m.u16(AvpType::assigned_tunnel_id), 0x1234);
  EXPECT_EQ(m.u64(AvpType::tie_breaker), 0x0102030405060708u);
  EXPECT_EQ(m.u16(AvpType::receive_window_size), 8);
  EXPECT_EQ(testing::bytes(m.octets(AvpType::challenge).value()), hex("c0ffee"));
  EXPECT_EQ(m.failover_capability(), (FailoverCapability{true, false, std::chrono::minutes(15)}));
  EXPECT_FALSE(m.has(AvpType::vendor_name));
  EXPECT_EQ(m.text(AvpType::vendor_name), std::nullopt);
  EXPECT_EQ(m.tunnel_recovery(), std::nullopt);
}

TEST(Message, TakesAResultCodeWithoutErrorCode) {
  const auto m = accepted(message({type(4), avp(kM, 9, hex("0007")), avp(kM, 1, hex("0001"))}));
  EXPECT_EQ(m.fault, std::nullopt);
  EXPECT_EQ(m.result_code(), (ResultCode{.result = 1, .error = {}, .text = {}}));
}

TEST(Message, ToleratesAFailoverCapabilityInStopccn) {
  const auto m = accepted(
      message({type(4), avp(kM, 9, hex("0007")), avp(kM, 1, hex("0006 0000")), avp(0, 76, hex("0001 00000000"))}));
  EXPECT_EQ(m.fault, std::nullopt);
  EXPECT_EQ(m.failover_capability()->recovery_time.count(), 0);
}

TEST(Message, ToleratesKnownAvpsOfOtherMessages) {
  const auto m = accepted(message({type(6), avp(kM, 39, {}), avp(kM, 21, hex("31"))}));
  EXPECT_EQ(m.fault, std::nullopt);
  EXPECT_TRUE(m.has(AvpType::sequencing_required));
  EXPECT_EQ(m.text(AvpType::called_number), "1");
}

TEST(Message, TakesTheFirstOfRepeatedAvps) {
  const auto m = accepted(sccrq({avp(kM, 9, hex("5678")), avp(kM, 7, hex("78"))}));
  EXPECT_EQ(m.u16(AvpType::assigned_tunnel_id), 0x1234);
  EXPECT_EQ(m.text(AvpType::host_name), "lac");
  EXPECT_EQ(m.ignored, 2);
}

TEST(Message, StaysValidWhenItIsCopiedAndTheOriginalIsGone) {
  const Bytes datagram = sccrq({avp(kM, 36, kVector), hidden(0, 8, hex("6e616d65"))});
  std::optional<ControlMessage> original = parse(datagram, kSecret).value();
  const ControlMessage copy = *original;
  original.reset();
  EXPECT_EQ(copy.text(AvpType::vendor_name), "name") << "was hidden, so it lies in the message";
  EXPECT_EQ(copy.text(AvpType::host_name), "lac") << "lies in the datagram";
}

// RFC 2661 4.1.
TEST(UnknownAvp, IsAFaultOnlyWithItsMBitSet) {
  EXPECT_EQ(accepted(sccrq({avp(kM, 4711, hex("00"))})).fault, (Fault{2, 8, 0, 4711}));
  EXPECT_EQ(accepted(sccrq({avp(kM, 1, hex("00"), 9)})).fault, (Fault{2, 8, 9, 1})) << "Cisco's 1 is no Result Code";
  const auto ignored = accepted(sccrq({avp(0, 4711, hex("00")), avp(0, 1, hex("00"), 9)}));
  EXPECT_EQ(ignored.fault, std::nullopt);
  EXPECT_EQ(ignored.ignored, 2);
  EXPECT_EQ(describe({2, 8, 9, 1}).text(), "unknown mandatory AVP 1 of vendor 9");
}

TEST(UnknownAvp, IsAnyAvpWithAReservedBitSet) {
  for (const unsigned bit : {0x0400u, 0x0800u, 0x1000u, 0x2000u}) {
    EXPECT_EQ(accepted(sccrq({avp(kM | bit, 10, hex("0008"))})).fault, (Fault{2, 8, 0, 10})) << bit;
    const auto ignored = accepted(sccrq({avp(bit, 10, hex("0008"))}));
    EXPECT_EQ(ignored.fault, std::nullopt);
    EXPECT_FALSE(ignored.has(AvpType::receive_window_size));
  }
}

// RFC 2661 7.1, with its own example: Rx Connect Speed in two octets.
TEST(MalformedAvp, IsIgnoredWithoutItsMBit) {
  const auto m = accepted(
      message({type(12), avp(kM, 24, hex("00002580")), avp(kM, 19, hex("00000001")), avp(0, 38, hex("2580"))}));
  EXPECT_EQ(m.fault, std::nullopt);
  EXPECT_FALSE(m.has(AvpType::rx_connect_speed));
  EXPECT_EQ(m.ignored, 1);
}

TEST(MalformedAvp, IsAWrongLengthWithItsMBit) {
  EXPECT_EQ(accepted(sccrq({avp(kM, 10, hex("000008"))})).fault, (Fault{2, 2, 0, 10}));
  EXPECT_EQ(describe({2, 2, 0, 10}).text(), "wrong length of AVP 10 (Receive Window Size)");
}

TEST(MalformedAvp, IsReportedOnceForTheFirstOfSeveral) {
  const auto m = accepted(sccrq({avp(kM, 10, hex("08")), avp(kM, 4711, {}), avp(kM, 10, hex("0000"))}));
  EXPECT_EQ(m.fault, (Fault{2, 2, 0, 10}));
}

TEST(MalformedAvp, IsAnIdOrAWindowOfZero) {
  EXPECT_EQ(accepted(sccrq({avp(kM, 10, hex("0000"))})).fault, (Fault{2, 3, 0, 10}));
  EXPECT_EQ(accepted(message({type(10), avp(kM, 14, hex("0000")), avp(kM, 15, hex("00000001"))})).fault,
            (Fault{2, 3, 0, 14}));
  EXPECT_EQ(describe({2, 3, 0, 14}).text(), "AVP 14 (Assigned Session ID) missing or out of range");
}

TEST(MalformedAvp, IsNotAnIdOfZeroInWhatEndsATunnelOrCall) {
  EXPECT_EQ(accepted(message({type(4), avp(kM, 9, hex("0000")), avp(kM, 1, hex("0001"))})).fault, std::nullopt);
  const auto cdn = accepted(message({type(14), avp(kM, 14, hex("0000")), avp(kM, 1, hex("0004"))}));
  EXPECT_EQ(cdn.fault, std::nullopt);
  EXPECT_EQ(cdn.u16(AvpType::assigned_session_id), 0);
}

// RFC 2661 4.4.2: result 5 names the highest version supported.
TEST(ProtocolVersion, OfAnotherVersionIsRefusedBeforeAnythingElse) {
  const auto m = accepted(message({type(1), avp(kM, 4711, {}), avp(kM, 2, hex("0200"))}));
  EXPECT_EQ(m.fault, (Fault{5, 0x0100, 0, 2}));
  EXPECT_EQ(describe(*m.fault).text(), "protocol version not supported");
}

TEST(ProtocolVersion, MayBeALaterRevision) {
  Bytes datagram = sccrq();
  datagram[12 + 8 + 7] = 1;
  const auto m = accepted(datagram);
  EXPECT_EQ(m.u16(AvpType::protocol_version), 0x0101);
  EXPECT_EQ(m.fault, std::nullopt);
}

Bytes a_value_of(const AvpSpec& row, std::size_t length) {
  Bytes value(length, 0x01);
  if (row.type == AvpType::protocol_version) value = hex("0100");
  return value;
}
Bytes an_avp_of(const AvpSpec& row, std::size_t length, unsigned bits = 0) {
  return avp(bits, attribute(row.type), a_value_of(row, length), vendor(row.type));
}

TEST(EveryAvp, IsTakenAtItsShortestAndItsLongest) {
  for (const auto& row : kAvps) {
    if (row.type == AvpType::message_type) continue;
    for (const std::size_t length : {row.min_length, row.max_length}) {
      const auto m = accepted(message({type(6), an_avp_of(row, length, kM)}));
      EXPECT_EQ(m.fault, std::nullopt) << row.name;
      EXPECT_EQ(m.ignored, 0) << row.name;
      ASSERT_TRUE(m.has(row.type)) << row.name;
      EXPECT_EQ(testing::bytes(*m.octets(row.type)), a_value_of(row, length)) << row.name;
    }
  }
}

TEST(EveryAvp, IsRefusedWhenItIsShorterOrLonger) {
  for (const auto& row : kAvps) {
    if (row.type == AvpType::message_type) continue;
    std::vector<std::size_t> wrong;
    if (row.min_length > 0) wrong.push_back(row.min_length - 1u);
    if (row.max_length < kMaxValueLength) wrong.push_back(row.max_length + 1u);
    for (const std::size_t length : wrong) {
      Bytes bad = an_avp_of(row, row.min_length, kM);
      bad = avp(kM, attribute(row.type), Bytes(length, 1), vendor(row.type));
      const auto strict = accepted(message({type(6), bad}));
      EXPECT_EQ(strict.fault, (Fault{2, 2, vendor(row.type), attribute(row.type)})) << row.name << ' ' << length;
      EXPECT_FALSE(strict.has(row.type)) << row.name;
      bad = avp(0, attribute(row.type), Bytes(length, 1), vendor(row.type));
      const auto lenient = accepted(message({type(6), bad}));
      EXPECT_EQ(lenient.fault, std::nullopt) << row.name;
      EXPECT_EQ(lenient.ignored, 1) << row.name;
    }
  }
}

TEST(EveryAvp, IsBoundedInTheSameWayWhereItIsHidden) {
  constexpr std::size_t kLongestHidden = kMaxValueLength - 2;  // the subformat begins with the length
  for (const auto& row : kAvps) {
    if (row.hideable == Hideable::no) continue;
    const auto hidden_with = [&](std::size_t length) {
      Bytes subformat = testing::subformat(a_value_of(row, length));
      hide(attribute(row.type), kSecret, kVector, subformat);
      return accepted(
          message({type(6), avp(kM, 36, kVector), avp(kM | kH, attribute(row.type), subformat, vendor(row.type))}),
          kSecret);
    };
    const std::size_t longest = std::min<std::size_t>(row.max_length, kLongestHidden);
    for (const std::size_t length : {std::size_t{row.min_length}, longest}) {
      const auto m = hidden_with(length);
      EXPECT_EQ(m.fault, std::nullopt) << row.name << ' ' << length;
      ASSERT_TRUE(m.has(row.type)) << row.name;
      EXPECT_EQ(testing::bytes(*m.octets(row.type)), a_value_of(row, length)) << row.name;
    }
    const Fault wrong_length{2, 2, vendor(row.type), attribute(row.type)};
    if (row.min_length > 0) EXPECT_EQ(hidden_with(row.min_length - 1u).fault, wrong_length) << row.name;
    if (row.max_length < kLongestHidden) EXPECT_EQ(hidden_with(row.max_length + 1u).fault, wrong_length) << row.name;
  }
}

TEST(EveryAvp, MayBeHiddenOnlyIfItsRowSaysSo) {
  for (const auto& row : kAvps) {
    if (row.type == AvpType::message_type) continue;
    const Bytes value = a_value_of(row, row.min_length);
    Bytes subformat = testing::subformat(value);
    hide(attribute(row.type), kSecret, kVector, subformat);
    const auto m = accepted(
        message({type(6), avp(kM, 36, kVector), avp(kM | kH, attribute(row.type), subformat, vendor(row.type))}),
        kSecret);
    if (row.hideable == Hideable::yes) {
      EXPECT_EQ(m.fault, std::nullopt) << row.name;
      ASSERT_TRUE(m.has(row.type)) << row.name;
      EXPECT_EQ(testing::bytes(*m.octets(row.type)), value) << row.name;
    } else {
      EXPECT_EQ(m.fault, (Fault{2, 3, 0, attribute(row.type)})) << row.name;
    }
  }
}

TEST(EveryMessage, IsAcceptedWithWhatItMustHaveAndRefusedWithoutAnyOfIt) {
  for (const auto& row : kMessages) {
    if (row.type == MessageType::zlb) continue;
    const auto build = [&](std::optional<AvpType> without) {
      Bytes datagram = message({avp(kM, 0, {0, static_cast<std::uint8_t>(row.type)})});
      for (const auto required : row.required) {
        if (required == without) continue;
        const Bytes a = an_avp_of(*find_avp(required), find_avp(required)->min_length, kM);
        datagram.insert(datagram.end(), a.begin(), a.end());
      }
      datagram[2] = static_cast<std::uint8_t>(datagram.size() >> 8);
      datagram[3] = static_cast<std::uint8_t>(datagram.size());
      return accepted(datagram);
    };
    const auto whole = build({});
    EXPECT_EQ(whole.type, row.type);
    EXPECT_TRUE(whole.known);
    EXPECT_EQ(whole.fault, std::nullopt) << row.name;
    for (const auto required : row.required)
      EXPECT_EQ(build(required).fault, (Fault{2, 3, 0, attribute(required)})) << row.name;
  }
}

TEST(HiddenAvp, UsesTheRandomVectorClosestBeforeIt) {
  const Bytes second = hex("ffeeddccbbaa99887766554433221100");
  const auto m = accepted(message({type(10), avp(kM, 36, kVector), hidden(kM, 14, hex("0042")), avp(kM, 36, second),
                                   hidden(kM, 15, hex("deadbeef"), second), avp(kM, 21, hex("39"))}),
                          kSecret);
  EXPECT_EQ(m.fault, std::nullopt);
  EXPECT_EQ(m.u16(AvpType::assigned_session_id), 0x0042);
  EXPECT_EQ(m.u32(AvpType::call_serial_number), 0xdeadbeef);
  EXPECT_EQ(m.text(AvpType::called_number), "9");
}

TEST(HiddenAvp, SaysThatASecretIsWanted) {
  const auto m = accepted(sccrq({avp(kM, 36, kVector), hidden(kM, 4, hex("00000001"))}));
  EXPECT_TRUE(m.unread_hidden);
  EXPECT_EQ(m.fault, (Fault{2, 3, 0, 4}));
  EXPECT_EQ(m.text(AvpType::host_name), "lac") << "enough to find the secret";
}

TEST(HiddenAvp, NeedsARandomVectorBeforeIt) {
  EXPECT_EQ(accepted(sccrq({hidden(kM, 4, hex("00000001")), avp(kM, 36, kVector)}), kSecret).fault,
            (Fault{2, 3, 0, 4}));
  EXPECT_EQ(accepted(sccrq({hidden(0, 8, hex("61"))}), kSecret).ignored, 1);
}

TEST(HiddenAvp, WithALengthInsideThatIsTooLargeIsMalformed) {
  Bytes lying = hex("0005 00000001");
  hide(4, kSecret, kVector, lying);
  EXPECT_EQ(accepted(sccrq({avp(kM, 36, kVector), avp(kM | kH, 4, lying)}), kSecret).fault, (Fault{2, 2, 0, 4}));
  EXPECT_EQ(accepted(sccrq({avp(kM, 36, kVector), avp(kM | kH, 4, {})}), kSecret).fault, (Fault{2, 2, 0, 4}));
}

TEST(HiddenAvp, IsRefusedWhenThereIsNoRoomForItsValue) {
  const Bytes long_name(1000, 0x61);
  const auto m = accepted(
      sccrq({avp(kM, 36, kVector), hidden(0, 8, long_name), hidden(0, 26, long_name), hidden(0, 30, long_name)}),
      kSecret);
  EXPECT_EQ(m.octets(AvpType::vendor_name)->size(), 1000u);
  EXPECT_EQ(m.octets(AvpType::initial_received_lcp_confreq)->size(), 1000u);
  EXPECT_FALSE(m.has(AvpType::proxy_authen_name));
  EXPECT_EQ(m.ignored, 1);
}

// RFC 4951 4.1: other AVPs are ignored, even unknown ones with M.
TEST(FailoverSessionQuery, ListsAllSessionsAndIgnoresWhatDoesNotBelong) {
  const auto m = accepted(
      message({avp(0, 0, hex("0015")), avp(kM, 79, hex("0000 0000 0011 0000 0021")), avp(kM, 4711, {}),
               avp(kM, 9, hex("0000")), avp(kM, 36, kVector), hidden(kM, 79, hex("0000 0000 0012 0000 0022"))}),
      kSecret);
  EXPECT_EQ(m.type, MessageType::fsq);
  EXPECT_FALSE(m.mandatory);
  EXPECT_EQ(m.fault, std::nullopt);
  EXPECT_EQ(m.ignored, 2);
  ASSERT_EQ(m.session_states().size(), 2u);
  EXPECT_EQ(m.session_states()[0], (FailoverSessionState{SessionId(0x21), PeerSessionId(0x11)}));
  EXPECT_EQ(m.session_states()[1], (FailoverSessionState{SessionId(0x22), PeerSessionId(0x12)}));
}

TEST(FailoverSessionQuery, HoldsAsManySessionsAsAnEthernetFrameAndNoMore) {
  const auto with = [](unsigned count) {
    Bytes datagram = message({avp(0, 0, hex("0015"))});
    for (unsigned i = 0; i < count; ++i) {
      const Bytes a = avp(kM, 79, hex("0000 0000 0011 0000 0021"));
      datagram.insert(datagram.end(), a.begin(), a.end());
    }
    datagram[2] = static_cast<std::uint8_t>(datagram.size() >> 8);
    datagram[3] = static_cast<std::uint8_t>(datagram.size());
    return accepted(datagram);
  };
  EXPECT_EQ(with(92).session_states().size(), 92u);
  EXPECT_EQ(with(92).ignored, 0);
  EXPECT_EQ(with(130).session_states().size(), 128u);
  EXPECT_EQ(with(130).ignored, 2);
}

// draft-ietf-l2tpext-tunnel-switching-08: one AVP for each that has switched the call.
TEST(Message, KeepsEveryTunnelSwitchingAggregatorIdInItsOrder) {
  const auto ids_of = [](const ControlMessage& m) {
    std::vector<std::string> ids;
    for (const Octets id : m.aggregators()) ids.emplace_back(text_of(id));
    return ids;
  };
  const Bytes icrq = message({type(10), avp(kM, 14, hex("0011")), avp(kM, 15, hex("00000001")), avp(0, 93, hex("6131")),
                              avp(0, 93, hex("")), avp(0, 93, hex("6232"))});
  const auto m = accepted(icrq);
  EXPECT_FALSE(m.fault);
  EXPECT_EQ(m.ignored, 1) << "the one without octets";
  EXPECT_EQ(ids_of(m), (std::vector<std::string>{"a1", "b2"}));
  EXPECT_EQ(ids_of(accepted(message({type(10), avp(kM, 14, hex("0011")), avp(kM, 15, hex("00000001")),
                                     avp(kM, 36, kVector), hidden(0, 93, hex("6131")), hidden(0, 93, hex("6232")),
                                     hidden(0, 22, hex("3939")), avp(0, 93, hex("6333"))}),
                            kSecret)),
            (std::vector<std::string>{"a1", "b2", "c3"}));
}

TEST(Message, KeepsSoManyTunnelSwitchingAggregatorIdsAndIgnoresTheRest) {
  std::vector<Bytes> avps{type(10), avp(kM, 14, hex("0011")), avp(kM, 15, hex("00000001"))};
  for (unsigned i = 0; i < 40; ++i) avps.push_back(avp(0, 93, hex("61")));
  Bytes all;
  for (const Bytes& one : avps) all.insert(all.end(), one.begin(), one.end());
  const auto m = accepted(message({all}));
  EXPECT_EQ(m.aggregators().size(), 32u);
  EXPECT_EQ(m.ignored, 8);
}

TEST(MessageTable, NamesMessagesAndTheirScope) {
  EXPECT_EQ(name(MessageType::sccrq), "SCCRQ");
  EXPECT_EQ(name(MessageType::stopccn), "StopCCN");
  EXPECT_EQ(name(static_cast<MessageType>(99)), "unknown");
  EXPECT_EQ(find_message(MessageType::icrq)->scope, Scope::session);
  EXPECT_EQ(find_message(MessageType::hello)->scope, Scope::tunnel);
  EXPECT_EQ(find_message(static_cast<MessageType>(5)), nullptr) << "5 is reserved";
}

TEST(FaultText, FitsForEveryAvp) {
  for (const auto& row : kAvps)
    for (const auto error : std::initializer_list<std::uint16_t>{2, 3, 8}) {
      const Fault fault{2, error, vendor(row.type), attribute(row.type)};
      EXPECT_FALSE(describe(fault).empty()) << row.name;
    }
}

}  // namespace
}  // namespace holdfast::l2tp
