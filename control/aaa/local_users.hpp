// Checks what a peer authenticated itself with against the users in the configuration. Pure; knows nothing of PPP
// frames.
#pragma once

#include "aaa/mschap.hpp"
#include "abi/ip_address.hpp"
#include "wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace holdfast::aaa {

struct Credentials {
  enum class Method : std::uint8_t { pap, chap, ms_chap_v2 };
  Method method{};
  std::uint8_t id{};  // CHAP Identifier (RFC 1994 4.1); not used for PAP
  Octets user{};
  Octets secret{};     // the PAP password, the CHAP response (MD5 over id, password and challenge) or that of MS-CHAPv2
  Octets challenge{};  // CHAP and MS-CHAPv2 only
};

struct LocalUser {
  std::string name;
  std::string password;  // in clear: CHAP needs it so (RFC 1994 2.2)
  IpAddress fixed_ipv4;  // none: from the pool
};

enum class Verdict : std::uint8_t { accept, unknown_user, wrong_password };

struct Checked {
  Verdict verdict{};
  const LocalUser* user{};                       // in users; null exactly when the user is unknown
  std::optional<AuthenticatorResponse> proof{};  // of MS-CHAPv2, accepted
};

// Whether the credentials are those of a user in the list; of two users with the same name the first counts.
// The time taken does not tell an unknown user from a wrong password.
Checked check(std::span<const LocalUser> users, const Credentials& credentials);

}  // namespace holdfast::aaa
