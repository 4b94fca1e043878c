#include "ppp/negotiation.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace holdfast::ppp {
namespace {

constexpr std::size_t kPacketHeader = 4;
constexpr std::size_t kMaxOurOptions = 64;

using OurOptions = std::array<std::uint8_t, kMaxOurOptions>;

Octets our_options(const Link& link, const ControlProtocol& p, OurOptions& buffer) {
  Writer w(buffer);
  p.write_ours(link, w);
  return w.written();
}

void count(std::uint8_t& counter) {
  if (counter != std::numeric_limits<std::uint8_t>::max()) ++counter;
}

// A negotiation begins: nothing is agreed and nothing was refused yet (RFC 1661 4.6: the counters).
void begin(Context& c, const ControlProtocol& p) {
  Automaton& a = c.link.*p.automaton;
  a.naks_sent = a.naks_received = a.left_out = 0;
  a.answered = 1;
  p.choose_ours(c);
}

void send_configure_request(Context& c, const ControlProtocol& p) {
  Automaton& a = c.link.*p.automaton;
  // RFC 1661 5.1: a new Identifier after each valid reply, and so whenever the options change; not for a retransmission
  if (a.answered != 0) ++a.request_id;
  a.answered = 0;
  if (a.restarts > 0) --a.restarts;
  a.deadline = c.env.now + c.policy.restart;
  OurOptions buffer;
  send_packet(c.out, p.protocol, Code::configure_request, a.request_id, {our_options(c.link, p, buffer)});
}

void send_terminate_request(Context& c, const ControlProtocol& p) {
  Automaton& a = c.link.*p.automaton;
  if (a.restarts > 0) --a.restarts;
  a.deadline = c.env.now + c.policy.restart;
  send_packet(c.out, p.protocol, Code::terminate_request, fresh_id(c.link), {});
}

void initialize_restart_count(Context& c, Automaton& a, Actions actions) {
  a.restarts = (actions & kSendTerminateRequest) != 0 ? c.policy.max_terminate : c.policy.max_configure;
}

void send_reply(Context& c, const ControlProtocol& p, const Trigger& t) {
  send_packet(c.out, p.protocol, t.reply_code, t.id, {t.reply, t.reply_rest});
}

void send_replies(Context& c, const ControlProtocol& p, Actions actions, const Trigger& t) {
  Automaton& a = c.link.*p.automaton;
  if (actions & kSendConfigureAck) {
    a.naks_sent = 0;
    send_reply(c, p, t);
  }
  if (actions & kSendConfigureNak) {
    if (t.reply_code == Code::configure_nak) count(a.naks_sent);
    send_reply(c, p, t);
  }
  if (actions & kSendTerminateAck) send_packet(c.out, p.protocol, Code::terminate_ack, t.id, {});
  if (actions & kSendCodeReject)
    send_packet(c.out, p.protocol, Code::code_reject, fresh_id(c.link), {cut_to_mru(c.link, t.rejected_packet, 0)});
  if ((actions & kSendEchoReply) && t.reply_code == Code::echo_reply) send_reply(c, p, t);
}

// The judging of one Configure-Request (RFC 1661 5.1 to 5.4).
class Judge {
 public:
  Judge(Context& c, const ControlProtocol& p) : c_(c), p_(p), automaton_(c.link.*p.automaton), proposed_(c.link) {
    p.forget_peer(proposed_);
  }

  void option(const Option& option) {
    const auto rule = std::ranges::find(p_.rules, option.type, &OptionRule::type);
    // RFC 1661 6: none of the options that we take can be listed more than once
    if (rule == p_.rules.end() || seen(*rule)) return rejects_.octets(option.whole);
    seen_ |= bit(*rule);
    switch (const Judgement j = judge(*rule, option); j.verdict) {
      case Judgement::Verdict::ack: break;
      case Judgement::Verdict::nak: nak(*rule, j.desired); break;
      case Judgement::Verdict::nak_first:
        nak_first_ = true;
        nak(*rule, j.desired);
        break;
      case Judgement::Verdict::reject: rejects_.octets(option.whole); break;
    }
  }

  void ask_for_what_is_missing() {
    if (is_reject() || automaton_.asked != 0 || bargained_enough()) return;
    for (const OptionRule& rule : p_.rules)
      if (rule.missing == Missing::is_asked_for && !seen(rule)) {
        automaton_.asked = 1;
        nak(rule, rule.judge(c_, proposed_, 0).desired);
      }
  }

