// Packets between the two processes: the ring itself, what is written to `punt`, what is made of `inject`.
#include "abi/packets.hpp"
#include "access.hpp"
#include "dataplane/injector.hpp"
#include "dataplane/punter.hpp"

#include <gtest/gtest.h>
#include <rte_ring.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

namespace holdfast::test {
namespace {

using abi::Drop;
using abi::PacketHeader;

// A ring of packets in plain memory.
class Memory {
 public:
  explicit Memory(std::uint32_t slots) : lines_((4096 + std::size_t{slots} * abi::kPacketSlot) / 64) {
    header().slots = slots;
    header().slot_size = abi::kPacketSlot;
    header().slots_offset = 4096;
  }
  abi::RingHeader& header() { return *reinterpret_cast<abi::RingHeader*>(lines_.data()); }
  abi::Ring ring() { return {lines_.data(), &header()}; }

 private:
  struct alignas(64) Line {
    std::array<std::uint8_t, 64> octets;
  };
  std::vector<Line> lines_;
};

struct Taken {
  PacketHeader header;
  Bytes data;
};
std::optional<Taken> take(abi::Ring ring) {
  if (ring.readable() == 0) return std::nullopt;
  Taken taken;
  const auto* slot = static_cast<const std::uint8_t*>(ring.front());
  std::memcpy(&taken.header, slot, sizeof(taken.header));
  taken.data.assign(slot + sizeof(taken.header), slot + sizeof(taken.header) + taken.header.length);
  ring.release();
  return taken;
}

class Punting : public testing::Test {
 protected:
  void put(const Bytes& data, nodes::HandoffNote note) { put(punter, data, note); }
  static void put(dataplane::Punter& to, const Bytes& data, nodes::HandoffNote note) {
    rte_mbuf* mbuf = make_mbuf(data);
    nodes::note(mbuf) = note;
    to.put(mbuf, 12345);
    rte_pktmbuf_free(mbuf);
  }
  std::uint64_t dropped(Drop reason) const { return drops->drops[static_cast<std::size_t>(reason)]; }

  Memory memory{8};
  std::unique_ptr<abi::DropCounters> drops = std::make_unique<abi::DropCounters>();
  dataplane::Punter punter{memory.ring(), *drops};
  const nodes::HandoffNote l2tp_note{.kind = nodes::Handoff::punt_l2tp, .port = PortId(1)};
  const nodes::HandoffNote pppoe_note{.kind = nodes::Handoff::punt_pppoe, .port = PortId(1)};
  const Bytes padi = tagged(kEveryone, kUserMac, 0x8863) + pppoe({}, 0, 0x09);
  const Bytes padr = tagged(kPort1, kUserMac, 0x8863, {.outer = 5}) + pppoe({}, 0, 0x19);
  const Bytes hello = ip(kPeer4, kLocal4, udp(1701, 1701, Bytes(12)));
};

TEST_F(Punting, SaysFromWhomAControlMessageComes) {
  const Bytes message{0xc8, 2, 0, 12, 0, 7, 0, 0, 0, 1, 0, 2};
  for (const auto& [from, to] : {std::pair{kPeer4, kLocal4}, std::pair{kPeer6, kLocal6}}) {
    put(ip(from, to, udp(40000, 1701, message, from, to)), l2tp_note);
    const auto taken = take(memory.ring());
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->data, message);
    EXPECT_EQ(taken->header.kind, 1u);
    EXPECT_EQ(taken->header.source, from);
    EXPECT_EQ(taken->header.destination, to);
    EXPECT_EQ(taken->header.source_port, 40000u);
    EXPECT_EQ(taken->header.destination_port, 1701u);
    EXPECT_EQ(taken->header.port, PortId(1));
    EXPECT_EQ(taken->header.received_ns, 12345u);
  }
}

TEST_F(Punting, SaysFromWhichSessionAFrameComes) {
  put(Bytes{1, 2, 0, 4}, {.kind = nodes::Handoff::punt_ppp,
                          .port = PortId(0),
                          .tunnel = kTunnel,
                          .session = kSession,
                          .protocol = 0x8021});
  const auto taken = take(memory.ring());
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->data, (Bytes{0x80, 0x21, 1, 2, 0, 4}));
  EXPECT_EQ(taken->header.kind, 2u);
  EXPECT_EQ(taken->header.tunnel, kTunnel);
  EXPECT_EQ(taken->header.session, kSession);
}

