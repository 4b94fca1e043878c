// Identifiers that must not mix are types that do not mix. All are plain integers in host byte order.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace holdfast {

template <class Tag, class Native>
struct Id {
  Native raw{};

  constexpr Id() = default;
  constexpr explicit Id(Native value) : raw(value) {}
  constexpr Native value() const { return raw; }
  constexpr explicit operator bool() const { return raw != 0; }  // 0 is "none" for every id of RFC 2661
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

// Chosen by us, found in the header of what the peer sends to us (RFC 2661 3.1).
using TunnelId = Id<struct TunnelIdTag, std::uint16_t>;
using SessionId = Id<struct SessionIdTag, std::uint16_t>;
// Chosen by the peer (Assigned Tunnel ID, Assigned Session ID), put into the header of what we send.
using PeerTunnelId = Id<struct PeerTunnelIdTag, std::uint16_t>;
using PeerSessionId = Id<struct PeerSessionIdTag, std::uint16_t>;
// A dataplane port, counted from 0 in the order of its command line.
using PortId = Id<struct PortIdTag, std::uint16_t>;
// A row of the neighbour table, chosen by control.
using NeighbourId = Id<struct NeighbourIdTag, std::uint32_t>;
// A subscriber's line as a port of ours has it: a PPPoE session (circuit_id below).
using CircuitId = Id<struct CircuitIdTag, std::uint32_t>;

// Where the session table keeps a session: the ids on the wire are the index, there is no hash.
// A bank has 65,536 rows; the low bits of the tunnel id choose the bank, the session id the row in it. So a tunnel
// holds up to 65,535 sessions, and all tunnels of a bank share its session ids. bank_bits: 0..8, the same for both
// processes (abi/regions.hpp, TablesHeader).
struct SessionIndex {
  std::uint32_t raw{};
  friend constexpr auto operator<=>(const SessionIndex&, const SessionIndex&) = default;
};
constexpr SessionIndex session_index(TunnelId tunnel, SessionId session, unsigned bank_bits) {
  const std::uint32_t bank = tunnel.raw & ((1u << bank_bits) - 1u);
  return SessionIndex{bank << 16 | session.raw};
}

// PPP on a circuit that is in no L2TP tunnel, because it ends here or because nobody knows yet where it goes, has its
// rows in tunnels without a peer: one a bank, above all ids that are assigned.
constexpr std::uint16_t kAccessTunnels = 0xff00;
constexpr TunnelId access_tunnel(unsigned bank) {
  return TunnelId(static_cast<std::uint16_t>(kAccessTunnels | (bank & 0xffu)));
}
constexpr bool is_access(TunnelId tunnel) { return tunnel.raw >= kAccessTunnels; }

// Where the circuit table keeps a PPPoE session. Its id on the wire is unique only together with the subscriber's MAC
// address (RFC 2516 4), whose last octet chooses the bank: so as many circuits fit as sessions, and there is no hash.
// session: 1..65534.
constexpr CircuitId circuit_id(std::uint8_t last_octet_of_mac, std::uint16_t session, unsigned bank_bits) {
  const std::uint32_t bank = last_octet_of_mac & ((1u << bank_bits) - 1u);
  return CircuitId(bank << 16 | session);
}
constexpr std::uint16_t pppoe_session(CircuitId circuit) { return static_cast<std::uint16_t>(circuit.raw); }

// Session id 0 stands for the tunnel itself (RFC 2661 3.1), so a bank holds one session less than it has rows.
constexpr std::uint32_t kBankRows = 65536;
constexpr std::uint32_t kBankSessions = kBankRows - 1;
constexpr unsigned kMostBankBits = 8;
constexpr std::uint32_t kMostSessions = kBankSessions << kMostBankBits;

// The fewest banks that hold so many sessions.
constexpr unsigned bank_bits_for(std::uint32_t sessions) {
  unsigned bits = 0;
  while (bits < kMostBankBits && kBankSessions << bits < sessions) ++bits;
  return bits;
}

}  // namespace holdfast

template <class Tag, class Native>
struct std::hash<holdfast::Id<Tag, Native>> {
  std::size_t operator()(const holdfast::Id<Tag, Native>& id) const noexcept { return std::hash<Native>{}(id.raw); }
};
