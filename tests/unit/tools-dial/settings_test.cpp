#include "dial/settings.hpp"

#include <gtest/gtest.h>

namespace holdfast::dial::test {
namespace {

TEST(Names, BearTheNumberOfTheSessionAndOfItsDomain) {
  EXPECT_EQ(fill_in("bob", 4), "bob");
  EXPECT_EQ(fill_in("user{}", 4), "user5");
  EXPECT_EQ(fill_in("user{}@d{domain}.example", 4, 3), "user5@d2.example");
  EXPECT_EQ(fill_in("user{}@d{domain}.example", 4), "user5@d1.example");
}

}  // namespace
}  // namespace holdfast::dial::test
