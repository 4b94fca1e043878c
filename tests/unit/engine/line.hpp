// Subscribers behind a LAC: PPPoE clients with a PPP that behaves like pppd, and the way that their frames take through
// the rows that the two engines of a Pair have put.
#pragma once

#include "../access/subscriber.hpp"
#include "../ppp/peer.hpp"
#include "pair.hpp"

#include <cstdlib>
#include <map>
#include <vector>

namespace holdfast::engine::test {

// What the rows of a node say: who carries which frames.
class Rows {
 public:
  void take(const Lns& node) {
    for (; seen_ < node.table_ops.size(); ++seen_) apply(node.table_ops[seen_]);
  }
  void apply(const abi::TableOp& op) {
    switch (op.kind) {
      case abi::TableOpKind::put_session: sessions[key(op.session.tunnel, op.session.session)] = op.session; break;
      case abi::TableOpKind::remove_session: sessions.erase(key(op.session.tunnel, op.session.session)); break;
      case abi::TableOpKind::put_circuit: circuits[op.circuit.circuit.raw] = op.circuit; break;
      case abi::TableOpKind::remove_circuit: circuits.erase(op.circuit.circuit.raw); break;
      default: break;
    }
  }
  // What a dataplane does of which control puts every row again.
  void resynchronize(const Engine& engine) {
    sessions.clear();
    circuits.clear();
    engine.rows(this, [](void* self, const abi::TableOp& op) { static_cast<Rows*>(self)->apply(op); });
  }
  const abi::SessionRow* session(TunnelId tunnel, SessionId session) const {
    const auto found = sessions.find(key(tunnel, session));
    return found != sessions.end() ? &found->second : nullptr;
  }
  static std::uint32_t key(TunnelId tunnel, SessionId session) { return std::uint32_t{tunnel.raw} << 16 | session.raw; }

  std::map<std::uint32_t, abi::SessionRow> sessions;
  std::map<std::uint32_t, abi::CircuitRow> circuits;

 private:
  std::size_t seen_ = 0;
};

struct Client {
  explicit Client(std::uint8_t number, ppp::Peer::Habits habits)
      : mac{0x02, 0, 0, 0, 1, number}, ppp(std::move(habits)) {}

  access::MacAddress mac;
  access::Bytes vlans{};
  ppp::Peer ppp;
  std::uint16_t session = 0;
  bool ended = false;  // by a PADT
  unsigned lcp_requests = 0;
  std::vector<std::string> errors;  // of discovery
};

// `pair.lac` serves clients on ge0 and has `pair.lns` as the LNS of example.net.
class Lines {
 public:
  Lines() {
    config::Config c = pair.lac.config;
    configure(c);
    pair.lac.config = c;
    pair.lac.start();
    pair.lns.config.aaa.users.push_back({"bob@example.net", "builder", {}});
    pair.lns.start();
  }
  static void configure(config::Config& c) {
    c.interfaces.front().pppoe.emplace();
    c.interfaces.front().pppoe->untagged = true;
    c.interfaces.front().pppoe->vlans = {{100, 199}};
    c.pppoe.mru = 1460;
    config::DomainTunnel tunnel;
    tunnel.number = 3;
    tunnel.address = address_of(false, 2);
    tunnel.source_address = address_of(false, 1);
    tunnel.server_name = "lns";
    tunnel.client_name = "lac";
    tunnel.password = "secret";
    c.aaa.domains.push_back({"example.net", {tunnel}});
  }

  static ppp::Peer::Habits bob() {
    ppp::Peer::Habits h;
    h.user = "bob@example.net";
    h.password = "builder";
    return h;
  }
  static ppp::Peer::Habits alice() {
    ppp::Peer::Habits h;
    h.user = "alice";
    h.password = "wonderland";
    return h;
  }

  Client& add(ppp::Peer::Habits habits) {
    return clients.emplace_back(static_cast<std::uint8_t>(clients.size() + 1), std::move(habits));
  }
  Client& dial(ppp::Peer::Habits habits) {
    Client& client = add(std::move(habits));
    padi(client);
    deliver();
    return client;
  }
  void padi(const Client& client) { discovery(client, access::Code::padi, access::tag(access::TagType::service_name)); }
  void discovery(const Client& client, access::Code code, const access::Bytes& tags, std::uint16_t session = 0) {
    const auto frame =
        access::frame_of({.code = code, .tags = tags, .session = session, .vlans = client.vlans, .source = client.mac});
    pair.lac.handle(DiscoveryFrame{PortId(0), "ge0", frame});
  }
  void hang_up(Client& client) { discovery(client, access::Code::padt, {}, client.session); }

  // Until nothing is on any wire.
  void deliver() {
    (void)deliver_until([] { return false; });
  }
  // Or until stop() says so, which is asked after each packet; whether nothing was left.
  template <class Stop>
  bool deliver_until(Stop stop) {
    for (bool moved = true; moved;) {
      if (stop()) return false;
      moved = false;
      lac.take(pair.lac);
      lns.take(pair.lns);
      for (Client& client : clients) moved = up(client) || moved;
      moved = from(pair.lac) || moved;
      moved = from(pair.lns) || moved;
      if (!moved && pair.lac.next() <= pair.lac.now) {  // a step that was put off to this same moment
        pair.lac.pass(Duration::zero());
        moved = true;
      }
    }
    return true;
  }
  void pass(Duration d) {
    const TimePoint until = pair.lac.now + d;
    deliver();
    while (pair.lac.now < until) {
      TimePoint next = std::min({pair.lac.next(), pair.lns.next(), until});
      for (const Client& client : clients) next = std::min(next, client.ppp.next_due());
      next = std::max(next, pair.lac.now);
      for (Lns* node : {&pair.lac, &pair.lns}) node->pass(next - node->now);
      for (Client& client : clients)
        if (client.session != 0 && !client.ended && client.ppp.next_due() <= next) client.ppp.expire(next);
      deliver();
    }
  }

