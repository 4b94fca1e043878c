// Router Solicitations and Advertisements (RFC 4861, RFC 8106). The packets and their checksums were computed apart
// from the code under test.
#include "subscriber/router_advertisement.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace holdfast::subscriber {
namespace {

std::vector<std::uint8_t> bytes(const std::string& digits) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  return out;
}

IpAddress v6(std::string_view digits) {
  const auto octets = bytes(std::string(digits));
  IpAddress address;
  std::copy(octets.begin(), octets.end(), address.octets.begin());
  return address;
}

RouterAdvertisement complete() {
  return {.our_interface_id = 1,
          .prefix = {v6("20010db8000100020000000000000000"), 64},
          .dns1 = v6("20010db8000000000000000000000053"),
          .dns2 = v6("20010db8000000000000000000000054"),
          .mtu = 1460};
}

std::vector<std::uint8_t> build(const RouterAdvertisement& advertisement) {
  std::array<std::uint8_t, kMaxRouterAdvertisement> buffer{};
  const Octets packet = build_router_advertisement(buffer, advertisement);
  return {packet.begin(), packet.end()};
}

TEST(RouterAdvertisement, CarriesPrefixMtuAndServers) {
  EXPECT_EQ(build(complete()),
            bytes("6000000000603afffe800000000000000000000000000001ff020000000000000000000000000001"
                  "860074ca40000708"
                  "0000000000000000"
                  "030440c000278d0000093a800000000020010db8000100020000000000000000"
                  "05010000000005b4"
                  "190500000000070820010db800000000000000000000005320010db8000000000000000000000054"));
  EXPECT_EQ(build(complete()).size(), kMaxRouterAdvertisement);
}

TEST(RouterAdvertisement, LeavesOutWhatThereIsNot) {
  const auto packet = build({.our_interface_id = 1});
  EXPECT_EQ(packet, bytes("6000000000103afffe800000000000000000000000000001ff020000000000000000000000000001"
                          "86003527400007080000000000000000"));
}

TEST(RouterAdvertisement, LeavesOutAnIpv4Server) {
  RouterAdvertisement with_ipv4 = complete();
  with_ipv4.dns1 = IpAddress::v4(10, 0, 0, 53);
  EXPECT_EQ(build(with_ipv4).size(), kMaxRouterAdvertisement - 16);
}

TEST(RouterAdvertisement, ClearsTheBitsAfterThePrefix) {
  RouterAdvertisement host_bits = complete();
  host_bits.prefix.address.octets[15] = 1;
  EXPECT_EQ(build(host_bits), build(complete()));
}

TEST(RouterAdvertisement, RefusesAPrefixThatHostsCouldNotUse) {
  RouterAdvertisement wrong = complete();
  wrong.prefix.length = 56;
  EXPECT_TRUE(build(wrong).empty());
  wrong.prefix = {IpAddress::v4(10, 0, 0, 0), 64};
  EXPECT_TRUE(build(wrong).empty());
}

TEST(RouterAdvertisement, RefusesABufferThatIsTooSmall) {
  std::array<std::uint8_t, kMaxRouterAdvertisement - 1> buffer{};
  EXPECT_TRUE(build_router_advertisement(buffer, complete()).empty());
}

constexpr std::string_view kSolicitation =
    "6000000000083afffe800000000000000000000000000002ff02000000000000000000000000000285007d3500000000";

TEST(RouterSolicitation, IsKnownFromAHostWithAndWithoutAnAddress) {
  EXPECT_TRUE(is_router_solicitation(bytes(std::string(kSolicitation))));
  EXPECT_TRUE(is_router_solicitation(
      bytes("6000000000083aff00000000000000000000000000000000ff02000000000000000000000000000285007bb800000000")));
  EXPECT_TRUE(is_router_solicitation(
      bytes("6000000000083aff20010db8000000000000000000000002ff02000000000000000000000000000285004dfd00000000")));
}

TEST(RouterSolicitation, MayHaveALinkLayerAddressAndPadding) {
  EXPECT_TRUE(
      is_router_solicitation(bytes("6000000000103afffe800000000000000000000000000002ff020000000000000000000000000002"
                                   "850015930000000001010011223344550000")));
}

TEST(RouterSolicitation, MustHaveRightLengthsAtEveryCut) {
  const auto whole = bytes(std::string(kSolicitation));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(is_router_solicitation(Octets(whole).first(length))) << length;
}

TEST(RouterSolicitation, MustHaveARightChecksum) {
  const auto whole = bytes(std::string(kSolicitation));
  for (std::size_t i = 8; i < whole.size(); ++i) {
    auto damaged = whole;
    damaged[i] ^= 0x10;
    EXPECT_FALSE(is_router_solicitation(damaged)) << i;
  }
}

TEST(RouterSolicitation, MustBeWhatRfc4861Asks) {
  const std::pair<const char*, std::string> wrong[] = {
      {"hop limit 64",
       "6000000000083a40fe800000000000000000000000000002ff02000000000000000000000000000285007d3500000000"},
      {"code 1", "6000000000083afffe800000000000000000000000000002ff02000000000000000000000000000285017d3400000000"},
      {"too short for its kind",
       "6000000000043afffe800000000000000000000000000002ff02000000000000000000000000000285007d39"},
      {"a Router Advertisement",
       "6000000000103afffe800000000000000000000000000002ff02000000000000000000000000000286007c2d00000000000000000000000"
       "0"},
      {"an option of length zero",
       "6000000000103afffe800000000000000000000000000002ff0200000000000000000000000000028500159400000000010000112233445"
       "5"},
      {"an option beyond the end",
       "6000000000103afffe800000000000000000000000000002ff0200000000000000000000000000028500159200000000010200112233445"
       "5"},
      {"a link-layer address without an address",
       "6000000000103aff00000000000000000000000000000000ff0200000000000000000000000000028500141600000000010100112233445"
       "5"},
  };
  for (const auto& [title, packet] : wrong) EXPECT_FALSE(is_router_solicitation(bytes(packet))) << title;
}

}  // namespace
}  // namespace holdfast::subscriber