TEST_F(Punting, PassesDiscoveryFramesWithTheirPort) {
  for (const Bytes& frame : {padi, padr}) {
    put(frame, pppoe_note);
    const auto taken = take(memory.ring());
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->data, frame);
    EXPECT_EQ(taken->header.kind, 3u);
    EXPECT_EQ(taken->header.port, PortId(1));
    EXPECT_EQ(taken->header.received_ns, 12345u);
  }
}

// A storm of new subscribers leaves room for those that are there, and those for the tunnels.
TEST_F(Punting, KeepsRoomForWhatMattersMore) {
  const nodes::HandoffNote ppp{.kind = nodes::Handoff::punt_ppp, .protocol = 0xc021};
  Memory large{64};
  dataplane::Punter storm{large.ring(), *drops};
  const auto put_until_dropped = [&](const Bytes& data, const nodes::HandoffNote& note, Drop reason) {
    while (dropped(reason) == 0) put(storm, data, note);
    return large.ring().used();
  };
  EXPECT_EQ(put_until_dropped(padi, pppoe_note, Drop::punt_pppoe_overload), 33u);
  drops->drops[static_cast<std::size_t>(Drop::punt_pppoe_overload)] = 0;
  put(storm, padr, pppoe_note);
  EXPECT_EQ(large.ring().used(), 34u);
  EXPECT_EQ(put_until_dropped(Bytes{1, 1, 0, 4}, ppp, Drop::punt_ppp_overload), 57u);
  EXPECT_EQ(put_until_dropped(padr, pppoe_note, Drop::punt_pppoe_overload), 57u);
  EXPECT_EQ(put_until_dropped(hello, l2tp_note, Drop::punt_ring_full), 64u);
}

TEST_F(Punting, RefusesAWrongUdpChecksum) {
  const Bytes message{0xc8, 2, 0, 12, 0, 7, 0, 0, 0, 1, 0, 2};
  for (const auto& [from, to] : {std::pair{kPeer4, kLocal4}, std::pair{kPeer6, kLocal6}}) {
    Bytes datagram = udp(1701, 1701, message, from, to);
    datagram[6] ^= 0x10;
    put(ip(from, to, datagram), l2tp_note);
  }
  EXPECT_EQ(dropped(Drop::udp_bad_checksum), 2u);
  put(ip(kPeer4, kLocal4, udp(1701, 1701, message)), l2tp_note);  // not computed: allowed over IPv4 alone
  EXPECT_TRUE(take(memory.ring()));
  put(ip(kPeer6, kLocal6, udp(1701, 1701, message)), l2tp_note);
  EXPECT_EQ(dropped(Drop::udp_bad_checksum), 3u);
}

TEST_F(Punting, RefusesAWrongUdpLength) {
  for (const std::uint8_t length : {std::uint8_t{7}, std::uint8_t{100}}) {
    Bytes datagram = udp(1701, 1701, Bytes(12));
    datagram[5] = length;
    put(ip(kPeer4, kLocal4, datagram), l2tp_note);
  }
  EXPECT_EQ(dropped(Drop::udp_bad_length), 2u);
  put(ip(kPeer4, kLocal4, Bytes(7)), l2tp_note);
  EXPECT_EQ(dropped(Drop::udp_too_short), 1u);
}

TEST_F(Punting, RefusesWhatFitsInNoSlot) {
  put(Bytes(1982), {.kind = nodes::Handoff::punt_ppp, .protocol = 0xc021});
  EXPECT_TRUE(take(memory.ring()));
  put(Bytes(1983), {.kind = nodes::Handoff::punt_ppp, .protocol = 0xc021});
  EXPECT_EQ(dropped(Drop::punt_too_big), 1u);
}

// Control is away: what fits is kept in order, the rest is counted. It comes back and finds all that was kept.
TEST_F(Punting, KeepsPacketsWhileControlIsAway) {
  const nodes::HandoffNote frame{.kind = nodes::Handoff::punt_ppp, .protocol = 0xc021};
  for (std::uint8_t i = 0; i < 10; ++i) put(Bytes{i}, frame);
  EXPECT_EQ(dropped(Drop::punt_ppp_overload), 2u);
  for (std::uint8_t i = 0; i < 8; ++i) EXPECT_EQ(take(memory.ring())->data, (Bytes{0xc0, 0x21, i}));
  EXPECT_FALSE(take(memory.ring()));
  put(Bytes{42}, frame);
  EXPECT_EQ(take(memory.ring())->data, (Bytes{0xc0, 0x21, 42}));
}

