// Counters: written by the workers, read by control at any time. Monotonic; they start at zero with the dataplane.
//
//   | CountersHeader | PortInfo[ports] | per worker: DropCounters | PortCounters[ports] | SessionCounters[sessions] |
//   | SequenceCounters[sessions] |
//
// Each worker writes its own block, and so does the table agent, as the last of them; a reader adds them up. Packets
// and octets of one counter may be read one packet apart.
#pragma once

#include "abi/line_module.hpp"
#include "abi/region.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace holdfast::abi {

using Counter = std::atomic<std::uint64_t>;  // relaxed; one writer

// Why a packet was not forwarded. Every refusal has a name; a new one is added at the end and to kDropNames.
enum class Drop : std::uint16_t {
  eth_too_short,
  eth_not_for_us,
  eth_unknown_type,
  ipv4_too_short,
  ipv4_bad_header,
  ipv4_bad_checksum,
  ipv4_bad_length,
  ipv6_too_short,
  ipv6_bad_header,
  ipv6_bad_length,
  ip_fragment,
  ip_ttl_expired,
  ip_no_route,
  ip_blackhole,
  udp_too_short,
  udp_bad_length,
  udp_bad_checksum,
  l2tp_too_short,
  l2tp_bad_version,
  l2tp_bad_flags,
  l2tp_bad_length,
  l2tp_no_session,
  l2tp_wrong_peer,
  ppp_too_short,
  ppp_ipv4_not_open,
  ppp_ipv6_not_open,
  ppp_source_spoofed,
  ppp_too_big,
  ppp_multicast,
  punt_ring_full,
  punt_too_big,
  kernel_queue_full,
  inject_bad_header,
  inject_no_session,
  inject_no_route,
  tx_queue_full,
  no_mbuf,
  eth_scattered,
  no_headroom,
  l2tp_late,
  pppoe_bad_header,
  pppoe_bad_length,
  pppoe_no_session,
  pppoe_wrong_source,
  pppoe_too_big,
  punt_pppoe_overload,
  punt_ppp_overload,
  ip_fragment_timeout,
  ip_fragment_overload,
  count_,
};
inline constexpr std::size_t kDrops = static_cast<std::size_t>(Drop::count_);

inline constexpr std::array<std::string_view, kDrops> kDropNames{"eth_too_short",
                                                                 "eth_not_for_us",
                                                                 "eth_unknown_type",
                                                                 "ipv4_too_short",
                                                                 "ipv4_bad_header",
                                                                 "ipv4_bad_checksum",
                                                                 "ipv4_bad_length",
                                                                 "ipv6_too_short",
                                                                 "ipv6_bad_header",
                                                                 "ipv6_bad_length",
                                                                 "ip_fragment",
                                                                 "ip_ttl_expired",
                                                                 "ip_no_route",
                                                                 "ip_blackhole",
                                                                 "udp_too_short",
                                                                 "udp_bad_length",
                                                                 "udp_bad_checksum",
                                                                 "l2tp_too_short",
                                                                 "l2tp_bad_version",
                                                                 "l2tp_bad_flags",
                                                                 "l2tp_bad_length",
                                                                 "l2tp_no_session",
                                                                 "l2tp_wrong_peer",
                                                                 "ppp_too_short",
                                                                 "ppp_ipv4_not_open",
                                                                 "ppp_ipv6_not_open",
                                                                 "ppp_source_spoofed",
                                                                 "ppp_too_big",
                                                                 "ppp_multicast",
                                                                 "punt_ring_full",
                                                                 "punt_too_big",
                                                                 "kernel_queue_full",
                                                                 "inject_bad_header",
                                                                 "inject_no_session",
                                                                 "inject_no_route",
                                                                 "tx_queue_full",
                                                                 "no_mbuf",
                                                                 "eth_scattered",
                                                                 "no_headroom",
                                                                 "l2tp_late",
                                                                 "pppoe_bad_header",
                                                                 "pppoe_bad_length",
                                                                 "pppoe_no_session",
                                                                 "pppoe_wrong_source",
                                                                 "pppoe_too_big",
                                                                 "punt_pppoe_overload",
                                                                 "punt_ppp_overload",
                                                                 "ip_fragment_timeout",
                                                                 "ip_fragment_overload"};
