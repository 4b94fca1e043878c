// What the generator was asked for. Built by parse_options(), read by everything else.
#pragma once

#include "abi/ip_address.hpp"
#include "wire/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::lac {

using std::chrono::seconds;

enum class Auth : std::uint8_t { none, pap, chap };  // RFC 1334, RFC 1994 with MD5

struct PppSettings {
  std::string user;                 // "{}" in it stands for the number of the session
  std::string password;             // likewise
  std::optional<Auth> auth;         // what to insist on; nothing: whatever the LNS asks for
  bool ipv6 = false;                // negotiate IPV6CP, too
  std::uint16_t mru = 1460;         // octets, asked for with LCP
  bool address_and_control = true;  // send ff 03 before the protocol (RFC 1661 6.6); both are always taken
};

struct TunnelSettings {
  std::string host_name = "lac";  // of every tunnel; RFC 2661 4.4.3
  std::string secret;             // empty: no tunnel authentication
  bool hide = false;              // hide AVPs (RFC 2661 4.3)
  Duration hello = seconds(60);   // silence before a HELLO; 0: none
};

// Traffic through the sessions to an address behind the LNS.
struct PingSettings {
  IpAddress target;            // none: no traffic
  double rate = 100;           // packets a second, over all sessions together
  std::uint16_t size = 84;     // octets of the IP packet
  std::uint16_t udp_port = 0;  // 0: ICMP echo; else UDP to this port, whose answers must come from it
};

struct Settings {
  IpAddress lns;
  IpAddress source;              // none: the kernel chooses
  std::uint16_t port = 0;        // our UDP port; 0: the kernel chooses
  std::uint32_t tunnels = 1;     // 1..65535
  std::uint32_t sessions = 1;    // in each tunnel, 1..65535
  double rate = 0;               // calls started a second; 0: as fast as the LNS answers
  std::uint32_t parallel = 256;  // calls being set up at a time
  Duration timeout = seconds(60);
  std::optional<Duration> hold;  // stay up so long after the set-up, then end; nothing: until the input ends
  bool json = false;
  TunnelSettings tunnel;
  PppSettings ppp;
  PingSettings ping;
};

}  // namespace holdfast::lac
