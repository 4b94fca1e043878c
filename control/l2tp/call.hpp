// What a call is to be like: the value of which ICRQ and ICCN are written on the LAC, OCRQ on the LNS (RFC 2661 6.6,
// 6.8, 6.9), and OCCN (6.11). Lies in the checkpoint until the call is established.
#pragma once

#include "l2tp/aggregators.hpp"
#include "wire/octets.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace holdfast::l2tp {

// Which end of a call we are. It belongs to the call, not to the tunnel: one tunnel may have calls of both.
enum class Role : std::uint8_t { lac, lns };
constexpr std::string_view name(Role role) { return role == Role::lac ? "lac" : "lns"; }

// Incoming calls are placed by the LAC, outgoing ones by the LNS (RFC 2661 2).
enum class CallKind : std::uint8_t { incoming, outgoing };
constexpr std::string_view name(CallKind kind) { return kind == CallKind::incoming ? "incoming" : "outgoing"; }

// RFC 2661 4.4.5: what the LAC has negotiated with the subscriber before the call. Empty, or type 0: not sent.
struct Proxy {
  InlineOctets<63> initial_received_confreq;
  InlineOctets<63> last_sent_confreq;
  InlineOctets<63> last_received_confreq;
  InlineOctets<63> name;
  InlineOctets<31> challenge;
  InlineOctets<63> response;
  std::uint16_t authen_type{};  // 1 text, 2 CHAP, 3 PAP, 4 none, 5 MS-CHAPv1
  std::uint16_t authen_id{};
  friend bool operator==(const Proxy&, const Proxy&) = default;
};

// Of the fields that only one kind of call has, the other kind's are not looked at.
struct CallSpec {
  CallKind kind = CallKind::incoming;
  std::uint8_t sequencing{};  // incoming: 1: data messages must carry sequence numbers (AVP 39)
  std::array<std::uint8_t, 2> reserved{};
  std::uint32_t circuit{};    // the caller's own number for what the call is made for; it comes back in every notice
  std::uint32_t bearer{};     // Bearer Type: 1 digital, 2 analog; 0 neither, as for PPPoE
  std::uint32_t framing = 1;  // Framing Type: 1 synchronous, 2 asynchronous
  std::uint32_t tx_speed{};   // incoming: bit/s, from the LAC to the subscriber
  std::uint32_t rx_speed{};   // incoming: bit/s; 0: the same as tx_speed, and not sent
  std::uint32_t physical_channel{};  // incoming: 0: not sent
  std::uint32_t minimum_bps{};       // outgoing: the slowest line that will do, bit/s
  std::uint32_t maximum_bps{};       // outgoing: the fastest line to be had
  InlineOctets<63> calling;          // incoming
  InlineOctets<63> called;
  InlineOctets<63> sub_address;
  InlineOctets<63> private_group;     // incoming
  InlineOctets<63> agent_circuit_id;  // incoming; RFC 5515 5.1; sent when 2 octets or more
  InlineOctets<63> agent_remote_id;   // incoming; RFC 5515 5.2
  Proxy proxy;                        // incoming
  Aggregators aggregators;            // incoming: through whom the call has come, and ourselves
  friend bool operator==(const CallSpec&, const CallSpec&) = default;
};
static_assert(std::is_trivially_copyable_v<CallSpec> && std::has_unique_object_representations_v<CallSpec>);

// What became of the circuit of an outgoing call (RFC 2661 6.11).
struct Circuit {
  std::uint32_t tx_speed{};  // bit/s
  std::uint32_t rx_speed{};  // bit/s; 0: as tx_speed
  std::uint32_t framing = 1;
  bool sequencing{};  // data messages must carry sequence numbers (AVP 39)
  friend bool operator==(const Circuit&, const Circuit&) = default;
};

}  // namespace holdfast::l2tp
