// Subscribers: PPP on a session, the login, what it is given, and what the forwarding tables learn of it.
#include "config/lookup.hpp"
#include "engine/engine.hpp"
#include "engine/ppp_cause.hpp"
#include "engine/rows.hpp"
#include "ppp/ppp.hpp"
#include "subscriber/router_advertisement.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

using l2tp::CallResult;
using l2tp::Ending;

constexpr Duration kAdvertisementInterval = std::chrono::seconds(600);  // RFC 4861 6.2.1: MaxRtrAdvInterval

std::uint32_t v4_or_zero(const IpAddress& address) { return address.is_v4() ? address.v4_value() : 0; }

constexpr Duration kConfirmInterval = std::chrono::seconds(10);  // of a session that may have ended

aaa::Credentials::Method method_of(ppp::Authenticate::Method asked) {
  switch (asked) {
    case ppp::Authenticate::Method::none:
    case ppp::Authenticate::Method::pap: return aaa::Credentials::Method::pap;
    case ppp::Authenticate::Method::chap: return aaa::Credentials::Method::chap;
    case ppp::Authenticate::Method::ms_chap_v2: return aaa::Credentials::Method::ms_chap_v2;
  }
  return aaa::Credentials::Method::pap;
}

// RFC 5072 4.1: a random identifier that does not claim to be globally unique ("u" bit clear), and is not zero.
std::uint64_t random_interface_id(Entropy& entropy) {
  const std::uint64_t id = std::uint64_t{entropy.u32()} << 32 | entropy.u32();
  return (id & ~(std::uint64_t{2} << 56)) | 1;
}

}  // namespace

ppp::Policy Engine::ppp_policy(const Context& c, const TunnelRecord& tunnel, SessionIndex index) const {
  const auto* host = profile(tunnel);
  const auto& order = host != nullptr ? config::ppp_authentication(config_, *host) : config_.ppp.authentication;
  ppp::Policy policy;
  policy.mru = is_access(tunnel.l2tp.id) ? access_mru(c.tx.circuit(c.tx.session(index)->circuit)) : config_.ppp.mru;
  policy.offer_ms_chap_v2 = std::ranges::count(order, config::PppAuthentication::ms_chap_v2) != 0;
  policy.offer_chap = std::ranges::count(order, config::PppAuthentication::chap) != 0;
  policy.offer_pap = std::ranges::count(order, config::PppAuthentication::pap) != 0;
  policy.name = host != nullptr ? config::local_host(config_, *host) : std::string_view(config_.hostname);
  policy.restart = config_.ppp.restart_timer;
  policy.ipv4 = !config_.ipv4_pools.empty() || !users_.empty();
  policy.ipv6 = !config_.ipv6_pools.empty();
  policy.echo_interval = config_.ppp.keepalive;
  if (c.tx.session(index)->l2tp.unconfirmed != 0) policy.echo_interval = kConfirmInterval;
  return policy;
}

void Engine::on(Context& c, const PppFrame& event) {
  const SessionIndex index = c.tx.index(event.tunnel, event.session);
  const SubscriberRecord* known = c.tx.subscriber(index);
  TunnelRecord* tunnel = known != nullptr ? living_tunnel(c, index, event.tunnel) : nullptr;
  if (tunnel == nullptr) {
    counters_.add(Count::ppp_unknown_session);
    return;
  }
  l2tp::heard(tunnel->l2tp.channel, c.env.now);
  SubscriberRecord& subscriber = c.tx.edit_subscriber(index);
  const auto policy = ppp_policy(c, *tunnel, index);
  ppp_.clear();
  overhear(c, index, event.frame);
  const bool ipv6 = event.frame.size() > 2 && event.frame[0] == 0x00 && event.frame[1] == 0x57;
  if (ipv6 && subscriber.ipv6_up != 0 && subscriber::is_router_solicitation(event.frame.subspan(2))) {
    advertise(c, index, subscriber);
  } else {
    const unsigned unanswered = subscriber.link.echo_unanswered;
    ppp::receive(subscriber.link, event.frame, policy, c.env, ppp_);
    if (c.tx.session(index)->l2tp.unconfirmed != 0) confirm(c, index, unanswered, policy);
  }
  // He has begun anew while his call was on its way.
  const SessionRecord& session = *c.tx.session(index);
  if (is_tunnelling(c, session) && subscriber.link.auth_state != ppp::AuthState::waiting_answer)
    session.circuit ? cancel_call(c, session.circuit) : cancel_switching(c, index);
  apply_ppp(c, *tunnel, index, policy);
  flush(c, *tunnel);
}

