// What a session's record becomes in the forwarding tables.
#include "engine/rows.hpp"

#include <gtest/gtest.h>

namespace holdfast::engine {
namespace {

constexpr std::uint32_t kSequencing = abi::kSessionSendSequence | abi::kSessionMirrorSequence;

std::uint32_t sequence_flags(l2tp::Role role, bool demanded, bool chosen = false) {
  SessionRecord session{};
  session.l2tp.role = role;
  session.l2tp.sequencing = demanded ? 1 : 0;
  config::DataMessages data;
  data.sequence_numbers = chosen;
  return put_session(session, nullptr, PeerTunnelId(1), {1460, data}).session.flags & kSequencing;
}

// RFC 2661 5.4: the LAC's demand holds at all times; without it the LAC does as the LNS does.
TEST(SessionRow, NumbersDataMessagesWhereTheLacDemandsIt) {
  EXPECT_EQ(sequence_flags(l2tp::Role::lns, true), abi::kSessionSendSequence);
  EXPECT_EQ(sequence_flags(l2tp::Role::lac, true), abi::kSessionSendSequence);
}

TEST(SessionRow, FollowsTheLnsWhereNothingIsDemanded) {
  EXPECT_EQ(sequence_flags(l2tp::Role::lac, false), abi::kSessionMirrorSequence);
  EXPECT_EQ(sequence_flags(l2tp::Role::lns, false), 0u);
}

TEST(SessionRow, NumbersDataMessagesWhereTheLnsIsConfiguredTo) {
  EXPECT_EQ(sequence_flags(l2tp::Role::lns, false, true), abi::kSessionSendSequence);
  EXPECT_EQ(sequence_flags(l2tp::Role::lac, false, true), abi::kSessionMirrorSequence);
}

TEST(SessionRow, SaysHowDataMessagesOfThePeerAreTaken) {
  config::DataMessages data;
  const auto row = [&] { return put_session({}, nullptr, PeerTunnelId(1), {1460, data, 1400}).session; };
  EXPECT_EQ(row().reorder_packets, 0);
  EXPECT_EQ(row().flags & (abi::kSessionIgnoreSequence | abi::kSessionSendLength), 0u);
  EXPECT_EQ(row().flags & abi::kSessionOmitFf03, 0u);
  EXPECT_EQ(row().mss, 1400);
  data = {.ignore_sequence_numbers = true,
          .length = true,
          .omit_address_control = true,
          .reorder_packets = 8,
          .reorder_milliseconds = 50};
  EXPECT_EQ(row().reorder_packets, 8);
  EXPECT_EQ(row().reorder_milliseconds, 50);
  EXPECT_NE(row().flags & abi::kSessionIgnoreSequence, 0u);
  EXPECT_NE(row().flags & abi::kSessionSendLength, 0u);
  EXPECT_NE(row().flags & abi::kSessionOmitFf03, 0u);
}

}  // namespace
}  // namespace holdfast::engine
