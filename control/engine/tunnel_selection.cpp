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
    else if (!failed_first || failed_.at(tunnel.peer) < failed_.at(choices[*failed_first].tunnel.peer))
      failed_first = i;
  }
  if (open.empty()) return failed_first;
  return draw(choices, most_preferred(choices, open), env.entropy);
}

void TunnelSelection::lock_out(const IpAddress& destination, TimePoint now) {
  std::erase_if(failed_, [&](const auto& entry) { return now - entry.second >= lockout_; });
  failed_[destination] = now;
}

bool TunnelSelection::is_locked_out(const IpAddress& destination, TimePoint now) const {
  const auto found = failed_.find(destination);
  return found != failed_.end() && now - found->second < lockout_;
}

}  // namespace holdfast::engine
