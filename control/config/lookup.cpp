#include "config/lookup.hpp"

#include "config/address_text.hpp"

#include <algorithm>

namespace holdfast::config {
namespace {

const DestinationProfile* find_destination(const Config& config, const IpAddress& address) {
  const auto& all = config.l2tp.destinations;
  const auto found = std::ranges::find(all, address, &DestinationProfile::address);
  return found == all.end() ? nullptr : &*found;
}

const HostProfile* find_host(const DestinationProfile& destination, std::string_view host_name) {
  const HostProfile* otherwise = nullptr;
  for (const auto& host : destination.hosts) {
    if (host.remote_host.empty())
      otherwise = &host;
    else if (host.remote_host == host_name)
      return &host;
  }
  return otherwise;
}

}  // namespace

const HostProfile* find_host_profile(const Config& config, const IpAddress& peer, std::string_view host_name) {
  const IpAddress any = peer.is_v4() ? IpAddress::v4(0) : IpAddress{};
  for (const auto& address : {peer, any})
    if (const auto* destination = find_destination(config, address))
      if (const auto* host = find_host(*destination, host_name)) return host;
  return nullptr;
}

ResyncMethod resync_method(const Config& config, const HostProfile& host) {
  return host.resync == ResyncMethod::not_configured ? config.l2tp.resync : host.resync;
}

std::string_view aggregator_id(const Config& config) {
  return config.l2tp.tunnel_switching_id.empty() ? config.hostname : config.l2tp.tunnel_switching_id;
}

std::string_view local_host(const Config& config, const HostProfile& host) {
  return host.local_host.empty() ? config.hostname : host.local_host;
}

const PppAuthenticationOrder& ppp_authentication(const Config& config, const HostProfile& host) {
  return host.ppp_authentication ? *host.ppp_authentication : config.ppp.authentication;
}

const DomainMap* find_domain_map(const Config& config, std::string_view domain) {
  const auto found = std::ranges::find(config.aaa.domains, domain, &DomainMap::name);
  return found == config.aaa.domains.end() ? nullptr : &*found;
}

const DomainMap* domain_map_of(const Config& config, std::string_view user) {
  const auto at = user.rfind('@');
  const bool has_domain = at != std::string_view::npos && at + 1 < user.size();
  const auto* map = find_domain_map(config, has_domain ? user.substr(at + 1) : "none");
  return map != nullptr ? map : find_domain_map(config, "default");
}

ResyncMethod resync_method(const Config& config, const DomainTunnel& tunnel) {
  return tunnel.resync == ResyncMethod::not_configured ? config.l2tp.resync : tunnel.resync;
}

IpAddress source_address(const Config& config, const DomainTunnel& tunnel) {
  if (tunnel.source_address) return tunnel.source_address;
  IpAddress first;
  IpAddress loopback;
  for (const auto& interface : config.interfaces) {
    const auto& own = tunnel.address.is_v4() ? interface.ip : interface.ipv6;
    if (!own) continue;
    if (contains(*own, tunnel.address)) return own->address;
    IpAddress& otherwise = interface.name == kLoopback ? loopback : first;
    if (!otherwise) otherwise = own->address;
  }
  return first ? first : loopback;
}

const Interface* find_interface(const Config& config, std::string_view name) {
  const auto found = std::ranges::find(config.interfaces, name, &Interface::name);
  return found == config.interfaces.end() ? nullptr : &*found;
}

}  // namespace holdfast::config
