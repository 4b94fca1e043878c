// A host in the session stage (RFC 2516 6): PPP frames between the wire and the PPP client.
#include "pppoe/subscribers.hpp"
#include "wire/reader.hpp"

namespace holdfast::pppoe {

class Subscribers::SessionLink : public ppp::Link {
 public:
  SessionLink(Subscribers& all, std::uint32_t index) : all_(all), index_(index) {}
  void send(std::uint16_t protocol, Octets information) override { all_.send(index_, protocol, information); }

 private:
  Subscribers& all_;
  std::uint32_t index_;
};

template <class Function>
auto Subscribers::with_context(std::uint32_t index, Function function) {
  SessionLink link(*this, index);
  const auto user = dial::fill_in(settings_.ppp.user, index, settings_.domains);
  const auto password = dial::fill_in(settings_.ppp.password, index, settings_.domains);
  return function(subscribers_[index].ppp, ppp::Context{settings_.ppp, {user, password}, entropy_, link});
}

void Subscribers::send(std::uint32_t index, std::uint16_t protocol, Octets information) {
  const auto frame = write_session(wire_.room(), ethernet(index), subscribers_[index].session, protocol, information);
  if (frame.empty()) return;
  wire_.send(frame.size());
  ++counters_.session_frames_sent;
}

void Subscribers::open(std::uint32_t index, TimePoint now) {
  with_context(index, [](ppp::Client& client, const ppp::Context& context) { ppp::open(client, context); });
  deadlines_.set(index, now + ppp::kRestartTimer);
}

void Subscribers::terminate(std::uint32_t index, TimePoint now) {
  subscribers_[index].state = State::terminating;
  --counters_.up;
  ++counters_.closing;
  with_context(index, [](ppp::Client& client, const ppp::Context& context) { ppp::terminate(client, context); });
  deadlines_.set(index, now + ppp::kRestartTimer);
}

void Subscribers::receive_session(std::uint32_t index, const Frame& frame, TimePoint now) {
  Subscriber& subscriber = subscribers_[index];
  const bool has_session = subscriber.state >= State::negotiating;
  if (!has_session || frame.session != subscriber.session || frame.ethernet.from != subscriber.concentrator) {
    ++counters_.strays;
    return;
  }
  ++counters_.session_frames_received;
  Reader in(frame.payload);
  const std::uint16_t protocol = in.u16();
  const Octets information = in.rest();
  if (frame.code != kSession || !in.ok() || information.empty()) {
    ++counters_.malformed;
    return;
  }
  if (protocol == ppp::kIpv4 || protocol == ppp::kIpv6) {
    if (subscriber.state == State::up) listener_.packet(index, protocol, information, now);
    return;
  }
  if (protocol == ppp::kLcp && information[0] == ppp::kEchoRequest) ++counters_.echoes_answered;
  if (protocol == ppp::kLcp && information[0] == ppp::kConfigureRequest && subscriber.ppp.lcp.open())
    ++counters_.renegotiations;
  take(index,
       with_context(index,
                    [&](ppp::Client& client, const ppp::Context& context) {
                      return ppp::receive(client, protocol, information, context);
                    }),
       now);
}

void Subscribers::expire_session(std::uint32_t index, TimePoint now) {
  const State state = subscribers_[index].state;
  if (state != State::negotiating && state != State::terminating) return;
  take(index,
       with_context(index,
                    [](ppp::Client& client, const ppp::Context& context) { return ppp::expire(client, context); }),
       now);
}

// What a PPP event means for the session.
void Subscribers::take(std::uint32_t index, ppp::Event event, TimePoint now) {
  Subscriber& subscriber = subscribers_[index];
  switch (event) {
    case ppp::Event::nothing:
    case ppp::Event::echo_reply: break;
    case ppp::Event::up:
      subscriber.state = State::up;
      ++counters_.up;
      if (subscriber.was_up == 0) {
        subscriber.was_up = 1;
        subscriber.took = now - subscriber.began;
        --counters_.setting_up;
        ++counters_.came_up;
        last_came_up_ = now;
      }
      break;
    case ppp::Event::down:
      if (subscriber.state == State::up) --counters_.up;
      subscriber.state = State::negotiating;
      break;
    case ppp::Event::failed: {
      const std::string why(ppp::name(subscriber.ppp.failure));
      send_padt(index);
      return end(index, Cause::by_peer, why);
    }
    case ppp::Event::terminated: send_padt(index); return end(index, Cause::by_peer, "LCP Terminate-Request");
  }
  const bool waiting = subscriber.state == State::negotiating || subscriber.state == State::terminating;
  deadlines_.set(index, waiting ? now + ppp::kRestartTimer : kNever);
}

}  // namespace holdfast::pppoe
