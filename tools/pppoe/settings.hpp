// What the generator was asked for. Built by parse_options(), read by everything else.
#pragma once

#include "dial/settings.hpp"
#include "pppoe/frame.hpp"
#include "wire/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::pppoe {

using std::chrono::seconds;

// VLANs that subscribers are dealt out to in turn; first 0: no tag.
struct VlanRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

struct Settings {
  std::string interface;
  std::uint32_t subscribers = 1;                 // 1..1048576
  MacAddress first_mac{0x02, 0x50, 0, 0, 0, 0};  // of subscriber 0; the others follow
  VlanRange vlan;                                // the only tag, or the inner one
  VlanRange outer;                               // with it two tags; all of vlan are used before the next of outer
  std::uint16_t outer_type = kServiceTag;        // of the outer of two
  std::string service;                           // Service-Name; empty: any
  std::uint16_t max_payload = 0;                 // PPP-Max-Payload (RFC 4638); 0: none
  std::uint32_t domains = 1;                     // of their users; 1 and more
  std::uint32_t at_once = 0;                     // subscribers being set up at a time; 0: all
  unsigned tries = 6;                            // of a PADI or PADR, after 1 s, 2 s, 4 s and so on
  Duration timeout = seconds(60);                // for everything to come up
  std::optional<Duration> hold;  // stay up so long after the set-up, then end; nothing: until the input ends
  dial::PppSettings ppp{.user = {}, .password = {}, .auth = {}, .mru = 1492};
  dial::PingSettings ping;
};

// What tells one subscriber's frames from the others'.
MacAddress mac_of(const Settings& settings, std::uint32_t subscriber);
Vlans vlans_of(const Settings& settings, std::uint32_t subscriber);

}  // namespace holdfast::pppoe
