// What every generator is asked for: how its subscribers negotiate PPP, and the traffic through them.
#pragma once

#include "abi/ip_address.hpp"
#include "wire/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::dial {

enum class Auth : std::uint8_t { none, pap, chap };  // RFC 1334, RFC 1994 with MD5

struct PppSettings {
  std::string user;                 // "{}" in it stands for the number of the session
  std::string password;             // likewise
  std::optional<Auth> auth;         // what to insist on; nothing: whatever the other end asks for
  bool ipv6 = false;                // negotiate IPV6CP, too
  std::uint16_t mru = 1460;         // octets, asked for with LCP
  bool address_and_control = true;  // send ff 03 before the protocol (RFC 1661 6.6); both are always taken
};

// "{}" in text stands for the number of the session, which is one more than its index; "{domain}" for that of its
// domain, of which there are so many, and which get sessions in turn.
std::string fill_in(std::string text, std::uint32_t session, std::uint32_t domains = 1);

// Traffic through the sessions to an address behind the other end.
struct PingSettings {
  IpAddress target;            // none: no traffic
  double rate = 100;           // packets a second, over all sessions together
  std::uint16_t size = 84;     // octets of the IP packet
  std::uint16_t udp_port = 0;  // 0: ICMP echo; else UDP to this port, whose answers must come from it
};

}  // namespace holdfast::dial
