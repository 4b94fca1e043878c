#include "subscriber/address_pool.hpp"

#include <gtest/gtest.h>

namespace holdfast::subscriber {
namespace {

TEST(Ipv4Pool, GivesOutBothEndsAndThenNothing) {
  Ipv4Pool pool(IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 3));
  EXPECT_EQ(pool.take(), IpAddress::v4(10, 0, 0, 1));
  EXPECT_EQ(pool.take(), IpAddress::v4(10, 0, 0, 2));
  EXPECT_EQ(pool.take(), IpAddress::v4(10, 0, 0, 3));
  EXPECT_EQ(pool.take(), std::nullopt);
}

TEST(Ipv4Pool, GivesAReleasedAddressLast) {
  Ipv4Pool pool(IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 3));
  pool.release(*pool.take());
  EXPECT_EQ(pool.take(), IpAddress::v4(10, 0, 0, 2));
  EXPECT_EQ(pool.take(), IpAddress::v4(10, 0, 0, 3));
  EXPECT_EQ(pool.take(), IpAddress::v4(10, 0, 0, 1));
}

TEST(Ipv4Pool, NeverGivesOutWhatIsReserved) {
  Ipv4Pool pool(IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 2));
  pool.reserve(IpAddress::v4(10, 0, 0, 1));
  EXPECT_EQ(pool.take(), IpAddress::v4(10, 0, 0, 2));
  EXPECT_EQ(pool.take(), std::nullopt);
}

TEST(Ipv6Pool, DelegatesEachPrefixOnce) {
  const IpAddress base{{0x20, 0x01, 0x0d, 0xb8, 0, 1}};
  Ipv6Pool pool({base, 62}, 64);
  IpAddress expected = base;
  for (std::uint8_t i = 0; i < 4; ++i) {
    expected.octets[7] = i;
    const auto prefix = pool.take();
    EXPECT_EQ(prefix, (IpPrefix{expected, 64}));
    EXPECT_TRUE(pool.contains(*prefix));
  }
  EXPECT_EQ(pool.take(), std::nullopt);
  expected.octets[7] = 4;
  EXPECT_FALSE(pool.contains({expected, 64}));
}

}  // namespace
}  // namespace holdfast::subscriber
