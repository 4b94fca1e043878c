#include "dial/ppp_client.hpp"

#include "dial/ppp_auth.hpp"
#include "dial/ppp_options.hpp"

namespace holdfast::dial::ppp {
namespace {

bool lcp_is_open(const Client& client) { return client.phase == Phase::authenticate || client.phase == Phase::network; }
bool wants_ipv6(const Client& client, const Context& context) {
  return context.settings.ipv6 && client.ipv6cp.protocol_rejected == 0;
}

Event fail(Client& client, Failure why) {
  client.failure = why;
  client.phase = Phase::dead;
  client.up = 0;
  return Event::failed;
}

Event look_whether_up(Client& client, const Context& context) {
  if (client.up != 0 || client.phase != Phase::network || !client.ipcp.open()) return Event::nothing;
  if (wants_ipv6(client, context) && !client.ipv6cp.open()) return Event::nothing;
  if (client.address == 0) return fail(client, Failure::no_address);
  client.up = 1;
  return Event::up;
}

void enter_network(Client& client, const Context& context) {
  client.phase = Phase::network;
  client.tries = 1;
  send_request(client, kIpcp, context);
  if (wants_ipv6(client, context)) send_request(client, kIpv6cp, context);
}

void lcp_opened(Client& client, const Context& context) {
  client.tries = 1;
  if (client.auth == Auth::none) return enter_network(client, context);
  client.phase = Phase::authenticate;
  if (client.auth == Auth::pap) send_pap_request(client, context);
}

// RFC 1661 4.1: an open negotiation falls back to its beginning, and what builds on LCP with it.
Event fall_back(Client& client, std::uint16_t protocol) {
  const Event out = client.up != 0 ? Event::down : Event::nothing;
  client.up = 0;
  client.tries = 1;
  negotiation(client, protocol) = {};
  if (protocol == kLcp) {
    client.phase = Phase::establish;
    client.ipcp = client.ipv6cp = {};
  }
  return out;
}

Event opened(Client& client, std::uint16_t protocol, const Context& context) {
  if (protocol != kLcp) return look_whether_up(client, context);
  if (client.phase == Phase::establish) lcp_opened(client, context);
  return Event::nothing;
}

// Configure-Request, -Ack, -Nak and -Reject of the three protocols that negotiate options.
Event configure(Client& client, std::uint16_t protocol, const Packet& packet, const Context& context) {
  Negotiation& n = negotiation(client, protocol);
  if (packet.code == kConfigureRequest) {
    Event out = Event::nothing;
    if (n.open()) {
      out = fall_back(client, protocol);
      send_request(client, protocol, context);
    }
    n.theirs_acked = answer_request(client, protocol, packet, context) ? 1 : 0;
    if (n.open()) return opened(client, protocol, context);
    return out;
  }
  if (packet.id != n.id || n.ours_acked != 0) return Event::nothing;  // RFC 1661 5.2: of an older request
  if (packet.code == kConfigureAck) {
    if (!acks_what_we_sent(client, protocol, packet.data)) return Event::nothing;
    n.ours_acked = 1;
    return n.open() ? opened(client, protocol, context) : Event::nothing;
  }
  if (!adopt(client, protocol, packet, context)) return fail(client, Failure::no_address);
  send_request(client, protocol, context);
  return Event::nothing;
}

Event take_protocol_reject(Client& client, Octets data, const Context& context) {
  const auto protocol = Reader(data).u16();
  if (protocol != kIpv6cp) return fail(client, Failure::protocol_rejected);
  client.ipv6cp.protocol_rejected = 1;
  return look_whether_up(client, context);
}

void reply_to_echo(const Client& client, const Packet& request, Link& link) {
  if (!lcp_is_open(client) || request.data.size() < 4) return;
  PacketWriter reply(kEchoReply, request.id);
  reply.data().u32(client.magic);
  reply.data().octets(request.data.subspan(4));
  link.send(kLcp, reply.finish());
}

void reject_code(Client& client, std::uint16_t protocol, Octets packet, Link& link) {
  PacketWriter reject(kCodeReject, client.next_id++);
  reject.data().octets(packet.first(std::min<std::size_t>(packet.size(), 1000)));
  link.send(protocol, reject.finish());
}

void acknowledge_termination(std::uint16_t protocol, const Packet& request, Link& link) {
  link.send(protocol, PacketWriter(kTerminateAck, request.id).finish());
}

Event lcp(Client& client, const Packet& packet, Octets information, const Context& context) {
  switch (packet.code) {
    case kConfigureRequest:
    case kConfigureAck:
    case kConfigureNak:
    case kConfigureReject:
      if (client.phase == Phase::terminate) return Event::nothing;
      if (client.phase == Phase::dead) open(client, context);
      return configure(client, kLcp, packet, context);
    case kTerminateRequest:
      acknowledge_termination(kLcp, packet, context.link);
      client.phase = Phase::dead;
      client.up = 0;
      return Event::terminated;
    case kTerminateAck:
      if (client.phase != Phase::terminate) return Event::nothing;
      client.phase = Phase::dead;
      return Event::terminated;
    case kProtocolReject: return take_protocol_reject(client, packet.data, context);
    case kEchoRequest: reply_to_echo(client, packet, context.link); return Event::nothing;
    case kEchoReply: client.echo_id = packet.id; return lcp_is_open(client) ? Event::echo_reply : Event::nothing;
    case kCodeReject:
    case kDiscardRequest: return Event::nothing;
    default: reject_code(client, kLcp, information, context.link); return Event::nothing;
  }
}

Event network(Client& client, std::uint16_t protocol, const Packet& packet, Octets information,
              const Context& context) {
  if (client.phase != Phase::network) return Event::nothing;
  if (packet.code <= kConfigureReject && packet.code != 0) return configure(client, protocol, packet, context);
  if (packet.code == kTerminateRequest) {
    acknowledge_termination(protocol, packet, context.link);
    return fall_back(client, protocol);
  }
  if (packet.code > kCodeReject) reject_code(client, protocol, information, context.link);
  return Event::nothing;
}

void reject_protocol(Client& client, std::uint16_t protocol, Octets information, Link& link) {
  PacketWriter reject(kProtocolReject, client.next_id++);
  reject.data().u16(protocol);
  reject.data().octets(information.first(std::min<std::size_t>(information.size(), 1000)));
  link.send(kLcp, reject.finish());
}

Event authenticate(Client& client, std::uint16_t protocol, const Packet& packet, const Context& context) {
  switch (protocol == kPap ? take_pap(client, packet) : take_chap(client, packet, context)) {
    case AuthResult::accepted:
      if (client.phase == Phase::authenticate) enter_network(client, context);
      return Event::nothing;
    case AuthResult::refused: return fail(client, Failure::refused);
    case AuthResult::nothing: break;
  }
  return Event::nothing;
}

}  // namespace

void open(Client& client, const Context& context) {
  if (client.phase != Phase::dead) return;
  client = Client{};
  client.phase = Phase::establish;
  client.tries = 1;
  client.mru = context.settings.mru;
  client.magic = context.entropy.u32() | 1u;
  client.interface_id = std::uint64_t{context.entropy.u32()} << 32 | context.entropy.u32() | 1u;
  send_request(client, kLcp, context);
}

Event receive(Client& client, std::uint16_t protocol, Octets information, const Context& context) {
  const bool known = protocol == kLcp || protocol == kPap || protocol == kChap || protocol == kIpcp ||
                     (protocol == kIpv6cp && context.settings.ipv6);
  if (!known) {
    if (lcp_is_open(client)) reject_protocol(client, protocol, information, context.link);
    return Event::nothing;
  }
  const auto packet = parse_packet(information);
  if (!packet || client.failure != Failure::none) return Event::nothing;
  if (protocol == kLcp) return lcp(client, *packet, information, context);
  if (protocol == kPap || protocol == kChap) return authenticate(client, protocol, *packet, context);
  return network(client, protocol, *packet, information, context);
}

Event expire(Client& client, const Context& context) {
  constexpr unsigned kMaxTerminate = 2;  // RFC 1661 4.6
  if (client.phase == Phase::terminate) {
    if (client.tries <= kMaxTerminate) return terminate(client, context), Event::nothing;
    client.phase = Phase::dead;
    return Event::terminated;
  }
  if (!is_waiting(client)) return Event::nothing;
  if (client.tries >= kMaxConfigure) return fail(client, Failure::no_answer);
  ++client.tries;
  switch (client.phase) {
    case Phase::establish: send_request(client, kLcp, context); break;
    case Phase::authenticate:
      if (client.auth == Auth::pap) send_pap_request(client, context);
      break;  // CHAP: the peer repeats its challenge
    case Phase::network:
      if (!client.ipcp.open()) send_request(client, kIpcp, context);
      if (wants_ipv6(client, context) && !client.ipv6cp.open()) send_request(client, kIpv6cp, context);
      break;
    case Phase::dead:
    case Phase::terminate: break;
  }
  return Event::nothing;
}

void terminate(Client& client, const Context& context) {
  if (client.phase != Phase::terminate) client.tries = 0;
  client.phase = Phase::terminate;
  client.up = 0;
  ++client.tries;
  context.link.send(kLcp, PacketWriter(kTerminateRequest, client.next_id++).finish());
}

void send_echo_request(Client& client, std::uint8_t id, Octets data, Link& link) {
  PacketWriter request(kEchoRequest, id);
  request.data().u32(client.magic);
  request.data().octets(data);
  link.send(kLcp, request.finish());
}

}  // namespace holdfast::dial::ppp
