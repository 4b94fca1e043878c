// Printable names of what records and outputs hold.
#include "ppp/link.hpp"
#include "ppp/output.hpp"

namespace holdfast::ppp {

std::string_view name(State state) {
  switch (state) {
    case State::initial: return "initial";
    case State::starting: return "starting";
    case State::closed: return "closed";
    case State::stopped: return "stopped";
    case State::closing: return "closing";
    case State::stopping: return "stopping";
    case State::request_sent: return "request sent";
    case State::ack_received: return "ack received";
    case State::ack_sent: return "ack sent";
    case State::opened: return "opened";
  }
  return "unknown";
}

std::string_view name(Phase phase) {
  switch (phase) {
    case Phase::dead: return "dead";
    case Phase::establish: return "establish";
    case Phase::authenticate: return "authenticate";
    case Phase::network: return "network";
    case Phase::terminate: return "terminate";
  }
  return "unknown";
}

std::string_view name(EndReason reason) {
  switch (reason) {
    case EndReason::none: return "none";
    case EndReason::peer_terminated: return "terminated by the peer";
    case EndReason::admin: return "administrative";
    case EndReason::lcp_timeout: return "no agreement on lcp";
    case EndReason::lcp_loop: return "looped back";
    case EndReason::lcp_rejected: return "lcp rejected by the peer";
    case EndReason::no_auth_protocol: return "authentication protocol refused by the peer";
    case EndReason::authentication_failed: return "authentication failed";
    case EndReason::authentication_timeout: return "authentication timeout";
    case EndReason::user_name_too_long: return "user name too long";
    case EndReason::echo_timeout: return "no echo reply";
    case EndReason::no_network_protocol: return "no network protocol";
    case EndReason::network_timeout: return "no agreement on a network protocol";
  }
  return "unknown";
}

std::string_view name(Notice notice) {
  switch (notice) {
    case Notice::lcp_up: return "lcp up";
    case Notice::authenticate: return "authenticate";
    case Notice::ipv4_up: return "ipv4 up";
    case Notice::ipv4_down: return "ipv4 down";
    case Notice::ipv6_up: return "ipv6 up";
    case Notice::ipv6_down: return "ipv6 down";
    case Notice::link_down: return "link down";
  }
  return "unknown";
}

std::string_view name(Drop drop) {
  switch (drop) {
    case Drop::too_short: return "too short";
    case Drop::too_long: return "too long";
    case Drop::malformed: return "malformed";
    case Drop::dead: return "link is down";
    case Drop::before_lcp: return "before lcp is opened";
    case Drop::before_network: return "before the network phase";
    case Drop::not_negotiated: return "authentication protocol not negotiated";
    case Drop::stale: return "stale reply";
    case Drop::network_data: return "network data";
    case Drop::unexpected_code: return "unexpected code";
    case Drop::count: break;
  }
  return "unknown";
}

}  // namespace holdfast::ppp
