#include "aaa/mschap.hpp"

#include "wire/digest.hpp"

#define OPENSSL_SUPPRESS_DEPRECATED  // MD4 and DES, which no provider has but the legacy one
#include <openssl/des.h>
#include <openssl/md4.h>
#include <openssl/sha.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace holdfast::aaa {
namespace {

using NtHash = std::array<std::uint8_t, MD4_DIGEST_LENGTH>;
using Sha1 = std::array<std::uint8_t, SHA_DIGEST_LENGTH>;

NtHash md4(Octets text) {
  NtHash hash{};
  MD4(text.data(), text.size(), hash.data());
  return hash;
}

Sha1 sha1(std::initializer_list<Octets> pieces) {
  SHA_CTX context;
  SHA1_Init(&context);
  for (const Octets piece : pieces) SHA1_Update(&context, piece.data(), piece.size());
  Sha1 digest{};
  SHA1_Final(digest.data(), &context);
  return digest;
}

// RFC 2759 8.3, of the password in UTF-16LE. An octet is a character, as pppd has it.
NtHash nt_password_hash(std::string_view password) {
  std::vector<std::uint8_t> wide;
  for (const char c : password) {
    wide.push_back(static_cast<std::uint8_t>(c));
    wide.push_back(0);
  }
  return md4(wide);
}

// RFC 2759 8.2: of the user's name without the domain of Windows.
std::array<std::uint8_t, 8> challenge_hash(Octets peer_challenge, Octets our_challenge, Octets user) {
  const auto backslash = std::find(user.rbegin(), user.rend(), '\\').base();
  const Sha1 digest = sha1({peer_challenge, our_challenge, Octets(backslash, user.end())});
  std::array<std::uint8_t, 8> out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

// RFC 2759 8.6: 56 bits, spread so that each octet has its parity bit, which nobody looks at.
void encrypt(Octets seven, const std::array<std::uint8_t, 8>& clear, std::uint8_t* out) {
  DES_cblock key, from, to;
  unsigned bits = 0;
  for (unsigned i = 0; i < 7; ++i) {
    bits = bits << 8 | seven[i];
    key[i] = static_cast<std::uint8_t>(bits >> i & 0xfe);
  }
  key[7] = static_cast<std::uint8_t>(bits << 1);
  DES_key_schedule schedule;
  DES_set_key_unchecked(&key, &schedule);
  std::ranges::copy(clear, from);
  DES_ecb_encrypt(&from, &to, &schedule, DES_ENCRYPT);
  std::ranges::copy(to, out);
}

// RFC 2759 8.5
std::array<std::uint8_t, 24> challenge_response(const std::array<std::uint8_t, 8>& challenge, const NtHash& hash) {
  std::array<std::uint8_t, 21> padded{};
  std::ranges::copy(hash, padded.begin());
  std::array<std::uint8_t, 24> out{};
  for (std::size_t i = 0; i < 3; ++i) encrypt(Octets(padded).subspan(7 * i, 7), challenge, out.data() + 8 * i);
  return out;
}

}  // namespace

std::optional<AuthenticatorResponse> check_ms_chap_v2(std::string_view password, Octets user, Octets challenge,
                                                      Octets response) {
  if (response.size() != kMsChapV2Response) return std::nullopt;
  const Octets nt_response = response.subspan(24, 24);
  const auto hashed = challenge_hash(response.first(16), challenge, user);
  const NtHash hash = nt_password_hash(password);
  const bool right = equal_in_constant_time(challenge_response(hashed, hash), nt_response);
  // RFC 2759 8.7, which is worked out in any case, so that time tells nothing
  constexpr std::string_view kMagic1 = "Magic server to client signing constant";
  constexpr std::string_view kMagic2 = "Pad to make it do more than one iteration";
  const Sha1 signed_once = sha1({md4(hash), nt_response, octets_of(kMagic1)});
  const Sha1 proof = sha1({signed_once, hashed, octets_of(kMagic2)});
  return right ? std::optional(proof) : std::nullopt;
}

}  // namespace holdfast::aaa
