#include "wire/digest.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Digest, HashesPiecesAsTheirConcatenation) {
  const Md5 whole = md5({octets_of("abc")});
  EXPECT_EQ(md5({octets_of("a"), octets_of(""), octets_of("bc")}), whole);
  EXPECT_EQ(whole,
            (Md5{0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d, 0x28, 0xe1, 0x7f, 0x72}));
}

TEST(Digest, KeysSha256AsHmac) {
  // RFC 4231 4.3
  EXPECT_EQ(hmac_sha256(octets_of("Jefe"), octets_of("what do ya want for nothing?")),
            (Sha256{0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
                    0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43}));
}

TEST(Digest, ComparesSecretsOfEqualAndOfDifferentLength) {
  EXPECT_TRUE(equal_in_constant_time(octets_of("secret"), octets_of("secret")));
  EXPECT_FALSE(equal_in_constant_time(octets_of("secret"), octets_of("secreT")));
  EXPECT_FALSE(equal_in_constant_time(octets_of("secret"), octets_of("secret1")));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
}

}  // namespace
}  // namespace holdfast