TEST_F(Punting, AsksForTheBellOnlyWhenControlSleeps) {
  const nodes::HandoffNote frame{.kind = nodes::Handoff::punt_ppp, .protocol = 0xc021};
  put(Bytes{1}, frame);
  EXPECT_FALSE(punter.wants_bell());
  EXPECT_FALSE(memory.ring().prepare_to_wait());
  EXPECT_TRUE(take(memory.ring()));
  EXPECT_TRUE(memory.ring().prepare_to_wait());
  put(Bytes{2}, frame);
  put(Bytes{3}, frame);
  EXPECT_TRUE(punter.wants_bell());
  EXPECT_FALSE(punter.wants_bell());
}

// The consumer dies at a packet twice and skips it the third time: attempts are kept where it finds them again.
TEST(Ring, RemembersAttemptsOfAConsumerThatDied) {
  Memory memory(4);
  std::memset(memory.ring().reserve(), 0, abi::kPacketSlot);
  (void)memory.ring().publish();
  EXPECT_EQ(memory.ring().begin_attempt(7), 0u);
  EXPECT_EQ(memory.ring().begin_attempt(7), 1u);
  EXPECT_EQ(memory.ring().begin_attempt(7), 2u);
  memory.ring().release();
  EXPECT_EQ(memory.ring().begin_attempt(7), 0u);
}

// It dies before the commit, which would have changed its mark, or after it.
TEST(Ring, TellsAConsumerThatDiedWhetherItsWorkWasDone) {
  Memory memory(4);
  for (int i = 0; i < 2; ++i) std::memset(memory.ring().reserve(static_cast<std::uint64_t>(i)), 0, abi::kPacketSlot);
  EXPECT_FALSE(memory.ring().done_at_tail(7)) << "an empty ring";
  (void)memory.ring().publish(2);
  EXPECT_FALSE(memory.ring().done_at_tail(7)) << "not begun";
  (void)memory.ring().begin_attempt(7);
  EXPECT_FALSE(memory.ring().done_at_tail(7)) << "died before its commit";
  (void)memory.ring().begin_attempt(9);  // the next consumer has committed other things before
  EXPECT_FALSE(memory.ring().done_at_tail(9)) << "died before its commit again";
  EXPECT_TRUE(memory.ring().done_at_tail(10)) << "died after it";
  memory.ring().release();
  EXPECT_FALSE(memory.ring().done_at_tail(10)) << "given back: the next one is another";
}

class Injecting : public testing::Test {
 protected:
  void SetUp() override {
    rte_mbuf* any = make_mbuf({});
    pool = any->pool;
    rte_pktmbuf_free(any);
    to_worker = rte_ring_create("to_worker", 4, SOCKET_ID_ANY, 0);  // holds 3
    injector = std::make_unique<dataplane::Injector>(memory.ring(), pool, to_worker, std::uint16_t{2}, *drops);
  }
  void TearDown() override {
    rte_ring_free(to_worker);
    EXPECT_EQ(mbufs_in_use(), 0u);
  }
  void put(const PacketHeader& header, const Bytes& payload) {
    auto* slot = static_cast<std::uint8_t*>(memory.ring().reserve());
    std::memcpy(slot, &header, sizeof(header));
    std::copy(payload.begin(), payload.end(), slot + sizeof(header));
    (void)memory.ring().publish();
  }
  // What the worker gets next.
  std::optional<std::pair<nodes::HandoffNote, Bytes>> worker_takes() {
    void* packet = nullptr;
    if (rte_ring_dequeue(to_worker, &packet) != 0) return std::nullopt;
    auto* mbuf = static_cast<rte_mbuf*>(packet);
    std::pair result{nodes::note(mbuf), Bytes(nodes::octets(mbuf), nodes::octets(mbuf) + mbuf->data_len)};
    rte_pktmbuf_free(mbuf);
    return result;
  }
  static PacketHeader l2tp_header(const IpAddress& from, const IpAddress& to, unsigned length) {
    PacketHeader header{};
    header.kind = 1;
    header.length = static_cast<std::uint16_t>(length);
    header.source = from;
    header.destination = to;
    header.source_port = 1701;
    header.destination_port = 40000;
    return header;
  }
  std::uint64_t dropped(Drop reason) const { return drops->drops[static_cast<std::size_t>(reason)]; }

  Memory memory{8};
  std::unique_ptr<abi::DropCounters> drops = std::make_unique<abi::DropCounters>();
  rte_mempool* pool = nullptr;
  rte_ring* to_worker = nullptr;
  std::unique_ptr<dataplane::Injector> injector;
};

