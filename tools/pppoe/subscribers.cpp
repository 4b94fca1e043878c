#include "pppoe/subscribers.hpp"

#include <algorithm>

namespace holdfast::pppoe {
namespace {

std::uint64_t number_of(const MacAddress& mac) {
  std::uint64_t out = 0;
  for (const auto octet : mac) out = out << 8 | octet;
  return out;
}

std::uint16_t nth(const VlanRange& range, std::uint32_t n) { return static_cast<std::uint16_t>(range.first + n); }
std::uint32_t size(const VlanRange& range) { return range.last - range.first + 1u; }

}  // namespace

MacAddress mac_of(const Settings& settings, std::uint32_t subscriber) {
  std::uint64_t number = number_of(settings.first_mac) + subscriber;
  MacAddress out{};
  for (std::size_t i = out.size(); i-- > 0; number >>= 8) out[i] = static_cast<std::uint8_t>(number);
  return out;
}

Vlans vlans_of(const Settings& settings, std::uint32_t subscriber) {
  if (settings.vlan.first == 0) return {};
  const std::uint16_t vlan = nth(settings.vlan, subscriber % size(settings.vlan));
  if (settings.outer.first == 0) return {.outer = vlan, .inner = 0, .outer_type = kCustomerTag};
  const std::uint32_t turn = subscriber / size(settings.vlan);
  return {.outer = nth(settings.outer, turn % size(settings.outer)), .inner = vlan, .outer_type = settings.outer_type};
}

Subscribers::Subscribers(const Settings& settings, Wire& wire, Entropy& entropy, Listener& listener)
    : settings_(settings), wire_(wire), entropy_(entropy), listener_(listener), subscribers_(settings.subscribers) {}

std::uint32_t Subscribers::find(const MacAddress& mac) const {
  const std::uint64_t index = number_of(mac) - number_of(settings_.first_mac);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(index, subscribers_.size()));
}

Ethernet Subscribers::ethernet(std::uint32_t index) const {
  return {subscribers_[index].concentrator, mac_of(settings_, index), vlans_of(settings_, index)};
}

void Subscribers::receive(Octets octets, TimePoint now) {
  const auto frame = parse_frame(octets);
  if (!frame) return;  // of another protocol
  const auto index = find(frame->ethernet.to);
  if (index == subscribers_.size()) return;
  if (frame->ethernet.vlans != vlans_of(settings_, index)) {
    ++counters_.wrong_vlan;
    return;
  }
  if (frame->discovery)
    receive_discovery(index, *frame, now);
  else
    receive_session(index, *frame, now);
}

void Subscribers::run(TimePoint now) {
  for (std::int64_t due; (due = deadlines_.take(now)) >= 0;) {
    const auto index = static_cast<std::uint32_t>(due);
    const State state = subscribers_[index].state;
    if (state == State::wait_offer || state == State::wait_session)
      expire_request(index, now);
    else
      expire_session(index, now);
  }
  start(now);
}

std::uint32_t Subscribers::dial(std::uint32_t count) {
  const auto idle = static_cast<std::uint32_t>(std::ranges::count(subscribers_, State::idle, &Subscriber::state));
  const std::uint32_t more = std::min(count, idle - wanted_);
  wanted_ += more;
  return more;
}

std::uint32_t Subscribers::hang_up(std::uint32_t count, bool politely, TimePoint now) {
  std::uint32_t done = 0;
  for (std::size_t looked = 0; done < count && looked < subscribers_.size(); ++looked) {
    const auto index = static_cast<std::uint32_t>(next_hang_up_++ % subscribers_.size());
    if (subscribers_[index].state != State::up) continue;
    ++done;
    if (politely) {
      terminate(index, now);
    } else {
      send_padt(index);
      end(index, Cause::by_us, {});
    }
  }
  return done;
}

IpAddress Subscribers::address(std::uint32_t index, bool v4) const {
  const Subscriber& subscriber = subscribers_[index];
  return v4 && subscriber.state == State::up ? IpAddress::v4(subscriber.ppp.address) : IpAddress{};
}

void Subscribers::end(std::uint32_t index, Cause cause, const std::string& why) {
  Subscriber& subscriber = subscribers_[index];
  const bool by_us = subscriber.state == State::terminating || cause == Cause::by_us;
  if (subscriber.state == State::up) --counters_.up;
  if (subscriber.state == State::terminating) --counters_.closing;
  if (subscriber.was_up == 0) --counters_.setting_up;
  if (by_us)
    ++counters_.ended;
  else
    ++(subscriber.was_up != 0 ? counters_.lost : counters_.failed);
  if (!why.empty() && !by_us) ++endings_[why];
  subscriber.state = State::idle;
  subscriber.ppp = {};
  deadlines_.set(index, kNever);
}

}  // namespace holdfast::pppoe
