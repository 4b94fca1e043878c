#include "tables/route4.hpp"

#include <algorithm>

namespace holdfast::tables {
namespace {

constexpr std::uint32_t mask(unsigned length) { return length == 0 ? 0 : ~0u << (32 - length); }

}  // namespace

Route4::Route4(Readers& readers, std::uint32_t max_groups)
    : readers_(readers), base_(std::size_t{1} << 24), groups_(std::size_t{max_groups} << 8), max_groups_(max_groups) {}

bool Route4::put(std::uint32_t address, unsigned length, NextHop hop) {
  const Prefix prefix{address & mask(length), length};
  if (length == 0) {
    rules_[prefix] = hop;
    count_ = rules_.size();
    default_.store(hop.raw, std::memory_order_relaxed);
    return true;
  }
  if (const auto found = rules_.lower_bound(prefix); found != rules_.end() && found->first == prefix) {
    if (found->second == hop) return true;
    found->second = hop;
  } else {
    const bool needs_group =
        length > 24 && NextHop(base_[prefix.address >> 8].load(std::memory_order_relaxed)).kind() != HopKind::group;
    if (needs_group && !group_available()) return false;
    rules_.emplace_hint(found, prefix, hop);
    ++per_length_[length];
    count_ = rules_.size();
  }
  paint(prefix, hop);
  return true;
}

bool Route4::remove(std::uint32_t address, unsigned length) {
  const Prefix prefix{address & mask(length), length};
  if (rules_.erase(prefix) == 0) return false;
  count_ = rules_.size();
  if (length == 0) {
    default_.store(0, std::memory_order_relaxed);
    return true;
  }
  --per_length_[length];
  paint(prefix, covering(prefix));
  if (length > 24 && !holds_longer(prefix.address >> 8)) merge(prefix.address >> 8);
  return true;
}

std::optional<NextHop> Route4::find(std::uint32_t address, unsigned length) const {
  const auto found = rules_.find({address & mask(length), length});
  if (found == rules_.end()) return std::nullopt;
  return found->second;
}

// The next hop that holds for the addresses of prefix without it; empty where only the default route is left.
NextHop Route4::covering(Prefix prefix) const {
  for (unsigned length = prefix.length - 1; length > 0; --length) {
    if (per_length_[length] == 0) continue;
    if (const auto found = rules_.find({prefix.address & mask(length), length}); found != rules_.end())
      return found->second;
  }
  return {};
}

// Gives hop to all addresses of prefix that no longer prefix within it claims.
void Route4::paint(Prefix prefix, NextHop hop) {
  std::uint64_t next = prefix.address;
  const std::uint64_t last = prefix.address | ~mask(prefix.length);
  for (auto rule = rules_.upper_bound(prefix); rule != rules_.end() && rule->first.address <= last; ++rule) {
    if (rule->first.address < next) continue;  // lies within the one before
    if (rule->first.address > next) paint_range(next, rule->first.address - 1u, hop);
    next = std::uint64_t{rule->first.address | ~mask(rule->first.length)} + 1;
  }
  if (next <= last) paint_range(next, last, hop);
}

// A /24 that is only partly in the range has longer prefixes, so it has or gets a group.
void Route4::paint_range(std::uint64_t first, std::uint64_t last, NextHop hop) {
  while (first <= last) {
    const auto slot = static_cast<std::uint32_t>(first >> 8);
    const std::uint64_t end = std::min(last, first | 0xff);
    const bool whole = (first & 0xff) == 0 && (end & 0xff) == 0xff;
    const NextHop now(base_[slot].load(std::memory_order_relaxed));
    if (whole && now.kind() != HopKind::group) {
      base_[slot].store(hop.raw, std::memory_order_release);
    } else {
      if (now.kind() != HopKind::group) split(slot);
      const std::uint32_t group = NextHop(base_[slot].load(std::memory_order_relaxed)).index();
      for (std::uint64_t a = first; a <= end; ++a)
        groups_[group << 8 | (a & 0xff)].store(hop.raw, std::memory_order_relaxed);
    }
    first = end + 1;
  }
}

// Replaces the entry of a /24 by a group in which all 256 say the same.
void Route4::split(std::uint32_t slot) {
  const std::uint32_t group = take_group();
  const std::uint32_t hop = base_[slot].load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < 256; ++i) groups_[group << 8 | i].store(hop, std::memory_order_relaxed);
  base_[slot].store(NextHop(HopKind::group, group).raw, std::memory_order_release);
}

// The reverse, when no prefix longer than 24 is left: unlink, and recycle the group once the readers have passed.
void Route4::merge(std::uint32_t slot) {
  const std::uint32_t group = NextHop(base_[slot].load(std::memory_order_relaxed)).index();
  base_[slot].store(groups_[group << 8].load(std::memory_order_relaxed), std::memory_order_release);
  retired_.push_back({group, readers_.retire()});
}

bool Route4::holds_longer(std::uint32_t slot) const {
  const auto rule = rules_.lower_bound({slot << 8, 25});
  return rule != rules_.end() && rule->first.address >> 8 == slot;
}

bool Route4::group_available() { return !retired_.empty() || fresh_ < max_groups_; }

std::uint32_t Route4::take_group() {
  const bool reuse = !retired_.empty() && (fresh_ == max_groups_ || readers_.passed(retired_.front().token));
  if (!reuse) return fresh_++;
  const Retired front = retired_.front();
  retired_.pop_front();
  readers_.wait(front.token);
  return front.group;
}

}  // namespace holdfast::tables
