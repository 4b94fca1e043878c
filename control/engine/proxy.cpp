// PPP of a call that is up: anew, or where the LAC left it (RFC 2661 4.4.5, 9.5).
#include "ppp/proxy.hpp"

#include "engine/engine.hpp"
#include "ppp/ppp.hpp"

#include <array>

namespace holdfast::engine {
namespace {

using l2tp::AvpType;
using l2tp::ControlMessage;

// By ppp::ProxyResult.
constexpr std::array<Count, ppp::kProxyResults> kCountOf{
    Count::proxy_authentication_taken, Count::proxy_lcp_taken,  Count::proxy_missing, Count::proxy_malformed,
    Count::proxy_peer_option,          Count::proxy_our_option, Count::proxy_mru,     Count::proxy_authentication};

ppp::AuthMethod method_of(const ControlMessage& iccn) {
  constexpr std::uint16_t kChap = 2, kPap = 3;  // RFC 2661 4.4.5: Authen Type
  const auto type = iccn.u16(AvpType::proxy_authen_type);
  if (type == kChap) return ppp::AuthMethod::chap;
  return type == kPap ? ppp::AuthMethod::pap : ppp::AuthMethod::none;
}

ppp::Proxied proxied(const ControlMessage& iccn) {
  ppp::Proxied told;
  told.last_sent = iccn.octets(AvpType::last_sent_lcp_confreq);
  told.last_received = iccn.octets(AvpType::last_received_lcp_confreq);
  told.method = method_of(iccn);
  const auto id = iccn.u16(AvpType::proxy_authen_id);
  if (id && *id <= 0xff) told.id = static_cast<std::uint8_t>(*id);
  told.name = iccn.octets(AvpType::proxy_authen_name);
  told.challenge = iccn.octets(AvpType::proxy_authen_challenge);
  told.response = iccn.octets(AvpType::proxy_authen_response);
  return told;
}

}  // namespace

void Engine::start_ppp(const TunnelRecord& tunnel, ppp::Link& link, const ppp::Policy& policy, const Env& env,
                       const ControlMessage* iccn) {
  const bool told =
      iccn != nullptr && (iccn->has(AvpType::last_sent_lcp_confreq) || iccn->has(AvpType::last_received_lcp_confreq));
  if (!told) return ppp::start(link, policy, env, ppp_);
  const auto* host = profile(tunnel);
  if (host != nullptr && host->disable_proxy_lcp) {
    counters_.add(Count::proxy_disabled);
    return ppp::start(link, policy, env, ppp_);
  }
  ppp::Proxied what = proxied(*iccn);
  if (host != nullptr && host->disable_proxy_authenticate) what.method = ppp::AuthMethod::none;
  const auto result = ppp::start_proxied(link, what, policy, env, ppp_);
  counters_.add(kCountOf[static_cast<std::size_t>(result)]);
}

}  // namespace holdfast::engine
