// Two engines on a wire without loss, in one process and in virtual time. "lac" and "lns" are what they mostly are;
// each may be both.
#pragma once

#include "lns.hpp"

#include <functional>
#include <string_view>

namespace holdfast::engine::test {

struct Terms {
  bool secret = true;
  bool hide = false;
  bool ipv6 = false;
  ResyncMethod resync = ResyncMethod::failover_protocol_fallback_to_silent_failover;
};

inline constexpr Terms kSilent{.resync = ResyncMethod::silent_failover};

inline IpAddress address_of(bool ipv6, std::uint8_t host) {
  if (!ipv6) return IpAddress::v4(192, 0, 2, host);
  IpAddress a{{0x20, 0x01, 0x0d, 0xb8}};
  a.octets[15] = host;
  return a;
}

// Of a node that knows one peer, serves its calls in either direction, and is its own subscribers' LNS.
inline config::Config node_configuration(std::string_view name, std::string_view peer, const Terms& terms) {
  config::Config c = configuration();
  c.hostname = name;
  if (terms.resync == ResyncMethod::silent_failover) c.l2tp.resync = config::ResyncMethod::silent_failover;
  c.l2tp.destinations.clear();
  config::HostProfile host;
  host.remote_host = peer;
  if (terms.secret) host.tunnel_password = "secret";
  host.hidden_avps = terms.hide;
  host.dial_out = true;
  c.l2tp.destinations.push_back({"any", terms.ipv6 ? IpAddress{} : IpAddress::v4(0), {host}});
  return c;
}

struct Pair {
  explicit Pair(const Terms& with = {})
      : terms(with), lac(node_configuration("lac", "lns", with)), lns(node_configuration("lns", "lac", with)) {}

  // What the LAC's domain map says of the LNS, and the other way round.
  TunnelSpec to_lns() const { return spec(2, 1, "lns"); }
  TunnelSpec to_lac() const { return spec(1, 2, "lac"); }
  TunnelSpec spec(std::uint8_t local, std::uint8_t peer, std::string_view peer_host) const {
    TunnelSpec s;
    s.local = address_of(terms.ipv6, local);
    s.peer = address_of(terms.ipv6, peer);
    (void)s.peer_host.assign(peer_host);
    if (terms.secret) (void)s.secret.assign("secret");
    s.hide = terms.hide ? 1 : 0;
    s.resync = terms.resync;
    return s;
  }
  static l2tp::CallSpec incoming(std::uint32_t circuit = 7) {
    l2tp::CallSpec call;
    call.circuit = circuit;
    call.tx_speed = 100'000'000;
    call.rx_speed = 40'000'000;
    (void)call.calling.assign("alice's line");
    (void)call.called.assign("5551234");
    call.proxy.authen_type = 3;
    (void)call.proxy.name.assign("alice");
    (void)call.proxy.response.assign("wonderland");
    return call;
  }
  static l2tp::CallSpec outgoing(std::uint32_t circuit = 9) {
    l2tp::CallSpec call;
    call.kind = l2tp::CallKind::outgoing;
    call.circuit = circuit;
    call.minimum_bps = 64'000;
    call.maximum_bps = 1'000'000;
    call.bearer = 1;
    (void)call.called.assign("5556789");
    return call;
  }

  // One packet from the one who has sent something; false when nothing is on the wire.
  bool deliver_one() { return carry(lac, lns) || carry(lns, lac); }
  void deliver() {
    while (deliver_one()) answer_circuits();
    answer_circuits();
    if (!lac.sent.empty() || !lns.sent.empty()) deliver();
  }
  // Circuits that a LAC is asked for are there at once.
  void answer_circuits() {
    for (Lns* node : {&lac, &lns}) {
      for (; answered_[node] < node->notices.size(); ++answered_[node]) {
        const Notice n = node->notices[answered_[node]];
        if (n.kind == NoticeKind::circuit_wanted && connect_circuits)
          node->handle(CircuitConnected{n.tunnel, n.session, {.tx_speed = 256'000, .rx_speed = 0}});
      }
    }
  }
  void pass(Duration d) {
    const TimePoint until = lac.now + d;
    deliver();
    for (;;) {
      const TimePoint next = std::min({lac.next(), lns.next(), until});
      for (Lns* node : {&lac, &lns}) node->pass(std::max(next, node->now) - node->now);
      deliver();
      if (next >= until) return;
    }
  }

  Terms terms;
  Lns lac, lns;
  bool connect_circuits = true;

 private:
  bool carry(Lns& from, Lns& to) {
    if (from.sent.empty()) return false;
    const Sent s = from.sent.front();
    from.sent.pop_front();
    const auto& h = s.header;
    if (h.kind == static_cast<std::uint16_t>(abi::InjectKind::l2tp_control))
      to.handle(ControlDatagram{h.source, h.destination, h.source_port, h.destination_port, s.payload});
    return true;  // nobody is behind the LAC: PPP frames go nowhere
  }

  std::map<Lns*, std::size_t> answered_;
};

}  // namespace holdfast::engine::test
