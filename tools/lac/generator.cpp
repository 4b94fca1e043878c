#include "lac/generator.hpp"

#include "dial/ip_packet.hpp"

#include <algorithm>
#include <array>

namespace holdfast::lac {
namespace {

constexpr Duration kBeforePing = std::chrono::seconds(1);
constexpr unsigned kSolicitations = 3;  // RFC 4861 10
constexpr Duration kBetweenSolicitations = std::chrono::seconds(4);

bool is_for(const Session& session, const IpAddress& destination) {
  if (destination.is_v4()) return destination.v4_value() == session.ppp.address;
  const auto id = session.ppp.interface_id;
  return destination.octets[0] == 0xff || destination == dial::ipv6_address(dial::kLinkLocal, id) ||
         destination == dial::ipv6_address(session.ipv6_prefix, id);
}

}  // namespace

Generator::Generator(const Settings& settings, Wire& wire, Entropy& entropy)
    : settings_(settings),
      lac_(settings, wire, entropy, *this),
      pinger_(settings.ping, lac_),
      echo_(lac_),
      hello_(lac_) {}

void Generator::start(TimePoint now) {
  started_ = now;
  lac_.start(now);
}

void Generator::run(TimePoint now) {
  lac_.run(now);
  hello_.run(now);
  echo_.run(now);
  for (std::int64_t due; (due = solicitations_.take(now)) >= 0;) solicit(static_cast<std::uint32_t>(due), now);
  if (now >= ping_at_) {
    ping_at_ = kNever;
    (void)pinger_.start(now);
  }
  pinger_.run(now);
  look_whether_set_up(now);
}

TimePoint Generator::next_due() const {
  const TimePoint give_up = set_up_ ? kNever : started_ + settings_.timeout;
  return std::min({lac_.next_due(), hello_.next_due(), echo_.next_due(), solicitations_.next(), ping_at_,
                   pinger_.next_due(), give_up});
}

void Generator::look_whether_set_up(TimePoint now) {
  if (set_up_ || (lac_.pending() > 0 && now < started_ + settings_.timeout)) return;
  const Counters& counters = lac_.counters();
  SetUp out;
  out.tunnels = counters.tunnels_up;
  out.sessions = std::uint64_t{settings_.tunnels} * settings_.sessions;
  out.up = counters.calls_up;
  out.failed = out.sessions - std::min<std::uint64_t>(out.sessions, out.up);
  const TimePoint end = counters.calls_came_up > 0 ? lac_.last_came_up() : now;
  out.seconds = std::chrono::duration<double>(end - started_).count();
  out.calls_per_s = out.seconds > 0 ? counters.calls_came_up / out.seconds : 0;
  out.peak = peak_.best();
  set_up_ = out;
  // The latest subscriber is up when it has said so; its LNS has yet to hear it.
  if (!settings_.ping.target.is_none()) ping_at_ = now + kBeforePing;
}

void Generator::Peak::count(Duration since_start) {
  const auto now = since_start / std::chrono::milliseconds(100);
  for (; tenth_ < now; ++tenth_) {
    auto& oldest = tenths_[static_cast<std::size_t>((tenth_ + 1) % 10)];
    sum_ -= oldest;
    oldest = 0;
  }
  ++tenths_[static_cast<std::size_t>(tenth_ % 10)];
  best_ = std::max(best_, ++sum_);
}

void Generator::came_up(std::uint32_t session, TimePoint now) {
  peak_.count(now - started_);
  if (settings_.ppp.ipv6) solicit(session, now);
}

// RFC 4861 6.3.7: a host asks until it is answered, in case no advertisement comes by itself.
void Generator::solicit(std::uint32_t index, TimePoint now) {
  Session& session = lac_.sessions()[index];
  const bool wanted = session.state == CallState::up && session.ppp.ipv6cp.open() && session.ipv6_prefix == 0;
  if (!wanted || session.solicitations == kSolicitations) return;
  ++session.solicitations;
  std::array<std::uint8_t, 64> packet;
  lac_.send(index, ppp::kIpv6, dial::build_router_solicitation(packet, session.ppp.interface_id));
  solicitations_.set(index, now + kBetweenSolicitations);
}

void Generator::packet(std::uint32_t index, std::uint16_t, Octets octets, TimePoint now) {
  const auto packet = dial::parse_ip(octets);
  if (!packet) return;
  Session& session = lac_.sessions()[index];
  if (!is_for(session, packet->destination)) {
    ++misdelivered_;
    return;
  }
  if (pinger_.receive(*packet, now)) return;
  if (packet->kind == dial::PacketKind::router_advertisement) {
    if (const auto prefix = dial::prefix_in(packet->payload)) session.ipv6_prefix = prefix;
  } else if (packet->kind == dial::PacketKind::echo_request) {
    dial::IpPacket reply = *packet;
    std::swap(reply.source, reply.destination);
    reply.kind = dial::PacketKind::echo_reply;
    std::array<std::uint8_t, 2048> out;
    lac_.send(index, reply.source.is_v4() ? ppp::kIpv4 : ppp::kIpv6, dial::build_ip(out, reply));
  }
}

}  // namespace holdfast::lac
