// The subscriber's end of a PPP link, as small as it can be: LCP (RFC 1661), PAP (RFC 1334), CHAP with MD5 (RFC 1994),
// IPCP (RFC 1332), IPV6CP (RFC 5072). It shares nothing with control/ppp, so that the two judge each other.
// Owns no clock; what goes out is given to a Link.
#pragma once

#include "dial/ppp_packet.hpp"
#include "dial/settings.hpp"
#include "wire/env.hpp"
#include "wire/octets.hpp"

#include <cstdint>
#include <string_view>

namespace holdfast::dial::ppp {

// Where PPP packets go: protocol and information.
class Link {
 public:
  virtual ~Link() = default;
  virtual void send(std::uint16_t protocol, Octets information) = 0;
};

enum class Phase : std::uint8_t { dead, establish, authenticate, network, terminate };  // RFC 1661 3.2

// One option negotiation: our Configure-Request and the peer's. Open when both are acknowledged.
struct Negotiation {
  std::uint8_t id = 0;  // of our latest Configure-Request
  std::uint8_t ours_acked = 0;
  std::uint8_t theirs_acked = 0;
  std::uint8_t protocol_rejected = 0;
  constexpr bool open() const { return ours_acked != 0 && theirs_acked != 0; }
};

enum class Failure : std::uint8_t {
  none,
  no_answer,          // Max-Configure requests without an end of the negotiation
  refused,            // PAP Nak or CHAP Failure
  no_address,         // IPCP or the IP-Address option was rejected
  protocol_rejected,  // a protocol that we can't do without
};
constexpr std::string_view name(Failure failure) {
  switch (failure) {
    case Failure::none: return "none";
    case Failure::no_answer: return "no-answer";
    case Failure::refused: return "authentication-refused";
    case Failure::no_address: return "no-address";
    case Failure::protocol_rejected: return "protocol-rejected";
  }
  return "unknown";
}

struct Client {
  Phase phase = Phase::dead;
  Auth auth = Auth::none;  // what the peer demanded and we acknowledged
  Failure failure = Failure::none;
  std::uint8_t up = 0;  // the network protocols are open
  std::uint8_t next_id = 1;
  std::uint8_t tries = 0;     // transmissions since there was progress
  std::uint8_t no_mru = 0;    // the peer rejected the option
  std::uint8_t no_magic = 0;  // likewise
  std::uint8_t echo_id = 0;   // of the latest Echo-Reply
  Negotiation lcp, ipcp, ipv6cp;
  std::uint16_t mru = 0;
  std::uint16_t peer_mru = 1500;
  std::uint32_t magic = 0;
  std::uint32_t address = 0;  // ours, given by the peer; host order
  std::uint32_t peer_address = 0;
  std::uint64_t interface_id = 0;
  std::uint64_t peer_interface_id = 0;
};

enum class Event : std::uint8_t {
  nothing,
  up,          // has an address, packets may flow
  down,        // was up, and the peer negotiates anew
  failed,      // client.failure says why; nothing more will come
  terminated,  // Terminate-Request from the peer, or its acknowledgement of ours
  echo_reply,  // to an Echo-Request of ours, whose id is client.echo_id
};

inline constexpr Duration kRestartTimer = std::chrono::seconds(3);  // RFC 1661 4.6
inline constexpr unsigned kMaxConfigure = 10;

// User name and password of one session, with the placeholder filled in.
struct Credentials {
  std::string_view user;
  std::string_view password;
};

// All that the functions need besides the record.
struct Context {
  const PppSettings& settings;
  Credentials credentials;
  Entropy& entropy;
  Link& link;
};

// Begins: sends the first Configure-Request of LCP. Does nothing when it has begun.
void open(Client& client, const Context& context);
// protocol: of PPP; information: what follows it.
Event receive(Client& client, std::uint16_t protocol, Octets information, const Context& context);
// The restart timer ran out, kRestartTimer after the last packet went either way: sends again what lacks an answer.
Event expire(Client& client, const Context& context);
// Terminate-Request; the answer comes as Event::terminated, or expire() gives it after two more tries.
void terminate(Client& client, const Context& context);
void send_echo_request(Client& client, std::uint8_t id, Octets data, Link& link);

// Whether expire() is wanted.
constexpr bool is_waiting(const Client& client) { return client.phase != Phase::dead && client.up == 0; }

}  // namespace holdfast::dial::ppp
