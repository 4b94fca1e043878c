// PADT (RFC 2516 5.5): one bit a circuit, so that none of them is lost.
#include "access.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::test {
namespace {

using nodes::Handoff;

std::vector<std::uint32_t> told(abi::HangUps hang_ups) {
  std::vector<std::uint32_t> out;
  for (auto circuit = hang_ups.next(CircuitId(0)); circuit; circuit = hang_ups.next(CircuitId(circuit->raw + 1)))
    out.push_back(circuit->raw);
  return out;
}

TEST(HangUps, OfAllCircuitsAtOnceAreAllFound) {
  HangUpsMemory memory;
  abi::HangUps hang_ups = memory.view();
  for (std::uint32_t circuit = 1; circuit < 65536; ++circuit) hang_ups.tell(CircuitId(circuit));
  EXPECT_EQ(hang_ups.told(), 65535u);
  EXPECT_EQ(told(hang_ups).size(), 65535u);
}

TEST(HangUps, AreFoundUntilTheyAreDone) {
  HangUpsMemory memory;
  abi::HangUps hang_ups = memory.view();
  for (const std::uint32_t circuit : {1u, 63u, 64u, 64u, 65535u}) hang_ups.tell(CircuitId(circuit));
  EXPECT_EQ(told(hang_ups), (std::vector<std::uint32_t>{1, 63, 64, 65535}));
  hang_ups.done(CircuitId(63));
  hang_ups.done(CircuitId(65535));
  EXPECT_EQ(told(hang_ups), (std::vector<std::uint32_t>{1, 64}));
}

// Two processes died of it.
TEST(HangUps, CountHowOftenOneWasBegun) {
  HangUpsMemory memory;
  memory.view().tell(CircuitId(5));
  EXPECT_EQ(memory.view().begin_attempt(CircuitId(5)), 0u);
  EXPECT_EQ(memory.view().begin_attempt(CircuitId(5)), 1u);
  EXPECT_EQ(memory.view().begin_attempt(CircuitId(5)), 2u);
  memory.view().done(CircuitId(5));
  EXPECT_EQ(memory.view().begin_attempt(CircuitId(5)), 0u);
}

TEST(HangUps, MustFitIntoTheirRegion) {
  HangUpsMemory memory;
  EXPECT_TRUE(abi::hang_ups_fit(memory.region(), memory.octets.size()));
  EXPECT_FALSE(abi::hang_ups_fit(memory.region(), memory.octets.size() - 1));
  memory.region().circuits = 65500;
  EXPECT_FALSE(abi::hang_ups_fit(memory.region(), memory.octets.size()));
}

class Padt : public testing::TestWithParam<Vlans> {
 protected:
  Bytes padt(const wire_format::Mac& from = kUserMac, unsigned session = kPppoeSession,
             const wire_format::Mac& to = kPort1) const {
    return tagged(to, from, 0x8863, GetParam()) + pppoe({}, session, 0xa7);
  }
  std::vector<std::uint32_t> told() { return test::told(access.hang_ups.view()); }

  Access access{kTunnel, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Tags, Padt,
                         testing::Values(Vlans{}, Vlans{.outer = 100},
                                         Vlans{.outer = 9, .inner = 10, .outer_type = 0x88a8}));

TEST_P(Padt, OfASubscriberBecomesABitAndNothingElse) {
  EXPECT_EQ(access.receive(padt() + Bytes(30, 0), 1), Outcome{});
  EXPECT_EQ(told(), std::vector{kCircuit.raw});
  EXPECT_EQ(access.port_counters[1].punted.load(), 1u);
  EXPECT_EQ(access.context.hang_ups_told, 1u);
}

// It is refused there, and counted.
TEST_P(Padt, OfAnybodyElseIsForControlToLookAt) {
  wire_format::Mac other = kUserMac;
  other[0] ^= 4;  // the same bank, the same id
  const Bytes elsewhere = tagged(kPort1, kUserMac, 0x8863, {.outer = 77}) + pppoe({}, kPppoeSession, 0xa7);
  for (const Bytes& frame :
       {padt(other), padt(kUserMac, 0x4321), padt(kUserMac, 0), padt(kUserMac, kPppoeSession, kEveryone), elsewhere})
    EXPECT_EQ(access.receive(frame, 1), handed(Handoff::punt_pppoe, frame));
  const Bytes other_port = tagged(kPort0, kUserMac, 0x8863, GetParam()) + pppoe({}, kPppoeSession, 0xa7);
  EXPECT_EQ(access.receive(other_port, 0), handed(Handoff::punt_pppoe, other_port));
  access.remove_circuit();
  EXPECT_EQ(access.receive(padt(), 1), handed(Handoff::punt_pppoe, padt()));
  EXPECT_TRUE(told().empty());
}

TEST_P(Padt, ThatMakesNoSenseIsForControlToLookAt) {
  Bytes longer = padt(), other_version = padt(), cut = padt();
  longer.back() = 1;  // its length
  other_version[other_version.size() - 6] = 0x12;
  cut.pop_back();
  for (const Bytes& frame : {longer, other_version, cut})
    EXPECT_EQ(access.receive(frame, 1), handed(Handoff::punt_pppoe, frame));
  EXPECT_TRUE(told().empty());
}

}  // namespace
}  // namespace holdfast::test
