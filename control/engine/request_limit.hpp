// How many requests for a tunnel (SCCRQ) are looked at: so many a second from one source, and so many in all. A source
// is an IPv4 address or an IPv6 /64, and may be forged: the memory is fixed, whoever asks. Sources whose hashes meet
// share what one may; whoever does not know the key can't choose where to meet another.
#pragma once

#include "abi/ip_address.hpp"
#include "wire/env.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace holdfast::engine {

// Requests a second; as many may come at once after a quiet second.
struct RequestRates {
  std::uint32_t source;
  std::uint32_t total;
};

class RequestLimit {
 public:
  static constexpr std::size_t kSources = 4096;

  enum class Verdict : std::uint8_t { admitted, source_exceeded, total_exceeded };

  // One request. What is refused counts for neither; one source's excess takes nothing from the others.
  Verdict admit(const IpAddress& source, const RequestRates& rates, const Env& env);

 private:
  // Each request moves the bucket's time on by its share of a second. A bucket a second ahead of the clock is empty.
  struct Bucket {
    TimePoint spent_until{};
    bool has(std::uint32_t rate, TimePoint now) const;
    void take(std::uint32_t rate, TimePoint now);
  };

  std::uint32_t key_ = 0;  // 0: not drawn yet
  Bucket all_;
  std::vector<Bucket> sources_;
};

}  // namespace holdfast::engine
