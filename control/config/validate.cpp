#include "config/validate.hpp"

#include "config/address_text.hpp"
#include "config/lookup.hpp"
#include "config/object.hpp"
#include "config/token.hpp"

#include <algorithm>
#include <unordered_map>

namespace holdfast::config {
namespace {

// The keys of objects, as the parser makes them.
std::string key_of(const Interface& interface) { return place_key("", "interface", interface.name); }
std::string key_of(const Ipv4Pool& pool) { return place_key("", "ip local pool", word(pool.name)); }
std::string key_of(const Ipv6Pool& pool) { return place_key("", "ipv6 local pool", word(pool.name)); }
std::string key_of(const LocalUser& user) { return place_key("", "aaa local user", word(user.name)); }
std::string key_of(const DestinationProfile& profile) {
  return place_key("", "l2tp destination profile", word(profile.name));
}

std::string key_of(const DomainMap& domain, const DomainTunnel& tunnel) {
  return place_key(place_key("", "aaa domain-map", word(domain.name)), "tunnel", std::to_string(tunnel.number));
}

class Validation {
 public:
  Validation(const Config& config, const Places& places) : config_(config), places_(places) {}

  std::vector<Conflict> all() {
    check_interfaces();
    check_pools(config_.ipv4_pools);
    check_pools(config_.ipv6_pools);
    check_users();
    check_destinations();
    check_domains();
    return std::move(conflicts_);
  }

 private:
  // Each address belongs to one interface or user.
  void claim(const IpAddress& address, const std::string& owner, std::string_view head) {
    const auto [entry, fresh] = owners_.try_emplace(address, owner);
    if (!fresh)
      conflict(place_key(owner, head, ""), to_text(address) + " is already the address of " + named(entry->second));
  }

  static bool serves(const PppoeAccess& access) {
    return access.untagged || !access.vlans.empty() || !access.qinq.empty();
  }

  void check_interfaces() {
    for (const auto& interface : config_.interfaces) {
      if (interface.ip) claim(interface.ip->address, key_of(interface), "ip address");
      if (interface.ipv6) claim(interface.ipv6->address, key_of(interface), "ipv6 address");
      if (interface.pppoe && !serves(*interface.pppoe))
        conflict(place_key(key_of(interface), "pppoe max-sessions", ""),
                 "no subscriber can call here; set pppoe, pppoe vlan or pppoe qinq, too");
    }
  }

  static bool holds(const Ipv4Pool& pool, const IpAddress& address) {
    return address.is_v4() && pool.first <= address && address <= pool.last;
  }
  static bool holds(const Ipv6Pool& pool, const IpAddress& address) { return contains(pool.prefix, address); }
  static bool overlap(const Ipv4Pool& a, const Ipv4Pool& b) { return a.first <= b.last && b.first <= a.last; }
  static bool overlap(const Ipv6Pool& a, const Ipv6Pool& b) {
    return contains(a.prefix, b.prefix.address) || contains(b.prefix, a.prefix.address);
  }

  template <class Pools>
  void check_pools(const Pools& pools) {
    for (auto pool = pools.begin(); pool != pools.end(); ++pool) {
      for (auto other = pools.begin(); other != pool; ++other)
        if (overlap(*pool, *other)) conflict(key_of(*pool), "the pool overlaps " + named(key_of(*other)));
      for (const auto& interface : config_.interfaces)
        for (const auto& own : {interface.ip, interface.ipv6})
          if (own && holds(*pool, own->address))
            conflict(key_of(*pool), "the pool holds the address of " + named(key_of(interface)));
    }
  }

  void check_users() {
    for (const auto& user : config_.aaa.users) {
      if (user.password.empty()) conflict(key_of(user), "the user has no password");
      if (user.ip) claim(user.ip, key_of(user), "ip address");
    }
  }

  void check_destinations() {
    std::unordered_map<IpAddress, const DestinationProfile*> seen;
    for (const auto& profile : config_.l2tp.destinations) {
      const auto [other, fresh] = seen.try_emplace(profile.address, &profile);
      if (!fresh) conflict(key_of(profile), "its address is already that of " + named(key_of(*other->second)));
    }
  }

  void check_domains() {
    for (const auto& domain : config_.aaa.domains)
      for (const auto& tunnel : domain.tunnels) check_tunnel(tunnel, key_of(domain, tunnel));
  }

  void check_tunnel(const DomainTunnel& tunnel, const std::string& key) {
    if (tunnel.hidden_avps && tunnel.password.empty())
      conflict(place_key(key, "hidden-avps", ""), "nothing can be hidden without a password; set one, too");
    if (!tunnel.address) return conflict(key, "the tunnel has no address; set that of the LNS");
    const IpAddress source = source_address(config_, tunnel);
    if (!source)
      conflict(key, "no interface has an address of the LNS's family; give one, or set source-address");
    else if (source.is_v4() != tunnel.address.is_v4())
      conflict(place_key(key, "source-address", ""), "this is of another family than the address of the LNS");
  }

  std::string named(const std::string& key) const {
    const Place* place = places_.find(key);
    return place ? key + " on line " + std::to_string(place->line) : key;
  }
  void conflict(std::string key, std::string message) { conflicts_.push_back({std::move(key), std::move(message)}); }

  const Config& config_;
  const Places& places_;
  std::vector<Conflict> conflicts_;
  std::unordered_map<IpAddress, std::string> owners_;
};

}  // namespace

std::vector<Conflict> validate(const Config& config, const Places& places) { return Validation(config, places).all(); }

}  // namespace holdfast::config
