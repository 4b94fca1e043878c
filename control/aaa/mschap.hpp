// MS-CHAPv2 as the authenticator checks it (RFC 2759 8): the response of a peer, and the proof that we know its
// password, too. MD4 and DES are OpenSSL's, and broken; nothing else of them is used.
#pragma once

#include "wire/octets.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace holdfast::aaa {

// RFC 2759 4: Peer-Challenge 16, Reserved 8, NT-Response 24, Flags 1
inline constexpr std::size_t kMsChapV2Response = 49;

using AuthenticatorResponse = std::array<std::uint8_t, 20>;  // RFC 2759 8.7, before it is made text

// Nothing: the response is not that of this password. user: as the peer gives it, perhaps behind a domain and a
// backslash. challenge: ours, 16 octets. response: kMsChapV2Response octets.
std::optional<AuthenticatorResponse> check_ms_chap_v2(std::string_view password, Octets user, Octets challenge,
                                                      Octets response);

}  // namespace holdfast::aaa
