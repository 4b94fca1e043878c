#include "access/tags.hpp"

#include "subscriber.hpp"

#include <gtest/gtest.h>

namespace holdfast::access {
namespace {

std::string text(const std::optional<Octets>& octets) { return octets ? std::string(text_of(*octets)) : "(none)"; }

TagError refusal(const Bytes& octets) {
  const auto tags = parse_tags(octets);
  EXPECT_FALSE(tags.has_value());
  return tags ? TagError{} : tags.error();
}

TEST(DiscoveryTags, AreAllReadInOnePass) {
  const Bytes octets = every_tag(octets_of("0123456789abcdef"));
  const auto tags = parse_tags(octets);
  ASSERT_TRUE(tags);
  EXPECT_EQ(text(tags->service_name), "internet");
  EXPECT_EQ(text(tags->host_uniq), std::string("\0\1\2\xff", 4));
  EXPECT_EQ(text(tags->ac_cookie), "0123456789abcdef");
  EXPECT_EQ(text(tags->relay_session_id), "relay-000001");
  EXPECT_EQ(tags->max_payload, 1500);
  EXPECT_EQ(text_of(tags->agent_circuit_id), "dslam1 atm 3/0:100.33");
  EXPECT_EQ(text_of(tags->agent_remote_id), "line 4711");
  EXPECT_EQ(tags->rate_upstream, 1024u);
  EXPECT_EQ(tags->rate_downstream, 16384u);
  EXPECT_FALSE(tags->ac_name || tags->service_name_error || tags->ac_system_error || tags->generic_error);
}

TEST(DiscoveryTags, TellAnEmptyServiceNameFromNone) {
  const Bytes any = tag(TagType::service_name);
  EXPECT_EQ(text(parse_tags(any)->service_name), "");
  EXPECT_EQ(text(parse_tags({})->service_name), "(none)");
}

TEST(DiscoveryTags, GiveTheFirstOfSeveral) {
  const Bytes octets =
      all({tag(TagType::service_name, "one"), tag(TagType::service_name, "two"),
           tag(TagType::ppp_max_payload, Bytes{0x05, 0xdc}), tag(TagType::ppp_max_payload, Bytes{0x05, 0xdd}),
           line_tags({line_tag(LineTagType::agent_circuit_id, "a")}),
           line_tags({line_tag(LineTagType::agent_circuit_id, "b"), line_tag(LineTagType::agent_remote_id, "c")})});
  const auto tags = parse_tags(octets);
  ASSERT_TRUE(tags);
  EXPECT_EQ(text(tags->service_name), "one");
  EXPECT_EQ(tags->max_payload, 1500);
  EXPECT_EQ(text_of(tags->agent_circuit_id), "a");
  EXPECT_EQ(text_of(tags->agent_remote_id), "c");
}

TEST(DiscoveryTags, PassOverWhatIsUnknown) {
  const Bytes octets = all({tag(0x0111, Bytes(200)), tag(TagType::vendor_specific, Bytes{0, 0, 0, 9, 1, 200}),
                            line_tags({Bytes{0x83, 1, 0}}), tag(TagType::service_name, "x")});
  const auto tags = parse_tags(octets);
  ASSERT_TRUE(tags);
  EXPECT_EQ(text(tags->service_name), "x");
}

TEST(DiscoveryTags, EndAtEndOfList) {
  const Bytes octets = all({tag(TagType::service_name), tag(TagType::end_of_list), Bytes{1, 3, 0xff}});
  const auto tags = parse_tags(octets);
  ASSERT_TRUE(tags);
  EXPECT_FALSE(tags->host_uniq);
}

TEST(DiscoveryTags, ReadErrorsOfTheOtherSide) {
  const Bytes octets = all({tag(TagType::service_name_error), tag(TagType::ac_system_error, "full"),
                            tag(TagType::generic_error, "bye"), tag(TagType::ac_name, "ac1")});
  const auto tags = parse_tags(octets);
  ASSERT_TRUE(tags);
  EXPECT_EQ(text(tags->service_name_error), "");
  EXPECT_EQ(text(tags->ac_system_error), "full");
  EXPECT_EQ(text(tags->generic_error), "bye");
  EXPECT_EQ(text(tags->ac_name), "ac1");
}

TEST(DiscoveryTags, AreRefusedWhenALengthIsNotTheStandards) {
  const Bytes longest(63, 'a');
  const Bytes too_long(64, 'a');
  const Bytes taken =
      line_tags({line_tag(LineTagType::agent_circuit_id, longest), line_tag(LineTagType::agent_remote_id, longest)});
  ASSERT_TRUE(parse_tags(taken));
  EXPECT_EQ(parse_tags(taken)->agent_circuit_id.size(), 63u);
  EXPECT_EQ(parse_tags(taken)->agent_remote_id.size(), 63u);
  for (const auto type : {LineTagType::agent_circuit_id, LineTagType::agent_remote_id})
    EXPECT_EQ(refusal(line_tags({line_tag(type, too_long)})), TagError::tag_wrong_length);
  for (const auto type : {LineTagType::actual_data_rate_upstream, LineTagType::actual_data_rate_downstream})
    for (const std::size_t size : {0u, 3u, 5u})
      EXPECT_EQ(refusal(line_tags({line_tag(type, Bytes(size))})), TagError::tag_wrong_length);
  for (const std::size_t size : {0u, 1u, 3u})
    EXPECT_EQ(refusal(tag(TagType::ppp_max_payload, Bytes(size))), TagError::tag_wrong_length);
  EXPECT_EQ(refusal(tag(TagType::end_of_list, "x")), TagError::tag_wrong_length);
  EXPECT_EQ(refusal(tag(TagType::vendor_specific, Bytes{0, 0, 13})), TagError::tag_wrong_length);
}

TEST(DiscoveryTags, AreRefusedWhenOneReachesOut) {
  EXPECT_EQ(refusal({0x01, 0x03, 0x00}), TagError::tag_truncated);
  EXPECT_EQ(refusal({0x01, 0x03, 0x00, 0x02, 0x00}), TagError::tag_overruns);
  EXPECT_EQ(refusal({0x01, 0x03, 0xff, 0xff}), TagError::tag_overruns);
  EXPECT_EQ(refusal(line_tags({Bytes{1}})), TagError::tag_truncated);
  EXPECT_EQ(refusal(line_tags({Bytes{1, 2, 'a'}})), TagError::tag_overruns);
}

// Where a packet is cut between two tags, what is before it is whole.
TEST(DiscoveryTags, AreRefusedOrReadInPartWhereverTheyAreCutOff) {
  const Bytes octets = every_tag(octets_of("0123456789abcdef"));
  unsigned read = 0;
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const Bytes cut(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    if (const auto tags = parse_tags(cut)) {
      ++read;
      EXPECT_EQ(tags->rate_upstream, tags->rate_downstream == 0 ? 0u : 1024u);
    }
  }
  EXPECT_EQ(read, 7u);
}

TEST(DiscoveryTags, NameEveryRefusal) {
  for (std::size_t i = 0; i < kTagErrors; ++i) EXPECT_NE(name(static_cast<TagError>(i)), "unknown");
  EXPECT_EQ(name(static_cast<TagError>(kTagErrors)), "unknown");
}

}  // namespace
}  // namespace holdfast::access
