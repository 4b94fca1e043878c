// The PPP that a LAC did before it placed the call, taken over by the LNS (RFC 2661 4.4.5, 9.5): LCP is opened as the
// LAC and the subscriber left it, and the subscriber's credentials are checked as if it had shown them to us.
#pragma once

#include "ppp/link.hpp"
#include "ppp/output.hpp"
#include "ppp/policy.hpp"
#include "wire/env.hpp"
#include "wire/octets.hpp"

#include <cstdint>
#include <optional>

namespace holdfast::ppp {

// What the LAC tells. The octets are the caller's. The initial Configure-Request is not wanted: what the subscriber
// wished at first is of no use once it is known what it agreed to.
struct Proxied {
  // The options of the Configure-Requests that LCP was opened with, from the first option on; may be without any.
  std::optional<Octets> last_sent;
  std::optional<Octets> last_received;

  AuthMethod method = AuthMethod::none;  // none: nothing that we can check
  std::optional<std::uint8_t> id;        // of the challenge, or of the request of PAP
  std::optional<Octets> name;
  std::optional<Octets> challenge;
  std::optional<Octets> response;
};

// What became of it. All from `missing` on: LCP is negotiated anew.
enum class ProxyResult : std::uint8_t {
  authentication_taken,  // LCP is opened, and the credentials are handed out; or no authentication is asked of anyone
  lcp_taken,             // LCP is opened, but the credentials are missing or not those of the method agreed on
  missing,               // the last Configure-Requests are not both there
  malformed,             // their options do not fill them exactly, or one has a wrong length
  peer_option,           // we would not acknowledge what the subscriber asked for
  our_option,            // we would not ask for what the LAC did
  mru,                   // the LAC takes longer frames than the policy, and than anybody must (1500 octets)
  authentication,        // the LAC asked for what the policy does not offer; or for none where it wants one
};
inline constexpr std::size_t kProxyResults = 8;

// Instead of start(). What can't be taken is begun anew, as by start(). Then all goes on as with any link: answer()
// sends the subscriber the Ack or Success that the LAC has not sent. Where the credentials are no use, the subscriber
// is challenged again, or PAP's next request is waited for.
ProxyResult start_proxied(Link& link, const Proxied& proxied, const Policy& policy, const Env& env, Output& out);

}  // namespace holdfast::ppp
