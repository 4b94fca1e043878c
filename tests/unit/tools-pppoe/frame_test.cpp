// The host's frames against those of the access concentrator, octet for octet.
#include "pppoe/frame.hpp"

#include "access/reply.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace holdfast::pppoe::test {
namespace {

constexpr MacAddress kHost{0x02, 0x50, 0, 0, 0, 7}, kConcentrator{0x02, 0xac, 0, 0, 0, 1};
constexpr Vlans kVlans[] = {{}, {100, 0, kCustomerTag}, {10, 100, kServiceTag}, {10, 100, kCustomerTag}};

TEST(HostFrame, OfARequestIsReadByTheConcentrator) {
  const Tags tags{.service = "internet",
                  .cookie = "cookie",
                  .relay_session_id = "relay",
                  .host_uniq = 0x01020304,
                  .max_payload = 1500,
                  .ac_name = {},
                  .error = {}};
  std::array<std::uint8_t, 2048> room{};
  for (const auto& vlans : kVlans) {
    const auto frame = write_request(room, {kConcentrator, kHost, vlans}, kPadr, tags);
    const auto read = access::parse_discovery(frame);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->code, access::Code::padr);
    EXPECT_EQ(read->source, kHost);
    EXPECT_EQ(read->destination, kConcentrator);
    EXPECT_EQ((Vlans{read->outer_vlan, read->inner_vlan, read->outer_type}), vlans);
    const auto said = access::parse_tags(read->tags);
    ASSERT_TRUE(said);
    EXPECT_EQ(text_of(*said->service_name), "internet");
    EXPECT_EQ(text_of(*said->ac_cookie), "cookie");
    EXPECT_EQ(text_of(*said->relay_session_id), "relay");
    EXPECT_EQ(said->host_uniq->size(), 4u);
    EXPECT_EQ(said->max_payload, 1500);
  }
}

TEST(HostFrame, OfARequestForAnyServiceNamesNone) {
  std::array<std::uint8_t, 2048> room{};
  const auto frame = write_request(room, {kBroadcast, kHost, {}}, kPadi, {});
  ASSERT_EQ(frame.size(), 60u);
  const auto said = access::parse_tags(access::parse_discovery(frame)->tags);
  EXPECT_EQ(text_of(said->service_name.value()), "");
  EXPECT_FALSE(said->ac_cookie || said->relay_session_id || said->max_payload);
}

TEST(HostFrame, OfTheEndNamesTheSession) {
  std::array<std::uint8_t, 2048> room{};
  const auto read = access::parse_discovery(write_padt(room, {kConcentrator, kHost, {}}, 77));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->code, access::Code::padt);
  EXPECT_EQ(read->session, 77);
}

TEST(HostFrame, ReadsWhatTheConcentratorSays) {
  std::array<std::uint8_t, 2048> asked_room{}, room{};
  const std::vector<std::string> services{"internet", "voice"};
  for (const auto& vlans : kVlans) {
    const auto request = access::parse_discovery(write_request(
        asked_room, {kBroadcast, kHost, vlans}, kPadi,
        {.service = {}, .cookie = {}, .relay_session_id = "r", .host_uniq = 9, .ac_name = {}, .error = {}}));
    ASSERT_TRUE(request);
    const auto asked = access::parse_tags(request->tags).value();
    const auto line = access::line_of(*request, kConcentrator);
    const auto pado = parse_frame(access::write_pado(
        room, line, asked, {.ac_name = "ac", .services = services, .cookie = octets_of("c"), .max_payload = 1500}));
    ASSERT_TRUE(pado);
    EXPECT_TRUE(pado->discovery);
    EXPECT_EQ(pado->code, kPado);
    EXPECT_EQ(pado->ethernet.to, kHost);
    EXPECT_EQ(pado->ethernet.vlans, vlans);
    EXPECT_EQ(parse_tags(pado->payload), (Tags{"internet", "c", "r", 9, 1500, "ac", ""}));

    const auto refusal = parse_frame(
        access::write_pads_error(room, line, asked, access::TagType::service_name_error, "no such service"));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->session, 0);
    EXPECT_EQ(parse_tags(refusal->payload)->error, "Service-Name-Error: no such service");
  }
}

TEST(HostFrame, OfASessionIsReadAsItWasWritten) {
  std::array<std::uint8_t, 2048> room{};
  const std::array<std::uint8_t, 4> information{1, 2, 3, 4};
  for (const auto& vlans : kVlans) {
    const auto frame = write_session(room, {kConcentrator, kHost, vlans}, 5, 0xc021, information);
    EXPECT_EQ(frame.size(), 60u);
    const auto read = parse_frame(frame);
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->discovery);
    EXPECT_EQ(read->session, 5);
    EXPECT_EQ(read->ethernet.vlans, vlans);
    EXPECT_EQ(std::vector<std::uint8_t>(read->payload.begin(), read->payload.end()),
              (std::vector<std::uint8_t>{0xc0, 0x21, 1, 2, 3, 4}));
  }
}

TEST(HostFrame, IsNothingWhereItIsCutShort) {
  std::array<std::uint8_t, 2048> room{};
  const Vlans vlans{10, 100, kServiceTag};
  const auto frame = write_session(room, {kConcentrator, kHost, vlans}, 5, 0xc021, std::array<std::uint8_t, 100>{});
  for (std::size_t size = 0; size < frame.size(); ++size) EXPECT_FALSE(parse_frame(frame.first(size))) << size;
  const std::array<std::uint8_t, 5> overrun{0x01, 0x01, 0, 2, 'a'};
  EXPECT_FALSE(parse_tags(overrun));
}

}  // namespace
}  // namespace holdfast::pppoe::test
