#include "engine/tunnel_selection.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

constexpr std::uint32_t kWeightWithoutLimit = 65535;

std::uint32_t weight(const TunnelChoice& choice) {
  return choice.tunnel.max_sessions != 0 ? choice.tunnel.max_sessions : kWeightWithoutLimit;
}

using Positions = InlineList<std::size_t, TunnelChoices::capacity()>;

// Those of the least preference.
Positions most_preferred(const TunnelChoices& choices, const Positions& of) {
  Positions out;
  std::uint8_t least = 255;
  for (const auto i : of) least = std::min(least, choices[i].preference);
  for (const auto i : of)
    if (choices[i].preference == least) (void)out.push(i);  // of has room for no more
  return out;
}

std::size_t draw(const TunnelChoices& choices, const Positions& from, Entropy& entropy) {
  std::uint32_t sum = 0;  // at most 31 * 65535
  for (const auto i : from) sum += weight(choices[i]);
  std::uint32_t ticket = entropy.u32() % sum;
  for (const auto i : from) {
    if (ticket < weight(choices[i])) return i;
    ticket -= weight(choices[i]);
  }
  return from[0];
}

}  // namespace

std::optional<std::size_t> TunnelSelection::choose(const TunnelChoices& choices, std::uint32_t tried,
                                                   std::span<const std::uint32_t> sessions, const Env& env) const {
  Positions open;
  std::optional<std::size_t> failed_first;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const TunnelSpec& tunnel = choices[i].tunnel;
    const bool full = tunnel.max_sessions != 0 && sessions[i] >= tunnel.max_sessions;
    if ((tried >> i & 1) != 0 || full) continue;
    if (!is_locked_out(tunnel.peer, env.now))
      (void)open.push(i);
    else if (!failed_first || failed_.at(tunnel.peer).at < failed_.at(choices[*failed_first].tunnel.peer).at)
      failed_first = i;
  }
  if (open.empty()) return failed_first;
  return draw(choices, most_preferred(choices, open), env.entropy);
}

std::uint32_t TunnelSelection::lock_out(const IpAddress& destination, TimePoint now) {
  const auto known = failed_.find(destination);
  const std::uint32_t place = known != failed_.end() ? known->second.place : take_place(now);
  failed_.insert_or_assign(destination, Failure{now, place});
  return place;
}

std::optional<std::uint32_t> TunnelSelection::unlock(const IpAddress& destination) {
  const auto found = failed_.find(destination);
  if (found == failed_.end()) return std::nullopt;
  const std::uint32_t place = found->second.place;
  failed_.erase(found);
  return place;
}

std::uint32_t TunnelSelection::take_place(TimePoint now) {
  std::erase_if(failed_, [&](const auto& entry) { return now - entry.second.at >= lockout_; });
  if (failed_.size() >= kLockouts)
    failed_.erase(std::ranges::min_element(failed_, {}, [](const auto& entry) { return entry.second.at; }));
  std::vector<bool> taken(kLockouts);
  for (const auto& [destination, failure] : failed_) taken[failure.place] = true;
  return static_cast<std::uint32_t>(std::ranges::find(taken, false) - taken.begin());
}

bool TunnelSelection::is_locked_out(const IpAddress& destination, TimePoint now) const {
  const auto found = failed_.find(destination);
  return found != failed_.end() && now - found->second.at < lockout_;
}

}  // namespace holdfast::engine
