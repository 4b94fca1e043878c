#include "subscriber/address_pool.hpp"

#include <algorithm>

namespace holdfast::subscriber {
namespace {

constexpr std::uint64_t kMostPrefixes = 1u << 24;

std::uint64_t upper_half(const IpAddress& address) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value = value << 8 | address.octets[i];
  return value;
}

std::uint64_t prefixes_in(const IpPrefix& prefix, std::uint8_t delegated) {
  if (delegated <= prefix.length) return 1;
  const unsigned bits = delegated - prefix.length;
  return bits >= 24 ? kMostPrefixes : std::uint64_t{1} << bits;
}

}  // namespace

std::optional<std::uint64_t> Slots::take() {
  if (used_ == count_) return std::nullopt;
  while (taken(next_)) next_ = (next_ + 1) % count_;
  const auto slot = next_;
  reserve(slot);
  next_ = (next_ + 1) % count_;
  return slot;
}

void Slots::reserve(std::uint64_t slot) {
  if (slot >= count_ || taken(slot)) return;
  taken_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  ++used_;
}

void Slots::release(std::uint64_t slot) {
  if (slot >= count_ || !taken(slot)) return;
  taken_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  --used_;
}

Ipv4Pool::Ipv4Pool(const IpAddress& first, const IpAddress& last)
    : first_(first.v4_value()), last_(last.v4_value()), slots_(std::uint64_t{last_} - first_ + 1) {}

std::optional<IpAddress> Ipv4Pool::take() {
  const auto slot = slots_.take();
  if (!slot) return std::nullopt;
  return IpAddress::v4(static_cast<std::uint32_t>(first_ + *slot));
}

bool Ipv4Pool::contains(const IpAddress& address) const {
  return address.is_v4() && address.v4_value() >= first_ && address.v4_value() <= last_;
}

Ipv6Pool::Ipv6Pool(const IpPrefix& prefix, std::uint8_t delegated)
    : high_(upper_half(prefix.address)),
      length_(prefix.length),
      delegated_(std::min<std::uint8_t>(delegated, 64)),
      slots_(prefixes_in(prefix, delegated_)) {}

std::optional<IpPrefix> Ipv6Pool::take() {
  const auto slot = slots_.take();
  if (!slot) return std::nullopt;
  const std::uint64_t high = high_ | (delegated_ == 0 ? 0 : *slot << (64 - delegated_));
  IpPrefix prefix{{}, delegated_};
  for (unsigned i = 0; i < 8; ++i) prefix.address.octets[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
  return prefix;
}

bool Ipv6Pool::contains(const IpPrefix& prefix) const {
  if (prefix.length != delegated_ || prefix.address.is_v4()) return false;
  const std::uint64_t mask = length_ == 0 ? 0 : ~std::uint64_t{0} << (64 - std::min<unsigned>(length_, 64));
  return (upper_half(prefix.address) & mask) == (high_ & mask) && slot(prefix) < slots_.count();
}

std::uint64_t Ipv6Pool::slot(const IpPrefix& prefix) const {
  const std::uint64_t beyond = upper_half(prefix.address) ^ high_;
  return delegated_ == 0 ? 0 : beyond >> (64 - delegated_);
}

}  // namespace holdfast::subscriber