// What is said on a circuit, or in a call that may be switched, whose user is not known yet.
CallRecord* Engine::overhearing(Context& c, SessionIndex index) {
  const SessionRecord& session = *c.tx.session(index);
  return session.call != 0 && !l2tp::placed(session.l2tp) ? &c.tx.edit_call(session.call) : nullptr;
}

void Engine::overhear(Context& c, SessionIndex index, Octets frame) {
  if (CallRecord* call = overhearing(c, index)) call->overheard.received(frame);
}

// What PPP wants: authentication may make it want more, so it comes first; then rows before frames, as the executor has
// it too: the subscriber may use what it is told at once.
void Engine::apply_ppp(Context& c, TunnelRecord& tunnel, SessionIndex index, const ppp::Policy& policy) {
  if (ppp_.noticed(ppp::Notice::authenticate)) authenticate(c, tunnel, index, policy);
  if (CallRecord* call = overhearing(c, index))
    for (const Octets frame : ppp_.frames()) call->overheard.sent(frame);
  for (const auto drops : ppp_.drops) counters_.add(Count::ppp_dropped, drops);
  for (const Octets frame : ppp_.frames()) send_ppp(c, *c.tx.session(index), frame);
  bool down = false;
  for (const ppp::Notice notice : ppp_.notices()) {
    if (notice == ppp::Notice::link_down) down = true;
    if (notice != ppp::Notice::authenticate && notice != ppp::Notice::link_down)
      network_changed(c, tunnel, index, notice);
  }
  if (down) ppp_is_down(c, tunnel, index);
}

void Engine::ppp_is_down(Context& c, TunnelRecord& tunnel, SessionIndex index) {
  const SubscriberRecord subscriber = *c.tx.subscriber(index);
  const auto result =
      subscriber.link.end_reason == ppp::EndReason::admin ? CallResult::administrative : CallResult::carrier_lost;
  disconnect(c, tunnel, index, Ending::of(result, ppp::name(subscriber.link.end_reason)),
             {.circuit = {}, .ppp = ppp_cause(subscriber.link)});
}

void Engine::authenticate(Context& c, const TunnelRecord& tunnel, SessionIndex index, const ppp::Policy& policy) {
  const ppp::Authenticate& asked = *ppp_.authenticate;
  SubscriberRecord& subscriber = c.tx.edit_subscriber(index);
  if (overhearing(c, index) != nullptr && domain_of(subscriber.link.user.text()) != nullptr)
    return begin_tunnelling(c, index);
  ppp::AuthAnswer answer;
  if (asked.method == ppp::Authenticate::Method::none) {
    answer = grant(c, subscriber, nullptr);
  } else {
    const auto checked =
        aaa::check(users_, {method_of(asked.method), asked.id, asked.user, asked.secret, asked.challenge});
    if (checked.verdict == aaa::Verdict::accept) {
      answer = grant(c, subscriber, checked.user);
      if (checked.proof) answer.proof = *checked.proof;
    } else {
      answer.message = "login refused";
      counters_.add(Count::logins_refused);
      Notice n = notice(NoticeKind::login_refused, tunnel);
      tell_line(c, *c.tx.session(index), n);
      n.name = subscriber.link.user;
      n.ending = Ending::of(CallResult::error,
                            checked.verdict == aaa::Verdict::unknown_user ? "unknown user" : "wrong password");
      must(c.tx.step().notices.push(n));
    }
  }
  if (answer.accept && overhearing(c, index) != nullptr) free_call(c, c.tx.edit_session(index));  // he is ours
  answer.request = asked.request;
  ppp::answer(subscriber.link, answer, policy, c.env, ppp_);
}

// What an accepted subscriber is given. A link that authenticates again keeps what it has.
ppp::AuthAnswer Engine::grant(Context& c, SubscriberRecord& subscriber, const aaa::LocalUser* user) {
  if (subscriber.ipv4.is_none()) {
    subscriber.fixed_ipv4 = user != nullptr && user->fixed_ipv4 ? 1 : 0;
    subscriber.ipv4 = subscriber.fixed_ipv4 != 0 ? user->fixed_ipv4 : indexes_.take_ipv4();
    if (subscriber.ipv4.is_none() && !config_.ipv4_pools.empty()) counters_.add(Count::no_address);
  }
  if (subscriber.ipv6.length == 0 && !config_.ipv6_pools.empty()) {
    subscriber.ipv6 = indexes_.take_ipv6();
    if (subscriber.ipv6.length == 0) counters_.add(Count::no_address);
  }
  subscriber.up_since = c.env.now;
  ppp::AuthAnswer answer;
  answer.accept = true;
  answer.our_ipv4 = v4_or_zero(our_ipv4_);
  answer.peer_ipv4 = v4_or_zero(subscriber.ipv4);
  answer.dns1 = v4_or_zero(config_.aaa.dns.primary);
  answer.dns2 = v4_or_zero(config_.aaa.dns.secondary);
  if (subscriber.ipv6.length != 0) {
    answer.our_interface_id = random_interface_id(c.env.entropy);
    do answer.peer_interface_id = random_interface_id(c.env.entropy);
    while (answer.peer_interface_id == answer.our_interface_id);
  }
  return answer;
}

