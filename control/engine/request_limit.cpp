#include "engine/request_limit.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

// The octets of the address that one source can't choose at will.
Octets source_part(const IpAddress& address) {
  return Octets(address.octets).first(address.is_v4() ? address.octets.size() : address.octets.size() / 2);
}

// FNV-1a from a secret start, and its high bits folded down: the low ones alone depend on little of the key.
std::uint64_t keyed_hash(std::uint32_t key, Octets octets) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ std::uint64_t{key} << 17;
  for (const std::uint64_t octet : octets) hash = (hash ^ octet) * 0x100000001b3;
  hash *= 0x9e3779b97f4a7c15 ^ key;
  return hash ^ hash >> 32;
}

}  // namespace

bool RequestLimit::Bucket::has(std::uint32_t rate, TimePoint now) const {
  return std::max(spent_until, now) + kSecond / rate <= now + kSecond;
}

void RequestLimit::Bucket::take(std::uint32_t rate, TimePoint now) {
  spent_until = std::max(spent_until, now) + kSecond / rate;
}

RequestLimit::Verdict RequestLimit::admit(const IpAddress& source, const RequestRates& rates, const Env& env) {
  if (sources_.empty()) {
    sources_.resize(kSources);
    key_ = env.entropy.u32();
  }
  Bucket& own = sources_[keyed_hash(key_, source_part(source)) % kSources];
  if (!own.has(rates.source, env.now)) return Verdict::source_exceeded;
  if (!all_.has(rates.total, env.now)) return Verdict::total_exceeded;
  own.take(rates.source, env.now);
  all_.take(rates.total, env.now);
  return Verdict::admitted;
}

}  // namespace holdfast::engine
