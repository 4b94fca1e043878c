#include "wire/reader.hpp"

#include "wire/writer.hpp"

#include <gtest/gtest.h>

#include <array>

namespace holdfast {
namespace {

TEST(Reader, ReadsNetworkByteOrder) {
  const std::array<std::uint8_t, 7> input{0xc8, 0x02, 0x00, 0x01, 0x02, 0x03, 0xff};
  Reader r(input);
  EXPECT_EQ(r.u16(), 0xc802);
  EXPECT_EQ(r.u32(), 0x00010203u);
  EXPECT_EQ(r.u8(), 0xff);
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r.left(), 0u);
}

TEST(Reader, StaysBadAfterAReadPastTheEnd) {
  const std::array<std::uint8_t, 3> input{1, 2, 3};
  Reader r(input);
  EXPECT_EQ(r.u32(), 0u);
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.u8(), 0) << "what is left is gone too: a short read must not shift what follows";
  EXPECT_FALSE(r.ok());
}

TEST(Writer, WritesWhatAReaderReads) {
  std::array<std::uint8_t, 16> buffer{};
  Writer w(buffer);
  w.u8(7);
  w.u16(0x1234);
  w.u32(0xdeadbeef);
  w.u64(0x0102030405060708);
  w.patch_u16(1, 0x4321);
  ASSERT_TRUE(w.ok());
  Reader r(w.written());
  EXPECT_EQ(r.u8(), 7);
  EXPECT_EQ(r.u16(), 0x4321);
  EXPECT_EQ(r.u32(), 0xdeadbeefu);
  EXPECT_EQ(r.u64(), 0x0102030405060708u);
  EXPECT_TRUE(r.ok());
}

TEST(Writer, RefusesWhatDoesNotFitAndStaysBad) {
  std::array<std::uint8_t, 3> buffer{};
  Writer w(buffer);
  w.u16(1);
  w.u16(2);
  EXPECT_FALSE(w.ok());
  w.u8(3);
  EXPECT_EQ(w.size(), 2u);
}

TEST(InlineOctets, RefusesWhatIsLongerThanItsCapacity) {
  InlineOctets<3> value;
  EXPECT_TRUE(value.assign("abc"));
  EXPECT_FALSE(value.assign("abcd"));
  EXPECT_EQ(value.text(), "abc");
}

}  // namespace
}  // namespace holdfast