  Pair pair{kSilent};
  Rows lac, lns;
  std::deque<Client> clients;
  bool reach_lns = true;
  std::function<void(const Sent&)> carried;  // is told of each control message that arrives
  unsigned lns_lcp_requests = 0;             // Configure-Requests that the LNS sent

 private:
  bool up(Client& client) {
    bool moved = false;
    for (; !client.ppp.sent.empty(); moved = true) {
      const ppp::Bytes frame = client.ppp.sent.front();
      client.ppp.sent.pop_front();
      const auto row = lac.circuits.find(circuit_id(client.mac[5], client.session, 0).raw);
      if (row == lac.circuits.end() || row->second.mac != client.mac) continue;
      const auto& to = row->second;
      if (is_access(to.tunnel)) {
        pair.lac.handle(PppFrame{to.tunnel, to.session, frame});
      } else if (const auto* session = lac.session(to.tunnel, to.session); session != nullptr && reach_lns) {
        pair.lns.handle(PppFrame{TunnelId(session->peer_tunnel.raw), SessionId(session->peer_session.raw), frame});
      }
      lac.take(pair.lac);
      lns.take(pair.lns);
    }
    return moved;
  }

  bool from(Lns& node) {
    if (node.sent.empty()) return false;
    const Sent s = node.sent.front();
    node.sent.pop_front();
    lac.take(pair.lac);
    lns.take(pair.lns);
    switch (static_cast<abi::InjectKind>(s.header.kind)) {
      case abi::InjectKind::l2tp_control: {
        Lns& other = &node == &pair.lac ? pair.lns : pair.lac;
        const auto& h = s.header;
        if (carried) carried(s);
        if (reach_lns && h.destination != address_of(false, 9))
          other.handle(ControlDatagram{h.source, h.destination, h.source_port, h.destination_port, s.payload});
        break;
      }
      case abi::InjectKind::ppp: down(node, s); break;
      case abi::InjectKind::pppoe_discovery: offered(s.payload); break;
    }
    return true;
  }

  void down(const Lns& node, const Sent& s) {
    CircuitId line;
    if (&node == &pair.lac) {
      const auto* row = lac.session(s.header.tunnel, s.header.session);
      if (row != nullptr) line = CircuitId(row->onward);
    } else if (const auto* row = lns.session(s.header.tunnel, s.header.session); row != nullptr && reach_lns) {
      if (s.payload.size() > 2 && s.payload[0] == 0xc0 && s.payload[1] == 0x21 && s.payload[2] == 1) ++lns_lcp_requests;
      const auto* session = lac.session(TunnelId(row->peer_tunnel.raw), SessionId(row->peer_session.raw));
      if (session != nullptr) line = CircuitId(session->onward);
    }
    const auto found = lac.circuits.find(line.raw);
    if (found == lac.circuits.end()) return;
    for (Client& client : clients) {
      if (client.mac != found->second.mac || client.session != pppoe_session(line)) continue;
      if (s.payload.size() > 2 && s.payload[0] == 0xc0 && s.payload[1] == 0x21 && s.payload[2] == 1)
        ++client.lcp_requests;
      client.ppp.receive(s.payload, pair.lac.now);
    }
  }

  // PADO, PADS or PADT to a client.
  void offered(Octets frame) {
    const access::Bytes on_the_wire = frame_to(frame);
    const auto parsed = access::parse_discovery(on_the_wire);
    if (!parsed) std::abort();
    const auto tags = access::parse_tags(parsed->tags);
    if (!tags) std::abort();
    for (Client& client : clients) {
      if (client.mac != parsed->destination) continue;
      if (parsed->code == access::Code::pado) {
        access::Bytes request = access::tag(access::TagType::service_name);
        access::put(request, access::tag(access::TagType::host_uniq, access::Bytes{client.mac[5]}));
        access::put(request, access::tag(access::TagType::ac_cookie, *tags->ac_cookie));
        access::put(request, access::line_tags({access::line_tag(access::LineTagType::agent_circuit_id, "rack 1")}));
        discovery(client, access::Code::padr, request);
      } else if (parsed->code == access::Code::pads && parsed->session != 0) {
        const bool again = client.session == parsed->session;
        client.session = parsed->session;
        client.ended = false;
        if (!again) client.ppp.start(pair.lac.now);
      } else if (parsed->code == access::Code::pads) {
        client.errors.emplace_back(reinterpret_cast<const char*>(parsed->tags.data()), parsed->tags.size());
      } else if (parsed->code == access::Code::padt && parsed->session == client.session) {
        client.ended = true;
      }
    }
  }
  // As a port sends it: with its own source address.
  static access::Bytes frame_to(Octets frame) {
    access::Bytes out(frame.begin(), frame.end());
    std::copy(access::kOurs.begin(), access::kOurs.end(), out.begin() + 6);
    return out;
  }
};

}  // namespace holdfast::engine::test
