#include "config/address_text.hpp"

#include <gtest/gtest.h>

namespace holdfast::config {
namespace {

IpAddress v6(std::string_view text) { return parse_ipv6(text).value(); }

TEST(AddressText, ReadsDottedDecimal) {
  EXPECT_EQ(parse_ipv4("192.168.20.2"), IpAddress::v4(192, 168, 20, 2));
  for (const auto* bad : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", "01.2.3.4", "::1", "1.2.3.4/8"})
    EXPECT_EQ(parse_ipv4(bad), std::nullopt) << bad;
}

TEST(AddressText, ReadsIpv6ButNotMappedIpv4) {
  IpAddress expected;
  expected.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  EXPECT_EQ(parse_ipv6("2001:db8::1"), expected);
  EXPECT_EQ(parse_ipv6("::"), IpAddress{});
  for (const auto* bad :
       {"", ":::", "1.2.3.4", "::ffff:1.2.3.4", "2001:db8::1::", "2001:db8:0:0:0:0:0:0:0:0:0:0:0:0:0:0:1"})
    EXPECT_EQ(parse_ipv6(bad), std::nullopt) << bad;
  EXPECT_EQ(parse_ipv6(std::string_view("::1\0", 4)), std::nullopt);
}

TEST(AddressText, ReadsPrefixesUpToTheLengthOfTheirFamily) {
  EXPECT_EQ(parse_ipv4_prefix("10.0.0.1/24"), (IpPrefix{IpAddress::v4(10, 0, 0, 1), 24}));
  EXPECT_EQ(parse_ipv6_prefix("2001:db8::/128"), (IpPrefix{v6("2001:db8::"), 128}));
  for (const auto* bad : {"10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/8x", "/8", "10.0.0.1/8/8"})
    EXPECT_EQ(parse_ipv4_prefix(bad), std::nullopt) << bad;
  EXPECT_EQ(parse_ipv6_prefix("::/129"), std::nullopt);
}

TEST(AddressText, TakesContiguousMasksOnly) {
  EXPECT_EQ(parse_mask("255.255.255.0"), 24);
  EXPECT_EQ(parse_mask("0.0.0.0"), 0);
  EXPECT_EQ(parse_mask("255.255.255.255"), 32);
  EXPECT_EQ(parse_mask("255.0.255.0"), std::nullopt);
  EXPECT_EQ(parse_mask("0.0.0.255"), std::nullopt);
}

TEST(AddressText, PrintsAsRfc5952) {
  EXPECT_EQ(to_text(IpAddress::v4(10, 0, 0, 1)), "10.0.0.1");
  EXPECT_EQ(to_text(v6("2001:DB8:0:0:1:0:0:1")), "2001:db8::1:0:0:1");
  EXPECT_EQ(to_text(IpAddress{}), "::");
  EXPECT_EQ(to_text(IpPrefix{IpAddress::v4(10, 0, 0, 0), 8}), "10.0.0.0/8");
}

TEST(Prefix, ContainsWhatAgreesInItsBits) {
  const IpPrefix p{IpAddress::v4(10, 1, 128, 0), 17};
  EXPECT_TRUE(contains(p, IpAddress::v4(10, 1, 255, 255)));
  EXPECT_FALSE(contains(p, IpAddress::v4(10, 1, 127, 255)));
  EXPECT_FALSE(contains({IpAddress{}, 0}, IpAddress::v4(10, 1, 1, 1))) << "::/0 holds IPv6 only";
  EXPECT_TRUE(contains({IpAddress{}, 0}, v6("2001:db8::1")));
  EXPECT_TRUE(contains({v6("2001:db8::"), 33}, v6("2001:db8:7fff::")));
  EXPECT_FALSE(contains({v6("2001:db8::"), 33}, v6("2001:db8:8000::")));
}

TEST(Prefix, IsANetworkWithoutBitsBeyondItsLength) {
  EXPECT_TRUE(is_network({IpAddress::v4(10, 1, 128, 0), 17}));
  EXPECT_FALSE(is_network({IpAddress::v4(10, 1, 128, 0), 16}));
  EXPECT_TRUE(is_network({IpAddress::v4(0), 0}));
  EXPECT_FALSE(is_network({v6("2001:db8::1"), 127}));
}

TEST(Unicast, LeavesOutWhatNoHostCanHave) {
  for (const auto& good : {IpAddress::v4(10, 0, 0, 1), IpAddress::v4(223, 1, 1, 1), v6("2001:db8::1"), v6("fe80::1")})
    EXPECT_TRUE(is_unicast(good)) << to_text(good);
  for (const auto& bad : {IpAddress::v4(0), IpAddress::v4(127, 0, 0, 1), IpAddress::v4(224, 0, 0, 1),
                          IpAddress::v4(255, 255, 255, 255), v6("::"), v6("::1"), v6("ff02::1")})
    EXPECT_FALSE(is_unicast(bad)) << to_text(bad);
}

}  // namespace
}  // namespace holdfast::config
