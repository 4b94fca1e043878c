#include "access/cookie.hpp"

#include "subscriber.hpp"

#include <gtest/gtest.h>

namespace holdfast::access {
namespace {

using std::chrono::seconds;

constexpr CookieKey kKey{1, 2, 3};
constexpr PortId kPort{2};
constexpr TimePoint kNow{640 * seconds(1)};  // a slot begins
constexpr Discovery kRequest{
    .source = kSubscriber, .outer_vlan = 5, .inner_vlan = 6, .outer_type = kServiceTag, .tags = {}};

TEST(AcCookie, IsGoodFromThePadiToThePadr) {
  const Cookie cookie = make_cookie(kKey, kRequest, kPort, kNow);
  Discovery padr = kRequest;  // to us instead of all, and with tags
  padr.destination = kOurs;
  padr.code = Code::padr;
  EXPECT_TRUE(cookie_valid(kKey, padr, kPort, cookie, kNow));
}

TEST(AcCookie, IsGoodUntilTheNextSlotIsOver) {
  const Cookie early = make_cookie(kKey, kRequest, kPort, kNow);
  const Cookie late = make_cookie(kKey, kRequest, kPort, kNow + seconds(63));
  EXPECT_EQ(early, late);
  EXPECT_TRUE(cookie_valid(kKey, kRequest, kPort, late, kNow + seconds(64)));
  EXPECT_TRUE(cookie_valid(kKey, kRequest, kPort, late, kNow + seconds(127)));
  EXPECT_FALSE(cookie_valid(kKey, kRequest, kPort, late, kNow + seconds(128)));
  EXPECT_FALSE(cookie_valid(kKey, kRequest, kPort, early, kNow - seconds(1)));
}

TEST(AcCookie, IsGoodForOneSubscriberOnly) {
  const Cookie cookie = make_cookie(kKey, kRequest, kPort, kNow);
  Discovery other = kRequest;
  other.source[5] ^= 1;
  EXPECT_FALSE(cookie_valid(kKey, other, kPort, cookie, kNow));
  other = kRequest;
  other.outer_vlan = 7;
  EXPECT_FALSE(cookie_valid(kKey, other, kPort, cookie, kNow));
  other = kRequest;
  other.inner_vlan = 0;
  EXPECT_FALSE(cookie_valid(kKey, other, kPort, cookie, kNow));
  EXPECT_FALSE(cookie_valid(kKey, kRequest, PortId{3}, cookie, kNow));
}

TEST(AcCookie, CannotBeForged) {
  const Cookie cookie = make_cookie(kKey, kRequest, kPort, kNow);
  for (std::size_t bit = 0; bit < cookie.size() * 8; ++bit) {
    Cookie forged = cookie;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ 1u << bit % 8);
    EXPECT_FALSE(cookie_valid(kKey, kRequest, kPort, forged, kNow)) << bit;
  }
  for (std::size_t size = 0; size < cookie.size(); ++size)
    EXPECT_FALSE(cookie_valid(kKey, kRequest, kPort, Octets(cookie).first(size), kNow)) << size;
  Bytes longer(cookie.begin(), cookie.end());
  longer.push_back(0);
  EXPECT_FALSE(cookie_valid(kKey, kRequest, kPort, longer, kNow));
  EXPECT_FALSE(cookie_valid(CookieKey{1, 2, 4}, kRequest, kPort, cookie, kNow));
}

TEST(AcCookie, IsGoodInTheFirstSlotOfAll) {
  const Cookie cookie = make_cookie(kKey, kRequest, kPort, TimePoint{});
  EXPECT_TRUE(cookie_valid(kKey, kRequest, kPort, cookie, TimePoint{}));
}

}  // namespace
}  // namespace holdfast::access
