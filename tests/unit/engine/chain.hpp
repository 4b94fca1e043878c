// Nodes in a row that switch calls from tunnel to tunnel, and callers at the first of them: PPP clients that behave
// like pppd, whose frames take the way that the rows of the nodes say.
#pragma once

#include "../ppp/peer.hpp"
#include "line.hpp"

#include <cstdlib>
#include <deque>
#include <map>
#include <string>

namespace holdfast::engine::test {

struct Caller {
  explicit Caller(ppp::Peer::Habits habits) : ppp(std::move(habits)) {}

  ppp::Peer ppp;
  TunnelId tunnel{};  // of the first node
  SessionId session{};
  bool up = false;
  bool begun = false;
  std::optional<l2tp::Ending> ended;
};

class Chain {
 public:
  struct Node {
    Node(config::Config config, IpAddress at) : engine(std::move(config)), address(at) {}
    Lns engine;
    IpAddress address;
    Rows rows;
    std::size_t heard = 0;  // notices
  };

  static IpAddress address(std::uint8_t number) { return address_of(false, number); }

  // The n-th is at 192.0.2.n, is called "node<n>" and takes calls of anybody.
  Node& add() {
    const auto number = static_cast<std::uint8_t>(nodes.size() + 1);
    config::Config c = configuration();
    c.l2tp.resync = config::ResyncMethod::silent_failover;
    c.hostname = "node" + std::to_string(number);
    c.l2tp.destinations.front().hosts.front().remote_host.clear();
    return nodes.emplace_back(c, address(number));
  }
  // Calls from the n-th node's peers go on to `to`, those of users of example.net.
  void let_switch(std::size_t n, std::initializer_list<std::uint8_t> to) {
    config::Config& c = node(n).config;
    c.l2tp.destinations.front().hosts.front().tunnel_switching = true;
    config::DomainMap map{"example.net", {}};
    for (const std::uint8_t number : to) {
      config::DomainTunnel tunnel;
      tunnel.number = number;
      tunnel.address = address(number);
      tunnel.source_address = address(static_cast<std::uint8_t>(n));
      tunnel.password = "secret";
      tunnel.preference = static_cast<std::uint8_t>(map.tunnels.size());
      map.tunnels.push_back(tunnel);
    }
    c.aaa.domains = {map};
  }
  Lns& node(std::size_t n) { return nodes[n - 1].engine; }
  void restart(std::size_t n) {
    node(n).restart();
    nodes[n - 1].rows.resynchronize(*node(n).engine);
  }

  // A call from the first node to the second.
  Caller& call(ppp::Peer::Habits habits, l2tp::CallSpec spec = plain()) {
    Caller& caller = callers.emplace_back(std::move(habits));
    spec.circuit = static_cast<std::uint32_t>(callers.size());
    TunnelSpec tunnel;
    tunnel.local = address(1);
    tunnel.peer = address(2);
    (void)tunnel.secret.assign("secret");
    node(1).handle(PlaceCall{tunnel, spec});
    return caller;
  }
  static l2tp::CallSpec plain() {
    l2tp::CallSpec spec;
    spec.tx_speed = 16'000'000;
    spec.rx_speed = 1'000'000;
    (void)spec.calling.assign("5551234");
    (void)spec.called.assign("5556789");
    (void)spec.agent_circuit_id.assign("rack 1 port 2");
    return spec;
  }
  void hang_up(const Caller& caller) { node(1).handle(ClearSession{caller.tunnel, caller.session}); }

  void deliver() {
    (void)deliver_until([] { return false; });
  }
  // Or until stop() says so, which is asked after each packet; whether nothing was left.
  template <class Stop>
  bool deliver_until(Stop stop) {
    for (bool moved = true; moved;) {
      if (stop()) return false;
      moved = false;
      for (Node& n : nodes) take(n);
      for (Caller& caller : callers) moved = up(caller) || moved;
      for (Node& n : nodes) moved = from(n) || moved;
      for (Node& n : nodes) {
        if (moved || n.engine.next() > n.engine.now) continue;
        n.engine.pass(Duration::zero());  // a step that was put off to this same moment
        moved = true;
      }
    }
    return true;
  }
  void pass(Duration d) {
    const TimePoint until = node(1).now + d;
    deliver();
    while (node(1).now < until) {
      TimePoint next = until;
      for (const Node& n : nodes) next = std::min(next, n.engine.next());
      for (const Caller& caller : callers)
        if (caller.up) next = std::min(next, caller.ppp.next_due());
      next = std::max(next, node(1).now);
      for (Node& n : nodes) n.engine.pass(next - n.engine.now);
      for (Caller& caller : callers)
        if (caller.up && caller.ppp.next_due() <= next) caller.ppp.expire(next);
      deliver();
    }
  }