  bool good() const { return rejects_.size() == 0 && naks_.size() == 0; }
  const Link& proposed() const { return proposed_; }
  // Rejects come first and alone: the peer takes them out and asks again (RFC 1661 5.4).
  Code reply_code() const {
    if (good()) return Code::configure_ack;
    return is_reject() ? Code::configure_reject : Code::configure_nak;
  }
  Octets reply(Octets options) const {
    if (good()) return options;
    return is_reject() ? rejects_.written() : naks_.written();
  }

 private:
  static constexpr std::size_t kMaxNaks = 128;

  std::uint32_t bit(const OptionRule& rule) const { return 1u << (&rule - p_.rules.data()); }
  bool seen(const OptionRule& rule) const { return (seen_ & bit(rule)) != 0; }
  bool is_reject() const { return rejects_.size() != 0 && !nak_first_; }
  bool bargained_enough() const { return automaton_.naks_sent >= c_.policy.max_failure; }

  Judgement judge(const OptionRule& rule, const Option& option) {
    const bool right_length = option.whole.size() == rule.length;
    Judgement j = rule.judge(c_, proposed_, right_length ? integer_of(option.value) : 0);
    // RFC 1661 6: a wrong length is nakked with a right one; 5.3: an option without value can't be nakked
    if (!right_length && j.verdict == Judgement::Verdict::ack) j = rule.length > 2 ? ppp::nak(0) : reject();
    // RFC 1661 4.6: after Max-Failure Naks the option is rejected instead
    if (j.verdict == Judgement::Verdict::nak && bargained_enough()) j = reject();
    return j;
  }
  void nak(const OptionRule& rule, std::uint64_t desired) {
    naks_.u8(rule.type);
    naks_.u8(rule.length);
    for (int octet = rule.length - 3; octet >= 0; --octet) naks_.u8(static_cast<std::uint8_t>(desired >> (8 * octet)));
  }

  Context& c_;
  const ControlProtocol& p_;
  Automaton& automaton_;
  Link proposed_;
  std::uint32_t seen_ = 0;
  bool nak_first_ = false;
  std::array<std::uint8_t, kMaxFrame> reject_buffer_{};
  std::array<std::uint8_t, kMaxNaks> nak_buffer_{};
  Writer rejects_{reject_buffer_};
  Writer naks_{nak_buffer_};
};

void receive_configure_request(Context& c, const ControlProtocol& p, const Packet& packet) {
  Judge judge(c, p);
  for (Octets options = packet.data; !options.empty();) judge.option(take_option(options));
  judge.ask_for_what_is_missing();
  const Event event = judge.good() ? Event::request_good : Event::request_bad;
  const Transition t = transition((c.link.*p.automaton).state, event);
  if (t.actions & kSendConfigureAck) c.link = judge.proposed();
  run(c, p, event, {.id = packet.id, .reply_code = judge.reply_code(), .reply = judge.reply(packet.data)});
}

bool lists(Octets options, Octets wanted) {
  while (!options.empty())
    if (std::ranges::equal(take_option(options).whole, wanted)) return true;
  return false;
}

// RFC 1661 5.2 to 5.4: a reply counts only for the last request, once; what it lists must have been asked for.
bool is_reply_to_our_request(const Context& c, const ControlProtocol& p, const Packet& packet) {
  const Automaton& a = c.link.*p.automaton;
  if (a.answered != 0 || packet.id != a.request_id) return false;
  OurOptions buffer;
  const Octets ours = our_options(c.link, p, buffer);
  switch (static_cast<Code>(packet.code)) {
    case Code::configure_ack: return std::ranges::equal(packet.data, ours);
    case Code::configure_reject:
      for (Octets rest = packet.data; !rest.empty();)
        if (!lists(ours, take_option(rest).whole)) return false;
      return !packet.data.empty();
    default: return true;
  }
}

void receive_configure_reply(Context& c, const ControlProtocol& p, const Packet& packet) {
  Automaton& a = c.link.*p.automaton;
  const auto code = static_cast<Code>(packet.code);
  const Event event = code == Code::configure_ack ? Event::ack : Event::nak_or_reject;
  const Trigger trigger{.id = packet.id};
  if (!is_negotiating(a.state) && a.state != State::opened) return run(c, p, event, trigger);
  if (!is_reply_to_our_request(c, p, packet)) return c.out.drop(Drop::stale);
  a.answered = 1;
  if (code == Code::configure_nak) count(a.naks_received);
  const bool enough = a.naks_received >= c.policy.max_failure;
  for (Octets options = packet.data; code != Code::configure_ack && !options.empty();) {
    const Option option = take_option(options);
    code == Code::configure_nak ? p.nakked(c, option, enough) : p.rejected(c, option);
    if (!is_negotiating(a.state)) return;  // what was refused is nothing that the link can do without
  }
  run(c, p, event, trigger);
}

// RFC 1661 5.6: whether the peer rejects a code that no automaton can do without.
void receive_code_reject(Context& c, const ControlProtocol& p, const Packet& packet) {
  if (packet.data.empty()) return c.out.drop(Drop::malformed);
  const auto code = static_cast<Code>(packet.data[0]);
  const bool fundamental = code >= Code::configure_request && code <= Code::code_reject;
  run(c, p, fundamental ? Event::reject_catastrophic : Event::reject_permitted);
}

}  // namespace

