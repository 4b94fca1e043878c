#include "checkpoint/region.hpp"

#include "checkpoint/mapping.hpp"
#include "fixture.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <fcntl.h>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>

namespace holdfast::checkpoint::test {
namespace {

// A region with one record, then closed; each test spoils it in one way.
class RefusalTest : public RegionTest {
 protected:
  RefusalTest() { create().commit(std::array{Change{kSessions, 5, bytes(264, 1)}}); }

  // With a header CRC that fits the spoilt header, unless it is the CRC that is tested.
  void spoil(const std::function<void(Header&)>& change, bool seal = true) const { spoil_region(path_, change, seal); }
  Refusal refusal_for(const Layout& layout, const BootId& boot = kBoot) const {
    const auto store = Store::open(path_, layout, boot);
    return store ? Refusal::none : store.error();
  }

  static void spoil_region(const std::filesystem::path& path, const std::function<void(Header&)>& change, bool seal) {
    auto file = File::open(path, Access::write);
    ASSERT_TRUE(file) << name(file.error());
    const auto mapping = Mapping::of(std::move(*file), Access::write, sizeof(Header));
    ASSERT_TRUE(mapping) << name(mapping.error());
    Header& header = *reinterpret_cast<Header*>(mapping->base());
    change(header);
    if (seal) header.crc = header_crc(header);
  }
};

TEST_F(RefusalTest, IsNotGivenToASoundRegion) { EXPECT_EQ(refusal(), Refusal::none); }

TEST_F(RefusalTest, SaysThatTheFileIsMissing) {
  std::filesystem::remove(path_);
  EXPECT_EQ(refusal(), Refusal::missing);
}

TEST_F(RefusalTest, SaysThatAFolderIsNoRegion) {
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_EQ(refusal(), Refusal::unreadable);
}

TEST_F(RefusalTest, DoesNotFollowALink) {
  std::filesystem::rename(path_, folder_ / "elsewhere");
  std::filesystem::create_symlink(folder_ / "elsewhere", path_);
  EXPECT_EQ(refusal(), Refusal::unreadable);
}

TEST_F(RefusalTest, SaysThatOthersMayWriteTheFile) {
  std::filesystem::permissions(path_, std::filesystem::perms::others_write, std::filesystem::perm_options::add);
  EXPECT_EQ(refusal(), Refusal::not_ours);
}

TEST_F(RefusalTest, SaysThatAnotherProcessWritesIt) {
  const auto writer = open();
  ASSERT_TRUE(writer);
  EXPECT_EQ(refusal(), Refusal::in_use);
}

TEST_F(RefusalTest, SaysThatTheFileIsTooShortForAHeader) {
  std::filesystem::resize_file(path_, sizeof(Header) + sizeof(Progress) - 1);
  EXPECT_EQ(refusal(), Refusal::too_short);
  std::filesystem::resize_file(path_, 0);
  EXPECT_EQ(refusal(), Refusal::too_short);
}

TEST_F(RefusalTest, SaysThatTheMagicIsBad) {
  spoil([](Header& header) { header.magic[7] = 'T'; });
  EXPECT_EQ(refusal(), Refusal::bad_magic);
}

TEST_F(RefusalTest, SaysThatCreationWasNotFinished) {
  spoil([](Header& header) { header.ready = 0; });
  EXPECT_EQ(refusal(), Refusal::not_ready);
}

TEST_F(RefusalTest, SaysThatTheFormatIsAnother) {
  spoil([](Header& header) { header.format = kFormat + 1; });
  EXPECT_EQ(refusal(), Refusal::other_format);
}

TEST_F(RefusalTest, SaysThatTheMajorVersionIsAnother) {
  Layout next = kLayout;
  ++next.major;
  EXPECT_EQ(refusal_for(next), Refusal::other_major_version);
}

TEST_F(RefusalTest, IsNotGivenForAnotherMinorVersion) {
  Layout next = kLayout;
  ++next.minor;
  EXPECT_EQ(refusal_for(next), Refusal::none);
}

TEST_F(RefusalTest, SaysThatTheHeaderCrcIsBadWhicheverFieldUnderItIsDamaged) {
  for (std::size_t at = offsetof(Header, crc); at < sizeof(Header); ++at) {
    if (at >= offsetof(Header, ready) && at < offsetof(Header, major)) continue;  // has a refusal of its own
    const auto flip = [at](Header& header) { reinterpret_cast<std::uint8_t*>(&header)[at] ^= 0x10; };
    spoil(flip, false);
    ASSERT_EQ(refusal(), Refusal::bad_header_crc) << "octet " << at;
    spoil(flip, false);
  }
  EXPECT_EQ(refusal(), Refusal::none);
}

TEST_F(RefusalTest, SaysThatTheLayoutIsAnother) {
  Layout other = kLayout;
  other.hash ^= 1;
  EXPECT_EQ(refusal_for(other), Refusal::other_layout);

  other = kLayout;
  other.tables = other.tables.first(2);
  EXPECT_EQ(refusal_for(other), Refusal::other_layout);

  auto tables = kTables;
  tables[1].name = "call";
  other.tables = tables;
  EXPECT_EQ(refusal_for(other), Refusal::other_layout);

  tables = kTables;
  tables[1].record_octets += 8;
  other.tables = tables;
  EXPECT_EQ(refusal_for(other), Refusal::other_layout);
}

TEST_F(RefusalTest, SaysThatTheCapacityIsAnother) {
  auto tables = kTables;
  ++tables[2].capacity;
  Layout other = kLayout;
  other.tables = tables;
  EXPECT_EQ(refusal_for(other), Refusal::other_capacity);

  other = kLayout;
  other.redo_octets += 8;
  EXPECT_EQ(refusal_for(other), Refusal::other_capacity);
  EXPECT_EQ(refusal_for(other, BootId{}), Refusal::other_boot) << "what may be adopted is right in all else";
}

TEST_F(RefusalTest, SaysThatTheLayoutIsAnotherWhenTheDirectoryContradictsItself) {
  const std::function<void(Header&)> contradictions[] = {
      [](Header& h) { h.octets += 4096; },
      [](Header& h) { h.redo = 0; },
      [](Header& h) { h.redo_octets = std::uint64_t{1} << 63; },
      [](Header& h) { h.tables = 1000; },
      [](Header& h) { h.table[1].capacity = 0xffffffff; },
      [](Header& h) { h.table[1].record_octets = 0; },
      [](Header& h) { h.table[1].slots = 0; },
      [](Header& h) { h.table[2].records = ~std::uint64_t{0}; },
      [](Header& h) { h.table[1].name.fill('\0'); },
      [](Header& h) { h.table[1].name = h.table[0].name; },
      [](Header& h) { h.table[0].name[31] = 'x'; },
      [](Header& h) { h.table[7].capacity = 1; },
      [](Header& h) { h.reserved[4] = 1; },
  };
  for (const auto& contradiction : contradictions) {
    Header before;
    spoil([&](Header& header) { before = header; }, false);
    spoil(contradiction);
    EXPECT_EQ(refusal(), Refusal::other_layout) << "contradiction " << &contradiction - contradictions;
    spoil([&](Header& header) { header = before; }, false);
  }
  EXPECT_EQ(refusal(), Refusal::none);
}

TEST_F(RefusalTest, SaysThatTheSizeOfTheFileIsWrong) {
  const auto right = std::filesystem::file_size(path_);
  std::filesystem::resize_file(path_, right - 1);
  EXPECT_EQ(refusal(), Refusal::wrong_size);
  std::filesystem::resize_file(path_, right + 1);
  EXPECT_EQ(refusal(), Refusal::wrong_size);
}

TEST_F(RefusalTest, SaysThatTheSystemWasRestarted) {
  BootId next = kBoot;
  next.octets[15] ^= 1;
  EXPECT_EQ(refusal_for(kLayout, next), Refusal::other_boot);
}

TEST_F(RefusalTest, LeavesTheFileAsItWas) {
  const std::string before = contents();
  BootId next = kBoot;
  next.octets[15] ^= 1;
  EXPECT_EQ(refusal_for(kLayout, next), Refusal::other_boot);
  EXPECT_EQ(contents(), before);
  EXPECT_EQ(refusal(), Refusal::none);
  EXPECT_NE(contents(), before) << "a new incarnation";
}

TEST(Plan, RefusesALayoutThatCanNotBe) {
  const auto fault = [](std::vector<TableSpec> tables, std::uint32_t redo_octets = 64 << 10) {
    return !plan({.tables = tables, .hash = 1, .major = 1, .minor = 0, .redo_octets = redo_octets}, kBoot).has_value();
  };
  EXPECT_FALSE(fault({{"a", 8, 1}}));
  EXPECT_TRUE(fault({}));
  EXPECT_TRUE(fault(std::vector<TableSpec>(kMaxTables + 1, {"a", 8, 1})));
  EXPECT_TRUE(fault({{"", 8, 1}}));
  EXPECT_TRUE(fault({{"a name that is longer than thirty-two", 8, 1}}));
  EXPECT_TRUE(fault({{"a", 8, 1}, {"a", 16, 1}}));
  EXPECT_TRUE(fault({{"a", 0, 1}}));
  EXPECT_TRUE(fault({{"a", 12, 1}}));
  EXPECT_TRUE(fault({{"a", kMaxRecordOctets + 8, 1}}, 16 << 20));
  EXPECT_TRUE(fault({{"a", 8, 0}}));
  EXPECT_TRUE(fault({{"a", 8, kMaxCapacity + 1}}));
  EXPECT_TRUE(fault({{"a", 64 << 10, 1}})) << "a record that does not fit into the redo area";
  EXPECT_TRUE(fault({{"a", 8, 1}}, 1001));
  EXPECT_TRUE(fault({{"a", 8, 1}}, 0));
}

TEST(Plan, LaysNothingOverAnother) {
  const auto header = plan(kLayout, kBoot);
  ASSERT_TRUE(header);
  std::uint64_t end = sizeof(Header) + sizeof(Progress);
  EXPECT_GE(header->redo, end);
  end = header->redo + header->redo_octets;
  for (std::size_t i = 0; i < header->tables; ++i) {
    EXPECT_GE(header->table[i].slots, end);
    EXPECT_GE(header->table[i].records, header->table[i].slots + 8 * std::uint64_t{kTables[i].capacity});
    end = header->table[i].records + std::uint64_t{kTables[i].record_octets} * kTables[i].capacity;
  }
  EXPECT_GE(header->octets, end);
}

TEST(Plan, CountsInSixtyFourBits) {
  const std::array<TableSpec, 2> tables{{{"a", kMaxRecordOctets, kMaxCapacity}, {"b", kMaxRecordOctets, kMaxCapacity}}};
  const auto header = plan({.tables = tables, .hash = 1, .major = 1, .minor = 0}, kBoot);
  ASSERT_TRUE(header);
  EXPECT_GT(header->octets, std::uint64_t{1} << 49);
}

TEST(BootIdTest, IsReadFromTheTextOfTheKernel) {
  const auto id = BootId::parse("00112233-4455-6677-8899-aAbBcCdDeEfF\n");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->octets, (std::array<std::uint8_t, 16>{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
                                                      0xbb, 0xcc, 0xdd, 0xee, 0xff}));
}

TEST(BootIdTest, IsNotReadFromAnythingElse) {
  EXPECT_FALSE(BootId::parse(""));
  EXPECT_FALSE(BootId::parse("\n"));
  EXPECT_FALSE(BootId::parse("00112233-4455-6677-8899-aabbccddeef"));
  EXPECT_FALSE(BootId::parse("00112233-4455-6677-8899-aabbccddeeff0"));
  EXPECT_FALSE(BootId::parse("0011223304455-6677-8899-aabbccddeeff"));
  EXPECT_FALSE(BootId::parse("0011223g-4455-6677-8899-aabbccddeeff"));
}

}  // namespace
}  // namespace holdfast::checkpoint::test
