#include "wire/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>
#include <memory>

namespace holdfast {

Md5 md5(std::initializer_list<Octets> pieces) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (context == nullptr || EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) != 1) std::abort();
  for (const Octets piece : pieces)
    if (EVP_DigestUpdate(context.get(), piece.data(), piece.size()) != 1) std::abort();
  Md5 digest{};
  if (EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) std::abort();
  return digest;
}

Sha256 hmac_sha256(Octets key, Octets text) {
  Sha256 digest{};
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text.data(), text.size(), digest.data(), &length) ==
          nullptr ||
      length != digest.size())
    std::abort();
  return digest;
}

bool equal_in_constant_time(Octets a, Octets b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace holdfast
