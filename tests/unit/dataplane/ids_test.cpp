// The session table's index from the ids on the wire (dataplane/abi/ids.hpp).
#include "abi/ids.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(SessionIndexTest, banks_are_the_fewest_that_hold_the_sessions_since_id_0_is_none) {
  EXPECT_EQ(bank_bits_for(1), 0u);
  EXPECT_EQ(bank_bits_for(65535), 0u);
  EXPECT_EQ(bank_bits_for(65536), 1u);
  EXPECT_EQ(bank_bits_for(2 * 65535), 1u);
  EXPECT_EQ(bank_bits_for(2 * 65535 + 1), 2u);
  EXPECT_EQ(bank_bits_for(kMostSessions), kMostBankBits);
}

TEST(SessionIndexTest, tunnels_of_one_bank_share_its_session_ids) {
  EXPECT_EQ(session_index(TunnelId{6}, SessionId{9}, 1), session_index(TunnelId{8}, SessionId{9}, 1));
  EXPECT_NE(session_index(TunnelId{6}, SessionId{9}, 1), session_index(TunnelId{7}, SessionId{9}, 1));
}

}  // namespace
}  // namespace holdfast
