// The subscriber's end of a call: PPP packets between the data messages and the PPP client.
#include "dial/ip_packet.hpp"
#include "l2tp/result_code.hpp"
#include "lac/lac.hpp"

#include <algorithm>
#include <string>

namespace holdfast::lac {
namespace {

constexpr auto kCarrierLost = static_cast<std::uint16_t>(l2tp::CallResult::carrier_lost);

}  // namespace

class Lac::SessionLink : public ppp::Link {
 public:
  SessionLink(Lac& lac, std::uint32_t session) : lac_(lac), session_(session) {}
  void send(std::uint16_t protocol, Octets information) override { lac_.send(session_, protocol, information); }

 private:
  Lac& lac_;
  std::uint32_t session_;
};

template <class Function>
auto Lac::with_context(std::uint32_t index, Function function) {
  SessionLink link(*this, index);
  const auto user = dial::fill_in(settings_.ppp.user, index);
  const auto password = dial::fill_in(settings_.ppp.password, index);
  return function(sessions_[index].ppp, ppp::Context{settings_.ppp, {user, password}, entropy_, link});
}

void Lac::send(std::uint32_t index, std::uint16_t protocol, Octets information) {
  Session& session = sessions_[index];
  const Tunnel& tunnel = tunnels_[session.tunnel];
  const auto out = wire_.room();
  const DataHeader header{
      tunnel.peer, session.peer, session.sequenced != 0, session.send_ns, settings_.ppp.address_and_control, protocol};
  if (session.sequenced != 0) ++session.send_ns;
  const auto length = write_data_header(out, header);
  if (length + information.size() > out.size()) return;
  std::ranges::copy(information, out.begin() + static_cast<std::ptrdiff_t>(length));
  wire_.send(length + information.size(), tunnel.delivery.port());
  ++counters_.data_sent;
}

IpAddress Lac::address(std::uint32_t index, bool v4) const {
  const Session& session = sessions_[index];
  if (session.state != CallState::up) return {};
  if (v4) return IpAddress::v4(session.ppp.address);
  return session.ipv6_prefix == 0 ? IpAddress{} : dial::ipv6_address(session.ipv6_prefix, session.ppp.interface_id);
}

void Lac::send_echo_request(std::uint32_t index, std::uint8_t id) {
  SessionLink link(*this, index);
  ppp::send_echo_request(sessions_[index].ppp, id, {}, link);
}

void Lac::receive_data(Octets datagram, TimePoint now) {
  const auto message = parse_data(datagram);
  const std::size_t tunnel = message ? message->tunnel.value() - 1u : tunnels_.size();
  const auto index = tunnel < tunnels_.size() ? find(tunnels_[tunnel], message->session) : kNoSession;
  if (index == kNoSession) {
    ++counters_.strays;
    return;
  }
  ++counters_.data_received;
  l2tp::heard(tunnels_[tunnel].delivery.channel(), now);
  Session& session = sessions_[index];
  session.sequenced = message->sequenced ? 1 : 0;  // RFC 2661 5.4: the LNS decides
  if (message->protocol == ppp::kIpv4 || message->protocol == ppp::kIpv6) {
    if (session.state == CallState::up) listener_.packet(index, message->protocol, message->information, now);
    return;
  }
  // Without a peer's session id there is nobody to answer to.
  if (session.state == CallState::wait_reply) return;
  if (message->protocol == ppp::kLcp && !message->information.empty() && message->information[0] == ppp::kEchoRequest)
    ++counters_.echoes_answered;
  take(index,
       with_context(index,
                    [&](ppp::Client& client, const ppp::Context& context) {
                      return ppp::receive(client, message->protocol, message->information, context);
                    }),
       now);
}

void Lac::expire_session(std::uint32_t index, TimePoint now) {
  Session& session = sessions_[index];
  if (session.state == CallState::wait_reply)
    return hang_up(index, static_cast<std::uint16_t>(l2tp::CallResult::timeout), Cause::by_peer, "no ICRP in 60 s");
  if (session.state != CallState::negotiating && session.state != CallState::terminating) return;
  take(index,
       with_context(index,
                    [](ppp::Client& client, const ppp::Context& context) {
                      if (client.phase != ppp::Phase::dead) return ppp::expire(client, context);
                      ppp::open(client, context);
                      return ppp::Event::nothing;
                    }),
       now);
}

void Lac::terminate(std::uint32_t index, TimePoint now) {
  Session& session = sessions_[index];
  session.state = CallState::terminating;
  --counters_.calls_up;
  ++counters_.calls_closing;
  with_context(index, [](ppp::Client& client, const ppp::Context& context) { ppp::terminate(client, context); });
  session_deadlines_.set(index, now + ppp::kRestartTimer);
}

// What a PPP event means for the call.
void Lac::take(std::uint32_t index, ppp::Event event, TimePoint now) {
  Session& session = sessions_[index];
  switch (event) {
    case ppp::Event::nothing: break;
    case ppp::Event::up:
      session.state = CallState::up;
      ++counters_.calls_up;
      if (session.was_up == 0) {
        session.was_up = 1;
        --counters_.calls_open;
        ++counters_.calls_came_up;
        last_came_up_ = now;
      }
      listener_.came_up(index, now);
      break;
    case ppp::Event::down:
      ++counters_.renegotiations;
      if (session.state == CallState::up) --counters_.calls_up;
      session.state = CallState::negotiating;
      break;
    case ppp::Event::failed: {
      const std::string why(ppp::name(session.ppp.failure));
      return hang_up(index, kCarrierLost, Cause::by_peer, why);
    }
    case ppp::Event::terminated:
      return hang_up(index, kCarrierLost, session.state == CallState::terminating ? Cause::by_us : Cause::by_peer,
                     "LCP Terminate-Request");
    case ppp::Event::echo_reply: listener_.echo_reply(index, session.ppp.echo_id, now); break;
  }
  const bool waiting = session.state == CallState::negotiating || session.state == CallState::terminating;
  session_deadlines_.set(index, waiting ? now + ppp::kRestartTimer : kNever);
}

}  // namespace holdfast::lac
