// A graph with two ports, its tables, and one subscriber behind a tunnel, for packets to be sent through.
//
//   peer (the LAC) 192.0.2.2, 2001:db8:2::2 -- port 0 [router] port 1 -- 198.51.100.2, 2001:db8:51::2, default route
//   subscriber 10.0.0.9, 2001:db8:9::/64 in session 9 (the peer's 99) of tunnel 7 (the peer's 77)
#pragma once

#include "abi/counters.hpp"
#include "abi/hang_ups.hpp"
#include "dataplane/table_agent.hpp"
#include "nodes/context.hpp"
#include "nodes/handoff.hpp"
#include "packets.hpp"
#include "tables/tables.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::test {

inline constexpr wire_format::Mac kPort0{2, 0, 0, 0, 0, 0x10}, kPort1{2, 0, 0, 0, 0, 0x11},
    kPeerMac{2, 0, 0, 0, 0, 0x20}, kCoreMac{2, 0, 0, 0, 0, 0x21};
inline const IpAddress kNone{};
inline const IpAddress kLocal4 = IpAddress::v4(192, 0, 2, 1), kPeer4 = IpAddress::v4(192, 0, 2, 2);
inline const IpAddress kLocal6 = v6({0x2001, 0xdb8, 2}, {1}), kPeer6 = v6({0x2001, 0xdb8, 2}, {2});
inline const IpAddress kCore4 = IpAddress::v4(198, 51, 100, 2), kCore6 = v6({0x2001, 0xdb8, 0x51}, {2});
inline const IpAddress kUser4 = IpAddress::v4(10, 0, 0, 9), kUser6 = v6({0x2001, 0xdb8, 9}, {5});
inline constexpr TunnelId kTunnel{7};
inline constexpr SessionId kSession{9};
inline constexpr std::uint32_t kMagic = 0x11223344;

// The bits of one bank's circuits.
struct HangUpsMemory {
  HangUpsMemory() { region().circuits = 65536; }
  abi::HangUpsRegion& region() { return *reinterpret_cast<abi::HangUpsRegion*>(octets.data()); }
  abi::HangUps view() { return abi::HangUps(&region()); }

  alignas(64) std::array<std::uint8_t, abi::hang_ups_size(65536)> octets{};
};

// What became of packets: frames by port, packets to the agent, drops by reason.
struct Outcome {
  std::vector<std::pair<unsigned, Bytes>> sent;
  std::vector<std::pair<nodes::Handoff, Bytes>> to_agent;
  std::map<std::string, std::uint64_t> drops;

  friend bool operator==(const Outcome&, const Outcome&) = default;
  friend void PrintTo(const Outcome& o, std::ostream* out) {
    for (const auto& [port, frame] : o.sent) *out << "\n  port " << port << ": " << hex(frame);
    for (const auto& [kind, data] : o.to_agent) *out << "\n  agent " << static_cast<int>(kind) << ": " << hex(data);
    for (const auto& [reason, count] : o.drops) *out << "\n  drop " << reason << " x" << count;
  }
};
Outcome sent(unsigned port, Bytes frame);
Outcome handed(nodes::Handoff kind, Bytes data);
Outcome dropped(abi::Drop reason);

class Lns {
 public:
  // outer: of the tunnel, 4 or 6. Flags of the rows can be changed later by put_...
  explicit Lns(int outer = 4);
  ~Lns();

  abi::TunnelRow tunnel_row() const;
  abi::SessionRow session_row() const;
  void put(const abi::TunnelRow& row);
  void put(const abi::SessionRow& row);
  void put_route(const IpAddress& address, unsigned length, abi::NextHopKind kind, unsigned neighbour = 0);

  Outcome receive(const Bytes& frame, unsigned port = 0);
  Outcome receive(const std::vector<Bytes>& frames, unsigned port);
  // What happens when so much time passes; a tick of the context is a millisecond.
  Outcome wait(unsigned milliseconds);
  Outcome hand(nodes::HandoffNote note, const Bytes& data);

  // A frame as the LAC sends it: PPP frame, in a data message, in UDP, in IP of the tunnel's family.
  Bytes from_peer(const Bytes& l2tp_message) const;
  Bytes from_user(const Bytes& ppp_frame) const { return from_peer(l2tp(kTunnel.raw, kSession.raw, ppp_frame)); }
  // A frame as the LAC shall receive it. id: of the outer IPv4 header.
  Bytes to_peer(const Bytes& l2tp_message, unsigned id = 0, bool checksum = false) const;
  Bytes to_user(const Bytes& ppp_frame, unsigned id = 0) const { return to_peer(l2tp(77, 99, ppp_frame), id); }

  const IpAddress& local() const { return outer_ == 4 ? kLocal4 : kLocal6; }
  const IpAddress& peer() const { return outer_ == 4 ? kPeer4 : kPeer6; }
  std::vector<std::uint64_t> session_counters() const;
  struct Sequence {
    std::uint32_t lost = 0, late = 0, reordered = 0, restarts = 0;
    friend bool operator==(const Sequence&, const Sequence&) = default;
    friend void PrintTo(const Sequence& s, std::ostream* out) {
      *out << "lost " << s.lost << " late " << s.late << " reordered " << s.reordered << " restarts " << s.restarts;
    }
  };
  Sequence sequence_counters() const;

  int outer_;
  tables::Tables tables{1, 0};
  dataplane::TableAgent agent{tables, 2};
  std::vector<nodes::PortFacts> ports{{.mac = kPort0}, {.mac = kPort1}};
  std::unique_ptr<abi::DropCounters> drops = std::make_unique<abi::DropCounters>();
  std::vector<abi::PortCounters> port_counters{2};
  std::vector<abi::SessionCounters> all_session_counters{65536};
  std::vector<abi::SequenceCounters> all_sequence_counters{65536};
  HangUpsMemory hang_ups;
  nodes::Context context;

 private:
  Outcome collect();
  void take(Outcome& outcome);
};

// A packet buffer with that content; the tests' pool.
rte_mbuf* make_mbuf(const Bytes& content);
unsigned mbufs_in_use();

}  // namespace holdfast::test
