// The configuration as values: what the statements of holdfast.conf mean once they are parsed and checked.
// A default-constructed Config is what an empty file means, and is valid.
#pragma once

#include "abi/ip_address.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::config {

using std::chrono::seconds;

// How a tunnel comes back after this node's own failure (RFC 4951, silent failover). not_configured stands in host
// profiles and tunnels of domains only, where it means the global method.
enum class ResyncMethod : std::uint8_t {
  not_configured,
  failover_protocol,
  failover_protocol_fallback_to_silent_failover,
  silent_failover,
  disable,
};

enum class PppAuthentication : std::uint8_t { chap, pap, ms_chap_v2 };
// What to ask of a PPP peer, the preferred protocol first; empty: no authentication.
using PppAuthenticationOrder = std::vector<PppAuthentication>;

enum class LogLevel : std::uint8_t { debug, info, warning, error };

// The name of `interface loopback 0`, whose addresses are the LNS's own towards its subscribers.
inline constexpr const char* kLoopback = "loopback0";

// 1..4094; first <= last
struct VlanRange {
  std::uint16_t first{};
  std::uint16_t last{};

  bool contains(std::uint16_t vlan) const { return vlan >= first && vlan <= last; }
  friend bool operator==(const VlanRange&, const VlanRange&) = default;
};

// Where subscribers of an interface find the PPPoE access concentrator.
struct PppoeAccess {
  struct Qinq {
    VlanRange outer;  // 802.1ad or 802.1Q
    VlanRange inner;  // 802.1Q
    friend bool operator==(const Qinq&, const Qinq&) = default;
  };
  bool untagged = false;
  std::vector<VlanRange> vlans;  // one tag
  std::vector<Qinq> qinq;        // two tags
  std::uint32_t max_sessions{};  // of the interface; 0: no limit

  friend bool operator==(const PppoeAccess&, const PppoeAccess&) = default;
};

struct Interface {
  std::string name;                    // of the kernel interface of a dataplane port, or kLoopback; 1..15 octets
  std::optional<IpPrefix> ip;          // the interface's own address and the length of its network
  std::optional<IpPrefix> ipv6;        // likewise
  std::optional<std::uint16_t> mtu;    // octets, 576..9000
  std::optional<PppoeAccess> pppoe{};  // nothing: not served here

  friend bool operator==(const Interface&, const Interface&) = default;
};

struct Ipv4Pool {
  std::string name;
  IpAddress first;  // both ends are given out; first <= last
  IpAddress last;

  friend bool operator==(const Ipv4Pool&, const Ipv4Pool&) = default;
};

struct Ipv6Pool {
  std::string name;
  IpPrefix prefix;                     // no bits set beyond its length, which is at most delegated_length
  std::uint8_t delegated_length = 64;  // what one subscriber gets

  friend bool operator==(const Ipv6Pool&, const Ipv6Pool&) = default;
};

struct LocalUser {
  std::string name;      // 1..63 octets
  std::string password;  // 1..128 octets; a secret
  IpAddress ip;          // IPv4; none: one from the pool

  friend bool operator==(const LocalUser&, const LocalUser&) = default;
};

// Name servers that subscribers are told (RFC 1877, RFC 8106); none where not configured.
struct NameServers {
  IpAddress primary;
  IpAddress secondary;

  friend bool operator==(const NameServers&, const NameServers&) = default;
};

// A tunnel to an LNS that the calls of a domain may go through (RFC 2868 3 for the same in RADIUS).
struct DomainTunnel {
  std::uint8_t number{};         // 1..31
  IpAddress address;             // of the LNS
  IpAddress source_address;      // ours; none: that of an interface (lookup.hpp)
  std::string client_name;       // our Host Name AVP; empty: Config::hostname
  std::string server_name;       // the Host Name that the LNS must give; empty: any
  std::string identification;    // only tunnels of the same one are shared (RFC 2868 3.8)
  std::string password;          // 1..128 octets, a secret; empty: no tunnel authentication
  bool hidden_avps = false;      // hide what may be hidden, where there is a password (RFC 2661 4.3)
  std::uint8_t preference = 0;   // 0..7; 0 is tried first
  std::uint16_t max_sessions{};  // 1..65535; 0: no limit
  bool drain = false;            // no new calls; those that are up stay
  ResyncMethod resync = ResyncMethod::not_configured;

  friend bool operator==(const DomainTunnel&, const DomainTunnel&) = default;
};

// Where the calls of a domain's subscribers are tunnelled to.
struct DomainMap {
  std::string name;  // of the domain, 1..63 octets
  std::vector<DomainTunnel> tunnels;

  friend bool operator==(const DomainMap&, const DomainMap&) = default;
};

struct Aaa {
  NameServers dns;
  NameServers ipv6_dns;
  std::vector<LocalUser> users;
  std::vector<DomainMap> domains;

  friend bool operator==(const Aaa&, const Aaa&) = default;
};

// How data messages are exchanged with a peer (RFC 2661 3.1, 5.4).
struct DataMessages {
  bool sequence_numbers = false;           // as the LNS: send them though the LAC does not ask for it
  bool ignore_sequence_numbers = false;    // take what comes as it comes
  bool length = false;                     // say how long each is
  bool omit_address_control = false;       // send PPP frames without ff 03
  std::uint8_t reorder_packets = 0;        // how many may wait for one that is missing; 0: late ones are dropped
  std::uint8_t reorder_milliseconds = 20;  // 1..255, how long

  friend bool operator==(const DataMessages&, const DataMessages&) = default;
};

