// Who has switched a call from one tunnel into another: the values of its Tunnel Switching Aggregator ID AVPs, of which
// each of them adds one (draft-ietf-l2tpext-tunnel-switching-08). Lies in the checkpoint until the call is established.
#pragma once

#include "wire/octets.hpp"

namespace holdfast::l2tp {

struct Aggregators {
  InlineOctets<127> ids;  // each behind its length, which is one octet

  // False, and nothing done, when there is no room for it or it has no octets.
  [[nodiscard]] bool add(Octets id);
  bool contains(Octets id) const;
  template <class F>
  void for_each(F f) const {
    for (Octets rest = ids.octets(); !rest.empty() && rest[0] < rest.size(); rest = rest.subspan(1u + rest[0]))
      f(rest.subspan(1, rest[0]));
  }
  friend bool operator==(const Aggregators&, const Aggregators&) = default;
};
static_assert(sizeof(Aggregators) == 128);

}  // namespace holdfast::l2tp
