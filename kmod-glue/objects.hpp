// What the kernel knows of a network: links, addresses, neighbours and routes, in the words of rtnetlink(7).
// Links are named by their index, an integer above 0 that the kernel never reuses soon; 0 is "no link".
#pragma once

#include "abi/ip_address.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::glue {

// The rtm_protocol of every route that we install: it tells them from all others, so that they can be swept after a
// restart and are never learnt back. 170 is free in rt_protos, and in use by no routing daemon (1701 does not fit).
inline constexpr std::uint8_t kRouteProtocol = 170;
// The priority of our routes. No other daemon uses it (0 connected, 20 FRR, 32 BIRD, 1024 IPv6 by hand), so that a
// replacement of ours never lands on a route of theirs: the kernel replaces by prefix and priority alone.
inline constexpr std::uint32_t kRouteMetric = 5;

using MacAddress = std::array<std::uint8_t, 6>;

struct Link {
  std::uint32_t index{};
  std::string name{};
  bool up{};       // switched on by the administrator (IFF_UP)
  bool running{};  // and the lower layer carries (IFF_RUNNING)
  std::uint32_t mtu{};
  MacAddress mac{};  // zeros where the link has none of 6 octets
  friend bool operator==(const Link&, const Link&) = default;
};

struct Address {
  std::uint32_t link{};
  IpPrefix prefix{};  // our own address, host bits and all, with the length of its subnet
  bool usable{};      // false while duplicate address detection runs or when it has failed (RFC 4862 5.4)
  friend bool operator==(const Address&, const Address&) = default;
};

struct Neighbour {
  std::uint32_t link{};
  IpAddress address{};
  MacAddress mac{};  // meaningful when usable
  bool usable{};     // reachable, stale, delay, probe or permanent: frames may be sent to mac
  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

// rtm_type, with the kernel's numbers.
enum class RouteType : std::uint8_t {
  unspecified,
  unicast,
  local,
  broadcast,
  anycast,
  multicast,
  blackhole,
  unreachable,
  prohibit,
  throw_,
  nat,
  external
};

enum class Table : std::uint8_t { main, local };

struct NextHop {
  IpAddress gateway{};  // none: on link. May be IPv6 for an IPv4 route (RFC 8950)
  std::uint32_t link{};
  std::uint16_t weight = 1;  // 1..256, a share among the next hops of one route
  bool usable = true;        // false: the kernel marked it dead when it told
  bool encapsulated{};       // the kernel adds a header of its own (MPLS, SRv6): only the kernel can send there
  friend bool operator==(const NextHop&, const NextHop&) = default;
};

// One route. Several may share prefix, table and metric (IPv6 fe80::/64 once a link, IPv4 appended routes).
struct Route {
  IpPrefix prefix{};  // host bits zero; default routes have length 0 and keep their family
  RouteType type{};
  Table table{};
  std::uint8_t protocol{};           // who installed it: rt_protos, kRouteProtocol for us
  std::uint32_t metric{};            // the lowest of a prefix is used
  std::uint32_t mtu{};               // 0: that of the link
  IpAddress preferred_source{};      // none: the kernel chooses
  std::vector<NextHop> next_hops{};  // one; several for multipath; none for blackhole, unreachable, prohibit, throw
  friend bool operator==(const Route&, const Route&) = default;
};

// A route of ours: prefix is on link. Metric and protocol are kRouteMetric and kRouteProtocol, the table is main.
struct SubscriberRoute {
  IpPrefix prefix{};
  std::uint32_t link{};
  std::uint32_t mtu{};  // 0: that of the link
  friend bool operator==(const SubscriberRoute&, const SubscriberRoute&) = default;
};

struct RouteChange {
  enum class Kind : std::uint8_t { replace, remove };
  Kind kind{};
  SubscriberRoute route{};              // remove: link 0 matches any, and mtu is not looked at
  std::uint32_t metric = kRouteMetric;  // other than that only to remove what an older version left
  friend bool operator==(const RouteChange&, const RouteChange&) = default;
};

}  // namespace holdfast::glue
