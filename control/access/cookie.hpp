// The AC-Cookie (RFC 2516 5.2, 9): what a PADR must bring so that we keep nothing for a PADI. It proves that its sender
// has seen a PADO of ours for this address, VLAN and port a short time ago; nothing is stored to check it.
#pragma once

#include "abi/ids.hpp"
#include "access/frame.hpp"
#include "wire/octets.hpp"
#include "wire/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace holdfast::access {

using CookieKey = std::array<std::uint8_t, 32>;  // a secret, by chance
using Cookie = std::array<std::uint8_t, 16>;     // HMAC-SHA256, cut off

// A cookie is good in the slot in which it was made and in the next one: for 64 to 128 seconds.
inline constexpr Duration kCookieSlot = std::chrono::seconds(64);

// For the PADO that answers this request.
Cookie make_cookie(const CookieKey& key, const Discovery& request, PortId port, TimePoint now);

// Whether the AC-Cookie of this request is one that we made. Takes the same time for every wrong one.
bool cookie_valid(const CookieKey& key, const Discovery& request, PortId port, Octets cookie, TimePoint now);

}  // namespace holdfast::access
