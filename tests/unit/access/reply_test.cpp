#include "access/reply.hpp"

#include "subscriber.hpp"

#include <gtest/gtest.h>

#include <array>

namespace holdfast::access {
namespace {

const std::vector<std::string> kServices{"internet", "voice"};
constexpr Line kUntagged{.subscriber = kSubscriber, .ours = kOurs};
constexpr Line kTwoTags{kSubscriber, kOurs, 4094, 1, kServiceTag};

// A frame of ours as the subscriber reads it.
struct Read {
  explicit Read(Octets sent) : frame(sent.begin(), sent.end()) {
    const auto d = parse_discovery(frame);
    EXPECT_TRUE(d.has_value());
    if (d) discovery = *d;
    tag_octets = Bytes(discovery.tags.begin(), discovery.tags.end());
  }
  Bytes frame;
  Discovery discovery;
  Bytes tag_octets;
};

struct Asked {
  explicit Asked(Bytes of) : octets(std::move(of)), tags(parse_tags(octets).value()) {}
  Bytes octets;
  Tags tags;
};

const Asked kPlain(tag(TagType::service_name, "internet"));
const Asked kAny(tag(TagType::service_name));

class DiscoveryReply : public testing::Test {
 protected:
  std::array<std::uint8_t, kMaxDiscovery> out{};
};

TEST_F(DiscoveryReply, OffersTheServiceThatWasAskedFor) {
  const Asked asked(every_tag({}));
  const Read pado(
      write_pado(out, kUntagged, asked.tags,
                 {.ac_name = "ac1", .services = kServices, .cookie = octets_of("cookie"), .max_payload = 1500}));
  EXPECT_EQ(pado.discovery.code, Code::pado);
  EXPECT_EQ(pado.discovery.session, 0);
  EXPECT_EQ(pado.discovery.destination, kSubscriber);
  EXPECT_EQ(pado.discovery.source, kOurs);
  EXPECT_EQ(pado.tag_octets,
            all({tag(TagType::ac_name, "ac1"), tag(TagType::service_name, "internet"),
                 tag(TagType::ac_cookie, "cookie"), tag(TagType::ppp_max_payload, Bytes{0x05, 0xdc}),
                 tag(TagType::host_uniq, Bytes{0, 1, 2, 0xff}), tag(TagType::relay_session_id, "relay-000001")}));
}

TEST_F(DiscoveryReply, OffersAllServicesToWhoeverAsksForAny) {
  const Read pado(write_pado(out, kUntagged, kAny.tags,
                             {.ac_name = "ac1", .services = kServices, .cookie = {}, .max_payload = {}}));
  EXPECT_EQ(pado.tag_octets, all({tag(TagType::ac_name, "ac1"), tag(TagType::service_name),
                                  tag(TagType::service_name, "internet"), tag(TagType::service_name, "voice")}));
}

TEST_F(DiscoveryReply, EchoesAnEmptyHostUniq) {
  const Asked asked(all({tag(TagType::service_name), tag(TagType::host_uniq)}));
  const Read pads(write_pads(out, kUntagged, asked.tags, 7));
  EXPECT_EQ(pads.tag_octets, all({tag(TagType::service_name), tag(TagType::host_uniq)}));
}

TEST_F(DiscoveryReply, GivesASession) {
  for (const std::uint16_t session : {std::uint16_t{1}, std::uint16_t{65534}}) {
    const Read pads(write_pads(out, kUntagged, kPlain.tags, session, 1500));
    EXPECT_EQ(pads.discovery.code, Code::pads);
    EXPECT_EQ(pads.discovery.session, session);
    EXPECT_EQ(pads.tag_octets,
              all({tag(TagType::service_name, "internet"), tag(TagType::ppp_max_payload, Bytes{0x05, 0xdc})}));
  }
}

TEST_F(DiscoveryReply, RefusesASessionWithAReason) {
  for (const TagType why : {TagType::service_name_error, TagType::ac_system_error}) {
    const Read pads(write_pads_error(out, kUntagged, kPlain.tags, why, "no"));
    EXPECT_EQ(pads.discovery.code, Code::pads);
    EXPECT_EQ(pads.discovery.session, 0);
    EXPECT_EQ(pads.tag_octets, all({tag(TagType::service_name, "internet"), tag(why, "no")}));
  }
}

TEST_F(DiscoveryReply, EndsASessionWithAndWithoutWords) {
  const Read silent(write_padt(out, kUntagged, 9));
  EXPECT_EQ(silent.discovery.code, Code::padt);
  EXPECT_EQ(silent.discovery.session, 9);
  EXPECT_TRUE(silent.tag_octets.empty());
  EXPECT_EQ(Read(write_padt(out, kUntagged, 9, "bye")).tag_octets, tag(TagType::generic_error, "bye"));
}

TEST_F(DiscoveryReply, GoesBackInTheVlanOfTheRequest) {
  for (const Bytes& vlans : {Bytes{}, Bytes{0x81, 0, 0, 5}, Bytes{0x88, 0xa8, 0, 5},
                             Bytes{0x88, 0xa8, 0, 5, 0x81, 0, 0, 6}, Bytes{0x81, 0, 0, 5, 0x81, 0, 0, 6}}) {
    const Bytes frame = frame_of({.vlans = vlans});
    const auto request = parse_discovery(frame);
    ASSERT_TRUE(request);
    const Octets padt = write_padt(out, line_of(*request, kOurs), 1);
    ASSERT_GE(padt.size(), 60u);
    EXPECT_EQ(Bytes(padt.begin() + 12, padt.begin() + 12 + static_cast<std::ptrdiff_t>(vlans.size())), vlans);
    const auto reply = parse_discovery(padt);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->outer_vlan, request->outer_vlan);
    EXPECT_EQ(reply->inner_vlan, request->inner_vlan);
    EXPECT_EQ(reply->outer_type, request->outer_type);
  }
}

TEST_F(DiscoveryReply, IsPaddedWithZeros) {
  out.fill(0xee);
  const Octets padt = write_padt(out, kUntagged, 1);
  ASSERT_EQ(padt.size(), 60u);
  for (const auto octet : padt.subspan(20)) EXPECT_EQ(octet, 0);
  EXPECT_EQ(out[60], 0xee);
}

TEST_F(DiscoveryReply, IsEmptyWhenTheBufferIsTooShort) {
  const std::string longest(63, 'n');
  const auto write = [&](MutableOctets room) {
    return write_pado(room, kTwoTags, kPlain.tags,
                      {.ac_name = longest, .services = {}, .cookie = octets_of("0123456789abcdef"), .max_payload = {}});
  };
  const std::size_t whole = write(out).size();
  ASSERT_GT(whole, 60u);
  for (std::size_t size = 0; size < whole; ++size) EXPECT_TRUE(write(MutableOctets(out).first(size)).empty()) << size;
  EXPECT_EQ(write(MutableOctets(out).first(whole)).size(), whole);
  for (std::size_t size = 0; size < 60; ++size)
    EXPECT_TRUE(write_padt(MutableOctets(out).first(size), kUntagged, 1).empty()) << size;
}

TEST_F(DiscoveryReply, IsEmptyWhenItIsMoreThanEthernetCarries) {
  const std::size_t room = 1500 - 6 - (4 + 8) - 4;  // Service-Name and the header of Host-Uniq
  const Bytes fits = all({tag(TagType::service_name, "internet"), tag(TagType::host_uniq, Bytes(room))});
  const Bytes does_not = all({tag(TagType::service_name, "internet"), tag(TagType::host_uniq, Bytes(room + 1))});
  const Bytes huge = all({tag(TagType::service_name, "internet"), tag(TagType::host_uniq, Bytes(65535))});
  std::vector<std::uint8_t> large(70000);
  EXPECT_EQ(write_pads(large, kTwoTags, parse_tags(fits).value(), 1).size(), kMaxDiscovery);
  EXPECT_TRUE(write_pads(large, kTwoTags, parse_tags(does_not).value(), 1).empty());
  EXPECT_TRUE(write_pads(large, kUntagged, parse_tags(does_not).value(), 1).empty());
  EXPECT_TRUE(write_pads(large, kTwoTags, parse_tags(huge).value(), 1).empty());
}

TEST(DiscoveryOffer, IsForServicesThatAreOfferedAndForAny) {
  EXPECT_TRUE(offers(kServices, octets_of("voice")));
  EXPECT_TRUE(offers(kServices, {}));
  EXPECT_FALSE(offers(kServices, octets_of("Voice")));
  EXPECT_FALSE(offers(kServices, octets_of("voic")));
  EXPECT_TRUE(offers({}, octets_of("whatever")));
}

}  // namespace
}  // namespace holdfast::access