// What holds for the peers of one destination that call themselves remote_host (Host Name AVP, RFC 2661 4.4.3).
struct HostProfile {
  std::string remote_host;      // empty: `default`, every name without a profile of its own
  std::string local_host;       // our Host Name AVP to this peer; empty: Config::hostname
  IpAddress local_ip;           // accept tunnels at this address only; none: at any of ours
  std::string tunnel_password;  // 1..128 octets, a secret; empty: no tunnel authentication
  ResyncMethod resync = ResyncMethod::not_configured;
  std::optional<std::uint16_t> max_sessions;  // 1..65535
  bool hidden_avps = false;        // hide what may be hidden, where there is a tunnel password (RFC 2661 4.3)
  bool dial_out = false;           // place the outgoing calls that the peer asks for (OCRQ)
  bool tunnel_switching = false;   // calls of subscribers whose domain has tunnels go on in one of those
  bool disable_proxy_lcp = false;  // negotiate LCP anew, and authenticate, whatever the LAC did (RFC 2661 4.4.5)
  bool disable_proxy_authenticate = false;  // authenticate anew, though LCP is taken from the LAC (RFC 2661 9.5)
  std::optional<PppAuthenticationOrder> ppp_authentication;  // nothing: the global order
  DataMessages data;

  friend bool operator==(const HostProfile&, const HostProfile&) = default;
};

struct DestinationProfile {
  std::string name;
  IpAddress address;  // of the peer; 0.0.0.0 stands for any IPv4 address, :: (IpAddress{}) for any IPv6 address
  std::vector<HostProfile> hosts;

  friend bool operator==(const DestinationProfile&, const DestinationProfile&) = default;
};

// Tries after the first transmission of a control message, and the longest pause between two (RFC 2661 5.8).
struct Retransmission {
  std::uint8_t established = 5;      // 2..30, of a tunnel that is up
  std::uint8_t not_established = 5;  // 2..30, of a tunnel that is being set up
  seconds cap{8};                    // 8..60

  friend bool operator==(const Retransmission&, const Retransmission&) = default;
};

// Requests for a tunnel (SCCRQ) that are looked at in a second; the others are dropped.
struct RequestRate {
  std::uint16_t source = 500;  // 1..65535, from one IPv4 address or one IPv6 /64
  std::uint16_t total = 5000;  // 1..65535, in all

  friend bool operator==(const RequestRate&, const RequestRate&) = default;
};

// What becomes of control messages from another address or port of the peer than is known of the tunnel.
enum class PeerAddressChange : std::uint8_t {
  accept,  // RFC 2661 8.1: the answer to our SCCRQ decides, later changes are dropped
  ignore,  // they are taken, and answered to the address and port that are known
  reject,  // all are dropped
};

struct L2tp {
  ResyncMethod resync = ResyncMethod::failover_protocol_fallback_to_silent_failover;  // never not_configured
  seconds recovery_time{15 * 60};                                                     // 0..86400; RFC 4951 5.1
  Retransmission retransmission;
  seconds hello_interval{60};        // 0..3600; 0: no HELLO
  seconds idle_timeout{60};          // 0..86400, of tunnels that we opened and that have no session; 0: for ever
  std::uint8_t receive_window = 16;  // 4..128 control messages; RFC 2661 4.4.3
  RequestRate request_rate;
  PeerAddressChange peer_address_change = PeerAddressChange::accept;
  bool checksum = true;             // outer UDP checksum of data messages; RFC 2661 8.1
  std::string tunnel_switching_id;  // our Tunnel Switching Aggregator ID; empty: Config::hostname
  std::vector<DestinationProfile> destinations;

  friend bool operator==(const L2tp&, const L2tp&) = default;
};

struct Ppp {
  PppAuthenticationOrder authentication{PppAuthentication::chap, PppAuthentication::pap};
  std::uint16_t mru = 1460;    // octets, 576..9000: what fits into 1500 with L2TP over UDP over IPv4
  seconds restart_timer{3};    // 1..60; RFC 1661 4.6
  seconds keepalive{0};        // 0..3600 between our LCP Echo-Requests; 0: none
  std::uint16_t adjust_mss{};  // 536..8960 octets, the largest TCP segment that a SYN may announce; 0: as it is

  friend bool operator==(const Ppp&, const Ppp&) = default;
};

// The access concentrator (RFC 2516).
struct Pppoe {
  std::string ac_name;                      // 1..63 octets; empty: Config::hostname
  std::vector<std::string> services;        // Service-Names that are offered; empty: whatever is asked for
  std::uint16_t max_sessions_per_mac = 1;   // 1..65535
  std::chrono::milliseconds pado_delay{0};  // 0..2000, before a PADI is answered: so that another one is preferred
  std::uint16_t mru = 1492;                 // octets, 576..9000, where no PPP-Max-Payload says more (RFC 4638)
  std::uint16_t max_payload = 1492;         // 1492..9000: the PPP-Max-Payload that is agreed to at most

  friend bool operator==(const Pppoe&, const Pppoe&) = default;
};

struct Config {
  std::string hostname = "holdfast";
  LogLevel log_level = LogLevel::info;
  bool checkpoint_copy = false;  // keep one on disk, for the time after a boot
  std::vector<Interface> interfaces;
  std::vector<Ipv4Pool> ipv4_pools;
  std::vector<Ipv6Pool> ipv6_pools;
  Aaa aaa;
  Ppp ppp;
  Pppoe pppoe;
  L2tp l2tp;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace holdfast::config
