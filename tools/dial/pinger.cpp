#include "dial/pinger.hpp"

#include "dial/ppp_packet.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace holdfast::dial {
namespace {

constexpr std::uint32_t kMark = 0x686f6c64;    // begins the payload of our packets
constexpr std::size_t kStamp = 4 + 4 + 8 + 8;  // mark, run, number, time
constexpr unsigned kBurst = 256;               // packets made up for at a time after a late wake-up
constexpr std::uint16_t kSourcePort = 20000;

double milliseconds(Duration d) { return std::round(std::chrono::duration<double, std::micro>(d).count()) / 1000; }

}  // namespace

bool Pinger::start(TimePoint now) {
  if (plan_.target.is_none() || plan_.rate <= 0) return false;
  running_ = true;
  ++run_;
  figures_ = {};
  received_.clear();
  last_sent_ = last_received_ = next_at_ = now;
  interval_ =
      std::max(Duration(1), std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / plan_.rate)));
  return true;
}

bool Pinger::start(const IpAddress& target, double rate, TimePoint now) {
  plan_.target = target;
  plan_.rate = rate;
  return start(now);
}

void Pinger::run(TimePoint now) {
  if (!running_) return;
  for (unsigned i = 0; i < kBurst && next_at_ <= now; ++i) {
    if (!send(now)) {
      next_at_ = now + std::chrono::milliseconds(10);  // no session has an address
      return;
    }
    next_at_ += interval_;
  }
  next_at_ = std::max(next_at_, now - std::chrono::milliseconds(100));
}

bool Pinger::send(TimePoint now) {
  IpAddress from;
  std::uint32_t session = 0;
  const std::uint32_t count = senders_.count();
  for (std::uint32_t tried = 0; tried < count && from.is_none(); ++tried) {
    session = next_session_++ % count;
    from = senders_.address(session, plan_.target.is_v4());
  }
  if (from.is_none()) return false;

  const std::size_t headers = plan_.target.is_v4() ? 28 : 48;
  std::array<std::uint8_t, 2048> payload{}, packet{};
  Writer stamp(payload);
  stamp.u32(kMark);
  stamp.u32(run_);
  stamp.u64(figures_.sent);
  stamp.u64(static_cast<std::uint64_t>(now.time_since_epoch().count()));
  const auto size = std::clamp<std::size_t>(plan_.size, headers + kStamp, 1500) - headers;
  const bool udp = plan_.udp_port != 0;
  const IpPacket out{from,
                     plan_.target,
                     udp ? PacketKind::udp : PacketKind::echo_request,
                     udp ? kSourcePort : static_cast<std::uint16_t>(session),
                     udp ? plan_.udp_port : static_cast<std::uint16_t>(figures_.sent),
                     Octets(payload).first(size)};
  senders_.send(session, plan_.target.is_v4() ? ppp::kIpv4 : ppp::kIpv6, build_ip(packet, out));
  ++figures_.sent;
  received_.push_back(false);
  last_sent_ = now;
  return true;
}

bool Pinger::receive(const IpPacket& packet, TimePoint now) {
  const bool answer =
      packet.kind == PacketKind::echo_reply || (packet.kind == PacketKind::udp && packet.first == plan_.udp_port);
  Reader in(packet.payload);
  if (!answer || in.u32() != kMark || in.u32() != run_) return false;
  const auto sent = in.u64();
  const TimePoint sent_at{Duration(in.u64())};
  if (!in.ok() || sent >= received_.size()) return false;
  if (received_[sent]) {
    ++figures_.duplicates;
    return true;
  }
  received_[sent] = true;
  const Duration trip = now - sent_at;
  figures_.shortest_trip = figures_.received == 0 ? trip : std::min(figures_.shortest_trip, trip);
  figures_.longest_trip = std::max(figures_.longest_trip, trip);
  figures_.all_trips += trip;
  figures_.longest_gap = std::max(figures_.longest_gap, now - last_received_);
  last_received_ = now;
  ++figures_.received;
  return true;
}

PingFigures Pinger::figures() const {
  PingFigures out = figures_;
  out.longest_gap = std::max(out.longest_gap, last_sent_ - last_received_);
  return out;
}

nlohmann::json figures_of(const PingFigures& f) {
  nlohmann::json out = {{"sent", f.sent},
                        {"received", f.received},
                        {"lost", f.sent - f.received},
                        {"duplicates", f.duplicates},
                        {"longest_gap_ms", milliseconds(f.longest_gap)}};
  if (f.received > 0)
    out["trip_ms"] = {{"min", milliseconds(f.shortest_trip)},
                      {"mean", milliseconds(f.all_trips / static_cast<std::int64_t>(f.received))},
                      {"max", milliseconds(f.longest_trip)}};
  return out;
}

}  // namespace holdfast::dial
