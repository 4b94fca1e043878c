// MD5 as RFC 2661 4.2 and 4.3 and RFC 1994 use it, HMAC-SHA256 (RFC 2104) and comparison of secrets in constant time.
// All by OpenSSL.
#pragma once

#include "wire/octets.hpp"

#include <array>
#include <initializer_list>

namespace holdfast {

using Md5 = std::array<std::uint8_t, 16>;
using Sha256 = std::array<std::uint8_t, 32>;

// MD5 over the concatenation of the pieces. Aborts if the library has no MD5 (a broken installation).
Md5 md5(std::initializer_list<Octets> pieces);

// Aborts as md5() does.
Sha256 hmac_sha256(Octets key, Octets text);

// Whether a equals b, in a time that depends on their lengths only.
bool equal_in_constant_time(Octets a, Octets b);

}  // namespace holdfast
