#include "io/log_reporter.hpp"

#include "config/address_text.hpp"
#include "resync/line_module.hpp"

#include <spdlog/spdlog.h>

namespace holdfast::io {
namespace {

using config::to_text;

// Names come from the peer: what is not printable ASCII could forge a line or a terminal command.
std::string printable(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
      result += c;
    } else {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

// What the CDN says of the circuit and of PPP, from a comma on; empty when it says nothing.
std::string said_besides(const l2tp::CallCause& cause) {
  std::string out;
  if (cause.circuit)
    out += fmt::format(", Q.931 cause {} {}", cause.circuit->code, printable(cause.circuit->advisory.text()));
  if (cause.ppp)
    out += fmt::format(", PPP cause {} {} protocol {:04x} direction {} {}", cause.ppp->code,
                       l2tp::ppp_cause_text(cause.ppp->code), cause.ppp->control_protocol, cause.ppp->direction,
                       printable(cause.ppp->message.text()));
  return out;
}

std::string reason(const engine::Notice& n) {
  const std::string_view who = n.by_peer ? "by the peer" : "by us";
  const std::string why = printable(n.ending.text.text());
  const std::string code =
      n.ending.result == 0 ? "" : fmt::format(" (result {}, error {})", n.ending.result, n.ending.error);
  return fmt::format("{}{}{}{}{}", who, why.empty() ? "" : ": ", why, code, said_besides(n.cause));
}

std::string leases(const engine::Notice& n) {
  return fmt::format("{}{}{}{}", n.ipv4 ? " " : "", n.ipv4 ? to_text(n.ipv4) : "", n.ipv6.length != 0 ? " " : "",
                     n.ipv6.length != 0 ? to_text(n.ipv6) : "");
}

// Empty for a session without a line.
std::string line_of(const engine::Notice& n) {
  if (!n.line) return {};
  return fmt::format("PPPoE session {} of {} on port {}", pppoe_session(n.line), config::mac_text(n.mac),
                     n.port.value());
}

// A silent one is no news: it is what a restart is expected to be.
void report_failover(const engine::Notice& n, const std::string& peer) {
  const engine::Failover& f = n.failover;
  const bool quiet = f.outcome == engine::FailoverOutcome::silent;
  const bool bad = f.outcome == engine::FailoverOutcome::failed || f.outcome == engine::FailoverOutcome::abandoned;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(f.ended - f.began).count();
  spdlog::log(
      quiet ? spdlog::level::debug
      : bad ? spdlog::level::warn
            : spdlog::level::info,
      "tunnel {} with {}: {} failover, method {}: {} after {} ms and {} messages; sessions: {} kept, {} cleared "
      "during set-up, {} unknown to the peer, {} not answered for",
      n.tunnel.value(), peer, f.ours ? "our" : "the peer's", name(f.method), name(f.outcome), took, f.messages, f.kept,
      f.not_established, f.unknown_to_peer, f.unanswered);
}

}  // namespace

void LogReporter::report(const engine::Notice& n) {
  using engine::NoticeKind;
  const auto peer = fmt::format("\"{}\" at {}", printable(n.name.text()), to_text(n.peer));
  const auto line = line_of(n);
  const auto place =
      is_access(n.tunnel) ? line : fmt::format("tunnel {} session {}", n.tunnel.value(), n.session.value());
  const auto user = fmt::format("{} user \"{}\"", place, printable(n.name.text()));
  switch (n.kind) {
    case NoticeKind::circuit_up: spdlog::debug("{} begins", line); return;
    case NoticeKind::circuit_down: spdlog::info("{} ended {}", user, reason(n)); return;
    case NoticeKind::tunnel_up:
      spdlog::info("tunnel {} up with {}, resync method {}", n.tunnel.value(), peer, name(n.method));
      if (n.lowered)
        spdlog::warn("tunnel {} uses {} instead of {}: line module {} does not support silent failover",
                     n.tunnel.value(), name(n.method), name(resync::configured(n.method, true)),
                     abi::spec(n.module).name);
      return;
    case NoticeKind::tunnel_refused: spdlog::warn("tunnel refused to {}, {}", peer, reason(n)); return;
    case NoticeKind::tunnel_down: spdlog::info("tunnel {} with {} ended {}", n.tunnel.value(), peer, reason(n)); return;
    case NoticeKind::tunnel_timeout:
      spdlog::warn("tunnel {} with {} lost, {}", n.tunnel.value(), peer, reason(n));
      return;
    case NoticeKind::peer_awaited:
      spdlog::warn(
          "tunnel {} with {}: the peer does not acknowledge, and is given the time that it asked for to recover",
          n.tunnel.value(), peer);
      return;
    case NoticeKind::failover_ended: return report_failover(n, peer);
    case NoticeKind::session_up:
      if (n.line) {
        spdlog::info("{} goes through tunnel {} session {} to {}", line, n.tunnel.value(), n.session.value(), peer);
        return;
      }
      spdlog::debug("tunnel {} session {} up with {}", n.tunnel.value(), n.session.value(), peer);
      return;
    case NoticeKind::session_switched:
      spdlog::info("tunnel {} session {} user \"{}\" goes on in {} to {}", n.from_tunnel.value(),
                   n.from_session.value(), printable(n.name.text()), place, to_text(n.peer));
      return;
    case NoticeKind::session_refused: spdlog::warn("call from {} refused, {}", peer, reason(n)); return;
    case NoticeKind::session_down:
      if (n.line) {  // its PPP is the LNS's, which alone knows the user
        spdlog::info("{} through {} to {} ended {}", line, place, peer, reason(n));
        return;
      }
      if (n.switched) {  // likewise
        spdlog::info("switched {} of {} ended {}", place, peer, reason(n));
        return;
      }
      spdlog::info("{} ended {}", user, reason(n));
      return;
    case NoticeKind::call_failed: spdlog::warn("call to {} failed {}", peer, reason(n)); return;
    case NoticeKind::circuit_wanted:
      spdlog::info("tunnel {} session {}: outgoing call to \"{}\" asked for", n.tunnel.value(), n.session.value(),
                   printable(n.name.text()));
      return;
    case NoticeKind::line_errors:
      spdlog::warn(
          "tunnel {} session {}: errors on the line since the call began: {} CRC, {} framing, {} hardware overruns, {} "
          "buffer overruns, {} timeouts, {} alignment",
          n.tunnel.value(), n.session.value(), n.errors.crc, n.errors.framing, n.errors.hardware_overruns,
          n.errors.buffer_overruns, n.errors.timeouts, n.errors.alignment);
      return;
    case NoticeKind::link_info:
      spdlog::info("tunnel {} session {}: ACCM {:08x} to send, {:08x} to receive", n.tunnel.value(), n.session.value(),
                   n.accm.send, n.accm.receive);
      return;
    case NoticeKind::login_refused:
      spdlog::warn("{}{}: login of user \"{}\" refused: {}", place,
                   n.peer.is_none() ? "" : fmt::format(" from {}", to_text(n.peer)), printable(n.name.text()),
                   n.ending.text.text());
      return;
    case NoticeKind::subscriber_up: spdlog::info("{} has{}", user, leases(n)); return;
    case NoticeKind::subscriber_down: spdlog::info("{} gave back{}", user, leases(n)); return;
  }
}

}  // namespace holdfast::io
