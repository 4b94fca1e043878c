// The story of a tunnel's last failover, ours or the peer's, for people. It is told by the process that lived through
// it: the checkpoint does not hold it.
#pragma once

#include "abi/ids.hpp"
#include "abi/ip_address.hpp"
#include "checkpoint/tunnel_spec.hpp"
#include "wire/octets.hpp"
#include "wire/time.hpp"

#include <cstdint>
#include <string_view>

namespace holdfast::engine {

enum class FailoverOutcome : std::uint8_t {
  under_way,
  silent,        // went on where it was
  recovered,     // by the failover protocol
  fell_back,     // the peer refused the failover protocol, and it went on silently
  disconnected,  // as its method says
  failed,        // not recovered: cleared with its sessions
  abandoned,     // the peer began to recover and did not end it: it goes on where it was
};
constexpr std::string_view name(FailoverOutcome outcome) {
  switch (outcome) {
    case FailoverOutcome::under_way: return "under-way";
    case FailoverOutcome::silent: return "silent";
    case FailoverOutcome::recovered: return "recovered";
    case FailoverOutcome::fell_back: return "fell-back";
    case FailoverOutcome::disconnected: return "disconnected";
    case FailoverOutcome::failed: return "failed";
    case FailoverOutcome::abandoned: return "abandoned";
  }
  return "unknown";
}

struct Failover {
  TimePoint began{};
  TimePoint ended{};
  TunnelId tunnel;
  bool ours = true;  // false: the peer's
  ResyncMethod method{};
  FailoverOutcome outcome{};
  std::uint32_t messages{};         // control messages of the failover protocol, both ways
  std::uint32_t kept{};             // sessions that go on
  std::uint32_t not_established{};  // sessions cleared because their set-up was not complete (RFC 4951 3.3)
  std::uint32_t unknown_to_peer{};  // sessions cleared because the peer does not have them (RFC 4951 4.2)
  std::uint32_t unanswered{};       // sessions of which the peer did not tell; they go on
  IpAddress peer;
  InlineOctets<63> peer_host;
};

}  // namespace holdfast::engine
