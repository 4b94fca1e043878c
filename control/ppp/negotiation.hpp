// The automaton at work: packets into events, actions into packets and timers (RFC 1661 4.4, 4.6, 5.1 to 5.7).
// What differs between LCP and the NCPs is declared in one ControlProtocol each.
#pragma once

#include "ppp/automaton.hpp"
#include "ppp/link.hpp"
#include "ppp/output.hpp"
#include "ppp/packet.hpp"
#include "ppp/policy.hpp"
#include "wire/env.hpp"
#include "wire/writer.hpp"

#include <cstdint>
#include <initializer_list>
#include <span>

namespace holdfast::ppp {

// What one call works on.
struct Context {
  Link& link;
  const Policy& policy;
  const Env& env;
  Output& out;
};

// What we say to one option of the peer's Configure-Request.
struct Judgement {
  // nak_first: this must be settled before anything is rejected.
  enum class Verdict : std::uint8_t { ack, nak, nak_first, reject } verdict{};
  std::uint64_t desired{};  // for nak: the value that we would take
};
constexpr Judgement ack() { return {Judgement::Verdict::ack}; }
constexpr Judgement nak(std::uint64_t desired) { return {Judgement::Verdict::nak, desired}; }
constexpr Judgement nak_first(std::uint64_t desired) { return {Judgement::Verdict::nak_first, desired}; }
constexpr Judgement reject() { return {Judgement::Verdict::reject}; }

// What happens when the peer leaves an option out: nothing, or it is asked for once by appending it to a Configure-Nak
// (RFC 1661 5.3).
enum class Missing : std::uint8_t { is_fine, is_asked_for };

// An option that the peer may ask for; every option that is not declared is rejected. All values are integers.
struct OptionRule {
  std::uint8_t type{};
  std::uint8_t length{};  // the whole option
  Missing missing{};
  // Judges value, and if good writes it into proposed, which becomes the link when the whole request is good.
  // An option of the wrong length is judged as 0.
  Judgement (*judge)(Context&, Link& proposed, std::uint64_t value){};
};

struct ControlProtocol {
  Protocol protocol{};
  Automaton Link::*automaton{};
  std::span<const OptionRule> rules;
  void (*forget_peer)(Link&){};                // the peer's options to their defaults, before its request is judged
  void (*choose_ours)(Context&){};             // our options to our first wishes, before the first request
  void (*write_ours)(const Link&, Writer&){};  // the options of our Configure-Request, from the record alone
  // One option of a Configure-Nak or Configure-Reject to our request. enough: too many Naks, do not insist.
  void (*nakked)(Context&, const Option&, bool enough){};
  void (*rejected)(Context&, const Option&){};
  void (*up)(Context&){};        // This-Layer-Up
  void (*down)(Context&){};      // This-Layer-Down; the automaton is in its new state already
  void (*finished)(Context&){};  // This-Layer-Finished
};

// The packet that caused an event, and the answer made ready for it.
struct Trigger {
  std::uint8_t id{};
  Code reply_code{};
  Octets reply{};            // data of the reply
  Octets reply_rest{};       // what follows it
  Octets rejected_packet{};  // for a Code-Reject
};

// One event into one automaton: transition, actions in their order.
void run(Context& c, const ControlProtocol& p, Event event, const Trigger& trigger = {});

// The Restart timer, if its deadline has passed (TO+, TO-).
void expire_restart_timer(Context& c, const ControlProtocol& p);

// A packet with one of the codes that LCP and the NCPs share, or an unknown one.
void receive_control(Context& c, const ControlProtocol& p, const Packet& packet);

// A Configure-Request with these options, which are whole, that somebody else has acknowledged. True: we would have,
// too, and the link is as it asks for.
bool take_request(Context& c, const ControlProtocol& p, Octets options);

// Appends one packet: header, then the pieces.
void send_packet(Output& out, Protocol protocol, std::uint8_t code, std::uint8_t id,
                 std::initializer_list<Octets> pieces);
inline void send_packet(Output& out, Protocol protocol, Code code, std::uint8_t id,
                        std::initializer_list<Octets> pieces) {
  send_packet(out, protocol, static_cast<std::uint8_t>(code), id, pieces);
}

// What of data the peer takes after a packet header and others octets (RFC 1661 5.6, 5.7: cut to the peer's MRU).
Octets cut_to_mru(const Link& link, Octets data, std::size_t others);

inline std::uint8_t fresh_id(Link& link) { return ++link.packet_id; }

}  // namespace holdfast::ppp