static_assert(!kDropNames.back().empty());

struct alignas(64) DropCounters {
  std::array<Counter, 64> drops;  // by Drop
};
static_assert(kDrops <= 64);

struct alignas(64) PortCounters {
  Counter rx_packets, rx_octets, tx_packets, tx_octets;
  Counter punted;     // L2TP control, PPP control and PPPoE discovery to the control process
  Counter to_kernel;  // to the port's TAP
  Counter reserved[2];
};
static_assert(sizeof(PortCounters) == 64);

// Received from the subscriber (decapsulated), transmitted to the subscriber (encapsulated). Octets are of the IP
// packet where PPP ends here. As LAC, all PPP frames count that come from the circuit and go to it; of a session that
// is switched on into another, those that come from its peer and go to it; octets are of the PPP frame without ff 03.
struct SessionCounters {
  Counter rx_packets, rx_octets, tx_packets, tx_octets;
};
static_assert(sizeof(SessionCounters) == 32);

// Data messages from the peer that carry Ns (RFC 2661 5.4). Modulo 2^32.
struct SequenceCounters {
  using Count = std::atomic<std::uint32_t>;  // relaxed; one writer
  Count lost;       // had not come when a later one was taken; those that are merely late are among them
  Count late;       // came after their turn, or twice, and were dropped
  Count reordered;  // came before their turn and waited for it
  Count restarts;   // the peer began to count anew
};
static_assert(sizeof(SequenceCounters) == 16);

struct PortInfo {
  std::array<char, 32> name;       // e.g. "ge0", zero-terminated
  std::array<char, 32> driver;     // e.g. "net_af_packet"
  std::array<char, 16> interface;  // the port's TAP in the kernel
  std::array<std::uint8_t, 6> mac;
  std::uint16_t mtu;
  std::atomic<std::uint32_t> link_up;
  std::uint32_t speed_mbps;
  std::atomic<std::uint64_t> rx_missed, rx_errors, tx_errors;  // from the driver, refreshed every second
  LineModule module;
  std::array<std::uint8_t, 7> reserved;
};
static_assert(sizeof(PortInfo) == 128);

// Of the control process, written by the table agent.
struct ControlAbsence {
  Counter absences;       // times that it went
  Counter alarms;         // absences that lasted longer than configured
  Counter alarm;          // 1 while such a one lasts
  Counter away_since_ns;  // CLOCK_MONOTONIC; 0 while it is there
  Counter last_ms;        // how long the last absence that ended was
  Counter reserved[3];
};
static_assert(sizeof(ControlAbsence) == 64);

struct CountersHeader {
  RegionHeader header;
  std::uint32_t ports;
  std::uint32_t workers;   // blocks, the table agent's among them
  std::uint32_t sessions;  // rows: 65,536 << bank_bits, index: session_index()
  std::uint32_t pid;
  std::uint64_t started_ns;  // CLOCK_MONOTONIC
  std::uint64_t port_info_offset;
  std::uint64_t worker_offset;  // of worker 0's block
  std::uint64_t worker_stride;
  std::array<char, 16> subscriber_interface;  // the TUN in the kernel that subscriber routes point to
  ControlAbsence control;
};
static_assert(sizeof(CountersHeader) == 192);

// Offsets inside of a worker's block.
constexpr std::uint64_t drop_counters_offset() { return 0; }
constexpr std::uint64_t port_counters_offset() { return sizeof(DropCounters); }
constexpr std::uint64_t session_counters_offset(std::uint64_t ports) {
  return port_counters_offset() + ports * sizeof(PortCounters);
}
constexpr std::uint64_t sequence_counters_offset(std::uint64_t ports, std::uint64_t sessions) {
  return session_counters_offset(ports) + sessions * sizeof(SessionCounters);
}
constexpr std::uint64_t worker_block_size(std::uint64_t ports, std::uint64_t sessions) {
  return sequence_counters_offset(ports, sessions) + sessions * sizeof(SequenceCounters);
}

inline constexpr std::uint64_t kCountersLayout =
    layout_hash(sizeof(CountersHeader), sizeof(PortInfo), sizeof(DropCounters), kDrops, sizeof(PortCounters),
                sizeof(SessionCounters), sizeof(SequenceCounters));

}  // namespace holdfast::abi
