#include "aaa/local_users.hpp"

#include "wire/digest.hpp"

#include <array>

namespace holdfast::aaa {
namespace {

// Neither the time of the copies nor that of the comparison depends on where, or whether, the passwords differ.
bool same_password(Octets configured, Octets given) {
  InlineOctets<255> a, b;  // RFC 1334 2.2.1: a password in PAP has no more
  if (!a.assign(configured) || !b.assign(given)) return false;
  const bool same = equal_in_constant_time(a.storage, b.storage);
  return same && a.length == b.length;
}

bool right_secret(const LocalUser& user, const Credentials& credentials, std::optional<AuthenticatorResponse>& proof) {
  const std::array<std::uint8_t, 1> id{credentials.id};
  const Octets password = octets_of(user.password);
  switch (credentials.method) {
    case Credentials::Method::pap: return same_password(password, credentials.secret);
    case Credentials::Method::chap:
      return equal_in_constant_time(md5({id, password, credentials.challenge}), credentials.secret);
    case Credentials::Method::ms_chap_v2:
      proof = check_ms_chap_v2(user.password, credentials.user, credentials.challenge, credentials.secret);
      return proof.has_value();
  }
  return false;
}

}  // namespace

Checked check(std::span<const LocalUser> users, const Credentials& credentials) {
  // The whole list is gone through whatever is found, and for an unknown user the work is done on this one.
  const LocalUser nobody;
  const LocalUser* found = nullptr;
  for (const LocalUser& user : users)
    if (equal_in_constant_time(octets_of(user.name), credentials.user) && found == nullptr) found = &user;
  std::optional<AuthenticatorResponse> proof;
  const bool right = right_secret(found != nullptr ? *found : nobody, credentials, proof);
  if (found == nullptr) return {Verdict::unknown_user, nullptr, {}};
  return {right ? Verdict::accept : Verdict::wrong_password, found, proof};
}

}  // namespace holdfast::aaa
