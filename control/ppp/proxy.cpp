#include "ppp/proxy.hpp"

#include "ppp/authentication.hpp"
#include "ppp/chap.hpp"
#include "ppp/lcp.hpp"
#include "ppp/phase.hpp"
#include "ppp/ppp.hpp"

#include <algorithm>
#include <cstdlib>

namespace holdfast::ppp {
namespace {

// With any other value, what the subscriber was asked for is nothing that we offer.
std::optional<AuthMethod> method_asked_for(Octets value) {
  if (value.size() < sizeof(Protocol)) return std::nullopt;
  const auto protocol = static_cast<Protocol>(integer_of(value.first(sizeof(Protocol))));
  const Octets rest = value.subspan(sizeof(Protocol));
  if (protocol == Protocol::pap && rest.empty()) return AuthMethod::pap;
  if (protocol == Protocol::chap && rest.size() == 1 && rest[0] == kChapMd5) return AuthMethod::chap;
  if (protocol == Protocol::chap && rest.size() == 1 && rest[0] == kMsChapV2) return AuthMethod::ms_chap_v2;
  return std::nullopt;
}

bool offered(AuthMethod method, const Policy& policy) {
  switch (method) {
    case AuthMethod::none: return !policy.offer_ms_chap_v2 && !policy.offer_chap && !policy.offer_pap;
    case AuthMethod::pap: return policy.offer_pap;
    case AuthMethod::chap: return policy.offer_chap;
    case AuthMethod::ms_chap_v2: return policy.offer_ms_chap_v2;
  }
  return false;
}

// Our side of the link as the LAC asked for it. nothing: good.
std::optional<ProxyResult> take_ours(Link& link, Octets options, const Policy& policy) {
  constexpr auto kSeenTypes = 32u;
  std::uint32_t seen = 0;
  link.our_mru = kDefaultMru;
  link.our_magic = 0;
  while (!options.empty()) {
    const Option option = take_option(options);
    if (option.type >= kSeenTypes || (seen >> option.type & 1) != 0) return ProxyResult::our_option;
    seen |= 1u << option.type;
    const auto has = [&](std::size_t octets) { return option.value.size() == octets; };
    switch (static_cast<LcpOption>(option.type)) {
      case LcpOption::maximum_receive_unit:
        if (!has(2)) return ProxyResult::malformed;
        link.our_mru = static_cast<std::uint16_t>(integer_of(option.value));
        break;
      case LcpOption::authentication_protocol: {
        const auto method = method_asked_for(option.value);
        if (!method) return ProxyResult::authentication;
        link.auth_method = *method;
        break;
      }
      case LcpOption::magic_number:
        if (!has(4)) return ProxyResult::malformed;
        link.our_magic = static_cast<std::uint32_t>(integer_of(option.value));
        if (link.our_magic == 0) return ProxyResult::our_option;  // RFC 1661 6.4: illegal
        break;
      // Only what the subscriber may do now: shorter frames are taken from anyone, and characters are mapped by no line
      // that we see.
      case LcpOption::async_control_character_map:
        if (!has(4)) return ProxyResult::malformed;
        break;
      case LcpOption::protocol_field_compression:
      case LcpOption::address_and_control_field_compression:
        if (!has(0)) return ProxyResult::malformed;
        break;
      default: return ProxyResult::our_option;
    }
  }
  // RFC 1661 6.1: so much must be taken whatever was asked for. What the tunnel does not carry whole comes in
  // fragments, which is better than to bother every subscriber of a LAC that asks for more than we would.
  if (link.our_mru > std::max(policy.mru, kDefaultMru)) return ProxyResult::mru;
  if (!offered(link.auth_method, policy)) return ProxyResult::authentication;
  return std::nullopt;
}

std::optional<ProxyResult> take_lcp(Context& c, const Proxied& proxied) {
  if (!proxied.last_sent || !proxied.last_received) return ProxyResult::missing;
  for (const Octets options : {*proxied.last_sent, *proxied.last_received})
    if (options.size() > kMaxFrame || !options_are_whole(options)) return ProxyResult::malformed;
  if (const auto why = take_ours(c.link, *proxied.last_sent, c.policy)) return why;
  if (!take_request(c, kLcp, *proxied.last_received)) return ProxyResult::peer_option;
  open_lcp(c.link);
  return std::nullopt;
}

// RFC 2661 4.4.5: what must be there for each type. CHAP is one type; which algorithm it is says LCP alone.
bool usable(const Link& link, const Proxied& p) {
  const AuthMethod agreed = link.auth_method;
  const bool same = p.method == agreed || (is_chap(p.method) && is_chap(agreed));
  if (p.method == AuthMethod::none || !same || !p.id || !p.name || !p.response) return false;
  if (agreed == AuthMethod::pap) return true;
  if (!p.challenge || p.response->size() != response_size(agreed)) return false;
  return agreed == AuthMethod::chap ? !p.challenge->empty() : p.challenge->size() == link.challenge.size();
}

// A challenge of another size than ours is not kept: whoever checks the response is shown it now, and after a restart
// there is another one.
ProxyResult take_authentication(Context& c, const Proxied& p) {
  // A challenge of ours must not have the Identifier of one that may still be answered (RFC 1994 4.1).
  c.link.auth_id = p.id ? *p.id : static_cast<std::uint8_t>(c.env.entropy.u32());
  if (!usable(c.link, p)) {
    const bool none = c.link.auth_method == AuthMethod::none;
    begin_authentication(c);
    return none ? ProxyResult::authentication_taken : ProxyResult::lcp_taken;
  }
  if (c.link.auth_method == AuthMethod::pap) {
    hand_out(c, Authenticate::Method::pap, *p.name, *p.response, {});
  } else {
    if (p.challenge->size() == c.link.challenge.size()) std::ranges::copy(*p.challenge, c.link.challenge.begin());
    const bool md5 = c.link.auth_method == AuthMethod::chap;
    hand_out(c, md5 ? Authenticate::Method::chap : Authenticate::Method::ms_chap_v2, *p.name, *p.response,
             *p.challenge);
  }
  return ProxyResult::authentication_taken;
}

}  // namespace

ProxyResult start_proxied(Link& link, const Proxied& proxied, const Policy& policy, const Env& env, Output& out) {
  if (!out.room()) std::abort();
  Context c{link, policy, env, out};
  link = {};
  if (const auto why = take_lcp(c, proxied)) {
    start(link, policy, env, out);
    return *why;
  }
  enter_authentication(c);
  return take_authentication(c, proxied);
}

}  // namespace holdfast::ppp
