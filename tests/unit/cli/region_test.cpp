// holdfast checkpoint: what is told of regions in use, kept and damaged.
#include "checkpoint/records.hpp"
#include "cli/region_report.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;
using checkpoint::Store;

constexpr std::array<checkpoint::TableSpec, 4> kTables{{
    {"tunnel", sizeof(TunnelRecord), 16},
    {"message", sizeof(MessageRecord), 16 * l2tp::kSlots},
    {"session", sizeof(SessionRecord), 64},
    {"subscriber", sizeof(SubscriberRecord), 64},
}};

template <class Record>
void commit(Store& store, Table table, std::uint32_t index, const Record& record) {
  store.commit(std::array{checkpoint::Change{
      static_cast<std::uint16_t>(table), index, {reinterpret_cast<const std::uint8_t*>(&record), sizeof record}}});
}

TunnelRecord tunnel(std::uint16_t peer) {
  TunnelRecord record{};
  record.l2tp.peer = PeerTunnelId(peer);
  record.l2tp.state = l2tp::TunnelState::established;
  record.l2tp.channel.next_ns = 7;
  EXPECT_TRUE(record.l2tp.peer_host.assign("lac\x1b[1"));
  return record;
}

class Regions : public ::testing::Test {
 protected:
  Regions() {
    std::string name = (fs::temp_directory_path() / "region-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "region";
  }
  ~Regions() override { fs::remove_all(folder_); }

  Store create(std::uint64_t hash = kRecordsLayout) {
    return std::move(Store::create(path_, {.tables = kTables, .hash = hash, .major = 1, .minor = 0}, {}).value());
  }
  fs::path keep(const char* name) const {
    fs::copy_file(path_, folder_ / name);
    return folder_ / name;
  }

  fs::path folder_, path_;
};

TEST_F(Regions, ShowTellsWhoseRegionItIsAndHowMuchIsInIt) {
  Store store = create();
  commit(store, Table::tunnel, 5, tunnel(77));
  const auto region = RegionReader::open(path_);
  ASSERT_TRUE(region);
  const RegionReport report = show_region(*region, true);
  EXPECT_TRUE(report.live && report.known_layout);
  EXPECT_EQ(report.writer_pid, static_cast<std::uint64_t>(::getpid()));
  EXPECT_EQ(report.tables[0].used, 1u);
  EXPECT_EQ(report.tables[0].capacity, 16u);
  const std::string said = text(report);
  EXPECT_NE(said.find("tunnel 5  state=established"), std::string::npos) << said;
  EXPECT_NE(said.find("peer-host=lac?[1"), std::string::npos) << "no control character reaches the terminal" << said;
  const auto parsed = nlohmann::json::parse(json(report));
  EXPECT_EQ(parsed["records"][0]["fields"]["peer-tunnel-id"], "77");
}

TEST_F(Regions, ARegionWhoseWriterHasEndedIsNotLive) {
  (void)create();
  EXPECT_FALSE(RegionReader::open(path_)->live());
}

TEST_F(Regions, RecordsOfAnotherLayoutAreCountedAndNotInterpreted) {
  Store store = create(kRecordsLayout ^ 1);
  commit(store, Table::tunnel, 5, tunnel(77));
  const RegionReport report = show_region(*RegionReader::open(path_), true);
  EXPECT_FALSE(report.known_layout);
  EXPECT_EQ(report.records.at(0).fields, std::vector<Field>{});
}

TEST_F(Regions, VerifyNamesEachDamagedRecord) {
  {
    Store store = create();
    commit(store, Table::tunnel, 5, tunnel(77));
    commit(store, Table::tunnel, 6, tunnel(78));
  }
  EXPECT_TRUE(verify_region(path_).sound());
  const auto records = Store::inspect(path_)->tables()[0].records;
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(records + 5 * sizeof(TunnelRecord) + 8));
  file.put('\x7f');
  file.close();
  const VerifyReport report = verify_region(path_);
  EXPECT_EQ(report.records, 2u);
  ASSERT_EQ(report.damaged.size(), 1u);
  EXPECT_EQ(report.damaged[0].index, 5u);
  EXPECT_EQ(text({report}), path_.string() + ": 2 records, 1 damaged:\n  tunnel 5\n");
}

TEST_F(Regions, VerifyNamesWhyAFileIsRefused) {
  std::ofstream(path_) << std::string(10'000, 'x');
  EXPECT_EQ(text({verify_region(path_)}), path_.string() + ": refused (bad-magic): it is not a checkpoint\n");
  EXPECT_EQ(verify_region(folder_ / "none").refusal, "missing");
}

TEST_F(Regions, DiffTellsWhatWasAddedRemovedAndChanged) {
  Store store = create();
  commit(store, Table::tunnel, 5, tunnel(77));
  commit(store, Table::tunnel, 6, tunnel(78));
  commit(store, Table::session, 3, SessionRecord{});
  const fs::path before = keep("before");
  TunnelRecord changed = tunnel(77);
  changed.l2tp.channel.next_ns = 8;
  commit(store, Table::tunnel, 5, changed);
  TunnelRecord hidden = tunnel(78);
  hidden.l2tp.challenge[0] = 1;
  commit(store, Table::tunnel, 6, hidden);
  commit(store, Table::tunnel, 7, tunnel(79));
  store.commit(std::array{checkpoint::Change{static_cast<std::uint16_t>(Table::session), 3, {}}});

  const auto from = RegionReader::open(before), to = RegionReader::open(path_);
  ASSERT_TRUE(from && to);
  const DiffReport report = diff_regions(*from, *to);
  ASSERT_EQ(report.changes.size(), 4u);
  EXPECT_EQ(report.changes[0].before, (std::vector<Field>{{"ns", "7"}}));
  EXPECT_EQ(report.changes[0].after, (std::vector<Field>{{"ns", "8"}}));
  EXPECT_EQ(report.changes[1].octets.substr(0, 11), "from octet ");
  const std::string said = text(report);
  EXPECT_NE(said.find("~ tunnel 5  ns=7 -> 8\n"), std::string::npos) << said;
  EXPECT_NE(said.find("+ tunnel 7  state=established"), std::string::npos) << said;
  EXPECT_NE(said.find("- session 3  "), std::string::npos) << said;
  EXPECT_EQ(nlohmann::json::parse(json(report))["changes"].size(), 4u);
  EXPECT_TRUE(diff_regions(*from, *from).same());
}

}  // namespace
}  // namespace holdfast::cli
