// Regions that earlier versions wrote, kept in tests/unit/io/regions (made with its program pack), are taken over.
#include "checkpoint/crc32c.hpp"
#include "checkpoint/records.hpp"
#include "engine/engine.hpp"
#include "engine/executor.hpp"
#include "io/checkpoint_file.hpp"
#include "io/system.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace holdfast::io {
namespace {

namespace fs = std::filesystem;

struct Migrations : ::testing::Test {
  fs::path folder = fs::temp_directory_path() / ("holdfast-regions-" + std::to_string(::getpid()));
  Options options;
  fs::path path = folder / "holdfast.default.checkpoint";

  void SetUp() override {
    fs::create_directories(folder);
    options.shm_dir = folder.string();
    options.max_tunnels = 64;
  }
  void TearDown() override { fs::remove_all(folder); }

  // Unpacks a region, and makes it one of this boot.
  void unpack(const std::string& name) const {
    std::ifstream file(fs::path(HOLDFAST_REGIONS) / name, std::ios::binary);
    const std::string packed{std::istreambuf_iterator<char>(file), {}};
    ASSERT_GT(packed.size(), 8u) << name;
    std::size_t at = 0;
    const auto number = [&] {
      std::uint64_t n{};
      std::memcpy(&n, packed.data() + at, sizeof n);
      at += sizeof n;
      return n;
    };
    std::vector<char> region(number());
    while (at < packed.size()) {
      const std::uint64_t offset = number(), length = number();
      ASSERT_LE(offset + length, region.size());
      std::memcpy(region.data() + offset, packed.data() + at, length);
      at += length;
    }
    auto& header = *reinterpret_cast<checkpoint::Header*>(region.data());
    header.boot = boot_id().value();
    header.crc = checkpoint::header_crc(header);
    std::ofstream(path, std::ios::binary).write(region.data(), static_cast<std::streamsize>(region.size()));
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  }
};

struct RowCounts {
  unsigned tunnels = 0, sessions = 0, routes = 0;
  void count(const abi::TableOp& op) {
    tunnels += op.kind == abi::TableOpKind::put_tunnel ? 1 : 0;
    sessions += op.kind == abi::TableOpKind::put_session ? 1 : 0;
    routes += op.kind == abi::TableOpKind::put_route ? 1 : 0;
  }
};

// Two tunnels of an LNS with three subscribers each, who have an IPv4 address.
void expect_two_tunnels_of_three(const checkpoint::Store& store, const Options& options) {
  const engine::StoredRecords records(store);
  std::vector<TunnelId> tunnels;
  records.for_each(Table::tunnel, &tunnels, [](void* ids, std::uint32_t id) {
    static_cast<std::vector<TunnelId>*>(ids)->emplace_back(static_cast<std::uint16_t>(id));
  });
  ASSERT_EQ(tunnels.size(), 2u);
  for (const TunnelId id : tunnels) {
    const TunnelRecord* tunnel = records.tunnel(id);
    EXPECT_EQ(tunnel->l2tp.id, id);
    EXPECT_EQ(tunnel->l2tp.state, l2tp::TunnelState::established);
    EXPECT_EQ(tunnel->sessions, 3u);
    EXPECT_EQ(tunnel->l2tp.initiated, 0);
  }
  for (std::uint32_t i = 1; i <= 6; ++i) {
    const SessionRecord* session = records.session(SessionIndex{i});
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->l2tp.id, SessionId(static_cast<std::uint16_t>(i)));
    EXPECT_EQ(session->l2tp.state, l2tp::SessionState::established);
    EXPECT_EQ(session->l2tp.role, l2tp::Role::lns);
    EXPECT_EQ(session->l2tp.kind, l2tp::CallKind::incoming);
    EXPECT_TRUE(session->l2tp.peer);
    EXPECT_EQ(session->l2tp.deadline, kNever);
    EXPECT_GT(session->l2tp.tx_speed, 0u);
    EXPECT_EQ(session->l2tp.circuit, 0u);
    EXPECT_EQ(session->call, 0u);
    EXPECT_FALSE(session->circuit);
    const SubscriberRecord* subscriber = records.subscriber(SessionIndex{i});
    ASSERT_NE(subscriber, nullptr);
    EXPECT_TRUE(subscriber->ipv4.is_v4());
    EXPECT_EQ(subscriber->ipv4_up, 1);
  }
  const config::Config config;
  engine::Engine engine(config, records, {options.max_tunnels, 0});
  engine.rebuild();
  RowCounts rows;
  engine.rows(&rows, [](void* counts, const abi::TableOp& op) { static_cast<RowCounts*>(counts)->count(op); });
  EXPECT_EQ(rows.tunnels, 2u);
  EXPECT_EQ(rows.sessions, 6u);
  EXPECT_EQ(rows.routes, 6u);
}

