#include "l2tp/stale_channel.hpp"

namespace holdfast::l2tp {
namespace {

std::uint16_t distance(std::uint16_t from, std::uint16_t to) { return static_cast<std::uint16_t>(to - from); }

}  // namespace

void make_stale(Channel& c) {
  c.send_ns = c.acknowledged_ns;
  c.unsent_ns = c.next_ns;
}

std::uint16_t probe_ns(const Channel& c) { return static_cast<std::uint16_t>(c.acknowledged_ns - 1); }

bool may_be_next(const Channel& c, std::uint16_t nr) { return distance(c.acknowledged_ns, nr) < 0x8000; }

Requeue go_on_from(Channel& c, std::uint16_t nr) {
  const Requeue out{c.unsent_ns, distance(c.unsent_ns, c.next_ns), nr};
  const bool all_taken = distance(c.acknowledged_ns, nr) > distance(c.acknowledged_ns, c.unsent_ns);
  c.acknowledged_ns = nr;
  if (all_taken) {
    c.unsent_ns = nr;
    c.next_ns = static_cast<std::uint16_t>(nr + out.count);
  }
  c.retransmissions = 0;
  resend_all(c);
  return all_taken ? out : Requeue{out.first, 0, out.first};
}

bool is_ahead(const Channel& c, std::uint16_t ns) {
  const std::uint16_t ahead = distance(c.next_nr, ns);
  return ahead != 0 && ahead < 0x8000;
}

void expect(Channel& c, std::uint16_t ns) { c.next_nr = ns; }

}  // namespace holdfast::l2tp
