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

TEST(Digest, ComparesSecretsOfEqualAndOfDifferentLength) {
  EXPECT_TRUE(equal_in_constant_time(octets_of("secret"), octets_of("secret")));
  EXPECT_FALSE(equal_in_constant_time(octets_of("secret"), octets_of("secreT")));
  EXPECT_FALSE(equal_in_constant_time(octets_of("secret"), octets_of("secret1")));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
}

}  // namespace
}  // namespace holdfast
