#include "access/cookie.hpp"

#include "wire/digest.hpp"
#include "wire/writer.hpp"

#include <algorithm>

namespace holdfast::access {
namespace {

std::uint64_t slot_of(TimePoint now) { return static_cast<std::uint64_t>(now.time_since_epoch() / kCookieSlot); }

Cookie cookie_of(const CookieKey& key, const Discovery& request, PortId port, std::uint64_t slot) {
  std::array<std::uint8_t, 6 + 2 + 2 + 2 + 8> text{};
  Writer w(text);
  w.octets(request.source);
  w.u16(port.value());
  w.u16(request.outer_vlan);
  w.u16(request.inner_vlan);
  w.u64(slot);
  const Sha256 digest = hmac_sha256(key, w.written());
  Cookie cookie{};
  std::copy_n(digest.begin(), cookie.size(), cookie.begin());
  return cookie;
}

}  // namespace

Cookie make_cookie(const CookieKey& key, const Discovery& request, PortId port, TimePoint now) {
  return cookie_of(key, request, port, slot_of(now));
}

bool cookie_valid(const CookieKey& key, const Discovery& request, PortId port, Octets cookie, TimePoint now) {
  const std::uint64_t slot = slot_of(now);
  const bool of_this_slot = equal_in_constant_time(cookie, cookie_of(key, request, port, slot));
  const bool of_the_last = equal_in_constant_time(cookie, cookie_of(key, request, port, slot - 1));
  return of_this_slot || of_the_last;
}

}  // namespace holdfast::access
