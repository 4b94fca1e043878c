#include "ppp/lcp.hpp"

#include "ppp/phase.hpp"

#include <array>
#include <utility>

namespace holdfast::ppp {
namespace {

constexpr std::uint8_t kMagicLeftOut = 1 << 0;  // Automaton::left_out; the magic number itself stays in use
constexpr std::size_t kMagicLength = 4;

constexpr std::uint8_t type_of(LcpOption option) { return static_cast<std::uint8_t>(option); }

std::uint32_t new_magic(const Env& env) {
  const std::uint32_t magic = env.entropy.u32();
  return magic != 0 ? magic : 1;  // RFC 1661 6.4: zero is illegal
}

AuthMethod preferred_method(const Policy& policy) {
  if (policy.offer_ms_chap_v2) return AuthMethod::ms_chap_v2;
  if (policy.offer_chap) return AuthMethod::chap;
  return policy.offer_pap ? AuthMethod::pap : AuthMethod::none;
}

// What the peer asks for.

Judgement judge_mru(Context&, Link& proposed, std::uint64_t value) {
  if (value < kMinMru) return nak(kDefaultMru);
  proposed.peer_mru = static_cast<std::uint16_t>(value);
  return ack();
}

// RFC 1662 7.1: of no meaning inside L2TP; whatever line there is maps characters by itself.
Judgement judge_accm(Context&, Link&, std::uint64_t) { return ack(); }

Judgement judge_magic(Context& c, Link& proposed, std::uint64_t value) {
  if (value == 0) return nak(new_magic(c.env));
  // RFC 1661 6.4: perhaps our own request. What we reject of it would come back too, and look like the peer's refusal.
  if (value == c.link.our_magic) {
    if (c.link.loops < c.policy.max_failure) ++c.link.loops;
    return nak_first(new_magic(c.env));
  }
  proposed.peer_magic = static_cast<std::uint32_t>(value);
  return ack();
}

Judgement judge_pfc(Context&, Link& proposed, std::uint64_t) {
  proposed.peer_pfc = 1;
  return ack();
}

Judgement judge_acfc(Context&, Link& proposed, std::uint64_t) {
  proposed.peer_acfc = 1;
  return ack();
}

// Everything else is rejected: authentication of ourselves, link quality, callback, multilink, FCS alternatives...
constexpr OptionRule kRules[] = {
    {type_of(LcpOption::maximum_receive_unit), 4, Missing::is_fine, judge_mru},                    // RFC 1661 6.1
    {type_of(LcpOption::async_control_character_map), 6, Missing::is_fine, judge_accm},            // RFC 1662 7.1
    {type_of(LcpOption::magic_number), 6, Missing::is_fine, judge_magic},                          // RFC 1661 6.4
    {type_of(LcpOption::protocol_field_compression), 2, Missing::is_fine, judge_pfc},              // RFC 1661 6.5
    {type_of(LcpOption::address_and_control_field_compression), 2, Missing::is_fine, judge_acfc},  // RFC 1661 6.6
};

void forget_peer(Link& link) {
  link.peer_mru = kDefaultMru;
  link.peer_magic = 0;
  link.peer_pfc = link.peer_acfc = 0;
}

// What we ask for.

void choose_ours(Context& c) {
  c.link.our_mru = c.policy.mru;
  c.link.our_magic = new_magic(c.env);
  c.link.auth_method = preferred_method(c.policy);
  c.link.loops = 0;
  c.link.echo_refused = 0;
}

void write_ours(const Link& link, Writer& w) {
  if (link.our_mru != kDefaultMru) {
    w.u8(type_of(LcpOption::maximum_receive_unit));
    w.u8(4);
    w.u16(link.our_mru);
  }
  if (link.auth_method != AuthMethod::none) {
    const bool chap = is_chap(link.auth_method);
    w.u8(type_of(LcpOption::authentication_protocol));
    w.u8(chap ? 5 : 4);
    w.u16(static_cast<std::uint16_t>(chap ? Protocol::chap : Protocol::pap));
    if (chap) w.u8(link.auth_method == AuthMethod::chap ? kChapMd5 : kMsChapV2);
  }
  if ((link.lcp.left_out & kMagicLeftOut) == 0) {
    w.u8(type_of(LcpOption::magic_number));
    w.u8(6);
    w.u32(link.our_magic);
  }
}

// The peer would have us receive another size: less is fine, more is more than we may promise.
void mru_nakked(Context& c, std::uint64_t suggested, bool enough) {
  if (suggested >= kMinMru && suggested <= c.policy.mru) c.link.our_mru = static_cast<std::uint16_t>(suggested);
  if (enough) c.link.our_mru = kDefaultMru;
}

// RFC 1661 6.2: the next most desirable protocol. A peer that wants another one, or another algorithm of CHAP, has us
// try the others of ours in turn, until all were refused often enough.
void authentication_nakked(Context& c, bool enough) {
  if (c.link.auth_method == AuthMethod::none) return;  // we did not ask for any
  if (enough) return close_link(c, EndReason::no_auth_protocol);
  const std::array offers{std::pair{AuthMethod::ms_chap_v2, c.policy.offer_ms_chap_v2},
                          std::pair{AuthMethod::chap, c.policy.offer_chap},
                          std::pair{AuthMethod::pap, c.policy.offer_pap}};
  std::size_t now = 0;
  while (offers[now].first != c.link.auth_method) ++now;
  for (std::size_t i = 1; i < offers.size(); ++i) {
    const auto& [method, offered] = offers[(now + i) % offers.size()];
    if (!offered) continue;
    c.link.auth_method = method;
    return;
  }
}

void nakked(Context& c, const Option& option, bool enough) {
  switch (static_cast<LcpOption>(option.type)) {
    case LcpOption::maximum_receive_unit: return mru_nakked(c, integer_of(option.value), enough);
    case LcpOption::authentication_protocol: return authentication_nakked(c, enough);
    case LcpOption::magic_number: c.link.our_magic = new_magic(c.env); return;  // RFC 1661 6.4
    default: return;  // appended by the peer: nothing that we do (RFC 1661 5.3: MAY)
  }
}

void rejected(Context& c, const Option& option) {
  switch (static_cast<LcpOption>(option.type)) {
    case LcpOption::maximum_receive_unit: c.link.our_mru = kDefaultMru; return;
    case LcpOption::authentication_protocol: return close_link(c, EndReason::no_auth_protocol);
    // RFC 1661 6.4: the link is not looped; as if it had been acknowledged
    case LcpOption::magic_number: c.link.lcp.left_out |= kMagicLeftOut; return;
    default: return;
  }
}

// Maintenance packets (RFC 1661 5.6 to 5.9): of use only in the Opened state, silently discarded in others.

void receive_protocol_reject(Context& c, const Packet& packet) {
  Reader r(packet.data);
  const auto protocol = static_cast<Protocol>(r.u16());
  if (!r.ok()) return c.out.drop(Drop::malformed);
  protocol_rejected(c, protocol);
}

std::array<std::uint8_t, kMagicLength> magic_octets(const Link& link) {
  std::array<std::uint8_t, kMagicLength> octets{};
  Writer w(octets);
  w.u32(link.our_magic);
  return octets;
}

void receive_echo_request(Context& c, const Packet& packet) {
  const auto magic = magic_octets(c.link);
  const Octets rest = cut_to_mru(c.link, packet.data.subspan(kMagicLength), kMagicLength);
  run(c, kLcp, Event::echo, {.id = packet.id, .reply_code = Code::echo_reply, .reply = magic, .reply_rest = rest});
}

// RFC 1661 6.4: an Echo-Reply with our own magic number is our own request, looped back; no sign of life. Without magic
// numbers all have zero.
void receive_echo_reply(Context& c, const Packet& packet) {
  if (c.link.our_magic != 0 && integer_of(packet.data.first(kMagicLength)) == c.link.our_magic)
    return c.out.drop(Drop::stale);
  c.link.echo_unanswered = 0;
}

void receive_maintenance(Context& c, const Packet& packet) {
  if (c.link.lcp.state != State::opened) return c.out.drop(Drop::before_lcp);
  const auto code = static_cast<Code>(packet.code);
  if (code == Code::protocol_reject) return receive_protocol_reject(c, packet);
  if (packet.data.size() < kMagicLength) return c.out.drop(Drop::malformed);
  if (code == Code::echo_request) return receive_echo_request(c, packet);
  if (code == Code::echo_reply) return receive_echo_reply(c, packet);
  // Discard-Request, Identification and Time-Remaining want no answer (RFC 1661 5.9, RFC 1570 1)
}

// Reasons that only the packet itself tells, noted before the automaton acts on it.
void note_end_of(Context& c, const Packet& packet) {
  const auto code = static_cast<Code>(packet.code);
  if (code == Code::terminate_request && c.link.lcp.state == State::opened)
    note_end(c.link, EndReason::peer_terminated);
  if (code != Code::code_reject || packet.data.empty()) return;
  const auto rejected_code = static_cast<Code>(packet.data[0]);
  if (rejected_code == Code::echo_request) c.link.echo_refused = 1;
  if (rejected_code >= Code::configure_request && rejected_code <= Code::code_reject)
    note_end(c.link, EndReason::lcp_rejected);
}

}  // namespace

constinit const ControlProtocol kLcp{
    .protocol = Protocol::lcp,
    .automaton = &Link::lcp,
    .rules = kRules,
    .forget_peer = forget_peer,
    .choose_ours = choose_ours,
    .write_ours = write_ours,
    .nakked = nakked,
    .rejected = rejected,
    .up = lcp_up,
    .down = lcp_down,
    .finished = lcp_finished,
};

void receive_lcp(Context& c, Octets information) {
  const auto packet = parse_packet(information);
  if (!packet) return c.out.drop(packet.error());
  switch (static_cast<Code>(packet->code)) {
    case Code::protocol_reject:
    case Code::echo_request:
    case Code::echo_reply:
    case Code::discard_request:
    case Code::identification:
    case Code::time_remaining: return receive_maintenance(c, *packet);
    default: break;
  }
  note_end_of(c, *packet);
  receive_control(c, kLcp, *packet);
  if (c.link.phase == Phase::establish && c.link.loops >= c.policy.max_failure && c.link.loops > 0)
    close_link(c, EndReason::lcp_loop);
}

void open_lcp(Link& link) {
  link.lcp.state = State::opened;
  link.lcp.answered = 1;
  if (link.our_magic == 0) link.lcp.left_out |= kMagicLeftOut;
}

void reject_protocol(Context& c, const Frame& frame) {
  std::array<std::uint8_t, sizeof(Protocol)> rejected_protocol{};
  Writer w(rejected_protocol);
  w.u16(static_cast<std::uint16_t>(frame.protocol));
  send_packet(c.out, Protocol::lcp, Code::protocol_reject, fresh_id(c.link),
              {rejected_protocol, cut_to_mru(c.link, frame.information, rejected_protocol.size())});
}

void arm_echo(Link& link, const Policy& policy, TimePoint now) {
  const bool wanted =
      link.lcp.state == State::opened && link.echo_refused == 0 && policy.echo_interval > Duration::zero();
  link.echo_deadline = wanted ? now + policy.echo_interval : kNever;
}

void expire_echo(Context& c) {
  if (c.link.echo_deadline > c.env.now) return;
  arm_echo(c.link, c.policy, c.env.now);
  if (c.link.echo_deadline == kNever) return;  // switched off meanwhile
  if (c.link.echo_unanswered >= c.policy.echo_failures) return close_link(c, EndReason::echo_timeout);
  ++c.link.echo_unanswered;
  send_packet(c.out, Protocol::lcp, Code::echo_request, fresh_id(c.link), {magic_octets(c.link)});
}

}  // namespace holdfast::ppp
