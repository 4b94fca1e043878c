#include "checker/delivery.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

// The sequence whose low 16 bits are these, the nearest to one that is known.
Sequence unwrap(std::uint16_t low, Sequence near) {
  return near + static_cast<std::int16_t>(static_cast<std::uint16_t>(low - static_cast<std::uint16_t>(near)));
}

// How long an end waits for an answer to its last try (RFC 2661 5.8).
Duration last_pause(const Allowance& allowed) {
  return std::min<Duration>(std::chrono::seconds(1) * (1 << std::min(allowed.retries, 16u)), allowed.cap);
}
constexpr Duration kTimerSlack = std::chrono::milliseconds(1);

}  // namespace

Sequence Delivery::sent(Findings& found, const Allowance& allowed, const l2tp::ControlHeader& header, bool zlb,
                        std::uint64_t content) {
  spoke_ = true;
  gave_up_ = false;  // whoever speaks is there
  number(found, header.nr);
  const Sequence sequence = unwrap(header.ns, count());
  if (zlb) {
    if (sequence != count())
      found.add(Rule::zlb_numbered,
                who_ + ": Ns " + std::to_string(sequence) + " where " + std::to_string(count()) + " is next");
    return kNone;
  }
  if (sequence > count()) {
    found.add(Rule::ns_skipped,
              who_ + ": Ns " + std::to_string(sequence) + " where " + std::to_string(count()) + " is next");
    return kNone;
  }
  if (sequence < count()) {
    again(found, allowed, sequence, content);
    return kNone;
  }
  if (idle()) {
    // What waited in a queue would have left at the moment when the window opened.
    if (found.now > idle_since_) last_idle_ = found.event - 1;
    oldest_sent_ = found.now;
  }
  made_ = last_idle_;
  messages_.push_back({content, 1, found.now, found.now});
  if (count() - acknowledged_ > static_cast<Sequence>(peer_window_))
    found.add(Rule::window_overrun, who_ + ": " + std::to_string(count() - acknowledged_) +
                                        " outstanding in a window of " + std::to_string(peer_window_));
  return sequence;
}

void Delivery::number(Findings& found, std::uint16_t low) {
  const Sequence nr = unwrap(low, last_nr_);
  if (nr > next_arrival_) {
    found.add(Rule::nr_ahead,
              who_ + ": Nr " + std::to_string(nr) + " where " + std::to_string(next_arrival_) + " have arrived");
    return;
  }
  if (nr < last_nr_) {
    found.add(Rule::nr_backwards, who_ + ": Nr " + std::to_string(nr) + " after " + std::to_string(last_nr_));
    return;
  }
  last_nr_ = nr;
  while (first_taken_ + static_cast<Sequence>(took_at_.size()) < nr) took_at_.push_back(found.event);
  if (owed_ && owed_->sequence < nr) owed_.reset();
}

void Delivery::again(Findings& found, const Allowance& allowed, Sequence sequence, std::uint64_t content) {
  if (sequence < first_) {
    found.add(Rule::ns_skipped, who_ + ": Ns " + std::to_string(sequence) + " before the first");
    return;
  }
  Message& message = this->message(sequence);
  if (message.content != content)
    found.add(Rule::ns_reused, who_ + ": Ns " + std::to_string(sequence) + " with other content");
  if (sequence < acknowledged_) found.add(Rule::acknowledged_resent, who_ + ": Ns " + std::to_string(sequence));
  message.last = found.now;
  ++message.times;
  if (sequence != acknowledged_) return;
  const Duration pause = oldest_sent_ ? found.now - *oldest_sent_ : Duration::zero();
  if (!allowed.restarts && pause + kTimerSlack < std::min(2 * oldest_pause_, allowed.cap))
    found.add(Rule::resent_too_soon, who_ + ": Ns " + std::to_string(sequence));
  oldest_pause_ = pause;
  oldest_sent_ = found.now;
}

void Delivery::arrived(Findings& found, const Allowance& allowed, const l2tp::ControlHeader& header, bool zlb) {
  const Sequence nr = unwrap(header.nr, acknowledged_);
  if (nr > acknowledged_ && nr <= count()) {
    acknowledged_ = nr;
    oldest_sent_.reset();
    oldest_pause_ = Duration::zero();
    if (idle()) idle_since_ = found.now;
  }
  if (zlb) return;
  const Sequence sequence = unwrap(header.ns, next_arrival_);
  if (sequence > next_arrival_) {
    ahead_.insert(sequence);
    return;  // may be dropped
  }
  if (sequence == next_arrival_) {
    ++next_arrival_;
    while (ahead_.erase(next_arrival_) != 0) ++next_arrival_;
  }
  // What lies ahead of a gap may have been dropped, so of the arrivals only those in order are owed an answer.
  if (sequence > last_nr_ || gave_up_ || found.now >= excused_) return;
  if (!owed_) owed_ = Owed{found.now + allowed.acknowledge_within, sequence};
}

void Delivery::begin_again() {
  messages_.clear();
  acknowledged_ = 0;
  oldest_sent_.reset();
  oldest_pause_ = Duration::zero();
  gave_up_ = false;
  last_nr_ = 0;
  took_at_.clear();
}

bool Delivery::acknowledges_more(const l2tp::ControlHeader& header) const {
  return unwrap(header.nr, last_nr_) > next_arrival_;
}

void Delivery::renumber(Sequence own, Sequence peers) {
  messages_.clear();
  first_ = acknowledged_ = own;
  oldest_sent_.reset();
  oldest_pause_ = Duration::zero();
  gave_up_ = false;
  next_arrival_ = last_nr_ = first_taken_ = peers;
  ahead_.clear();
  took_at_.clear();
  owed_.reset();
}

void Delivery::tick(Findings& found, const Allowance& allowed) {
  if (!idle()) {
    const Message& oldest = message(acknowledged_);
    if (oldest.times > allowed.retries && found.now + kTimerSlack > oldest.last + last_pause(allowed) &&
        found.now >= oldest.first + recovery_time_)
      gave_up_ = true;
  }
  if (!owed_ || found.now <= owed_->until) return;
  if (!gave_up_ && owed_->until < excused_)
    found.add(Rule::not_acknowledged, who_ + ": the peer's Ns " + std::to_string(owed_->sequence));
  owed_.reset();
}

bool Delivery::is_gone(TimePoint now, const Allowance& allowed) const {
  return gave_up_ && now > message(acknowledged_).last + last_pause(allowed) + 2 * allowed.acknowledge_within;
}

std::string Delivery::waits(TimePoint now, const Allowance& allowed) const {
  if (gave_up_) return {};
  const auto waited = [&] { return now - message(acknowledged_).first; };
  if (!idle() && waited() > 2 * allowed.acknowledge_within)
    return who_ + " waits for the acknowledgement of Ns " + std::to_string(acknowledged_);
  return {};
}

}  // namespace holdfast::sim
