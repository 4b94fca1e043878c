#include "engine/line_modules.hpp"

#include "config/address_text.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

using Entry = std::pair<std::string, abi::LineModule>;

// An interface with an address of the family of this one, which is not the router's own.
const IpPrefix* network(const config::Interface& interface, const IpAddress& family) {
  const auto& own = family.is_v4() ? interface.ip : interface.ipv6;
  return own && interface.name != config::kLoopback ? &*own : nullptr;
}

}  // namespace

void LineModules::set(std::string_view interface, abi::LineModule module) {
  const auto found = std::ranges::find(modules_, interface, &Entry::first);
  if (found != modules_.end())
    found->second = module;
  else
    modules_.emplace_back(interface, module);
}

abi::LineModule LineModules::of(std::string_view interface) const {
  const auto found = std::ranges::find(modules_, interface, &Entry::first);
  return found != modules_.end() ? found->second : abi::LineModule::ethernet;
}

abi::LineModule LineModules::facing(const config::Config& config, const IpAddress& ours, const IpAddress& peer) const {
  for (const auto& interface : config.interfaces)
    if (const auto* own = network(interface, ours); own != nullptr && own->address == ours) return of(interface.name);
  for (const auto& interface : config.interfaces)
    if (const auto* own = network(interface, peer); own != nullptr && config::contains(*own, peer))
      return of(interface.name);
  abi::LineModule worst = abi::LineModule::ethernet;
  for (const auto& interface : config.interfaces) {
    const abi::LineModule module = of(interface.name);
    if (network(interface, peer) != nullptr && !abi::spec(module).silent_failover) worst = module;
  }
  return worst;
}

}  // namespace holdfast::engine
