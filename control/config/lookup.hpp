// What the configuration says about one peer or domain: the profile or the tunnels that apply, and the values that hold
// where these leave them to the global statements.
#pragma once

#include "config/model.hpp"

#include <string_view>

namespace holdfast::config {

// The profile for a peer at this address (of either family) that calls itself host_name. A profile of exactly this
// address comes before one of any address of its family, and in each an exact remote host before `default`; the first
// of these four that exists applies. Null: nobody configured this peer, and its tunnel is not to be accepted. Host
// names are compared octet by octet (RFC 2661 4.4.3). The answer points into config.
const HostProfile* find_host_profile(const Config& config, const IpAddress& peer, std::string_view host_name);

// The method in force for a tunnel of this profile; never not_configured.
ResyncMethod resync_method(const Config& config, const HostProfile& host);

// By which we know a call that we have switched before (draft-ietf-l2tpext-tunnel-switching).
std::string_view aggregator_id(const Config& config);

// Our Host Name AVP towards a peer of this profile.
std::string_view local_host(const Config& config, const HostProfile& host);

// What PPP peers in tunnels of this profile are asked for, the preferred protocol first; empty: nothing.
const PppAuthenticationOrder& ppp_authentication(const Config& config, const HostProfile& host);

// The domain map of this name, or null. Names are compared octet by octet. The answer points into config.
const DomainMap* find_domain_map(const Config& config, std::string_view domain);

// The domain map for a user: of what follows the last @ in his name, or `none` where there is no domain; where there is
// no such map, `default`. Null: there is none of these. The answer points into config.
const DomainMap* domain_map_of(const Config& config, std::string_view user);

// The method in force for this tunnel; never not_configured.
ResyncMethod resync_method(const Config& config, const DomainTunnel& tunnel);

// Our end of the tunnel: where it is not configured, the address of the interface in whose network the LNS is, else the
// first of the LNS's family, that of loopback 0 last. None: no interface has any.
IpAddress source_address(const Config& config, const DomainTunnel& tunnel);

// The interface of this kernel name (or kLoopback), or null. The answer points into config.
const Interface* find_interface(const Config& config, std::string_view name);

}  // namespace holdfast::config