void run(Context& c, const ControlProtocol& p, Event event, const Trigger& trigger) {
  Automaton& a = c.link.*p.automaton;
  const State old = a.state;
  const Transition t = transition(old, event);
  if (!t.legal) return;
  a.state = t.next;
  if (!restart_timer_runs(t.next)) a.deadline = kNever;
  // Not in begin(): the request that begins a negotiation anew was judged before, and may have been what made us ask.
  if (event == Event::up || (t.actions & kLayerUp)) a.asked = 0;
  if (t.actions & kLayerDown) p.down(c);
  if (t.actions & kInitializeRestartCount) initialize_restart_count(c, a, t.actions);
  if (t.actions & kZeroRestartCount) {
    a.restarts = 0;
    a.deadline = c.env.now + c.policy.restart;  // RFC 1661 4.4: time for the peer to end, before TO-
  }
  if (t.actions & kSendConfigureRequest) {
    if (!is_negotiating(old)) begin(c, p);
    send_configure_request(c, p);
  }
  if (t.actions & kSendTerminateRequest) send_terminate_request(c, p);
  send_replies(c, p, t.actions, trigger);
  if (t.actions & kLayerUp) p.up(c);
  if (t.actions & kLayerFinished) p.finished(c);
}

void expire_restart_timer(Context& c, const ControlProtocol& p) {
  Automaton& a = c.link.*p.automaton;
  if (a.deadline > c.env.now) return;
  a.deadline = kNever;
  run(c, p, a.restarts > 0 ? Event::timeout_plus : Event::timeout_minus);
}

void receive_control(Context& c, const ControlProtocol& p, const Packet& packet) {
  switch (static_cast<Code>(packet.code)) {
    case Code::configure_request:
      if (!options_are_whole(packet.data)) return c.out.drop(Drop::malformed);
      return receive_configure_request(c, p, packet);
    case Code::configure_ack:
    case Code::configure_nak:
    case Code::configure_reject:
      if (!options_are_whole(packet.data)) return c.out.drop(Drop::malformed);
      return receive_configure_reply(c, p, packet);
    case Code::terminate_request: return run(c, p, Event::terminate, {.id = packet.id});
    case Code::terminate_ack: return run(c, p, Event::terminate_ack);
    case Code::code_reject: return receive_code_reject(c, p, packet);
    default: return run(c, p, Event::unknown_code, {.rejected_packet = packet.whole});
  }
}

bool take_request(Context& c, const ControlProtocol& p, Octets options) {
  Judge judge(c, p);
  while (!options.empty()) judge.option(take_option(options));
  if (!judge.good()) return false;
  c.link = judge.proposed();
  return true;
}

void send_packet(Output& out, Protocol protocol, std::uint8_t code, std::uint8_t id,
                 std::initializer_list<Octets> pieces) {
  std::size_t length = kPacketHeader;
  for (const Octets piece : pieces) length += piece.size();
  Writer w(out.begin_frame());
  w.u16(static_cast<std::uint16_t>(protocol));
  w.u8(code);
  w.u8(id);
  w.u16(static_cast<std::uint16_t>(length));
  for (const Octets piece : pieces) w.octets(piece);
  out.end_frame(w);
}

Octets cut_to_mru(const Link& link, Octets data, std::size_t others) {
  const std::size_t mru = std::clamp<std::size_t>(link.peer_mru, kMinMru, kMaxFrame - sizeof(Protocol));
  return data.first(std::min(data.size(), mru - kPacketHeader - others));
}

}  // namespace holdfast::ppp