  std::deque<Node> nodes;
  std::deque<Caller> callers;
  std::uint8_t unreachable = 0;                                            // the node that nothing comes to
  std::vector<std::uint8_t> lcp_requests = std::vector<std::uint8_t>(16);  // Configure-Requests, by node

 private:
  static bool is_lcp_request(const std::vector<std::uint8_t>& frame) {
    return frame.size() > 2 && frame[0] == 0xc0 && frame[1] == 0x21 && frame[2] == 1;
  }
  Node* at(const IpAddress& address) {
    for (Node& n : nodes)
      if (n.address == address && address != Chain::address(unreachable)) return &n;
    return nullptr;
  }

  // Rows, and what the callers hear of their calls.
  void take(Node& n) {
    n.rows.take(n.engine);
    for (; n.heard < n.engine.notices.size(); ++n.heard) {
      const Notice& notice = n.engine.notices[n.heard];
      if (&n != &nodes.front()) continue;
      if (notice.kind == NoticeKind::session_up) {
        Caller& caller = callers[notice.circuit - 1];
        caller.tunnel = notice.tunnel;
        caller.session = notice.session;
        caller.up = true;
      } else if (notice.kind == NoticeKind::session_down || notice.kind == NoticeKind::call_failed) {
        callers[notice.circuit - 1].ended = notice.ending;
        callers[notice.circuit - 1].up = false;
      }
    }
  }

  // A frame leaves a node in this session, and passes all those that switch it.
  void carry(Node& from, TunnelId tunnel, SessionId session, const std::vector<std::uint8_t>& frame) {
    const TunnelRecord* t = from.engine.records->tunnel(tunnel);
    const SessionRecord* s = from.engine.records->session(session_index(tunnel, session, 0));
    Node* next = t != nullptr && s != nullptr ? at(t->l2tp.remote) : nullptr;
    if (next == nullptr) return;
    const TunnelId to_tunnel(t->l2tp.peer.raw);
    const SessionId to_session(s->l2tp.peer.raw);
    if (next == &nodes.front()) {
      for (Caller& caller : callers) {
        if (!caller.up || caller.tunnel != to_tunnel || caller.session != to_session) continue;
        if (!caller.begun) caller.ppp.start(next->engine.now);  // his frames would have come before the ICCN
        caller.begun = true;
        caller.ppp.receive(frame, next->engine.now);
      }
      return;
    }
    const auto* row = next->rows.session(to_tunnel, to_session);
    if (row == nullptr) return;
    if ((row->flags & abi::kSessionToSession) == 0) {
      next->engine.handle(PppFrame{to_tunnel, to_session, frame});
      return;
    }
    for (const auto& [key, other] : next->rows.sessions)
      if (other.session.raw == row->onward && (other.flags & abi::kSessionToSession) != 0 &&
          other.onward == to_session.raw)
        return carry(*next, other.tunnel, other.session, frame);
  }

  bool up(Caller& caller) {
    bool moved = false;
    for (; !caller.ppp.sent.empty(); moved = true) {
      const ppp::Bytes frame = caller.ppp.sent.front();
      caller.ppp.sent.pop_front();
      if (caller.up) carry(nodes.front(), caller.tunnel, caller.session, frame);
      for (Node& n : nodes) take(n);
    }
    return moved;
  }
  bool from(Node& n) {
    if (n.engine.sent.empty()) return false;
    const Sent s = n.engine.sent.front();
    n.engine.sent.pop_front();
    take(n);
    const auto& h = s.header;
    if (h.kind == static_cast<std::uint16_t>(abi::InjectKind::l2tp_control)) {
      if (Node* to = at(h.destination))
        to->engine.handle(ControlDatagram{h.source, h.destination, h.source_port, h.destination_port, s.payload});
    } else if (h.kind == static_cast<std::uint16_t>(abi::InjectKind::ppp)) {
      if (is_lcp_request(s.payload)) ++lcp_requests[static_cast<std::size_t>(&n == &nodes.front() ? 1 : number(n))];
      carry(n, h.tunnel, h.session, s.payload);
    }
    return true;
  }
  std::size_t number(const Node& node) const {
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (&nodes[i] == &node) return i + 1;
    return 0;
  }
};

}  // namespace holdfast::engine::test
