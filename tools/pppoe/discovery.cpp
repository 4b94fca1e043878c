// A host in the discovery stage (RFC 2516 5): PADI until there is a PADO, PADR until there is a PADS. The first offer
// is taken.
#include "pppoe/subscribers.hpp"

namespace holdfast::pppoe {
namespace {

constexpr Duration kFirstPause = std::chrono::seconds(1);  // after which a request is repeated; it doubles

}  // namespace

// As many as may be set up at a time.
void Subscribers::start(TimePoint now) {
  while (wanted_ > 0 && (settings_.at_once == 0 || counters_.setting_up < settings_.at_once)) {
    const auto index = static_cast<std::uint32_t>(next_dial_++ % subscribers_.size());
    Subscriber& subscriber = subscribers_[index];
    if (subscriber.state != State::idle) continue;
    --wanted_;
    ++counters_.begun;
    ++counters_.setting_up;
    subscriber = Subscriber{};
    subscriber.state = State::wait_offer;
    subscriber.concentrator = kBroadcast;
    subscriber.began = now;
    subscriber.request.service = settings_.service;
    subscriber.request.host_uniq = index;
    subscriber.request.max_payload = settings_.max_payload;
    request(index, now);
  }
}

// The PADI or PADR, once more.
void Subscribers::request(std::uint32_t index, TimePoint now) {
  Subscriber& subscriber = subscribers_[index];
  const bool padi = subscriber.state == State::wait_offer;
  wire_.send(write_request(wire_.room(), ethernet(index), padi ? kPadi : kPadr, subscriber.request).size());
  ++(padi ? counters_.padis_sent : counters_.padrs_sent);
  deadlines_.set(index, now + kFirstPause * (std::int64_t{1} << subscriber.tries));
  ++subscriber.tries;
}

void Subscribers::expire_request(std::uint32_t index, TimePoint now) {
  const Subscriber& subscriber = subscribers_[index];
  if (subscriber.tries >= settings_.tries)
    return end(index, Cause::by_peer, subscriber.state == State::wait_offer ? "no PADO" : "no PADS");
  ++counters_.retransmissions;
  request(index, now);
}

void Subscribers::receive_discovery(std::uint32_t index, const Frame& frame, TimePoint now) {
  const auto tags = parse_tags(frame.payload);
  if (!tags) {
    ++counters_.malformed;
    return;
  }
  switch (frame.code) {
    case kPado: return take_offer(index, frame, *tags, now);
    case kPads: return take_session(index, frame, *tags, now);
    case kPadt: return take_end(index, frame, *tags);
    default: break;  // of another host
  }
}

void Subscribers::take_offer(std::uint32_t index, const Frame& frame, const Tags& tags, TimePoint now) {
  Subscriber& subscriber = subscribers_[index];
  ++counters_.pados_received;
  if (subscriber.state != State::wait_offer || tags.host_uniq != index || !tags.error.empty()) return;
  subscriber.state = State::wait_session;
  subscriber.concentrator = frame.ethernet.from;
  subscriber.tries = 0;
  // RFC 2516 appendix A: both go back as they came.
  subscriber.request.cookie = tags.cookie;
  subscriber.request.relay_session_id = tags.relay_session_id;
  if (subscriber.request.service.empty()) subscriber.request.service = tags.service;
  request(index, now);
}

void Subscribers::take_session(std::uint32_t index, const Frame& frame, const Tags& tags, TimePoint now) {
  Subscriber& subscriber = subscribers_[index];
  ++counters_.padss_received;
  if (tags.host_uniq != index || frame.ethernet.from != subscriber.concentrator) return;
  if (subscriber.state != State::wait_session) {
    if (subscriber.session != 0 && subscriber.session != frame.session) ++counters_.second_sessions;
    return;
  }
  if (frame.session == 0) return end(index, Cause::by_peer, "PADS: " + tags.error);
  subscriber.session = frame.session;
  subscriber.state = State::negotiating;
  open(index, now);
}

void Subscribers::take_end(std::uint32_t index, const Frame& frame, const Tags& tags) {
  const Subscriber& subscriber = subscribers_[index];
  ++counters_.padts_received;
  const bool has_session = subscriber.state >= State::negotiating;
  if (!has_session || frame.session != subscriber.session || frame.ethernet.from != subscriber.concentrator) {
    ++counters_.strays;
    return;
  }
  end(index, Cause::by_peer, tags.error.empty() ? "PADT" : "PADT: " + tags.error);
}

void Subscribers::send_padt(std::uint32_t index) {
  wire_.send(write_padt(wire_.room(), ethernet(index), subscribers_[index].session).size());
  ++counters_.padts_sent;
}

}  // namespace holdfast::pppoe
