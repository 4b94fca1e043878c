#include "io/checkpoint_file.hpp"

#include "checkpoint/records.hpp"
#include "engine/executor.hpp"

#include <gtest/gtest.h>

#include <array>
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
  template <class Record>
  static void commit(checkpoint::Store& store, Table table, std::uint32_t index, const Record& record) {
    const checkpoint::Change change{
        static_cast<std::uint16_t>(table), index, {reinterpret_cast<const std::uint8_t*>(&record), sizeof record}};
    (void)store.commit({&change, 1});
  }
  // With a subscriber whose address has the tunnel's id.
  void commit_session(checkpoint::Store& store, std::uint16_t tunnel, std::uint16_t id) const {
    SessionRecord session{};
    session.l2tp.tunnel = TunnelId(tunnel);
    session.l2tp.id = SessionId(id);
    SubscriberRecord subscriber{};
    subscriber.ipv4 = IpAddress::v4(10, 0, 0, static_cast<std::uint8_t>(tunnel));
    const std::uint32_t index = session_index(TunnelId(tunnel), SessionId(id), options.bank_bits()).raw;
    commit(store, Table::session, index, session);
    commit(store, Table::subscriber, index, subscriber);
  }
  void expect_session(const checkpoint::Store& store, std::uint16_t tunnel, std::uint16_t id) const {
    const engine::StoredRecords records(store);
    const SessionIndex index = session_index(TunnelId(tunnel), SessionId(id), options.bank_bits());
    ASSERT_NE(records.session(index), nullptr);
    EXPECT_EQ(records.session(index)->l2tp.tunnel, TunnelId(tunnel));
    ASSERT_NE(records.subscriber(index), nullptr);
    EXPECT_EQ(records.subscriber(index)->ipv4, IpAddress::v4(10, 0, 0, static_cast<std::uint8_t>(tunnel)));
  }
  // Flips a bit in the file wherever these octets are.
  void damage(std::string_view octets) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    std::string all(std::filesystem::file_size(path), '\0');
    file.read(all.data(), static_cast<std::streamsize>(all.size()));
    const auto at = all.rfind(octets);
    ASSERT_NE(at, std::string::npos);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(octets[0] ^ 1));
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

TEST_F(Checkpoints, PutsEachSessionWhereItsIdsSayAmongMoreBanks) {
  constexpr std::array<std::uint16_t, 2> kTunnels{4, 5};
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    for (const std::uint16_t tunnel : kTunnels) commit_session(store->store, tunnel, tunnel);
    CallRecord call{};
    call.session = SessionIndex{5};
    commit(store->store, Table::call, 1, call);
  }
  options.max_sessions = 2 * kBankSessions;
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  for (const std::uint16_t tunnel : kTunnels) expect_session(store->store, tunnel, tunnel);
  EXPECT_EQ(engine::StoredRecords(store->store).placed_call(1)->session, (SessionIndex{1 << 16 | 5}));
  EXPECT_FALSE(store->store.used(static_cast<std::uint16_t>(Table::session), 5));
  EXPECT_EQ(store->damaged, 0u);
  EXPECT_TRUE(store->lost_sessions.empty());
}

TEST_F(Checkpoints, PutsACircuitWhereItsAddressSaysAmongMoreBanks) {
  const TunnelId access = access_tunnel(0);
  const std::uint32_t now = 1u << 16 | 7;  // the address is odd
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    SessionRecord session{};
    session.l2tp.tunnel = access;
    session.l2tp.id = SessionId(5);
    session.circuit = CircuitId(7);
    commit(store->store, Table::session, 5, session);
    CircuitRecord circuit{};
    circuit.id = CircuitId(7);
    circuit.ppp = SessionIndex{5};
    circuit.mac = {2, 0, 0, 0, 0, 9};
    commit(store->store, Table::circuit, 7, circuit);
  }
  options.max_sessions = 2 * kBankSessions;
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  const engine::StoredRecords records(store->store);
  ASSERT_NE(records.circuit(CircuitId(now)), nullptr);
  EXPECT_EQ(records.circuit(CircuitId(now))->id, CircuitId(now));
  EXPECT_EQ(records.circuit(CircuitId(now))->ppp, (SessionIndex{5}));
  ASSERT_NE(records.session(SessionIndex{5}), nullptr);
  EXPECT_EQ(records.session(SessionIndex{5})->circuit, CircuitId(now));
}

TEST_F(Checkpoints, KeepsOneOfTwoSessionsThatFewerBanksHaveOnePlaceFor) {
  options.max_sessions = 2 * kBankSessions;
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    commit_session(store->store, 4, 7);
    commit_session(store->store, 5, 7);
    commit_session(store->store, 5, 8);
  }
  options.max_sessions = kBankSessions;
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  expect_session(store->store, 4, 7);
  expect_session(store->store, 5, 8);
  EXPECT_EQ(store->lost_sessions, std::vector{SessionIndex{7}}) << "its peer is told";
  EXPECT_EQ(store->damaged, 2u) << "the session and its subscriber";
}

TEST_F(Checkpoints, NamesTheDamagedSessionsOfARegionThatIsTakenOver) {
  constexpr std::array<std::uint16_t, 2> kIds{6, 7};
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    for (const std::uint16_t id : kIds) commit_session(store->store, 5, id);
  }
  damage(std::string_view("\x05\0\x07\0", 4));
  options.max_tunnels = 64;
  {
    const auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    expect_session(store->store, 5, 6);
    EXPECT_EQ(store->lost_sessions, std::vector{SessionIndex{7}});
    EXPECT_EQ(store->damaged, 1u);
  }
}

TEST_F(Checkpoints, NamesThePlacesThatADamagedSessionMayHaveAmongMoreBanks) {
  {
    auto store = open_checkpoint(options, {});
    ASSERT_TRUE(store.has_value()) << store.error();
    commit_session(store->store, 5, 7);
  }
  damage(std::string_view("\x05\0\x07\0", 4));
  options.max_sessions = 2 * kBankSessions;
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_EQ(store->lost_sessions, (std::vector{SessionIndex{7}, SessionIndex{1 << 16 | 7}}));
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
  const auto check = check_checkpoint(options);
  ASSERT_FALSE(check.has_value());
  EXPECT_NE(check.error().find("written by a newer holdfastd"), std::string::npos) << check.error();
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

TEST_F(Checkpoints, SaysWhetherItWouldGoOnThoughAnotherDaemonRuns) {
  EXPECT_FALSE(check_checkpoint(options).has_value()) << "there is none";
  const auto running = open_checkpoint(options, {});
  ASSERT_TRUE(running.has_value()) << running.error();
  const auto check = check_checkpoint(options);
  ASSERT_TRUE(check.has_value()) << check.error();
  EXPECT_EQ(*check, "goes on from records of version " + std::to_string(kRecordsVersion));
}

TEST_F(Checkpoints, SetsALayoutAsideOfWhichNoVersionIsKnown) {
  { ASSERT_TRUE(open_checkpoint(options, {}).has_value()); }
  edit_header([](checkpoint::Header& header) {
    header.layout_hash ^= 1;
    header.minor = 0;
  });
  EXPECT_FALSE(check_checkpoint(options).has_value());
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