TEST_F(Migrations, TakesOverTheSessionsOfVersion1) {
  unpack("version-1.bin");
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_EQ(store->refusal, "");
  EXPECT_EQ(store->store.incarnation(), 2u);
  EXPECT_EQ(store->store.sequence(), 54u);
  EXPECT_TRUE(store->store.verify().empty());
  expect_two_tunnels_of_three(store->store, options);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1) << "nothing is left behind";
}

TEST_F(Migrations, TakesOverTheSessionsOfVersion2) {
  unpack("version-2.bin");
  options.max_tunnels = 80;
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_EQ(store->refusal, "");
  EXPECT_EQ(store->store.incarnation(), 2u);
  EXPECT_TRUE(store->store.verify().empty());
  expect_two_tunnels_of_three(store->store, options);
}

// A LAC with two PPPoE sessions, one of its own and one in a tunnel, and a third for which a call is being placed.
TEST_F(Migrations, TakesOverTheLinesAndCallsOfVersion3) {
  unpack("version-3.bin");
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_EQ(store->refusal, "");
  EXPECT_TRUE(store->store.verify().empty());
  const engine::StoredRecords records(store->store);
  unsigned calls = 0;
  for (std::uint16_t line = 1; line <= 3; ++line) {
    const CircuitRecord* circuit = records.circuit(circuit_id(0, line, 0));
    ASSERT_NE(circuit, nullptr);
    const SessionRecord* ppp = records.session(circuit->ppp);
    ASSERT_NE(ppp, nullptr);
    EXPECT_EQ(ppp->circuit, circuit->id);
    EXPECT_EQ(ppp->other, SessionIndex{});
    EXPECT_EQ(records.subscriber(circuit->ppp) != nullptr, circuit->state != CircuitState::tunnel);
    if (circuit->state != CircuitState::calling) continue;
    ++calls;
    const SessionRecord* session = records.session(circuit->call);
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->l2tp.role, l2tp::Role::lac);
    const CallRecord* call = records.placed_call(session->call);
    ASSERT_NE(call, nullptr);
    EXPECT_EQ(call->session, circuit->call);
    EXPECT_EQ(call->tried, 1u << 3);
    EXPECT_EQ(call->call.calling.text(), "ge0#020000000103");
    EXPECT_EQ(call->call.agent_circuit_id.text(), "rack 1");
    EXPECT_EQ(call->call.proxy.name.text(), "bob@example.net");
    EXPECT_EQ(call->call.aggregators, l2tp::Aggregators{});
    EXPECT_EQ(call->overheard.name.text(), "bob@example.net");
    EXPECT_EQ(call->overheard.method, ppp::AuthMethod::chap);
    EXPECT_EQ(call->refused, 0);
  }
  EXPECT_EQ(calls, 1u);
}

TEST_F(Migrations, LeavesARecordOutThatVersion1CannotHaveWritten) {
  unpack("version-1.bin");
  {
    // State 9 of session 2, with the checksum that belongs to it.
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    checkpoint::Header header;
    file.read(reinterpret_cast<char*>(&header), sizeof header);
    std::array<std::uint8_t, 104> session{};
    const auto at = static_cast<std::streamoff>(header.table[2].records + 2 * session.size());
    file.seekg(at);
    file.read(reinterpret_cast<char*>(session.data()), session.size());
    session[6] = 9;
    file.seekp(at);
    file.write(reinterpret_cast<const char*>(session.data()), session.size());
    const std::uint64_t slot = checkpoint::Slot::of(session.size(), checkpoint::crc32c(session)).raw;
    file.seekp(static_cast<std::streamoff>(header.table[2].slots + 2 * sizeof slot));
    file.write(reinterpret_cast<const char*>(&slot), sizeof slot);
  }
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_FALSE(store->store.used(static_cast<std::uint16_t>(Table::session), 2));
  EXPECT_TRUE(store->store.used(static_cast<std::uint16_t>(Table::session), 3));
}

TEST_F(Migrations, GoesOnAfterAProcessThatDiedWhileItTookARegionOver) {
  unpack("version-1.bin");
  std::ofstream(path.string() + ".new") << std::string(100'000, 'x');
  ASSERT_EQ(::chmod((path.string() + ".new").c_str(), 0600), 0);
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  expect_two_tunnels_of_three(store->store, options);
}

TEST_F(Migrations, SetsARegionOfAnOlderVersionAndAnotherBootAside) {
  unpack("version-1.bin");
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    checkpoint::Header header;
    file.read(reinterpret_cast<char*>(&header), sizeof header);
    header.boot.octets[3] ^= 1;
    header.crc = checkpoint::header_crc(header);
    file.seekp(0);
    file.write(reinterpret_cast<const char*>(&header), sizeof header);
  }
  const auto store = open_checkpoint(options, {});
  ASSERT_TRUE(store.has_value()) << store.error();
  EXPECT_EQ(store->refusal, "other-boot");
}

}  // namespace
}  // namespace holdfast::io
