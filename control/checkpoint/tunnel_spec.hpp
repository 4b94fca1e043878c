// A tunnel to be opened, as a value: what a tunnel of a domain map, or one tag of an answer of RADIUS (RFC 2868), says.
// Two calls with the same spec share a tunnel. Lies in the checkpoint as long as the tunnel.
#pragma once

#include "abi/ip_address.hpp"
#include "wire/octets.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace holdfast {

// Which recovery method a tunnel uses for our own failover (design: peer resynchronization). Fixed when it is
// established.
enum class ResyncMethod : std::uint8_t {
  disable = 0,  // numbers of RADIUS VSA 26-90
  failover_protocol = 1,
  silent_failover = 2,
  failover_protocol_fallback_to_silent_failover = 3,
};
constexpr std::string_view name(ResyncMethod method) {
  switch (method) {
    case ResyncMethod::disable: return "disable";
    case ResyncMethod::failover_protocol: return "failover-protocol";
    case ResyncMethod::silent_failover: return "silent-failover";
    case ResyncMethod::failover_protocol_fallback_to_silent_failover:
      return "failover-protocol-fallback-to-silent-failover";
  }
  return "unknown";
}

struct TunnelSpec {
  IpAddress peer;                  // Tunnel-Server-Endpoint
  IpAddress local;                 // Tunnel-Client-Endpoint: our own address; must be given, of the peer's family
  std::uint16_t peer_port = 1701;  // to which the SCCRQ goes
  std::uint16_t local_port = 1701;
  std::uint16_t max_sessions{};  // in one tunnel, before another is opened; 0: no limit
  ResyncMethod resync = ResyncMethod::failover_protocol_fallback_to_silent_failover;
  std::uint8_t hide : 1 = 0;         // 1: hide AVPs, where there is a secret (RFC 2661 4.3)
  std::uint8_t tie_breaker : 1 = 0;  // 1: of two ends that open one at a time, one shall give way (RFC 2661 4.4.3)
  std::uint8_t reserved : 6 = 0;
  InlineOctets<63> local_host;     // Tunnel-Client-Auth-ID: our Host Name AVP
  InlineOctets<63> peer_host;      // Tunnel-Server-Auth-ID: the Host Name that the SCCRP must bear; empty: any
  InlineOctets<63> assignment_id;  // Tunnel-Assignment-ID: only calls of the same share a tunnel (RFC 2868 3.8)
  InlineOctets<135> secret;        // Tunnel-Password; empty: no tunnel authentication
  friend bool operator==(const TunnelSpec&, const TunnelSpec&) = default;
};
static_assert(std::is_trivially_copyable_v<TunnelSpec> && std::has_unique_object_representations_v<TunnelSpec>);
static_assert(sizeof(TunnelSpec) == 368);

}  // namespace holdfast
