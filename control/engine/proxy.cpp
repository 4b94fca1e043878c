// PPP of a call that is up: anew, or where the LAC left it (RFC 2661 4.4.5, 9.5).
#include "ppp/proxy.hpp"

#include "engine/engine.hpp"
#include "l2tp/call_messages.hpp"
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

// What of the LAC's PPP was taken, where it told any that might be.
std::optional<ppp::ProxyResult> Engine::start_ppp(const TunnelRecord& tunnel, ppp::Link& link,
                                                  const ppp::Policy& policy, const Env& env,
                                                  const ControlMessage* iccn) {
  const bool told =
      iccn != nullptr && (iccn->has(AvpType::last_sent_lcp_confreq) || iccn->has(AvpType::last_received_lcp_confreq));
  if (!told) {
    ppp::start(link, policy, env, ppp_);
    return std::nullopt;
  }
  const auto* host = profile(tunnel);
  if (host != nullptr && host->disable_proxy_lcp) {
    counters_.add(Count::proxy_disabled);
    ppp::start(link, policy, env, ppp_);
    return std::nullopt;
  }
  ppp::Proxied what = proxied(*iccn);
  if (host != nullptr && host->disable_proxy_authenticate) what.method = ppp::AuthMethod::none;
  const auto result = ppp::start_proxied(link, what, policy, env, ppp_);
  counters_.add(kCountOf[static_cast<std::size_t>(result)]);
  return result;
}

// A call that may be switched: what the LAC has said goes on to the next LNS, of PPP as much as was taken. The rest is
// overheard.
void Engine::overhear_lac(Context& c, std::uint32_t slot, const ControlMessage& iccn,
                          std::optional<ppp::ProxyResult> taken) {
  CallRecord& call = c.tx.edit_call(slot);
  l2tp::pass_on_connected(call.call, iccn);
  const bool login = taken == ppp::ProxyResult::authentication_taken;
  if (!login && taken != ppp::ProxyResult::lcp_taken) return;
  ppp::Overheard& heard = call.overheard;
  const auto keep = [&](auto& into, AvpType type) {  // what does not fit is not told
    const auto value = iccn.octets(type);
    if (!value || !into.assign(*value)) into.clear();
    return value && !into.empty();
  };
  heard.heard = 1;
  (void)keep(heard.initial_received, AvpType::initial_received_lcp_confreq);
  (void)keep(heard.last_sent, AvpType::last_sent_lcp_confreq);
  (void)keep(heard.last_received, AvpType::last_received_lcp_confreq);
  const auto method = method_of(iccn);
  if (!login || method == ppp::AuthMethod::none) return;
  const bool name = keep(heard.name, AvpType::proxy_authen_name);
  const bool response = keep(heard.response, AvpType::proxy_authen_response);
  const bool challenge = keep(heard.challenge, AvpType::proxy_authen_challenge);
  heard.id = static_cast<std::uint8_t>(iccn.u16(AvpType::proxy_authen_id).value_or(0));
  if (name && response && (challenge || method == ppp::AuthMethod::pap)) heard.method = method;
}

}  // namespace holdfast::engine