TEST_F(Injecting, PutsControlMessagesIntoUdpAndIp) {
  const Bytes message{0xc8, 2, 0, 12, 0, 7, 0, 0, 0, 1, 0, 2};
  for (const auto& [from, to] : {std::pair{kLocal4, kPeer4}, std::pair{kLocal6, kPeer6}}) {
    put(l2tp_header(from, to, 12), message);
    EXPECT_EQ(injector->take_until(injector->snapshot()), 1u);
    const auto packet = worker_takes();
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->first.kind, nodes::Handoff::inject_ip);
    EXPECT_EQ(hex(packet->second), hex(ip(from, to, udp(1701, 40000, message, from, to), {.traffic_class = 0xc0})));
  }
}

TEST_F(Injecting, PassesPppFramesToTheirSession) {
  PacketHeader header{};
  header.kind = 2;
  header.length = 6;
  header.tunnel = kTunnel;
  header.session = kSession;
  put(header, Bytes{0xc0, 0x21, 1, 1, 0, 4});
  EXPECT_EQ(injector->take_until(injector->snapshot()), 1u);
  const auto packet = worker_takes();
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->first.kind, nodes::Handoff::inject_ppp);
  EXPECT_EQ(packet->first.tunnel, kTunnel);
  EXPECT_EQ(packet->first.session, kSession);
  EXPECT_EQ(packet->first.protocol, 0xc021u);
  EXPECT_EQ(packet->second, (Bytes{1, 1, 0, 4}));
}

TEST_F(Injecting, PassesDiscoveryFramesToTheirPort) {
  const Bytes frame = tagged(kUserMac, kPort1, 0x8863, {.outer = 5}) + pppoe(Bytes(8, 1), 0, 0x07);
  PacketHeader header{};
  header.kind = 3;
  header.length = static_cast<std::uint16_t>(frame.size());
  header.port = PortId(1);
  put(header, frame);
  EXPECT_EQ(injector->take_until(injector->snapshot()), 1u);
  const auto packet = worker_takes();
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->first.kind, nodes::Handoff::inject_frame);
  EXPECT_EQ(packet->first.port, PortId(1));
  EXPECT_EQ(packet->second, frame);
}

TEST_F(Injecting, RefusesHeadersThatMakeNoSense) {
  put(l2tp_header(kLocal4, kPeer6, 0), {});
  put(l2tp_header(kNone, kPeer6, 0), {});
  put(l2tp_header(kLocal4, kPeer4, abi::kMaxPacket + 1), {});
  PacketHeader header{};
  header.kind = 2;
  header.length = 1;
  put(header, {});
  header.kind = 9;
  put(header, {});
  header.kind = 3;
  header.length = 13;
  put(header, {});
  header.length = 14;
  header.port = PortId(2);
  put(header, {});
  EXPECT_EQ(injector->take_until(injector->snapshot()), 7u);
  EXPECT_FALSE(worker_takes());
  EXPECT_EQ(dropped(Drop::inject_bad_header), 7u);
}

TEST_F(Injecting, LeavesPacketsInTheRingWhileTheWorkerIsBusy) {
  for (std::uint8_t i = 0; i < 5; ++i) put(l2tp_header(kLocal4, kPeer4, 1), Bytes{i});
  EXPECT_EQ(injector->take_until(injector->snapshot()), 3u);
  EXPECT_EQ(injector->take_until(injector->snapshot()), 0u);
  for (std::uint8_t i = 0; i < 3; ++i) EXPECT_EQ(worker_takes()->second.back(), i);
  EXPECT_EQ(injector->take_until(injector->snapshot()), 2u);
  for (std::uint8_t i = 3; i < 5; ++i) EXPECT_EQ(worker_takes()->second.back(), i);
}

TEST_F(Injecting, StopsAtTheSnapshot) {
  put(l2tp_header(kLocal4, kPeer4, 1), Bytes{1});
  const auto position = injector->snapshot();
  put(l2tp_header(kLocal4, kPeer4, 1), Bytes{2});
  EXPECT_EQ(injector->take_until(position), 1u);
  EXPECT_EQ(worker_takes()->second.back(), 1);
  EXPECT_EQ(injector->take_until(injector->snapshot()), 1u);
  EXPECT_EQ(worker_takes()->second.back(), 2);
}

}  // namespace
}  // namespace holdfast::test
