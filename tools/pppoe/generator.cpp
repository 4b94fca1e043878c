#include "pppoe/generator.hpp"

#include "dial/ip_packet.hpp"

#include <algorithm>
#include <array>

namespace holdfast::pppoe {
namespace {

// The latest subscriber is up when it has said so; the other end has yet to hear it.
constexpr Duration kBeforePing = std::chrono::seconds(1);

}  // namespace

Generator::Generator(const Settings& settings, Wire& wire, Entropy& entropy)
    : settings_(settings), subscribers_(settings, wire, entropy, *this), pinger_(settings.ping, subscribers_) {}

void Generator::start(TimePoint now) {
  started_ = now;
  (void)subscribers_.dial(settings_.subscribers);
  subscribers_.run(now);
}

void Generator::run(TimePoint now) {
  subscribers_.run(now);
  if (now >= ping_at_) {
    ping_at_ = kNever;
    (void)pinger_.start(now);
  }
  pinger_.run(now);
  look_whether_set_up(now);
}

TimePoint Generator::next_due() const {
  const TimePoint give_up = set_up_ ? kNever : started_ + settings_.timeout;
  return std::min({subscribers_.next_due(), ping_at_, pinger_.next_due(), give_up});
}

void Generator::look_whether_set_up(TimePoint now) {
  if (set_up_ || (subscribers_.pending() > 0 && now < started_ + settings_.timeout)) return;
  const Counters& counters = subscribers_.counters();
  SetUp out;
  out.subscribers = settings_.subscribers;
  out.up = counters.up;
  out.failed = settings_.subscribers - counters.up;
  const TimePoint end = counters.came_up > 0 ? subscribers_.last_came_up() : now;
  out.seconds = std::chrono::duration<double>(end - started_).count();
  out.sessions_per_s = out.seconds > 0 ? counters.came_up / out.seconds : 0;
  std::vector<Duration> times;
  for (const auto& subscriber : subscribers_.all())
    if (subscriber.was_up != 0) times.push_back(subscriber.took);
  if (!times.empty()) {
    std::ranges::sort(times);
    out.shortest = times.front();
    out.median = times[times.size() / 2];
    out.longest = times.back();
  }
  set_up_ = out;
  if (!settings_.ping.target.is_none()) ping_at_ = now + kBeforePing;
}

void Generator::packet(std::uint32_t index, std::uint16_t, Octets octets, TimePoint now) {
  const auto packet = dial::parse_ip(octets);
  if (!packet || !packet->destination.is_v4()) return;
  if (packet->destination != subscribers_.address(index, true)) {
    ++misdelivered_;
    return;
  }
  if (pinger_.receive(*packet, now) || packet->kind != dial::PacketKind::echo_request) return;
  dial::IpPacket reply = *packet;
  std::swap(reply.source, reply.destination);
  reply.kind = dial::PacketKind::echo_reply;
  std::array<std::uint8_t, 2048> out;
  subscribers_.send(index, ppp::kIpv4, dial::build_ip(out, reply));
}

}  // namespace holdfast::pppoe
