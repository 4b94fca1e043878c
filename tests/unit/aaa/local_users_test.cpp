#include "aaa/local_users.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <ostream>

namespace holdfast::aaa {

bool operator==(const Checked& a, const Checked& b) { return a.verdict == b.verdict && a.user == b.user; }
void PrintTo(const Checked& checked, std::ostream* os) {
  *os << static_cast<int>(checked.verdict) << " " << (checked.user != nullptr ? checked.user->name : "nobody");
}

namespace {

class LocalUsers : public testing::Test {
 protected:
  const std::array<LocalUser, 3> users{
      {{"alice", "wonder", {}}, {"user1", "secret", IpAddress::v4(10, 0, 0, 9)}, {"user1", "other", {}}}};
  const LocalUser* const user1 = &users[1];

  Checked pap(std::string_view user, std::string_view password) const {
    return check(users, {Credentials::Method::pap, 0, octets_of(user), octets_of(password)});
  }
  Checked chap(std::string_view user, std::uint8_t id, Octets given) const {
    return check(users, {Credentials::Method::chap, id, octets_of(user), given, challenge});
  }
  std::array<std::uint8_t, 16> challenge = [] {
    std::array<std::uint8_t, 16> c{};
    std::iota(c.begin(), c.end(), std::uint8_t{0});
    return c;
  }();
  // MD5 over 01, "secret" and 00 to 0f (RFC 1994 4.1)
  std::array<std::uint8_t, 16> response{0x74, 0x0e, 0x86, 0x46, 0x3b, 0xda, 0x3a, 0x4d,
                                        0x70, 0x17, 0xd6, 0xe0, 0xfb, 0xa0, 0x69, 0x9d};
};

TEST_F(LocalUsers, AcceptThePasswordOfPap) {
  EXPECT_EQ(pap("user1", "secret"), (Checked{Verdict::accept, user1}));
  EXPECT_EQ(pap("user1", "secret").user->fixed_ipv4, IpAddress::v4(10, 0, 0, 9));
}

TEST_F(LocalUsers, RefuseAnyOtherPassword) {
  for (const auto* wrong : {"", "secre", "secrets", "Secret", "wonder"})
    EXPECT_EQ(pap("user1", wrong), (Checked{Verdict::wrong_password, user1})) << wrong;
  EXPECT_EQ(pap("user1", std::string_view("secret\0", 7)), (Checked{Verdict::wrong_password, user1}));
  EXPECT_EQ(pap("user1", std::string(256, 's')), (Checked{Verdict::wrong_password, user1}));
}

TEST_F(LocalUsers, TakeTheFirstOfTwoWithTheSameName) {
  EXPECT_EQ(pap("user1", "other"), (Checked{Verdict::wrong_password, user1}));
}

TEST_F(LocalUsers, DoNotKnowOtherNames) {
  for (const auto* stranger : {"", "user", "user11", "USER1"})
    EXPECT_EQ(pap(stranger, ""), (Checked{Verdict::unknown_user, nullptr})) << stranger;
}

TEST_F(LocalUsers, AcceptTheResponseOfChap) {
  EXPECT_EQ(chap("user1", 1, response), (Checked{Verdict::accept, user1}));
}

TEST_F(LocalUsers, RefuseAResponseToAnotherChallengeOrOfAnotherLength) {
  EXPECT_EQ(chap("user1", 2, response), (Checked{Verdict::wrong_password, user1}));
  EXPECT_EQ(chap("user1", 1, Octets(response).first(15)), (Checked{Verdict::wrong_password, user1}));
  EXPECT_EQ(chap("alice", 1, response), (Checked{Verdict::wrong_password, users.data()}));
  EXPECT_EQ(chap("stranger", 1, response), (Checked{Verdict::unknown_user, nullptr}));
  challenge[0] ^= 1;
  EXPECT_EQ(chap("user1", 1, response), (Checked{Verdict::wrong_password, user1}));
}

}  // namespace
}  // namespace holdfast::aaa
