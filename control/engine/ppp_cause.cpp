#include "engine/ppp_cause.hpp"

#include "ppp/protocol.hpp"

namespace holdfast::engine {
namespace {

using l2tp::PppCause;
using l2tp::PppCauseCode;
using ppp::EndReason;
using ppp::Protocol;

constexpr std::uint16_t number(Protocol protocol) { return static_cast<std::uint16_t>(protocol); }

std::uint16_t authentication_protocol(const ppp::Link& link) {
  return number(link.auth_method == ppp::AuthMethod::pap ? Protocol::pap : Protocol::chap);
}

// RFC 3145 3.4: the NCP in use; 0 only where there is none.
std::uint16_t network_protocol(const ppp::Link& link) {
  if (link.peer_ipv4 != 0) return number(Protocol::ipcp);
  return link.peer_interface_id != 0 ? number(Protocol::ipv6cp) : std::uint16_t{0};
}

}  // namespace

std::optional<PppCause> ppp_cause(const ppp::Link& link) {
  constexpr std::uint8_t kPeer = 1;  // by the peer; of authentication: of the peer, by us
  const auto lcp = number(Protocol::lcp);
  const auto authentication = authentication_protocol(link);
  switch (link.end_reason) {
    case EndReason::none:
    case EndReason::lcp_rejected: return std::nullopt;
    case EndReason::peer_terminated: return PppCause::of(PppCauseCode::terminated, 0, kPeer);
    case EndReason::admin: return PppCause::of(PppCauseCode::administrative);
    case EndReason::lcp_timeout: return PppCause::of(PppCauseCode::lcp_timeout, lcp);
    case EndReason::lcp_loop: return PppCause::of(PppCauseCode::looped_back, lcp);
    case EndReason::echo_timeout: return PppCause::of(PppCauseCode::echo_timeout, lcp);
    case EndReason::no_auth_protocol:
      return PppCause::of(PppCauseCode::no_authentication_protocol, authentication, kPeer);
    case EndReason::authentication_failed:
    case EndReason::user_name_too_long: return PppCause::of(PppCauseCode::authentication_failed, authentication, kPeer);
    case EndReason::authentication_timeout: return PppCause::of(PppCauseCode::authentication_timeout, authentication);
    case EndReason::no_network_protocol: return PppCause::of(PppCauseCode::no_ncp, network_protocol(link));
    case EndReason::network_timeout: return PppCause::of(PppCauseCode::ncp_timeout, network_protocol(link));
  }
  return std::nullopt;
}

}  // namespace holdfast::engine
