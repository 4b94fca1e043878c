// Any sequence of operations on a channel. Input: peer's window, first Ns and Nr (2 octets each), then operations of 4
// octets: which one, an argument of 16 bits, milliseconds that pass. What must always hold is in check().
#include "l2tp/channel.hpp"
#include "wire/reader.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace holdfast;
using namespace holdfast::l2tp;

void require(bool condition) {
  if (!condition) std::abort();
}

unsigned distance(std::uint16_t from, std::uint16_t to) { return static_cast<std::uint16_t>(to - from); }

void check(const Channel& c, const ChannelPolicy& policy, TimePoint now) {
  const unsigned in_flight = distance(c.acknowledged_ns, c.send_ns);
  const unsigned sent = distance(c.acknowledged_ns, c.unsent_ns);
  const unsigned all = distance(c.acknowledged_ns, c.next_ns);
  require(in_flight <= sent && sent <= all && all <= kSlots);
  require(all + room(c) == kSlots);
  require(idle(c) == (all == 0));
  require(unacknowledged(c) == SendRange{c.acknowledged_ns, static_cast<std::uint16_t>(sent)});
  require(c.cwnd >= 1 && c.cwnd <= c.peer_window && c.cwnd <= kSlots);
  require(c.ssthresh >= 1 && c.peer_window >= 1);
  require(in_flight > 0 || c.retransmit_at == kNever);
  require(next_due(c, policy) <= c.retransmit_at && next_due(c, policy) <= c.ack_at);
  require(!ack_due(c, now) || next_due(c, policy) <= now);
}

void receive_one(Channel& c, const ChannelPolicy& policy, unsigned argument, bool zlb, TimePoint now) {
  // Numbers near the ones expected, and now and then far away.
  const auto ns = static_cast<std::uint16_t>(next_nr(c) + (argument & 0xf) - 8 + (argument & 0x3000));
  const auto nr = static_cast<std::uint16_t>(oldest_ns(c) + (argument >> 4 & 0xff) - 16);
  const Channel before = c;
  const auto received = receive(c, ns, nr, zlb, policy, now);
  require(received.acknowledged == distance(before.acknowledged_ns, c.acknowledged_ns));
  require(received.acknowledged <= unacknowledged(before).count);
  require(distance(before.next_nr, c.next_nr) == (received.arrival == Arrival::in_order ? 1u : 0u));
  require((received.arrival == Arrival::zlb) <= zlb);
  if (received.arrival == Arrival::duplicate) require(ack_due(c, now));
  if (received.arrival == Arrival::in_order) require(c.ack_at <= now + policy.ack_delay);
  if (received.arrival == Arrival::ack_of_unsent) require(c == before);
}

void take(Channel& c, const ChannelPolicy& policy, TimePoint now) {
  const auto range = take_sendable(c, policy, now);
  if (range.count == 0) return;
  require(!ack_due(c, now) && c.retransmit_at != kNever);
  require(distance(oldest_ns(c), static_cast<std::uint16_t>(range.first_ns + range.count)) <= c.cwnd);
}

void expire_all(Channel& c, const ChannelPolicy& policy, bool established, TimePoint now) {
  for (unsigned actions = 0; expire(c, policy, established, now) != Expiry::nothing; ++actions) require(actions < 4);
  require(next_due(c, policy) > now);  // or the loop that sleeps until then would spin
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ChannelPolicy policy;
  Reader in({data, size});
  TimePoint now{};
  Channel c = open_channel(in.u16(), policy, now);
  const auto first_ns = in.u16();
  reset_sequence(c, first_ns, in.u16(), now);
  while (in.left() >= 4) {
    const auto operation = in.u8();
    const auto argument = in.u16();
    now += std::chrono::milliseconds(in.u8() * 37);
    switch (operation % 10) {
      case 0: receive_one(c, policy, argument, false, now); break;
      case 1: receive_one(c, policy, argument, true, now); break;
      case 2:
        if (room(c) > 0) require(distance(oldest_ns(c), enqueue(c)) < kSlots);
        break;
      case 3: take(c, policy, now); break;
      case 4: expire_all(c, policy, argument % 2 == 0, now); break;
      case 5: ack_sent(c); break;
      case 6: heard(c, now); break;
      case 7: restart_timers(c, policy, now); break;
      case 8: resend_all(c); break;
      case 9: set_peer_window(c, argument); break;
    }
    check(c, policy, now);
  }
  return 0;
}
