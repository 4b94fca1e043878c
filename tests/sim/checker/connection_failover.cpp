// A connection and the failover protocol (RFC 4951): recovery tunnels, the reset of what they recover, and what both
// ends tell each other of their sessions.
#include "checker/connection.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace holdfast::sim {
namespace {

// How long an end that has accepted a recovery stays deaf in what is recovered, when the recovery goes no further.
constexpr Duration kDeaf = std::chrono::seconds(5);
constexpr Sequence kNumbers = 1 << 16;

// The first sequence with this number which is none of those before.
Sequence fresh(Sequence after, std::uint16_t number) { return (after / kNumbers + 1) * kNumbers + number; }

}  // namespace

void Connection::learn_capability(Side from, const l2tp::ControlMessage& m) {
  if (is_recovery_ || (m.type != l2tp::MessageType::sccrq && m.type != l2tp::MessageType::sccrp)) return;
  announced_[from] = m.failover_capability();
  if (announced_[from] && announced_[from]->control)
    delivery_[other(from)].wait_for_recovery(announced_[from]->recovery_time);
}

void Connection::set_recovers(Connection* old) {
  is_recovery_ = true;
  recovers_ = old;
  if (old == nullptr) return;
  of_originator_ = old->ends_[kOriginator] == ends_[kOriginator] ? kOriginator : kAcceptor;
  old->asked_for_[of_originator_] = this;
}

bool Connection::may_be_recovered_by(Side side) const {
  const bool connected = side == kOriginator ? scccn_ != kNone : delivery_[side].has(scccn_);
  return connected && stop_[side] == kNone && !delivery_[side].has(stop_[other(side)]);
}

// Whoever lacks C cannot recover, or does not let the other.
bool Connection::both_capable() const {
  return announced_[kOriginator] && announced_[kOriginator]->control && announced_[kAcceptor] &&
         announced_[kAcceptor]->control;
}

void Connection::recover() {
  if (recovers_ == nullptr) return;
  Connection& old = *recovers_;
  const Side failed = of_originator_;
  if (!has_reset_[kOriginator] && !gave_way_ && !abandoned_ && delivery_[kOriginator].has(stop_[kAcceptor]))
    old.gone_[failed] = true;
  if (!suggested_) return;
  const Side peer = other(failed);
  if (!fresh_) {
    fresh_.emplace();
    (*fresh_)[failed] = fresh(old.delivery_[failed].next_own(), suggested_->ns);
    (*fresh_)[peer] = fresh(old.delivery_[peer].next_own(), suggested_->nr);
  }
  const auto reset_when = [&](Side here, Side there, bool is_time, const Connection* latest) {
    if (has_reset_[here] || !is_time || latest != this) return;
    has_reset_[here] = true;
    old.reset(there, (*fresh_)[there], (*fresh_)[other(there)]);
  };
  reset_when(kOriginator, failed, delivery_[kOriginator].has(sccrp_), old.asked_for_[failed]);
  reset_when(kAcceptor, peer, delivery_[kAcceptor].has(scccn_) && old.stop_[peer] == kNone, old.accepted_[peer]);
}

// 3.2.2, and 3.3 step I.
void Connection::reset(Side side, Sequence own, Sequence peers) {
  for (Call& call : calls_)
    if (!connected(side, call) && !ended(side, call)) call.cleared[side] = true;
  delivery_[side].renumber(own, peers);
  unheard_[side].clear();
  asked_[side].clear();
  told_[other(side)].clear();
}

bool Connection::hears(Side at, TimePoint now, const l2tp::ControlHeader& header, bool zlb) {
  if (!deaf(at, now)) return true;
  if (accepted_[at] != nullptr) unheard_[at].push_back({header, zlb});
  return false;
}

bool Connection::deaf(Side side, TimePoint now) const {
  const Connection* own = asked_for_[side];
  if (own != nullptr && !own->has_reset_[kOriginator] && own->delivery_[kOriginator].spoke() && !own->gave_way_)
    return own->stop_[kOriginator] == kNone && !own->delivery_[kOriginator].has(own->stop_[kAcceptor]);
  const Connection* accepted = accepted_[side];
  return accepted != nullptr && !accepted->has_reset_[kAcceptor] && now < accepted_at_[side] + kDeaf;
}

void Connection::begin_recovery(Side side, TimePoint now) {
  for (auto* before : {&asked_for_, &accepted_})
    if (Connection* recovery = std::exchange((*before)[side], nullptr)) recovery->abandon(now);
  delivery_[side].forgive();
}

// What arrived while the side was to be deaf counts after all when the side acknowledges it: it has dropped the peer's
// recovery, as it may at any time.
void Connection::take_what_may_be_taken(Findings& found, const Allowance& allowed, Side by,
                                        const l2tp::ControlHeader& header) {
  if (unheard_[by].empty() || !delivery_[by].acknowledges_more(header)) return;
  if (Connection* recovery = std::exchange(accepted_[by], nullptr)) recovery->abandon(found.now);
  for (const Unheard& m : std::exchange(unheard_[by], {})) delivery_[by].arrived(found, allowed, m.header, m.zlb);
}

// One of its ends has failed again, and knows nothing of it.
void Connection::abandon(TimePoint now) {
  abandoned_ = true;
  for (Delivery& delivery : delivery_) {
    delivery.forgive();
    delivery.excuse_from(now);
  }
}

void Connection::accept_recovery(TimePoint now) {
  if (recovers_ == nullptr) return;
  const Side side = other(of_originator_);
  if (Connection* own = std::exchange(recovers_->asked_for_[side], nullptr)) own->abandon(now);  // it has lost the tie
  recovers_->accepted_[side] = this;
  recovers_->accepted_at_[side] = now;
}

void Connection::ask(Side by, const l2tp::ControlMessage& fsq, Sequence sequence) {
  for (const auto& state : fsq.session_states())
    asked_[by].push_back({state.theirs.value(), state.ours.value(), sequence});
}

void Connection::answer(Findings& found, Side by, const l2tp::ControlMessage& fsr, Sequence sequence) {
  const Side asker = other(by);
  for (const auto& state : fsr.session_states()) {
    const Asked told{state.ours.value(), state.theirs.value(), sequence};
    const auto of = [&](const Asked& a) { return a.own == told.own && delivery_[by].took(a.sequence); };
    const auto question = std::ranges::find_if(asked_[asker], of);
    const std::string session = says(by, fsr) + " of " + std::to_string(told.own);
    if (question == asked_[asker].end()) {
      found.add(Rule::answer_unasked, session);
      continue;
    }
    const Call* call = find(by, question->peers);
    const bool paired = call != nullptr && call->id[asker] == told.own;
    const bool has = paired && connected(by, *call) && !ended(by, *call);
    if (told.peers != 0 ? told.peers != question->peers || !paired : has) found.add(Rule::answer_wrong, session);
    asked_[asker].erase(question);
    told_[by].push_back(told);
  }
}

// 3.3: what the peer does not know is cleared without a word.
void Connection::take_answers(Side at) {
  std::erase_if(told_[other(at)], [&](const Asked& told) {
    if (!delivery_[at].has(told.sequence)) return false;
    Call* call = find(at, told.own);
    if (told.peers == 0 && call != nullptr && !ended(at, *call)) call->cleared[at] = true;
    return true;
  });
}

}  // namespace holdfast::sim
