// The example of RFC 2759 9.2.
#include "aaa/mschap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace holdfast::aaa {
namespace {

constexpr std::array<std::uint8_t, 16> kOurs{0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
                                             0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28};
constexpr std::array<std::uint8_t, kMsChapV2Response> kResponse{
    0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a, 0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e, 0,
    0,    0,    0,    0,    0,    0,    0,    0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0, 0x8f,
    0xaa, 0x39, 0x81, 0xcd, 0x83, 0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf, 0};
constexpr AuthenticatorResponse kProof{0x40, 0x7a, 0x55, 0x89, 0x11, 0x5f, 0xd0, 0xd6, 0x20, 0x9f,
                                       0x51, 0x0f, 0xe9, 0xc0, 0x45, 0x66, 0x93, 0x2c, 0xda, 0x56};

TEST(MsChapV2, TakesTheResponseOfThePasswordAndProvesThatItIsKnown) {
  EXPECT_EQ(check_ms_chap_v2("clientPass", octets_of("User"), kOurs, kResponse), kProof);
}

TEST(MsChapV2, LeavesTheDomainOfWindowsOut) {
  EXPECT_EQ(check_ms_chap_v2("clientPass", octets_of("REALM\\User"), kOurs, kResponse), kProof);
  EXPECT_EQ(check_ms_chap_v2("clientPass", octets_of("User\\"), kOurs, kResponse), std::nullopt);
}

TEST(MsChapV2, RefusesWhateverElseIsShown) {
  EXPECT_FALSE(check_ms_chap_v2("clientpass", octets_of("User"), kOurs, kResponse));
  EXPECT_FALSE(check_ms_chap_v2("", octets_of("User"), kOurs, kResponse));
  EXPECT_FALSE(check_ms_chap_v2("clientPass", octets_of("user"), kOurs, kResponse));
  for (const std::size_t at : {0u, 15u, 24u, 47u}) {
    auto wrong = kResponse;
    wrong[at] ^= 1;
    EXPECT_FALSE(check_ms_chap_v2("clientPass", octets_of("User"), kOurs, wrong)) << "octet " << at;
  }
  auto other = kOurs;
  other[7] ^= 0x80;
  EXPECT_FALSE(check_ms_chap_v2("clientPass", octets_of("User"), other, kResponse));
  for (const std::size_t length : {0u, 16u, 48u})
    EXPECT_FALSE(check_ms_chap_v2("clientPass", octets_of("User"), kOurs, Octets(kResponse).first(length)));
}

}  // namespace
}  // namespace holdfast::aaa
