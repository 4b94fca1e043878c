// A link and a peer on one virtual wire, in virtual time. A hook sees every frame and may lose it.
#pragma once

#include "peer.hpp"
#include "support.hpp"
#include "wire/digest.hpp"

#include <array>
#include <cstring>
#include <functional>

namespace holdfast::ppp {

class Wire {
 public:
  explicit Wire(Peer::Habits habits = {}, bool offer_chap = true, bool offer_pap = true) : peer(std::move(habits)) {
    policy.name = "lns";
    policy.offer_chap = offer_chap;
    policy.offer_pap = offer_pap;
  }

  // Until both network protocols are up on both sides and nothing is on its way, or until the time is over.
  bool bring_up(Duration patience = std::chrono::seconds(120)) {
    const TimePoint end = now + patience;
    call([&] { start(link, policy, env(), out); });
    peer.start(now);
    while (true) {
      deliver();
      if (is_up()) return true;
      const TimePoint next = std::min(next_due(link), peer.next_due());
      if (next > end) return false;
      now = std::max(now, next);
      if (next_due(link) <= now) call([&] { expire(link, policy, env(), out); });
      if (peer.next_due() <= now) peer.expire(now);
    }
  }
  bool is_up() const {
    return link.ipcp.state == State::opened && peer.ipv4_is_up() && link.ipv6cp.state == State::opened &&
           peer.ipv6_is_up();
  }

  // The process dies before it sent what the last step committed.
  void die() {
    to_peer_.clear();
    restart();
  }
  // The process dies and comes back: only the octets of the record survive.
  void restart() {
    std::array<std::uint8_t, sizeof(Link)> checkpoint;
    std::memcpy(checkpoint.data(), &link, sizeof(Link));
    pending_answer_.reset();
    Link restored;
    std::memcpy(&restored, checkpoint.data(), sizeof(Link));
    link = restored;
    restart_timers(link, policy, now);
  }

  Policy policy;
  Link link;
  Peer peer;
  TimePoint now{std::chrono::seconds(1000)};
  std::string password = "secret";
  bool answers_at_once = false;  // in the same step; else when nothing else is on the wire
  std::function<bool(const Bytes&)> lose = [](const Bytes&) { return false; };
  std::function<void()> after_call = [] {};
  std::vector<Bytes> frames;  // all that were sent, lost ones included
  std::vector<Notice> notices;

 private:
  Env env() { return {now, entropy_}; }

  void deliver() {
    while (!to_peer_.empty() || !peer.sent.empty() || pending_answer_) {
      if (!to_peer_.empty()) {
        const Bytes frame = take(to_peer_);
        if (!lost(frame)) peer.receive(frame, now);
      } else if (!peer.sent.empty()) {
        const Bytes frame = take(peer.sent);
        if (!lost(frame)) call([&] { receive(link, frame, policy, env(), out); });
      } else {
        const AuthAnswer given = *std::exchange(pending_answer_, std::nullopt);
        call([&] { answer(link, given, policy, env(), out); });
      }
    }
  }
  static Bytes take(std::deque<Bytes>& queue) {
    Bytes frame = std::move(queue.front());
    queue.pop_front();
    return frame;
  }
  bool lost(const Bytes& frame) {
    frames.push_back(frame);
    return lose(frame);
  }

  template <class Call>
  void call(Call&& function) {
    out.clear();
    function();
    if (out.authenticate) pending_answer_ = check(*out.authenticate);
    if (pending_answer_ && answers_at_once)
      answer(link, *std::exchange(pending_answer_, std::nullopt), policy, env(), out);
    for (const Octets frame : out.frames()) to_peer_.emplace_back(frame.begin(), frame.end());
    notices.insert(notices.end(), out.notices().begin(), out.notices().end());
    after_call();
  }
  AuthAnswer check(const Authenticate& a) const {
    const std::array<std::uint8_t, 1> id{a.id};
    const Md5 expected = md5({id, octets_of(password), a.challenge});
    const Octets right = a.method == Authenticate::Method::chap ? Octets(expected) : octets_of(password);
    const bool accept = a.method == Authenticate::Method::none || std::ranges::equal(a.secret, right);
    return {.accept = accept,
            .request = a.request,
            .message = accept ? "welcome" : "no",
            .our_ipv4 = 0x0a000001,
            .peer_ipv4 = 0x0a000002,
            .dns1 = 0x0a000035,
            .dns2 = 0x0a000036,
            .our_interface_id = 1,
            .peer_interface_id = 2};
  }

  CountingEntropy entropy_;
  Output out;
  std::deque<Bytes> to_peer_;
  std::optional<AuthAnswer> pending_answer_;
};

}  // namespace holdfast::ppp
