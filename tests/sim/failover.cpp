#include "failover.hpp"

#include "l2tp/avp_values.hpp"
#include "l2tp/message.hpp"
#include "wire/writer.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

using l2tp::AvpType;
using l2tp::MessageType;

constexpr std::size_t kAvpHeader = 6;
constexpr std::size_t kCapabilityOctets = 6;
constexpr std::uint16_t kLengthBits = 0x03ff;

std::uint16_t u16(const std::vector<std::uint8_t>& octets, std::size_t at) {
  return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}

l2tp::FailoverCapability capability(Announced announced) {
  switch (announced) {
    case Announced::numbered_data: return {false, true, {}};
    case Announced::control: return {true, false, std::chrono::seconds(30)};
    case Announced::nothing:
    case Announced::as_sent:
    case Announced::control_without_time: break;
  }
  return {true, false, {}};
}

void remove_avp(std::vector<std::uint8_t>& message, AvpType type) {
  for (std::size_t at = l2tp::kControlHeaderLength; at + kAvpHeader <= message.size();) {
    const std::size_t length = u16(message, at) & kLengthBits;
    const auto begin = message.begin() + static_cast<std::ptrdiff_t>(at);
    if (u16(message, at + 2) == 0 && u16(message, at + 4) == static_cast<std::uint16_t>(type))
      message.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
    else
      at += std::max(length, kAvpHeader);
  }
}

}  // namespace

std::string_view name(Announced announced) {
  switch (announced) {
    case Announced::nothing: return "nothing";
    case Announced::numbered_data: return "C=0";
    case Announced::control: return "C=1";
    case Announced::control_without_time: return "C=1 without time";
    case Announced::as_sent: return "as it likes";
  }
  return "?";
}

Fate fate(const Failover& failover, std::size_t failed) {
  const Announced peers = failover.announced[1 - failed];
  const bool capable = peers != Announced::nothing && peers != Announced::numbered_data;
  switch (failover.method[failed]) {
    case ResyncMethod::disable: return Fate::disconnected;
    case ResyncMethod::silent_failover: return Fate::kept_silently;
    case ResyncMethod::failover_protocol: return capable ? Fate::recovered : Fate::disconnected;
    case ResyncMethod::failover_protocol_fallback_to_silent_failover:
      return capable ? Fate::recovered : Fate::kept_silently;
  }
  return Fate::disconnected;
}

std::string describe(const Failover& f) {
  std::string out;
  for (std::size_t i = 0; i < 2; ++i) {
    out.append(i == 0 ? "host1 " : ", host2 ").append(name(f.method[i])).append(" announces ");
    out.append(name(f.announced[i])).append(f.fails[i] ? " and fails" : "");
  }
  return out.append(f.twice ? ", twice" : "");
}

void announce(Datagram& datagram, Announced announced) {
  if (announced == Announced::as_sent || is_data(datagram)) return;
  const auto message = l2tp::parse(datagram.payload, {});
  if (!message || (message->type != MessageType::sccrq && message->type != MessageType::sccrp) ||
      message->has(AvpType::tunnel_recovery) || message->has(AvpType::suggested_control_sequence))
    return;
  auto& octets = datagram.payload;
  remove_avp(octets, AvpType::failover_capability);
  if (announced != Announced::nothing) {
    std::array<std::uint8_t, kAvpHeader + kCapabilityOctets> avp{};
    Writer out(avp);
    out.u16(static_cast<std::uint16_t>(avp.size()));
    out.u16(0);
    out.u16(static_cast<std::uint16_t>(AvpType::failover_capability));
    capability(announced).encode(out);
    octets.insert(octets.end(), avp.begin(), avp.end());
  }
  octets[2] = static_cast<std::uint8_t>(octets.size() >> 8);
  octets[3] = static_cast<std::uint8_t>(octets.size());
}

}  // namespace holdfast::sim
