#include "l2tp/avp.hpp"

#include "l2tp/avp_values.hpp"
#include "wire_format.hpp"

#include <gtest/gtest.h>

namespace holdfast::l2tp {
namespace {

using testing::Bytes;
using testing::hex;

TEST(AvpTable, FindsEveryRowByTypeAndByWhatIsOnTheWire) {
  for (const auto& row : kAvps) {
    EXPECT_EQ(find_avp(row.type), &row) << row.name;
    EXPECT_EQ(find_avp(vendor(row.type), attribute(row.type)), &row) << row.name;
  }
}

TEST(AvpTable, KeepsVendorsApart) {
  EXPECT_EQ(find_avp(0, 1)->name, "Result Code");
  EXPECT_EQ(find_avp(3561, 1)->name, "Agent-Circuit-Id");
  EXPECT_EQ(find_avp(0, 0xde01), nullptr) << "an unknown attribute of the IETF, not one of the Broadband Forum";
  EXPECT_EQ(find_avp(3561, 0xde01), nullptr);
  EXPECT_EQ(find_avp(3561, 0x0101), nullptr);
  EXPECT_EQ(find_avp(9, 1), nullptr) << "Cisco's";
  EXPECT_EQ(find_avp(0, 20), nullptr) << "RFC 2661 leaves 20 out";
  EXPECT_EQ(find_avp(0, 0xffff), nullptr);
}

// RFC 2661 4.4, RFC 3145 2, RFC 3308 3.1, 4.1, RFC 4951 5, RFC 5515 6: "The M-bit for this AVP MUST be set to 1/0",
// "This AVP MUST NOT be hidden", read again.
TEST(AvpTable, HasTheMandatoryAndHideableBitsOfTheStandards) {
  std::vector<unsigned> mandatory;
  std::vector<unsigned> clear_only;
  for (const auto& row : kAvps) {
    if (vendor(row.type) != kVendorIetf) continue;
    if (row.mandatory == Mandatory::yes) mandatory.push_back(attribute(row.type));
    if (row.hideable == Hideable::no) clear_only.push_back(attribute(row.type));
  }
  EXPECT_EQ(mandatory, (std::vector<unsigned>{0,  1,  2,  3,  4,  7,  9,  10, 11, 12, 13, 14, 15, 16,
                                              17, 18, 19, 21, 22, 23, 24, 34, 35, 36, 39, 77, 79}));
  EXPECT_EQ(clear_only, (std::vector<unsigned>{0, 1, 2, 5, 7, 10, 12, 36, 39, 77}));
}

template <class Value>
Bytes encoded(const Value& value) {
  Bytes out(64);
  Writer writer(out);
  value.encode(writer);
  out.resize(writer.size());
  return out;
}

template <class Value>
void expect_wire(const Value& value, const char* octets) {
  EXPECT_EQ(encoded(value), hex(octets));
  const Bytes wire = hex(octets);
  EXPECT_EQ(Value::decode(wire), value);
}

TEST(AvpValues, ResultCodeHasItsThreeForms) {
  expect_wire(ResultCode{.result = 1, .error = {}, .text = {}}, "0001");
  expect_wire(ResultCode{.result = 2, .error = 8, .text = {}}, "0002 0008");
  expect_wire(ResultCode{.result = 2, .error = 6, .text = "no"}, "0002 0006 6e6f");
}

TEST(AvpValues, ResultCodeWritesAnErrorCodeBeforeAText) {
  EXPECT_EQ(encoded(ResultCode{.result = 3, .error = {}, .text = "bye"}), hex("0003 0000 627965"));
}

TEST(AvpValues, ResultCodeOfThreeOctetsHasNoErrorCode) {
  const Bytes wire = hex("0001 00");
  EXPECT_EQ(ResultCode::decode(wire), (ResultCode{.result = 1, .error = {}, .text = {}}));
}

TEST(AvpValues, TheOthersLieOnTheWireAsTheirRfcsDrawThem) {
  expect_wire(Q931Cause{16, 0x45, "bye"}, "0010 45 627965");
  expect_wire(Q931Cause{16, 0x45, {}}, "0010 45");
  expect_wire(CallErrors{1, 2, 3, 4, 5, 0x01020304}, "0000 00000001 00000002 00000003 00000004 00000005 01020304");
  expect_wire(Accm{0x000a0000, 0xffffffff}, "0000 000a0000 ffffffff");
  expect_wire(PppDisconnectCause{16, 0xc023, 1, "bad"}, "0010 c023 01 626164");
  expect_wire(FailoverCapability{true, false, std::chrono::minutes(15)}, "0001 000dbba0");
  expect_wire(FailoverCapability{false, true, std::chrono::milliseconds(0)}, "0002 00000000");
  expect_wire(SuggestedControlSequence{3, 100}, "0000 0003 0064");
}

// RFC 4951 5.2, 5.4: the sender's own id first, so the two ends see ours and theirs exchanged.
TEST(AvpValues, RecoveredIdsChangeSidesOnTheWay) {
  EXPECT_EQ(encoded(TunnelRecovery{TunnelId(0x1111), PeerTunnelId(0x2222)}), hex("0000 0000 1111 0000 2222"));
  EXPECT_EQ(TunnelRecovery::decode(hex("0000 0000 1111 0000 2222")),
            (TunnelRecovery{TunnelId(0x2222), PeerTunnelId(0x1111)}));
  EXPECT_EQ(encoded(FailoverSessionState{SessionId(0x3333), PeerSessionId(0)}), hex("0000 0000 3333 0000 0000"));
  EXPECT_EQ(FailoverSessionState::decode(hex("0000 0000 3333 0000 0000")),
            (FailoverSessionState{SessionId(0), PeerSessionId(0x3333)}));
}

}  // namespace
}  // namespace holdfast::l2tp
