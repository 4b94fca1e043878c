// What the generator was asked for. Built by parse_options(), read by everything else.
#pragma once

#include "abi/ip_address.hpp"
#include "dial/settings.hpp"
#include "wire/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::lac {

using dial::Auth;
using std::chrono::seconds;

struct TunnelSettings {
  std::string host_name = "lac";          // of every tunnel; RFC 2661 4.4.3
  std::string secret;                     // empty: no tunnel authentication
  bool hide = false;                      // hide AVPs (RFC 2661 4.3)
  std::optional<Duration> recovery_time;  // RFC 4951 is announced, with it; nothing: it is not
  std::uint16_t window = 16;              // Receive Window Size
  Duration hello = seconds(60);           // silence before a HELLO; 0: none
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
  Duration delay{};              // of every datagram, each way
  bool json = false;
  TunnelSettings tunnel;
  dial::PppSettings ppp;
  dial::PingSettings ping;
};

}  // namespace holdfast::lac
