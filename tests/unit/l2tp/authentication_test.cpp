#include "l2tp/authentication.hpp"

#include "wire_format.hpp"

#include <gtest/gtest.h>

namespace holdfast::l2tp {
namespace {

using testing::Bytes;
using testing::hex;

const Octets kSecret = octets_of("secret");
const Bytes kCounted = hex("000102030405060708090a0b0c0d0e0f");

TEST(ChallengeResponse, HashesTheMessageTypeOfItsCarrier) {
  EXPECT_EQ(testing::bytes(challenge_response(MessageType::sccrp, kSecret, kCounted)),
            hex("dd4186e2196f00124a9d588f02701259"));
  EXPECT_EQ(testing::bytes(challenge_response(MessageType::scccn, kSecret, kCounted)),
            hex("8f3c2fa6fcfea72215ae83ea89ec2b77"));
}

TEST(Hiding, HidesAnAssignedTunnelIdOf0x1234) {
  Bytes subformat = hex("0002 1234");
  hide(9, kSecret, kCounted, subformat);
  EXPECT_EQ(subformat, hex("be6a0ff3"));
  Bytes out(2);
  EXPECT_EQ(unhide(9, kSecret, kCounted, subformat, out), 2u);
  EXPECT_EQ(out, hex("1234"));
}

// The lengths around the chunks of 16 octets, of which the length field takes two.
class HidingOfLength : public ::testing::TestWithParam<std::size_t> {};

TEST_P(HidingOfLength, IsUndoneForEveryLengthOfPadding) {
  for (std::size_t padding = 0; padding < 20; ++padding) {
    Bytes value(GetParam());
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<std::uint8_t>(i * 7 + 1);
    Bytes subformat = testing::subformat(value, padding);
    const Bytes plain = subformat;
    hide(33, kSecret, kCounted, subformat);
    ASSERT_NE(subformat, plain);
    Bytes out(value.size());
    ASSERT_EQ(unhide(33, kSecret, kCounted, subformat, out), value.size());
    EXPECT_EQ(out, value);
  }
}
INSTANTIATE_TEST_SUITE_P(Lengths, HidingOfLength, ::testing::Values(0, 1, 13, 14, 15, 16, 29, 30, 31, 200, 1015));

TEST(Hiding, RefusesALengthLargerThanWhatIsThere) {
  Bytes out(1024);
  for (const auto* inner : {"0003 1234", "ffff 1234", "0001"}) {
    Bytes subformat = hex(inner);
    hide(9, kSecret, kCounted, subformat);
    EXPECT_EQ(unhide(9, kSecret, kCounted, subformat, out), std::nullopt) << inner;
  }
  EXPECT_EQ(unhide(9, kSecret, kCounted, Bytes{}, out), std::nullopt) << "no room for a length";
  EXPECT_EQ(unhide(9, kSecret, kCounted, Bytes{0x42}, out), std::nullopt) << "half a length";
}

TEST(Hiding, RefusesAValueLargerThanTheBuffer) {
  Bytes subformat = hex("0004 12345678");
  hide(24, kSecret, kCounted, subformat);
  Bytes small(3);
  EXPECT_EQ(unhide(24, kSecret, kCounted, subformat, small), std::nullopt);
  EXPECT_EQ(small, hex("000000"));
}

}  // namespace
}  // namespace holdfast::l2tp
