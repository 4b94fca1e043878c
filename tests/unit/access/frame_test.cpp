#include "access/frame.hpp"

#include "subscriber.hpp"

#include <gtest/gtest.h>

namespace holdfast::access {
namespace {

FrameError refusal(const Bytes& frame) {
  const auto d = parse_discovery(frame);
  EXPECT_FALSE(d.has_value());
  return d ? FrameError{} : d.error();
}

Bytes changed(std::size_t at, std::uint8_t value) {
  Bytes frame = frame_of({.tags = tag(TagType::service_name)});
  frame[at] = value;
  return frame;
}

TEST(DiscoveryFrame, IsReadWithoutVlanTags) {
  const Bytes frame = frame_of({.code = Code::padi, .tags = tag(TagType::service_name), .destination = kBroadcast});
  const auto d = parse_discovery(frame);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->destination, kBroadcast);
  EXPECT_EQ(d->source, kSubscriber);
  EXPECT_EQ(d->outer_vlan, 0);
  EXPECT_EQ(d->inner_vlan, 0);
  EXPECT_EQ(d->outer_type, 0);
  EXPECT_EQ(d->code, Code::padi);
  EXPECT_EQ(d->session, 0);
  EXPECT_EQ(Bytes(d->tags.begin(), d->tags.end()), tag(TagType::service_name));
}

TEST(DiscoveryFrame, IsReadWithOneTagOfEitherTypeWhateverItsPriority) {
  const Bytes customer = frame_of({.vlans = {0x81, 0x00, 0xe0, 0x64}});
  ASSERT_TRUE(parse_discovery(customer));
  EXPECT_EQ(parse_discovery(customer)->outer_vlan, 100);
  EXPECT_EQ(parse_discovery(customer)->outer_type, kCustomerTag);
  const Bytes service = frame_of({.vlans = {0x88, 0xa8, 0x0f, 0xfe}});
  ASSERT_TRUE(parse_discovery(service));
  EXPECT_EQ(parse_discovery(service)->outer_vlan, 4094);
  EXPECT_EQ(parse_discovery(service)->inner_vlan, 0);
  EXPECT_EQ(parse_discovery(service)->outer_type, kServiceTag);
}

TEST(DiscoveryFrame, IsReadWithTwoTags) {
  for (const std::uint16_t type : {kCustomerTag, kServiceTag}) {
    Bytes vlans;
    put_u16(vlans, type);
    put_u16(vlans, 4094);
    put_u16(vlans, kCustomerTag);
    put_u16(vlans, 1);
    const Bytes frame = frame_of({.vlans = vlans});
    const auto d = parse_discovery(frame);
    ASSERT_TRUE(d);
    EXPECT_EQ(d->outer_type, type);
    EXPECT_EQ(d->outer_vlan, 4094);
    EXPECT_EQ(d->inner_vlan, 1);
  }
}

TEST(DiscoveryFrame, WithAPriorityTagAloneIsUntagged) {
  const Bytes frame = frame_of({.vlans = {0x81, 0x00, 0xa0, 0x00}});
  const auto d = parse_discovery(frame);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->outer_vlan, 0);
  EXPECT_EQ(d->outer_type, 0);
}

TEST(DiscoveryFrame, EndsWhereItsLengthSaysAndPaddingIsIgnored) {
  Bytes frame = frame_of({.tags = tag(TagType::service_name, "a")});
  frame.resize(60, 0xee);
  const auto d = parse_discovery(frame);
  ASSERT_TRUE(d);
  EXPECT_EQ(Bytes(d->tags.begin(), d->tags.end()), tag(TagType::service_name, "a"));
}

TEST(DiscoveryFrame, MayNameASessionWhereThereIsOne) {
  for (const Code code : {Code::pads, Code::padt}) {
    const Bytes frame = frame_of({.code = code, .session = 0xfffe});
    ASSERT_TRUE(parse_discovery(frame));
    EXPECT_EQ(parse_discovery(frame)->session, 0xfffe);
    EXPECT_EQ(refusal(frame_of({.code = code, .session = 0xffff})), FrameError::wrong_session);
  }
  for (const Code code : {Code::padi, Code::pado, Code::padr})
    EXPECT_EQ(refusal(frame_of({.code = code, .session = 1})), FrameError::wrong_session);
}

TEST(DiscoveryFrame, IsRefusedWhenAFieldIsWrong) {
  EXPECT_EQ(refusal(changed(6, 0x03)), FrameError::source_not_unicast);
  EXPECT_EQ(refusal(frame_of({.source = {}})), FrameError::source_not_unicast);
  EXPECT_EQ(refusal(changed(13, 0x64)), FrameError::not_discovery);  // the session stage has its own ethertype
  EXPECT_EQ(refusal(changed(14, 0x21)), FrameError::wrong_version);
  EXPECT_EQ(refusal(changed(14, 0x12)), FrameError::wrong_version);
  EXPECT_EQ(refusal(changed(15, 0x00)), FrameError::unknown_code);
  EXPECT_EQ(refusal(changed(19, 0x05)), FrameError::length_beyond_frame);
  EXPECT_EQ(refusal(frame_of({.vlans = {0x81, 0x00, 0x0f, 0xff}})), FrameError::wrong_vlan);
  EXPECT_EQ(refusal(frame_of({.vlans = {0x81, 0x00, 0x00, 0x00, 0x81, 0x00, 0x00, 0x01}})), FrameError::wrong_vlan);
  EXPECT_EQ(refusal(frame_of({.vlans = {0x81, 0x00, 0x00, 0x01, 0x81, 0x00, 0x00, 0x00}})), FrameError::wrong_vlan);
  EXPECT_EQ(refusal(frame_of({.vlans = {0x81, 0x00, 0x00, 0x01, 0x88, 0xa8, 0x00, 0x01}})), FrameError::not_discovery);
  EXPECT_EQ(refusal(frame_of({.vlans = {0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1}})), FrameError::not_discovery);
}

TEST(DiscoveryFrame, IsRefusedWhereverItIsCutOff) {
  const Bytes frame = frame_of({.tags = every_tag({}), .vlans = {0x88, 0xa8, 0, 1, 0x81, 0, 0, 2}});
  ASSERT_TRUE(parse_discovery(frame));
  constexpr std::size_t kHeaders = 12 + 8 + 2 + 6;
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const Bytes cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(refusal(cut), size < kHeaders ? FrameError::too_short : FrameError::length_beyond_frame) << size;
  }
}

TEST(DiscoveryFrame, NamesEveryRefusal) {
  for (std::size_t i = 0; i < kFrameErrors; ++i) EXPECT_NE(name(static_cast<FrameError>(i)), "unknown");
  EXPECT_EQ(name(static_cast<FrameError>(kFrameErrors)), "unknown");
}

}  // namespace
}  // namespace holdfast::access
