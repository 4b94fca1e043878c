// Address pools: which addresses and prefixes are leased. Derived from the subscribers' records: after a restart every
// lease found there is reserved again. Rotating, so that an address is not given out again at once.
#pragma once

#include "abi/ip_address.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace holdfast::subscriber {

// A run of equal things counted from 0, of which some are taken.
class Slots {
 public:
  explicit Slots(std::uint64_t count) : taken_((count + 63) / 64), count_(count) {}

  // The next free one after the last that was given; nothing when all are taken.
  std::optional<std::uint64_t> take();
  void reserve(std::uint64_t slot);
  void release(std::uint64_t slot);
  std::uint64_t count() const { return count_; }
  std::uint64_t used() const { return used_; }

 private:
  bool taken(std::uint64_t slot) const { return (taken_[slot / 64] >> (slot % 64) & 1) != 0; }

  std::vector<std::uint64_t> taken_;
  std::uint64_t count_;
  std::uint64_t used_ = 0;
  std::uint64_t next_ = 0;
};

// Addresses first..last of IPv4, both given out.
class Ipv4Pool {
 public:
  Ipv4Pool(const IpAddress& first, const IpAddress& last);
  std::optional<IpAddress> take();
  bool contains(const IpAddress& address) const;
  void reserve(const IpAddress& address) { slots_.reserve(address.v4_value() - first_); }
  void release(const IpAddress& address) { slots_.release(address.v4_value() - first_); }
  const Slots& slots() const { return slots_; }

 private:
  std::uint32_t first_;
  std::uint32_t last_;
  Slots slots_;
};

// Prefixes of `delegated` bits out of one shorter IPv6 prefix; at most 2^24 of them are used.
class Ipv6Pool {
 public:
  Ipv6Pool(const IpPrefix& prefix, std::uint8_t delegated);
  std::optional<IpPrefix> take();
  bool contains(const IpPrefix& prefix) const;
  void reserve(const IpPrefix& prefix) { slots_.reserve(slot(prefix)); }
  void release(const IpPrefix& prefix) { slots_.release(slot(prefix)); }
  const Slots& slots() const { return slots_; }

 private:
  std::uint64_t slot(const IpPrefix& prefix) const;

  std::uint64_t high_;      // the upper 64 bits of the pool's prefix
  std::uint8_t length_;     // of the pool's prefix
  std::uint8_t delegated_;  // 64 at most
  Slots slots_;
};

}  // namespace holdfast::subscriber
