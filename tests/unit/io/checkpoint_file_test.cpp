#include "io/checkpoint_file.hpp"

#include "checkpoint/records.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace holdfast::io {
namespace {

struct Checkpoints : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("holdfast-shm-" + std::to_string(::getpid()));
  Options options;
  std::filesystem::path path;

  void SetUp() override {
    std::filesystem::create_directories(folder);
    options.shm_dir = folder.string();
    options.max_tunnels = 16;
    path = folder / "holdfast.default.checkpoint";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void commit_tunnel(checkpoint::Store& store, std::uint16_t id) {
    TunnelRecord record{};
    record.l2tp.id = TunnelId(id);
    const checkpoint::Change change{
        static_cast<std::uint16_t>(Table::tunnel), id, {reinterpret_cast<const std::uint8_t*>(&record), sizeof record}};
    (void)store.commit({&change, 1});
  }
  // Changes the header of the file as another program would have written it.
  template <class F>
  void edit_header(F edit) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    checkpoint::Header header;
    file.read(reinterpret_cast<char*>(&header), sizeof header);
    edit(header);
    header.crc = checkpoint::header_crc(header);
    file.seekp(0);
    file.write(reinterpret_cast<const char*>(&header), sizeof header);
  }
  std::size_t kept_aside() const {
    std::size_t n = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path().filename().string().find("refused") != std::string::npos) ++n;
    return n;
  }
};

TEST_F(Checkpoints, GoesOnWithWhatTheProcessBeforeItCommitted) {
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    commit_tunnel(store->store, 5);
  }
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  const auto* record = store->store.get<TunnelRecord>(static_cast<std::uint16_t>(Table::tunnel), 5);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->l2tp.id, TunnelId(5));
  EXPECT_EQ(store->store.incarnation(), 2u);
}

TEST_F(Checkpoints, RefusesToShareWithARunningDaemonAndSaysSo) {
  const auto first = open_checkpoint(options, {});
  const auto second = open_checkpoint(options, {});
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find("another holdfastd"), std::string::npos) << second.error();
}

TEST_F(Checkpoints, SetsAForeignFileAsideAndStartsEmpty) {
  std::ofstream(path) << std::string(100'000, 'x');
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_EQ(kept_aside(), 1u);
  EXPECT_FALSE(store->store.used(static_cast<std::uint16_t>(Table::tunnel), 5));
}

TEST_F(Checkpoints, TakesRecordsOverIntoARegionOfAnotherSize) {
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    commit_tunnel(store->store, 5);
  }
  options.max_tunnels = 64;
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_TRUE(store->store.used(static_cast<std::uint16_t>(Table::tunnel), 5));
}

TEST_F(Checkpoints, CountsOnInARegionOfAnotherSize) {
  std::uint64_t sequence = 0;
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    for (std::uint16_t id = 1; id < 4; ++id) commit_tunnel(store->store, id);
    sequence = store->store.sequence();
  }
  options.max_tunnels = 64;
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_EQ(store->store.sequence(), sequence);
  EXPECT_EQ(store->store.incarnation(), 2u);
  EXPECT_EQ(store->refusal, "");
  EXPECT_EQ(kept_aside(), 0u) << "all of it is in the new one";
}

TEST_F(Checkpoints, KeepsTheOldRegionWhereARecordDoesNotFitIntoTheNew) {
  options.max_tunnels = 64;
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    commit_tunnel(store->store, 5);
    commit_tunnel(store->store, 40);
  }
  options.max_tunnels = 16;
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_TRUE(store->store.used(static_cast<std::uint16_t>(Table::tunnel), 5));
  EXPECT_EQ(kept_aside(), 1u);
}

TEST_F(Checkpoints, LeavesTheRegionOfANewerVersionAsItIsAndSaysWhatToDo) {
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    commit_tunnel(store->store, 5);
  }
  edit_header([](checkpoint::Header& header) {
    header.layout_hash ^= 1;
    header.minor = kRecordsVersion + 1;
  });
  const auto store = open_checkpoint(options, {});
  ASSERT_FALSE(store.has_value());
  for (const std::string& words : {std::to_string(kRecordsVersion + 1), std::to_string(kRecordsVersion),
                                   std::string("newer"), std::string("remove"), path.string()})
    EXPECT_NE(store.error().find(words), std::string::npos) << store.error();
  EXPECT_EQ(kept_aside(), 0u);
  edit_header([](checkpoint::Header& header) {
    header.layout_hash ^= 1;
    header.minor = kRecordsVersion;
  });
  const auto again = open_checkpoint(options, {});
  ASSERT_TRUE(again.has_value()) << again.error();
  EXPECT_TRUE(again->store.used(static_cast<std::uint16_t>(Table::tunnel), 5));
}

TEST_F(Checkpoints, SetsALayoutAsideOfWhichNoVersionIsKnown) {
  { ASSERT_TRUE(open_checkpoint(options, {}).has_value()); }
  edit_header([](checkpoint::Header& header) {
    header.layout_hash ^= 1;
    header.minor = 0;
  });
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_EQ(store->refusal, "other-layout");
  EXPECT_EQ(kept_aside(), 1u);
}

TEST_F(Checkpoints, DropsADamagedRecordAndKeepsTheOthers) {
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    commit_tunnel(store->store, 5);
    commit_tunnel(store->store, 6);
  }
  // Tunnel 5's local id lies in its record: find the record by its bytes and flip one of them.
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto store_size = std::filesystem::file_size(path);
  std::vector<char> bytes(store_size);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  TunnelRecord wanted{};
  wanted.l2tp.id = TunnelId(5);
  const std::string_view needle(reinterpret_cast<const char*>(&wanted), sizeof wanted);
  const auto at = std::string_view(bytes.data(), bytes.size()).rfind(needle);
  ASSERT_NE(at, std::string_view::npos);
  file.seekp(static_cast<std::streamoff>(at + 8));
  file.put('\x7f');
  file.close();
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_FALSE(store->store.used(static_cast<std::uint16_t>(Table::tunnel), 5));
  EXPECT_TRUE(store->store.used(static_cast<std::uint16_t>(Table::tunnel), 6));
}

}  // namespace
}  // namespace holdfast::io