void Engine::network_changed(Context& c, const TunnelRecord& tunnel, SessionIndex index, ppp::Notice what) {
  SubscriberRecord& subscriber = c.tx.edit_subscriber(index);
  auto& ops = c.tx.step().table_ops;
  const bool was_up = subscriber.ipv4_up != 0 || subscriber.ipv6_up != 0;
  if (what == ppp::Notice::ipv4_up) subscriber.ipv4_up = 1;
  if (what == ppp::Notice::ipv4_down) subscriber.ipv4_up = 0;
  if (what == ppp::Notice::ipv6_up) subscriber.ipv6_up = 1;
  if (what == ppp::Notice::ipv6_down) subscriber.ipv6_up = 0;
  const abi::TableOp row = session_row(c, tunnel, index);
  must(ops.push(row));
  if (what == ppp::Notice::ipv4_up) must(ops.push(put_subscriber_route(host_route(subscriber.ipv4), row)));
  if (what == ppp::Notice::ipv4_down) must(ops.push(remove_route(host_route(subscriber.ipv4))));
  if (what == ppp::Notice::ipv6_up) {
    must(ops.push(put_subscriber_route(subscriber.ipv6, row)));
    advertise(c, index, subscriber);
  }
  if (what == ppp::Notice::ipv6_down) {
    must(ops.push(remove_route(subscriber.ipv6)));
    subscriber.advertisement_due = kNever;
  }
  const bool is_up = subscriber.ipv4_up != 0 || subscriber.ipv6_up != 0;
  if (was_up || !is_up) return;
  Notice n = notice(NoticeKind::subscriber_up, tunnel);
  tell_line(c, *c.tx.session(index), n);
  n.name = subscriber.link.user;
  n.ipv4 = subscriber.ipv4;
  n.ipv6 = subscriber.ipv6;
  must(c.tx.step().notices.push(n));
}

void Engine::advertise(Context& c, SessionIndex index, SubscriberRecord& subscriber) {
  constexpr std::size_t kProtocolField = 2;
  std::array<std::uint8_t, 256> frame{0x00, 0x57};
  subscriber::RouterAdvertisement advertisement;
  advertisement.our_interface_id = subscriber.link.our_interface_id;
  advertisement.prefix = subscriber.ipv6;
  advertisement.dns1 = config_.aaa.ipv6_dns.primary;
  advertisement.dns2 = config_.aaa.ipv6_dns.secondary;
  advertisement.mtu = std::min(config_.ppp.mru, subscriber.link.peer_mru);
  const Octets packet =
      subscriber::build_router_advertisement(MutableOctets(frame).subspan(kProtocolField), advertisement);
  if (!packet.empty()) send_ppp(c, *c.tx.session(index), Octets(frame).first(kProtocolField + packet.size()));
  subscriber.advertisement_due = c.env.now + kAdvertisementInterval;
}

void Engine::send_ppp(Context& c, const SessionRecord& session, Octets frame) {
  Send send{};
  send.header.kind = static_cast<std::uint16_t>(abi::InjectKind::ppp);
  send.header.length = static_cast<std::uint16_t>(frame.size());
  send.header.tunnel = session.l2tp.tunnel;
  send.header.session = session.l2tp.id;
  send.payload = c.tx.step().copy(frame);
  must(c.tx.step().sends.push(send));
}

// Gives back what a subscriber had. The caller frees the record.
void Engine::release(Context& c, const TunnelRecord& tunnel, const SessionRecord& session,
                     const SubscriberRecord& subscriber, const Ending& why) {
  auto& ops = c.tx.step().table_ops;
  if (subscriber.ipv4_up != 0) must(ops.push(remove_route(host_route(subscriber.ipv4))));
  if (subscriber.ipv6_up != 0) must(ops.push(remove_route(subscriber.ipv6)));
  indexes_.release(subscriber);
  if (subscriber.ipv4_up == 0 && subscriber.ipv6_up == 0) return;
  Notice n = notice(NoticeKind::subscriber_down, tunnel);
  tell_line(c, session, n);
  n.name = subscriber.link.user;
  n.ipv4 = subscriber.ipv4;
  n.ipv6 = subscriber.ipv6;
  n.ending = why;
  must(c.tx.step().notices.push(n));
}

}  // namespace holdfast::engine
