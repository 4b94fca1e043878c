#include "lac/data_message.hpp"

#include "fixture.hpp"

#include <gtest/gtest.h>

namespace holdfast::lac::test {
namespace {

using namespace std::chrono_literals;

TEST(DataMessage, IsReadInAllItsForms) {
  const std::vector<Bytes> forms{
      {0x00, 0x02, 0, 7, 0, 9, 0xff, 0x03, 0xc0, 0x21, 1},                     // shortest header
      {0x00, 0x02, 0, 7, 0, 9, 0xc0, 0x21, 1},                                 // no ff 03
      {0x40, 0x02, 0, 11, 0, 7, 0, 9, 0xc0, 0x21, 1, 0xee},                    // with Length, and padding behind it
      {0x02, 0x02, 0, 7, 0, 9, 0, 3, 0xaa, 0xaa, 0xaa, 0xc0, 0x21, 1},         // with Offset
      {0x4a, 0x02, 0, 18, 0, 7, 0, 9, 0, 5, 0, 0, 0, 1, 0xaa, 0xc0, 0x21, 1},  // everything
  };
  for (const auto& form : forms) {
    const auto message = parse_data(form);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->tunnel, TunnelId(7));
    EXPECT_EQ(message->session, SessionId(9));
    EXPECT_EQ(message->protocol, 0xc021);
    EXPECT_EQ(Bytes(message->information.begin(), message->information.end()), Bytes{1});
  }
  EXPECT_EQ(parse_data(forms[4])->ns, 5);
  EXPECT_EQ(parse_data(Bytes{0x00, 0x02, 0, 7, 0, 9, 0x21, 0x45})->protocol, 0x21);  // protocol compressed
}

TEST(DataMessage, IsRefusedWhenItIsCutShort) {
  const Bytes whole{0x4a, 0x02, 0, 18, 0, 7, 0, 9, 0, 5, 0, 0, 0, 1, 0xaa, 0xc0, 0x21, 1};
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(parse_data(Octets(whole).first(length))) << length;
}

TEST(DataMessage, IsWrittenAsItIsRead) {
  std::array<std::uint8_t, kMaxDataHeader> room{};
  const auto length = write_data_header(room, {PeerTunnelId(7), PeerSessionId(9), true, 5, true, 0x0021});
  EXPECT_EQ(Bytes(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(length)),
            (Bytes{0x08, 0x02, 0, 7, 0, 9, 0, 5, 0, 0, 0xff, 0x03, 0x00, 0x21}));
}

// The octets are Scapy's.

}  // namespace
}  // namespace holdfast::lac::test
